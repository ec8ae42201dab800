"""An isolated engine: for one submission, without a network, of fixed size in everything, reached through one pipe.

Two containers and a volume. The engine is privileged, as a nested engine must be, so nothing of a stranger's runs in its
container, and its socket is seen by the relay alone. What strangers hand in is built and run *in* it, under the same limits
that the learner's own engine would put on it. Root in a container is root there, as it is on that engine: where ids were
mapped, builds and what they leave would differ, and so would verdicts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from grader import settings
from grader.engine import containers, images, wait
from grader.engine.build.confine import FEWEST_PIDS
from grader.engine.client import translated
from grader.engine.isolated import disk, listing, mux, relay
from grader.engine.isolated.disk import USUAL, Disk, Kind
from grader.engine.isolated.proxy import Proxy
from grader.engine.isolated.tunnel import Tunnel
from grader.engine.sandbox.parts import packed
from grader.engine.sandbox.shell import Shell
from grader.engine.session import Place, Session
from grader.values import units
from grader.values.errors import EngineUnavailable
from grader.values.limits import Limits

AT_ONCE: Final = 4
"""Containers of a submission that an engine has room for beside a build, each at its limit."""

_RUN: Final = "/run/isolated"
_SOCKET: Final = f"{_RUN}/docker.sock"
_GATEWAY: Final = "172.17.0.1"
_PROXY_PORT: Final = 3128
_OURS: Final = "/drydock.zip"
_ENGINE_MEMORY: Final = 768 * units.MB
_ENGINE_PIDS: Final = 512
_RELAY_MEMORY: Final = 256 * units.MB
_RELAY_PIDS: Final = 512
_START_SECONDS: Final = 90.0
_SHELL_SECONDS: Final = 20.0

_START: Final = f'{disk.DATA}exec dockerd-entrypoint.sh "$@" --host=unix://{_SOCKET} --bip={_GATEWAY}/16\n'


@dataclass(frozen=True)
class Size:
    """What an isolated engine may use; its disk is the same for all.

    Attributes:
        memory: bytes, for the engine and all that runs in it.
        pids: processes, likewise.
    """

    memory: int
    pids: int

    @classmethod
    def of(cls, limits: Limits) -> "Size":
        """What the runs of submissions with these limits need."""
        return cls(
            _ENGINE_MEMORY + limits.build_memory + AT_ONCE * limits.memory,
            _ENGINE_PIDS + max(FEWEST_PIDS, limits.pids) + AT_ONCE * limits.pids,
        )


class IsolatedEngine:
    """An engine for one submission.

    Args:
        session: what it belongs to and goes with.
        names: the images that it has from the start, with their tags; those of them that the docker client's engine has.
        size: what it may use.
        kind: which engine it is.

    Attributes:
        size: as given.
        place: where it is, for the session of a run.

    Raises:
        EngineUnavailable: it does not start.
        ImageUnavailable: an image that it is made of is not there.
    """

    def __init__(self, session: Session, names: Sequence[str], size: Size, kind: Kind = USUAL) -> None:
        self.size = size
        self._session = session
        self._kind = kind
        images.need(session, disk.PYTHON_IMAGE)
        self._disk = Disk(session, names, kind)
        self._indexes = self._disk.need(session)
        with translated():
            self._mirrors: list[str] = (session.client.info().get("RegistryConfig") or {}).get("Mirrors") or []
        self._shell: Shell | None = None
        self._undo: list[Callable[[], None]] = []
        self._start()
        self.place = Place(
            address=self._tunnel.address,
            dial=self._tunnel.dial,
            export=self._tunnel.export,
            shell=self._run,
            disk=disk.SIZE,
            end=self.close,
            build_arguments=_through(f"http://{_GATEWAY}:{_PROXY_PORT}"),
        )

    def _start(self) -> None:
        self._socket = self._volume("socket")
        self._engine = self._container(self._engine_spec())
        self._relay = self._container(self._relay_spec())
        proxy = Proxy((*self._indexes, *settings.hosts_for_strangers(), *(urlsplit(one).netloc for one in self._mirrors)))
        command = ["python", "-m", relay.__name__, _SOCKET, str(_PROXY_PORT)]
        self._tunnel = Tunnel(self._session, self._relay, command, proxy.connection)
        wait.until(
            lambda: self._tunnel.answers() or None, seconds=_START_SECONDS, alive=self._alive, cancelled=self._session.cancelled
        )

    def _volume(self, what: str) -> str:
        session, name = self._session, self._session.name(f"isolated-{what}")
        with translated():
            session.client.api.create_volume(name, labels=session.labels)
        self._undo.append(session.on_close(f"volume {name}", lambda: session.client.api.remove_volume(name, force=True)))
        return name

    def _container(self, spec: containers.Spec) -> str:
        session, identity = self._session, containers.create(self._session, spec)
        self._undo.append(session.on_close(f"container {identity[:12]}", lambda: containers.remove(session, identity)))
        containers.start(session, identity)
        return identity

    def _engine_spec(self) -> containers.Spec:
        return containers.Spec(
            image=self._kind.image,
            entrypoint=["sh", "-c", _START, "start"],
            command=["dockerd", *self._kind.flags, *(argument for one in self._mirrors for argument in _mirror(one))],
            env={"DOCKER_TLS_CERTDIR": "", **_through(f"http://127.0.0.1:{_PROXY_PORT}")},
            volumes={self._socket: _RUN, self._disk.volume: f"{disk.FOLDER}:ro"},
            own_limits=(self.size.memory, self.size.pids),
            extra_host_config=disk.PRIVILEGED,
        )

    def _relay_spec(self) -> containers.Spec:
        return containers.Spec(
            image=disk.PYTHON_IMAGE,
            command=["sleep", "infinity"],
            env={"PYTHONPATH": _OURS},
            volumes={self._socket: _RUN},
            files={_OURS: packed(listing, mux, relay)},
            network=f"container:{self._engine}",
            own_limits=(_RELAY_MEMORY, _RELAY_PIDS),
            extra_host_config={"cap_drop": ["ALL"], "ulimits": []},
        )

    def _alive(self) -> None:
        for identity in (self._relay, self._engine):
            if not containers.inspect(self._session, identity).state.running:
                said = containers.logs(self._session, identity, tail=3).strip().splitlines()
                raise EngineUnavailable(
                    f"The isolated engine did not start: {said[-1] if said else 'it said nothing'}",
                    "Try again; `grader doctor` helps.",
                )

    def _run(self, code: str) -> tuple[int, str]:
        if self._shell is None or self._shell.ended:
            self._shell = Shell(self._session, self._engine)
        done = self._shell.run(code, seconds=_SHELL_SECONDS, cancelled=wait.NEVER)
        return done.returncode, done.stdout

    def close(self) -> None:
        """Remove its containers at once, and the rest in the background."""
        self._tunnel.close()
        for identity in (self._relay, self._engine):
            containers.remove(self._session, identity)
        for undo in self._undo:
            undo()


def _through(proxy: str) -> dict[str, str]:
    """Variables that let programs use a proxy; BuildKit hands them to RUN steps and keeps them out of images and cache keys."""
    variables = {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "NO_PROXY": "localhost,127.0.0.1,::1"}
    return variables | {name.lower(): value for name, value in variables.items()}


def _mirror(address: str) -> list[str]:
    flags = ["--registry-mirror", address]
    return [*flags, "--insecure-registry", urlsplit(address).netloc] if address.startswith("http://") else flags
