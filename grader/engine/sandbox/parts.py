"""The containers and volumes that a sandbox consists of: made together, removed together."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from types import ModuleType

from grader.engine import containers
from grader.engine.cli import CliResult
from grader.engine.client import translated
from grader.engine.sandbox import restore, rules, socket_filter
from grader.engine.sandbox.shell import Shell
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import EngineUnavailable

ENGINE_IMAGE = "docker:28-dind"
FILTER_IMAGE = "python:3.13-slim"
FOLDER = "/exercise"
"""Where the learner's files are, in the client and in the engine alike, so that ``-v "$PWD":…`` means what it says."""
ADDRESS = "198.51.100.17"
"""An address that is not loopback, as a machine has one in its network: what is published to everyone answers there, too."""
SOCKET = "/run/sandbox/docker.sock"
"""The engine's own, which the learner's commands never see."""
USER = 165536
"""Who the engine's containers take for root, and who the learner's commands run as: what is readable to its owner alone is
readable in their containers, as on any machine."""

# More numbers than a system has users: USER itself is one of them, for `--user "$(id -u)"`.
_MAPPED = f"dockremap:{USER}:{2 * USER}\n"
_OURS = "/drydock.zip"
"""What of this package runs in the filter's container, by the names that it has here."""
_FILTER_MEMORY = 128 * units.MB
_CLIENT_MEMORY = 512 * units.MB
_CLIENT_PIDS = 256
_CLIENT_HOME = "/tmp"  # noqa: S108 - a tmpfs of the client's own


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a sandbox may use.

    Attributes:
        memory: bytes for the engine and all that runs in it, its disk included.
        disk: bytes for images, containers and volumes.
        files: bytes for the learner's own folder.
        pids: processes for the engine and all that runs in it.
        client_memory, client_pids: likewise for the learner's commands themselves.
    """

    memory: int = 2 * units.GB
    disk: int = 1 * units.GB
    files: int = 200 * units.MB
    pids: int = 1024
    client_memory: int = _CLIENT_MEMORY
    client_pids: int = _CLIENT_PIDS

    @property
    def total_memory(self) -> int:
        """Bytes, all parts together."""
        return self.memory + self.client_memory + _FILTER_MEMORY


SIZE = Size()
"""What one has where nobody says otherwise."""


def packed(*modules: ModuleType) -> bytes:
    """Modules of this package as an archive that Python imports from; what they import has to be among them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for package in dict.fromkeys(parent for one in modules for parent in _parents(one.__name__)):
            archive.writestr(f"{package.replace('.', '/')}/__init__.py", "")
        for one in modules:
            archive.write(str(one.__file__), f"{one.__name__.replace('.', '/')}.py")
    return buffer.getvalue()


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


class Parts:
    """A sandbox's volumes, its engine and the filter in front of that; the client is made for each run of commands.

    Args:
        session: what they belong to and go with.
        size: see there.

    Attributes:
        size: as given.
        engine, filter: ids of their containers.
    """

    def __init__(self, session: Session, size: Size) -> None:
        self.size = size
        self._session = session
        self._undo: list[Callable[[], None]] = []
        self._shells: dict[str, Shell] = {}
        in_memory = {"type": "tmpfs", "device": "tmpfs", "o": f"size={size.files},mode=0777"}
        self._engine_socket, self._learner_socket = self._volume("engine"), self._volume("learner")
        self._files = self._volume("files", in_memory)
        self.engine = self._container(self._engine_spec())
        self.filter = self._container(self._filter_spec())

    def _volume(self, what: str, options: Mapping[str, str] | None = None) -> str:
        session, name = self._session, self._session.name(f"sandbox-{what}")
        with translated():
            session.client.api.create_volume(name, labels=session.labels, driver_opts=dict(options or {}))
        self._undo.append(session.on_close(f"volume {name}", lambda: session.client.api.remove_volume(name, force=True)))
        return name

    def _container(self, spec: containers.Spec) -> str:
        session, identity = self._session, containers.create(self._session, spec)
        self._undo.append(session.on_close(f"container {identity[:12]}", lambda: containers.remove(session, identity)))
        containers.start(session, identity)
        return identity

    def _engine_spec(self) -> containers.Spec:
        return containers.Spec(
            image=ENGINE_IMAGE,
            command=["dockerd", "--host", f"unix://{SOCKET}", "--userns-remap=default"],
            env={"DOCKER_TLS_CERTDIR": "", "DOCKER_HOST": f"unix://{SOCKET}"},
            files={"/etc/subuid": _MAPPED, "/etc/subgid": _MAPPED},
            volumes={self._engine_socket: "/run/sandbox", self._files: FOLDER},
            own_limits=(self.size.memory, self.size.pids),
            extra_host_config={
                "privileged": True,
                "tmpfs": {"/var/lib/docker": f"size={self.size.disk},exec"},
                "security_opt": [],
            },
        )

    def _filter_spec(self) -> containers.Spec:
        return containers.Spec(
            image=FILTER_IMAGE,
            command=["python", "-m", socket_filter.__name__, "/learner/docker.sock", SOCKET, FOLDER],
            env={"PYTHONPATH": _OURS},
            volumes={self._engine_socket: "/run/sandbox", self._learner_socket: "/learner", self._files: f"{FOLDER}:ro"},
            files={_OURS: packed(socket_filter, rules, restore)},
            network=f"container:{self.engine}",
            memory=_FILTER_MEMORY,
            extra_host_config={"cap_drop": ["ALL"]},
        )

    def client(self, script: Sequence[str]) -> containers.Spec:
        """The container in which a learner's commands run: without rights, and in reach of nothing but the filter.

        Args:
            script: program and arguments.
        """
        return containers.Spec(
            image=ENGINE_IMAGE,
            entrypoint=script[:1],
            command=script[1:],
            env={
                "DOCKER_HOST": "unix:///run/learner/docker.sock",
                "DOCKER_CLI_HINTS": "false",
                "PS4": "$ ",
                "HOME": _CLIENT_HOME,
            },
            user=f"{USER}:{USER}",
            workdir=FOLDER,
            volumes={self._learner_socket: "/run/learner:ro", self._files: FOLDER},
            network=f"container:{self.engine}",
            own_limits=(self.size.client_memory, self.size.client_pids),
            read_only=True,
            extra_host_config={"cap_drop": ["ALL"], "tmpfs": {_CLIENT_HOME: "size=64m,exec"}},
        )

    @property
    def run_on(self) -> bool:
        """Whether both containers are still there and running."""
        return all(containers.inspect(self._session, one).state.running for one in (self.engine, self.filter))

    def run(self, command: str | Sequence[str], *, seconds: float, cancelled: Event) -> CliResult:
        """Run a command of the grader's own in the engine's container; see ``Shell.run``."""
        return self._shell(self.engine).run(command, seconds=seconds, cancelled=cancelled)

    def python(self, *args: str, seconds: float, cancelled: Event) -> CliResult:
        """Run ``python ARGS`` in the filter's container: in the engine's network, with modules of ours; see ``Shell.run``."""
        return self._shell(self.filter).run(["python", *args], seconds=seconds, cancelled=cancelled)

    def _shell(self, container: str) -> Shell:
        shell = self._shells.get(container)
        if shell is None or shell.ended:
            shell = self._shells[container] = Shell(self._session, container)
            self._undo.append(shell.close)
        return shell

    def take_address(self, cancelled: Event) -> None:
        """Give the engine's network namespace, which has loopback only, the address of a machine in a network."""
        added = self.run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"], seconds=20, cancelled=cancelled)
        if added.returncode != 0:
            raise EngineUnavailable(f"The sandbox engine could not be given an address: {added.stderr.strip()[-200:]}")

    def remove(self) -> None:
        """Remove the containers at once, and the rest in the background."""
        for identity in (self.filter, self.engine):
            containers.remove(self._session, identity)
        for undo in self._undo:
            undo()
