"""The disk that isolated engines begin with: the base images, unpacked once, and a file system of fixed size for the rest.

The images lie in a volume of the engine's as one file system in a file, which every isolated engine mounts for reading. Their
layers stay there: the engine finds them under its own data, where it only reads layers anyway. All else, a megabyte of
records, is copied into a new file system. Its size bounds what an engine may fill, on every kind of machine: both are mounted
inside the engine's own privileged container. It is nobody's any more when that container ends.
"""

import fcntl
import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docker.errors import APIError, NotFound

from grader import settings
from grader.engine import containers, images, wait
from grader.engine.cli import run_cli
from grader.engine.client import translated
from grader.engine.isolated import indexes
from grader.engine.sandbox.parts import ENGINE_IMAGE
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import EngineUnavailable
from grader.values.events import EngineOutput

LABEL: Final = "drydock.disk"
"""Of the volume; it is no run's, so no sweeper takes it. ``make clean`` does."""
_PURPOSE: Final = "drydock.disk.for"
"""Its label with the names of the images and the kind of engine, whatever these names mean just now."""
FOLDER: Final = "/drydock/disk"
"""Where that volume is mounted."""
FILE: Final = "base.ext4"
PYTHON_IMAGE: Final = "python:3.13-slim"
"""What says where packages come from, and what the relay is started from."""
SIZE: Final = 3 * units.GB
"""Of the file system that an engine fills."""

_FORMAT: Final = 4
_IMAGES_SIZE: Final = 8 * units.GB
"""Of the file system with the base images; sparse."""
_START_SECONDS: Final = 60.0
_LOAD_SECONDS: Final = 600.0
_PULLS: Final = 3
"""At a time."""
_MEMORY: Final = 2 * units.GB
_PIDS: Final = 512

# Nothing here has to outlive a crash of the machine, so there is no journal, and nobody waits for the machine's disk.
_MOUNTED: Final = r"""
# mounted FILE FOLDER rw|ro: a loop device may be taken by somebody else between the question and the use, so ask again
mounted() {
    for _ in 1 2 3 4 5 6 7 8; do
        device=$(losetup -f) || return 1
        [ -e "$device" ] || mknod "$device" b 7 "${device#/dev/loop}"
        case $3 in ro) only=-r ;; *) only= ;; esac
        if losetup $only "$device" "$1" 2>/dev/null; then
            mount -t ext4 -o "$3,noatime,nobarrier" "$device" "$2" && losetup -d "$device"
            return
        fi
        sleep 0.1
    done
    return 1
}
made() { truncate -s "$2" "$1"; mkfs.ext4 -q -m 0 -O ^has_journal -E lazy_itable_init=1,nodiscard "$1"; }
"""
"""Pieces of shell. The device is let go of at once, so that it is free as soon as the file system is no longer mounted."""

_BASE: Final = "/drydock/base"

# Layers are moved out of the engine's data, and the places where they were are written down as a table of mounts. `committed`
# beside one tells the classic image store that it is only read: to save an image, it would mount it for writing. The engine
# is ended before, and the file gets its name after it: whoever sees that name sees a whole file system.
_PREPARE: Final = (
    _MOUNTED
    + rf"""
set -e
rm -f {FOLDER}/*
made {FOLDER}/new "$1"
mkdir -p {_BASE}
mounted {FOLDER}/new {_BASE} rw
mkdir {_BASE}/state {_BASE}/layers
mount --bind {_BASE}/state /var/lib/docker
end() {{
    kill "$engine"; wait "$engine" || true
    umount /var/lib/docker
    cd {_BASE}/state
    rm -rf runtimes
    for layer in overlay2/*/diff containerd/daemon/*.overlayfs/snapshots/*/fs; do
        [ -d "$layer" ] || continue
        mkdir -p "../layers/${{layer%/*}}"
        mv "$layer" "../layers/$layer"
        mkdir "$layer"
        case $layer in overlay2/*) touch "${{layer%/*}}/committed" ;; esac
        echo "{_BASE}/layers/$layer /var/lib/docker/$layer none bind,ro 0 0"
    done >../mounts
    cd /
    umount {_BASE}
    sync
    mv {FOLDER}/new {FOLDER}/{FILE}
    exit 0
}}
trap end TERM
shift
dockerd-entrypoint.sh dockerd --host=unix:///var/run/docker.sock "$@" &
engine=$!
while kill -0 "$engine"; do wait "$engine" || true; done
exit 1
"""
)

# The volume that the image of the engine itself asks for is where the new file lies; it goes with the
# container. `mount -a` takes all layers in one call.
DATA: Final = (
    _MOUNTED
    + rf"""
set -e
made /var/lib/docker/data {SIZE}
mkdir -p {_BASE}
mounted {FOLDER}/{FILE} {_BASE} ro
mounted /var/lib/docker/data /var/lib/docker rw
cp -a {_BASE}/state/. /var/lib/docker
cp {_BASE}/mounts /etc/fstab
mount -a
"""
)
"""A piece of shell that makes an engine's data."""


@dataclass(frozen=True)
class Kind:
    """Which engine it is.

    Attributes:
        image: that it is started from: docker-in-docker.
        flags: for its ``dockerd``.
    """

    image: str = ENGINE_IMAGE
    flags: tuple[str, ...] = ()


USUAL: Final = Kind()
"""What strangers' work runs on: the image of the course, with the classic image store."""


class Disk:
    """The disk for one set of images.

    Args:
        session: the run that asks.
        names: images with their tags; those that the engine does not have are pulled where that can be done.
        kind: of the engine that fills it, and uses it.

    Attributes:
        volume: its volume's name, whether it is prepared or not.
    """

    def __init__(self, session: Session, names: Sequence[str], kind: Kind = USUAL) -> None:
        images.need(session, kind.image)
        self._kind = kind
        names = tuple(names) or (PYTHON_IMAGE,)
        self._take(session, names)
        missing = [name for name in names if name not in self._images]
        if missing and self._recorded(session) is None:  # they were looked for when it was prepared
            _pull(session, missing)
            self._take(session, names)

    def _take(self, session: Session, names: Sequence[str]) -> None:
        found = {name: about.id for name in names if (about := images.find(session, name))}
        self._images: Mapping[str, str] = found
        engine = images.inspect(session, self._kind.image).id
        self._key = _digest(_FORMAT, engine, self._kind.flags, sorted(found.items()))
        self._labels = {LABEL: self._key, _PURPOSE: _digest(self._kind.image, self._kind.flags, sorted(names))}
        self.volume = f"drydock-disk-{self._key}"

    @property
    def _record(self) -> Path:
        """Says that it was prepared, and which hosts the images name."""
        return settings.disks_folder() / self.volume

    def need(self, session: Session) -> tuple[str, ...]:
        """Prepare it, where it is not; others who ask at the same time wait, and find it done.

        Args:
            session: the run that asks, and tells that it takes a while.

        Returns:
            The hosts of the package indexes that its base images name.

        Raises:
            EngineUnavailable: that does not work.
        """
        if (hosts := self._recorded(session)) is not None:
            return hosts
        with (settings.disks_folder() / "lock").open("w") as lock:

            def taken() -> bool | None:
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
                return None

            wait.until(taken, seconds=_LOAD_SECONDS, cancelled=session.cancelled)
            if (hosts := self._recorded(session)) is None:
                hosts = self._prepare(session)
                self._record.write_text(json.dumps(hosts), encoding="utf-8")
        return hosts

    def _recorded(self, session: Session) -> tuple[str, ...] | None:
        """What the record says, where the volume that it is about is still there."""
        if not self._is_ours(session):
            return None
        try:
            return tuple(json.loads(self._record.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return None

    def _is_ours(self, session: Session) -> bool:
        """Whether there is the volume, and not one that the engine made because a container asked for it by name."""
        with translated():
            listed = session.client.api.volumes(filters={"label": f"{LABEL}={self._key}"}).get("Volumes") or ()
        return any(one["Name"] == self.volume for one in listed)

    def _prepare(self, session: Session) -> tuple[str, ...]:
        with translated():
            if not self._is_ours(session):
                with suppress(NotFound):
                    session.client.api.remove_volume(self.volume)
            session.client.api.create_volume(self.volume, labels=self._labels)  # one that exists is fine
        if not self._is_there(session):
            self._fill(session)
        return indexes.hosts(session, PYTHON_IMAGE)

    def _is_there(self, session: Session) -> bool:
        spec = containers.Spec(
            image=self._kind.image,
            entrypoint=["sh", "-c", f"test -e {FOLDER}/{FILE}"],
            command=[],
            volumes={self.volume: f"{FOLDER}:ro"},
        )
        with containers.ephemeral(session, spec) as identity:
            containers.start(session, identity)
            return containers.wait_for_end(session, identity, seconds=_START_SECONDS).exit_code == 0

    def _fill(self, session: Session) -> None:
        session.emit(EngineOutput(line="preparing the disk for isolated engines; only once for a set of base images"))
        self._remove_others(session)
        archive = session.folder / f"{session.name('images')}.tar"
        saved = run_cli(session, ["save", "--output", str(archive), *self._images], seconds=_LOAD_SECONDS)
        if saved.returncode != 0:
            raise _failed(saved.stderr)
        spec = containers.Spec(
            image=self._kind.image,
            entrypoint=["sh", "-c", _PREPARE, "prepare"],
            command=[str(_IMAGES_SIZE), *self._kind.flags],
            env={"DOCKER_TLS_CERTDIR": ""},
            volumes={self.volume: FOLDER},
            own_limits=(_MEMORY, _PIDS),
            extra_host_config=PRIVILEGED,
        )
        with containers.ephemeral(session, spec) as identity:
            containers.start(session, identity)

            def answers() -> bool | None:
                return run_cli(session, ["exec", identity, "docker", "version"], seconds=10).returncode == 0 or None

            def alive() -> None:
                if not containers.inspect(session, identity).state.running:
                    raise _failed(containers.logs(session, identity, tail=3))

            wait.until(answers, seconds=_START_SECONDS, alive=alive, cancelled=session.cancelled)
            loaded = run_cli(session, ["exec", "-i", identity, "docker", "load", "-q"], seconds=_LOAD_SECONDS, stdin=archive)
            archive.unlink()
            if loaded.returncode != 0:
                raise _failed(loaded.stderr)
            with translated():
                session.client.api.stop(identity, timeout=int(_START_SECONDS))
            if containers.wait_for_end(session, identity, seconds=_START_SECONDS).exit_code != 0:
                raise _failed(containers.logs(session, identity, tail=3))

    def _remove_others(self, session: Session) -> None:
        """Remove the disks for what these images were before, but those in use."""
        with translated():
            same = f"{_PURPOSE}={self._labels[_PURPOSE]}"
            listed = session.client.api.volumes(filters={"label": same}).get("Volumes") or ()
            for one in listed:
                if one["Name"] != self.volume:
                    with suppress(APIError):
                        session.client.api.remove_volume(one["Name"])


PRIVILEGED: Final = {"privileged": True, "security_opt": [], "ulimits": [], "cpu_period": None, "cpu_quota": None}
"""How an engine in a container is run: its own limits are on memory and processes, and the largest file is its disk."""


def _pull(session: Session, names: Sequence[str]) -> None:
    """Get what can be got: in a lab, its mirror has the base images, and its engine those that somebody has asked for."""
    session.emit(EngineOutput(line="getting the base images for isolated engines; only this once"))
    with ThreadPoolExecutor(_PULLS) as pool:
        list(pool.map(lambda name: run_cli(session, ["pull", "--quiet", name], seconds=_LOAD_SECONDS), names))


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _failed(said: str) -> EngineUnavailable:
    lines = said.strip().splitlines()
    return EngineUnavailable(
        f"The disk for isolated engines could not be prepared: {lines[-1] if lines else 'nothing was said'}",
        "Try again; `grader doctor` helps.",
    )
