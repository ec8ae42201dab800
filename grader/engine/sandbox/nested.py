"""An engine of its own for a learner's commands: nested, bounded, cut off, and restored between plays.

Three containers and three volumes. The engine (docker-in-docker, no network, its data on a tmpfs of fixed size, its
containers' root mapped to nobody) is privileged, as a nested engine must be; so nothing of the learner's ever runs in its
container, and its own socket stays out of reach. The learner's commands run in an unprivileged client, which shares the
engine's network namespace (so ``wget localhost:8000`` means what the brief says) and sees only the filter's socket.
Whatever the learner can write to is a tmpfs of fixed size: the machine's disk is not among it.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from docker.errors import APIError

from grader.diagnose import docker_commands
from grader.engine import containers, images, lost_output, wait
from grader.engine.cli import CliResult, run_cli
from grader.engine.client import translated
from grader.engine.inspect import State
from grader.engine.sandbox import restore, socket_filter
from grader.engine.sandbox.shell import Shell
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import EngineUnavailable, LimitReached
from grader.values.events import EngineOutput
from grader.values.outcome import Evidence

ENGINE_IMAGE = "docker:28-dind"
FILTER_IMAGE = "python:3.13-slim"
FOLDER = "/exercise"
"""Where the learner's files are, in the client and in the engine alike, so that ``-v "$PWD":…`` means what it says."""
ADDRESS = "198.51.100.17"
"""An address that is not loopback, as a machine has one in its network: what is published to everyone answers there, too."""
SOCKET = "unix:///run/sandbox/docker.sock"
_START_SECONDS = 60.0
_RESET_SECONDS = 30.0

_SCRIPT = ".commands.sh"
_ENGINE_MEMORY = 2 * units.GB
_FILTER_MEMORY = 128 * units.MB
_CLIENT_MEMORY = 512 * units.MB
MEMORY = _ENGINE_MEMORY + _FILTER_MEMORY + _CLIENT_MEMORY
"""Bytes that one may use, all its parts together."""
_CLIENT_PIDS = 256
_USER = 165536
"""Who the engine's containers take for root, and who the learner's commands run as: what is readable to its owner alone is
readable in their containers, as on any machine."""
# More numbers than a system has users: _USER itself is one of them, for `--user "$(id -u)"`.
_MAPPED = f"dockremap:{_USER}:{2 * _USER}\n"
_HOME = "/tmp"  # noqa: S108 - a tmpfs of the client's own
# umask and chmod: `-v "$PWD":/backup` shall be writable for a container's other users, too.
_PLAY = 'umask 0; chmod -R a+rwX . 2>/dev/null; exec sh -x "$0" 2>&1'
_NO_FILES = "rm -rf /exercise/* /exercise/.[!.]* /exercise/..?*"
_LOOK = r"""
df -P /var/lib/docker /exercise | awk 'NR > 1 { print $NF, $(NF - 1) }'
for peak in /sys/fs/cgroup/pids/pids.peak /sys/fs/cgroup/pids.peak; do
    if [ -f "$peak" ]; then echo "peak $(cat "$peak")"; fi
done
"""


class Sandbox:
    """A nested engine, for one run at a time.

    Args:
        session: what it belongs to and goes with; the run itself, or ``Sandboxes``, who lend it to one run after another.
        images: what the engine has from the start, by name.
        memory: bytes for the engine and all that runs in it, its disk included.
        disk: bytes for images, containers and volumes.
        files: bytes for the learner's own folder.
        pids: processes for the engine and all that runs in it.
        user: the run that it is lent to from the start; by default ``session`` is the run.

    Attributes:
        session: the run that uses it now.

    Raises:
        EngineUnavailable: it does not start.
        ImageUnavailable: one of the images is not there.
    """

    def __init__(
        self,
        session: Session,
        images: Sequence[str],
        *,
        memory: int = _ENGINE_MEMORY,
        disk: int = 1 * units.GB,
        files: int = 200 * units.MB,
        pids: int = 1024,
        user: Session | None = None,
    ) -> None:
        self._home = session
        self.session = user or session
        self.stage: object = None  # whose play it shows: see checks.play
        self.asked = tuple(images)
        # With a tag: a name alone would be exported with all the tags that it has on this machine.
        self.images = tuple(one if ":" in one.rsplit("/")[-1] else f"{one}:latest" for one in images)
        self._memory, self._disk, self._files, self._pids = memory, disk, files, pids
        self._archives: dict[str, Path] = {}
        self.image_ids: dict[str, str] = {}
        self._used = False  # something may differ from what it was after the start
        self._spent = False  # a limit was reached, or it has not come up: what still works of it cannot be known
        self.play_began = self.play_ended = ""  # as the engine writes times
        self._parts: list[Callable[[], None]] = []
        self._shell: Shell | None = None
        self._start()

    # Its parts

    def _volume(self, what: str, options: Mapping[str, str] | None = None) -> str:
        name = self._home.name(f"sandbox-{what}")
        with translated():
            self._home.client.api.create_volume(name, labels=self._home.labels, driver_opts=dict(options or {}))
        self._parts.append(self._home.on_close(f"volume {name}", lambda: self._home.client.api.remove_volume(name, force=True)))
        return name

    def _container(self, spec: containers.Spec) -> str:
        identity = containers.create(self._home, spec)
        self._parts.append(self._home.on_close(f"container {identity[:12]}", lambda: containers.remove(self._home, identity)))
        containers.start(self._home, identity)
        return identity

    def _start(self) -> None:
        self._spent = True
        for image in (ENGINE_IMAGE, FILTER_IMAGE, *self.images):
            images.need(self.session, image)
        self.session.emit(EngineOutput(line="starting an engine of its own for your commands"))
        in_memory = {"type": "tmpfs", "device": "tmpfs", "o": f"size={self._files},mode=0777"}
        self._volumes = {
            "engine": self._volume("engine"),
            "learner": self._volume("learner"),
            "files": self._volume("files", in_memory),
        }
        host = {"privileged": True, "tmpfs": {"/var/lib/docker": f"size={self._disk},exec"}, "security_opt": []}
        self._engine = self._container(
            containers.Spec(
                image=ENGINE_IMAGE,
                command=["dockerd", "--host", SOCKET, "--userns-remap=default"],
                env={"DOCKER_TLS_CERTDIR": "", "DOCKER_HOST": SOCKET},
                files={"/etc/subuid": _MAPPED, "/etc/subgid": _MAPPED},
                volumes={self._volumes["engine"]: "/run/sandbox", self._volumes["files"]: FOLDER},
                own_limits=(self._memory, self._pids),
                extra_host_config=host,
            )
        )
        self._filter = self._container(
            containers.Spec(
                image=FILTER_IMAGE,
                command=["python", "/filter.py", "/learner/docker.sock", SOCKET.removeprefix("unix://"), FOLDER],
                volumes={
                    self._volumes["engine"]: "/run/sandbox",
                    self._volumes["learner"]: "/learner",
                    self._volumes["files"]: f"{FOLDER}:ro",
                },
                files={
                    "/filter.py": Path(socket_filter.__file__).read_bytes(),
                    "/restore.py": Path(restore.__file__).read_bytes(),
                },
                network=f"container:{self._engine}",
                memory=_FILTER_MEMORY,
                extra_host_config={"cap_drop": ["ALL"]},
            )
        )
        self._export()  # while the engine comes up
        try:
            wait.until(
                lambda: True if self.answers() else None,
                seconds=_START_SECONDS,
                alive=self._alive,
                cancelled=self.session.cancelled,
            )
        except wait.WaitTimeout:
            raise self._no_start() from None
        self._take_address()
        self._load()

    def _take_address(self) -> None:
        """Give the engine's network namespace, which has loopback only, the address of a machine in a network."""
        added = self._run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"], seconds=20)
        if added.returncode != 0:
            raise EngineUnavailable(f"The sandbox engine could not be given an address: {added.stderr.strip()[-200:]}")

    def _alive(self) -> None:
        if not containers.inspect(self.session, self._engine).state.running:
            raise self._no_start()

    def _no_start(self) -> EngineUnavailable:
        said = containers.logs(self.session, self._engine, tail=3).strip()
        return EngineUnavailable(
            f"The sandbox engine for your commands did not start: {said.splitlines()[-1] if said else 'it said nothing'}",
            "Try again; `grader doctor` helps.",
        )

    def _export(self) -> None:
        """Write the images into archives, once for all engines of this run."""
        for name in self.images:
            if name in self._archives:
                continue
            archive = self._home.folder / f"{self._home.name('image')}.tar"
            with translated(), archive.open("wb") as file:
                for chunk in self._home.client.api.get_image(name):
                    file.write(chunk)
            self._archives[name] = archive

    def _load(self) -> None:
        for name in self.images:
            loaded = self.docker("load", "-q", seconds=120, stdin=self._archives[name])
            if loaded.returncode != 0:
                raise EngineUnavailable(f"The sandbox engine could not take the image {name}: {loaded.stderr.strip()[-200:]}")
        listed = self.docker("image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}}={{.ID}}")
        self.image_ids = dict(line.split("=", 1) for line in listed.stdout.split())
        self._used = self._spent = False

    # Using it

    @property
    def engine(self) -> str:
        """The id of the container that its engine runs in."""
        return self._engine

    def losses(self) -> int:
        """How many outputs of containers its engine has lost so far, as its log says."""
        return lost_output.losses(containers.logs(self.session, self._engine, tail=None))

    def answers(self) -> bool:
        """Whether its engine answers."""
        return self._run(["docker", "version"], seconds=5).returncode == 0

    def _run(self, command: str | Sequence[str], *, seconds: float) -> CliResult:
        """Run a command in the engine's container."""
        if self._shell is None or self._shell.ended:
            self._shell = Shell(self._home, self._engine)
            self._parts.append(self._shell.close)
        return self._shell.run(command, seconds=seconds, cancelled=self.session.cancelled)

    def docker(self, *args: str, seconds: float = 30, stdin: Path | None = None) -> CliResult:
        """Run a docker command of the grader's own against it, past the filter.

        Args:
            args: without the word docker.
            seconds: deadline.
            stdin: a file that it reads.
        """
        self._used = True
        if stdin is None:
            return self._run(["docker", *args], seconds=seconds)
        return run_cli(self.session, ["exec", "-i", self._engine, "docker", *args], seconds=seconds, stdin=stdin)

    def shell(self, code: str, *args: str, seconds: float = 30) -> CliResult:
        """Run a piece of shell of the grader's own in the engine's container, where docker is the engine itself.

        Args:
            code: it sees ``args`` as ``$1``, ``$2`` …; nothing of the learner's may be run by it.
            args: for the code.
            seconds: deadline.
        """
        self._used = True
        return self._run(["sh", "-c", code, "sh", *args], seconds=seconds)

    def python(self, code: str, *args: str, seconds: float = 30) -> CliResult:
        """Run a piece of Python in its network namespace, e.g. to ask a published port."""
        return run_cli(self.session, ["exec", self._filter, "python", "-c", code, *args], seconds=seconds)

    def lend(self, session: Session) -> None:
        """Let a run use it, and no other."""
        self.session = session

    def take_back(self) -> None:
        """End a run's use of it, and bring it back to what it was, so that the next one need not wait for that."""
        self.session = self._home
        self.reset()

    def reset(self) -> None:
        """Bring it back to what it was after the start; starts it anew where that does not work."""
        self.stage = None
        runs = not self._spent and all(
            containers.inspect(self.session, one).state.running for one in (self._engine, self._filter)
        )
        if runs and not self._used:
            return
        done = self._restore(self.image_ids) if runs and self._run(_NO_FILES, seconds=_RESET_SECONDS).returncode == 0 else None
        if done == restore.IMAGES_GONE:
            self._load()
        elif done != 0:
            self._restart()
        self._used = self._spent = False

    def empty(self) -> None:
        """Remove all containers, volumes, networks and images, and keep the learner's files."""
        if self._restore({}) != 0:
            raise EngineUnavailable("The sandbox engine could not be emptied.", "Try again.")

    def _restore(self, images: Mapping[str, str]) -> int | None:
        """Remove all but these images (name → id); None when that did not come to an end."""
        where = [SOCKET.removeprefix("unix://"), json.dumps(images)]
        done = run_cli(self.session, ["exec", self._filter, "python", "/restore.py", *where], seconds=_RESET_SECONDS)
        return None if done.timed_out else done.returncode

    def close(self) -> None:
        """Remove it, before what it belongs to goes."""
        for identity in (self._filter, self._engine):
            containers.remove(self.session, identity)
        for part in self._parts:
            part()
        self._parts.clear()
        self._shell = None

    def _restart(self) -> None:
        self.close()
        self._start()

    def play(self, script: str, files: Mapping[str, bytes], *, seconds: float) -> CliResult:
        """Run a learner's commands with ``sh -x`` in the client; output and commands come in their order, in ``stdout``.

        Args:
            script: the commands.
            files: name → content, in the folder that they run in.
            seconds: deadline.

        Raises:
            LimitReached: they did not end, ended the engine, or filled its disk.
        """
        self._used = True
        containers.put(self.session, self._engine, {**files, _SCRIPT: script}, FOLDER)
        self._run(["chown", "-R", f"{_USER}:{_USER}", FOLDER], seconds=20)
        spec = containers.Spec(
            image=ENGINE_IMAGE,
            entrypoint=["sh", "-c", _PLAY],
            command=[f"{FOLDER}/{_SCRIPT}"],
            env={
                "DOCKER_HOST": "unix:///run/learner/docker.sock",
                "DOCKER_CLI_HINTS": "false",
                "PS4": "$ ",
                "HOME": _HOME,
            },
            user=f"{_USER}:{_USER}",
            workdir=FOLDER,
            volumes={self._volumes["learner"]: "/run/learner:ro", self._volumes["files"]: FOLDER},
            network=f"container:{self._engine}",
            own_limits=(_CLIENT_MEMORY, _CLIENT_PIDS),
            read_only=True,
            extra_host_config={"cap_drop": ["ALL"], "tmpfs": {_HOME: "size=64m,exec"}},
        )
        with containers.ephemeral(self.session, spec) as client:
            # Not when it started: that is noted after the fact, and a busy machine may have done the first commands by then.
            self.play_began = containers.inspect(self.session, client).created.isoformat()
            begin = time.monotonic()
            containers.start(self.session, client)
            try:
                state = containers.wait_for_end(self.session, client, seconds=seconds)
            except wait.WaitTimeout:
                output = containers.logs(self.session, client, tail=30)
                self._check_limits(client, output)
                self._spent = True
                at = docker_commands.last_command(output)
                raise LimitReached(
                    "Your commands did not come to an end.",
                    expected=f"all of them done within {units.seconds(seconds)}",
                    found=f"still at: {at}" if at else "the first of them still ran then",
                    evidence=_evidence(output),
                    advice=docker_commands.why_it_waits(at),
                ) from None
            assert state.finished is not None
            self.play_ended = state.finished.isoformat()
            output = containers.logs(self.session, client, tail=None)
            self._check_limits(client, output)
        self.session.emit(EngineOutput(line=f"your commands took {units.seconds(time.monotonic() - begin)}"))
        return CliResult(state.exit_code, output, "")

    def _check_limits(self, client: str, output: str) -> None:
        """Raise LimitReached when the learner's commands have used up the sandbox."""
        mine, engine = (containers.inspect(self.session, one).state for one in (client, self._engine))
        for what, state, most in (("Your commands", mine, _CLIENT_MEMORY), ("Your containers", engine, self._memory)):
            if state.oom_killed and (state is mine or self._out_of_memory(state)):
                raise self._limit(f"{what} used more memory than the sandbox has.", f"at most {units.size(most)}", output)
        if not engine.running:
            raise self._limit("Your commands ended the sandbox engine.", "an engine that still runs", output)
        seen = self._look()
        for what, processes, most in (
            ("Your commands", self._processes(client), _CLIENT_PIDS),
            ("Your containers", seen.get("peak") or self._processes(self._engine), self._pids),
        ):
            if processes >= most - 8:
                raise self._limit(f"{what} started more processes than the sandbox allows.", f"at most {most}", output)
        for place, most, what in (
            ("/var/lib/docker", self._disk, "images, containers and volumes together"),
            (FOLDER, self._files, "your own folder"),
        ):
            if seen.get(place, 0) >= 99:
                raise self._limit("Your commands filled the sandbox's disk.", f"at most {units.size(most)} for {what}", output)

    def _look(self) -> dict[str, int]:
        """How full its disks are, in per cent, and the most processes that it ever had; empty when none can be started."""
        said = self._run(_LOOK, seconds=10).stdout
        return {name: int(number.rstrip("%")) for name, number in (line.split() for line in said.splitlines())}

    def _limit(self, message: str, expected: str, output: str) -> LimitReached:
        self._spent = True
        return LimitReached(message, expected=expected, found="more than that", evidence=_evidence(output))

    def _out_of_memory(self, state: State) -> bool:
        """Whether it was the sandbox's own limit. Where groups report those below them, a container's is told of, too."""
        if not state.running:
            return True
        said = self._run(["cat", "/sys/fs/cgroup/memory.events.local"], seconds=10)
        counts = dict(line.split() for line in said.stdout.splitlines() if len(line.split()) == 2)
        return said.returncode != 0 or int(counts.get("oom", "1")) > 0

    def _processes(self, identity: str) -> int:
        """How many processes a container has now; 0 when it has ended. Asked of the engine: no process could be added."""
        with translated(), suppress(APIError):
            about: dict[str, Any] = self.session.client.api.stats(identity, stream=False, one_shot=True)
            return int((about.get("pids_stats") or {}).get("current") or 0)
        return 0


def _evidence(output: str) -> Evidence:
    return Evidence("your commands and what they said", "\n".join(output.rstrip().splitlines()[-25:]))
