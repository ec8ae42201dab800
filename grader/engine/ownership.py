"""Whose objects are whose: run ids, the locks that tell a live run from a dead one, and the sweeper.

A run holds a lock on a file for as long as its process lives; the kernel lets go of it when the process dies, however it
dies. So a run whose lock can be taken is dead, and what carries its id may be removed.
"""

import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

import docker
from docker.errors import APIError, NotFound

from grader import settings
from grader.engine import cgroups

LABEL = "drydock"
"""Every object made in a run carries this label with the run's id."""
OWNER_LABEL = "drydock.owner"
"""And this one with the machine (or lab) it was made from: nobody sweeps another's live run."""

FOREIGN_SECONDS = 24 * 3600
"""Objects of which this machine has no record are swept after this time: whoever made them cannot be asked."""

_FRACTION = re.compile(r"\.\d+(?=Z|[+-])")
_TIME_FORMAT = "%Y%m%dT%H%M%S"


def owner() -> str:
    """A name for this machine or lab, the same for all its runs."""
    if given := settings.machine():
        return given
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{socket.gethostname()}/{uuid.getnode()}/{settings.runtime_folder()}").hex[:16]


class RunLock:
    """A new run's id, its lock and its temporary folder.

    Attributes:
        id: e.g. ``20261122T020304-9f3a1c``; UTC.
        folder: the run's temporary folder.
    """

    def __init__(self) -> None:
        runtime = settings.runtime_folder()
        while True:
            self.id = f"{time.strftime(_TIME_FORMAT, time.gmtime())}-{secrets.token_hex(3)}"
            self._path = runtime / f"{self.id}.lock"
            self._file: IO[str] = self._path.open("w")
            fcntl.flock(self._file, fcntl.LOCK_EX)
            # A sweeper may have taken the new file for a dead run's between our two calls, and removed it.
            with suppress(FileNotFoundError):
                if self._path.stat().st_ino == os.fstat(self._file.fileno()).st_ino:
                    break
            self._file.close()
        self.folder = runtime / self.id
        self.folder.mkdir(mode=0o700)

    def release(self, *, clean: bool = True) -> bool:
        """Remove the folder and let go of the lock.

        Args:
            clean: whether nothing of the run is left on the engine.

        Returns:
            Whether the folder is gone. Where anything is left the lock file stays, as a record, and the next sweep tries again.
        """
        gone = _remove_folder(self.folder) and clean
        if gone:
            self._path.unlink(missing_ok=True)
        self._file.close()
        return not self.folder.exists()


def _remove_folder(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # a copy of a learner's folder keeps its modes, and what may not be written cannot be emptied
        for top, below, _ in os.walk(folder):
            for path in (Path(top, name) for name in below):
                with suppress(OSError):
                    if not path.is_symlink():
                        path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


@contextmanager
def _dead(lock: Path) -> Iterator[bool]:
    """Whether a run's process is gone; while the block lasts, nobody else can take the lock."""
    try:
        with lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
    except FileNotFoundError:
        yield True
    except BlockingIOError:
        yield False


def _age(made: object) -> float:
    """Seconds since the engine made something, as the engine itself says it: a number, or a text."""
    if isinstance(made, int | float):
        return time.time() - made
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(_FRACTION.sub("", str(made)))).total_seconds()
    except (TypeError, ValueError):
        return 0.0


def _end_commands(run_id: str) -> list[str]:
    """Kill the docker commands that a killed run left; where there is no /proc, the closed pipe ends them in time."""
    ended = []
    wanted = f"{settings.RUN}={run_id}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
                ended.append(f"process {process.name}")
    return ended


def remove_labelled(client: docker.DockerClient, label: str, *, older_than: float = float("-inf")) -> list[str]:
    """Remove every container, network, volume and image with a label; return what it was, e.g. ``container 3f2a…``.

    Args:
        client: of the engine.
        label: ``drydock=<run id>``, or ``drydock`` for all runs.
        older_than: seconds; what the engine has made since then stays.

    Raises:
        APIError: something could not be removed; everything else was.
    """
    api = client.api
    wanted = {"label": label}
    removed: list[str] = []
    failed: list[APIError] = []

    def remove(what: str, made: object, call: Callable[[], object]) -> None:
        if _age(made) <= older_than:
            return
        try:
            call()
        except NotFound:
            return
        except APIError as error:  # the others must go all the same
            failed.append(error)
        else:
            removed.append(what)

    for one in api.containers(all=True, filters=wanted):
        forced = partial(api.remove_container, one["Id"], force=True, v=True)
        remove(f"container {one['Id'][:12]}", one["Created"], forced)
    for one in api.networks(filters=wanted):
        remove(f"network {one['Name']}", one["Created"], partial(api.remove_network, one["Id"]))
    for one in api.volumes(filters=wanted).get("Volumes") or ():
        remove(f"volume {one['Name']}", one.get("CreatedAt"), partial(api.remove_volume, one["Name"], force=True))
    for one in api.images(filters=wanted, all=True):
        remove(f"image {one['Id'][7:19]}", one["Created"], partial(api.remove_image, one["Id"], force=True))
    if failed:
        raise failed[0]
    return removed


def _labelled_runs(client: docker.DockerClient) -> dict[str, str]:
    """Run id → owner, for everything on the engine that carries our label."""
    wanted = {"label": LABEL}
    found: dict[str, str] = {}
    listed = (
        client.api.containers(all=True, filters=wanted),
        client.api.networks(filters=wanted),
        client.api.volumes(filters=wanted).get("Volumes") or (),
        client.api.images(filters=wanted, all=True),
    )
    for one in (one for some in listed for one in some):
        labels = one.get("Labels") or {}
        found[labels[LABEL]] = labels.get(OWNER_LABEL, "")
    return found


def sweep(client: docker.DockerClient) -> list[str]:
    """Remove what killed runs left behind: on the engine and in the runtime folder.

    Returns:
        What was removed, e.g. ``container 3f2a…`` or ``folder 20261122T…``; empty when all was clean.
    """
    runtime = settings.runtime_folder()
    ours = owner()
    removed: list[str] = []
    dead = [lock.stem for lock in runtime.glob("*.lock") if _is_dead(lock)]
    for run_id in dead:  # first, or they go on making things
        with _dead(runtime / f"{run_id}.lock") as certain:  # a run that was just beginning may have its lock by now
            removed += _end_commands(run_id) if certain else []
    for run_id, made_by in _labelled_runs(client).items():
        # Labels are what anybody can write. A dead run is one of which this machine has a record, a lock that nobody holds;
        # of others only goes what is old by the engine's own word.
        recorded = made_by == ours and run_id in dead
        if not recorded and (not made_by or _is_alive(runtime / f"{run_id}.lock")):
            continue
        with suppress(APIError):  # another sweeper may be at it; what stays is found next time
            older_than = float("-inf") if recorded else FOREIGN_SECONDS
            removed += remove_labelled(client, f"{LABEL}={run_id}", older_than=older_than)
    if dead:
        cgroups.remove_unused()
    for run_id in dead:
        with _dead(runtime / f"{run_id}.lock") as certain:
            if certain and _remove_folder(runtime / run_id):
                (runtime / f"{run_id}.lock").unlink(missing_ok=True)
                removed.append(f"folder {run_id}")
    return removed


def _is_alive(lock: Path) -> bool:
    return lock.exists() and not _is_dead(lock)


def _is_dead(lock: Path) -> bool:
    with _dead(lock) as dead:
        return dead
