"""What the engine says of containers, images, networks and volumes: small typed values, made from its JSON here only.

``docker inspect`` prints the same JSON as the API answers, so this reads both, of any engine from 23 on and of either image
store. Engines leave out what is empty, or say null, or an empty text: all three are one and the same value here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

Json = Mapping[str, Any]

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime | None:
    """Read a time as the engine writes it, to the microsecond; None for the year 1, which means never."""
    read = datetime.fromisoformat(text) if text else _NEVER
    return None if read == _NEVER else read


def _seconds(nanoseconds: int | None) -> float:
    return (nanoseconds or 0) / 1e9


@dataclass(frozen=True)
class Healthcheck:
    """How health is checked, as an image or a container has it; 0 where the engine's default holds.

    Attributes:
        test: the command; its first word says how it is run: ``CMD``, ``CMD-SHELL``, or ``NONE`` for no check at all.
        interval_s, timeout_s, start_period_s: seconds.
        retries: failures in a row.
    """

    test: tuple[str, ...] = ()
    interval_s: float = 0.0
    timeout_s: float = 0.0
    start_period_s: float = 0.0
    retries: int = 0

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read a ``Healthcheck``."""
        return cls(
            test=tuple(about.get("Test") or ()),
            interval_s=_seconds(about.get("Interval")),
            timeout_s=_seconds(about.get("Timeout")),
            start_period_s=_seconds(about.get("StartPeriod")),
            retries=about.get("Retries") or 0,
        )


@dataclass(frozen=True)
class HealthRun:
    """One run of a health check.

    Attributes:
        started: when.
        exit_code: of its command; -1 when it could not be run, or was ended at its time-out.
        output: what it wrote, or why it could not be run.
    """

    started: datetime | None
    exit_code: int
    output: str

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read an entry of ``Health.Log``."""
        return cls(moment(about["Start"]), about["ExitCode"], about.get("Output") or "")


@dataclass(frozen=True)
class Health:
    """A container's health.

    Attributes:
        status: ``starting``, ``healthy``, ``unhealthy``, or ``none`` where there is no health check.
        runs: the last runs, oldest first; the engine keeps five.
    """

    status: str = "none"
    runs: tuple[HealthRun, ...] = ()

    @classmethod
    def parse(cls, about: Json | None) -> Self:
        """Read ``State.Health``."""
        if not about:
            return cls()
        return cls(about.get("Status") or "none", tuple(map(HealthRun.parse, about.get("Log") or ())))


@dataclass(frozen=True)
class State:
    """A container's state.

    Attributes:
        status: ``created``, ``running``, ``paused``, ``restarting``, ``removing``, ``exited`` or ``dead``.
        running: it has a process; also while it is paused, or waits to be restarted.
        restarting: its program has ended, and its restart policy is about to start it again.
        oom_killed: the kernel has ended something in it at its memory limit.
        pid: its main process on the engine's host; 0 when it does not run.
        exit_code: how it ended, or could not be started; 0 while it runs.
        error: why it could not be started; empty otherwise.
        started, finished: by the engine's clock; None for never.
        health: see there.
    """

    status: str
    running: bool = False
    restarting: bool = False
    oom_killed: bool = False
    pid: int = 0
    exit_code: int = 0
    error: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    health: Health = Health()

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read ``State``."""
        return cls(
            status=about["Status"],
            running=about["Running"],
            restarting=about["Restarting"],
            oom_killed=about["OOMKilled"],
            pid=about["Pid"],
            exit_code=about["ExitCode"],
            error=about.get("Error") or "",
            started=moment(about["StartedAt"]),
            finished=moment(about["FinishedAt"]),
            health=Health.parse(about.get("Health")),
        )

    def age(self, now: datetime) -> float:
        """Seconds since its start; 0 when it never started, or when the clock that ``now`` is from is behind the engine's."""
        return max((now - self.started).total_seconds(), 0.0) if self.started else 0.0

    @property
    def lasted(self) -> float:
        """Seconds from its start to its end; 0 when it has not ended since, or so soon that the engine noted the end first."""
        return self.age(self.finished) if self.finished else 0.0


@dataclass(frozen=True)
class Config:
    """What an image says of its containers, or what a container was made with.

    Attributes:
        image: the name that the container was made from; empty in an image.
        user, workdir: empty where none is set.
        env: name → value.
        entrypoint, cmd: words.
        labels: name → value.
        healthcheck: None where there is none; ``HEALTHCHECK NONE`` is one.
        stop_signal: empty for the engine's own, SIGTERM.
    """

    image: str = ""
    user: str = ""
    workdir: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    healthcheck: Healthcheck | None = None
    stop_signal: str = ""

    @classmethod
    def parse(cls, about: Json | None) -> Self:
        """Read a ``Config``."""
        about = about or {}
        return cls(
            image=about.get("Image") or "",
            user=about.get("User") or "",
            workdir=about.get("WorkingDir") or "",
            env=dict(entry.split("=", 1) for entry in about.get("Env") or () if "=" in entry),
            entrypoint=tuple(about.get("Entrypoint") or ()),
            cmd=tuple(about.get("Cmd") or ()),
            labels=dict(about.get("Labels") or {}),
            healthcheck=Healthcheck.parse(check) if (check := about.get("Healthcheck")) else None,
            stop_signal=about.get("StopSignal") or "",
        )


@dataclass(frozen=True)
class Binding:
    """A port of a container that is published on its host.

    Attributes:
        inside: the port in the container.
        protocol: ``tcp``, ``udp`` or ``sctp``.
        address: of the host, e.g. ``127.0.0.1``; ``0.0.0.0`` or ``::`` for all.
        port: of the host.
    """

    inside: int
    protocol: str
    address: str
    port: int


@dataclass(frozen=True)
class Mount:
    """Something that a container has mounted.

    Attributes:
        kind: ``volume``, ``bind`` or ``tmpfs``.
        name: of the volume; empty for all else.
        source: path on the engine's host.
        target: path inside.
        writable: whether it may be written to.
    """

    kind: str
    name: str
    source: str
    target: str
    writable: bool

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read an entry of ``Mounts``."""
        return cls(about["Type"], about.get("Name") or "", about.get("Source") or "", about["Destination"], about["RW"])


@dataclass(frozen=True)
class Endpoint:
    """A container's place in a network.

    Attributes:
        address, address6: its addresses there; empty while it does not run, or where it has none.
    """

    address: str = ""
    address6: str = ""

    @classmethod
    def parse(cls, about: Json | None) -> Self:
        """Read an entry of ``NetworkSettings.Networks``."""
        about = about or {}
        return cls(about.get("IPAddress") or "", about.get("GlobalIPv6Address") or "")


@dataclass(frozen=True)
class ContainerInfo:
    """A container.

    Attributes:
        id: its id.
        name: without the slash in front that the engine's API has.
        created: by the engine's clock.
        command: what its main process was started as, ENTRYPOINT and CMD together.
        image: id of its image.
        state, config: see there.
        restarts: how often its restart policy has started it again.
        restart_policy: ``no``, ``always``, ``unless-stopped`` or ``on-failure``.
        memory: the most bytes that it may use; 0 for no limit.
        pids: the most processes and threads that it may have; 0 for no limit.
        log: path of the file that its log is kept in, on the engine's host; empty where it is not kept in a file.
        bindings: published ports; none while it does not run.
        mounts: what it has mounted.
        networks: name → its place there.
        network_mode: the network that it was made with; ``container:ID`` where it shares another one's.
        ipc_mode: whose shared memory it uses: ``private`` or ``shareable``, its own; ``container:ID``; ``host``; ``none``.
        shared_memory: bytes of the shared memory that the engine gives it; 0 where it gives none.
    """

    id: str
    name: str
    created: datetime
    command: tuple[str, ...]
    image: str
    state: State
    config: Config = Config()
    restarts: int = 0
    restart_policy: str = "no"
    memory: int = 0
    pids: int = 0
    log: str = ""
    bindings: tuple[Binding, ...] = ()
    mounts: tuple[Mount, ...] = ()
    networks: Mapping[str, Endpoint] = field(default_factory=dict)
    network_mode: str = ""
    ipc_mode: str = ""
    shared_memory: int = 0

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read what the engine answers for a container."""
        host, net = about["HostConfig"], about.get("NetworkSettings") or {}
        return cls(
            id=about["Id"],
            name=about["Name"].removeprefix("/"),
            created=moment(about["Created"]) or _NEVER,
            command=(about["Path"], *(about["Args"] or ())),
            image=about["Image"],
            state=State.parse(about["State"]),
            config=Config.parse(about["Config"]),
            restarts=about["RestartCount"],
            restart_policy=(host.get("RestartPolicy") or {}).get("Name") or "no",
            memory=host.get("Memory") or 0,
            pids=max(host.get("PidsLimit") or 0, 0),
            log=about.get("LogPath") or "",
            bindings=_bindings(net.get("Ports")),
            mounts=(*map(Mount.parse, about.get("Mounts") or ()), *_in_memory(host.get("Tmpfs"))),
            networks={name: Endpoint.parse(one) for name, one in (net.get("Networks") or {}).items()},
            network_mode=host.get("NetworkMode") or "",
            ipc_mode=host.get("IpcMode") or "",
            shared_memory=host.get("ShmSize") or 0,
        )

    @property
    def life(self) -> tuple[int, datetime | None]:
        """Which of its lives this is: it changes when the container is started again, by whomever."""
        return self.restarts, self.state.started

    def published(self, protocol: str = "tcp") -> dict[int, int]:
        """Port inside → port on the host; the first of several."""
        return {one.inside: one.port for one in reversed(self.bindings) if one.protocol == protocol}


def _bindings(ports: Json | None) -> tuple[Binding, ...]:
    """Read ``NetworkSettings.Ports``: ``{"80/tcp": [{"HostIp": …, "HostPort": "8000"}], "90/tcp": null}``."""
    found = []
    for inside, outside in (ports or {}).items():
        port, _, protocol = inside.partition("/")
        found += [Binding(int(port), protocol, one["HostIp"], int(one["HostPort"])) for one in outside or ()]
    return tuple(found)


def _in_memory(tmpfs: Json | None) -> tuple[Mount, ...]:
    """Read ``HostConfig.Tmpfs``, ``{"/scratch": "ro,size=1m"}``: what ``--tmpfs`` asks for is not among the ``Mounts``."""
    return tuple(Mount("tmpfs", "", "", target, "ro" not in options.split(",")) for target, options in (tmpfs or {}).items())


@dataclass(frozen=True)
class ImageInfo:
    """An image.

    Attributes:
        id: its id.
        size: bytes, as the engine's image store counts them.
        layers: digests of its layers' contents, lowest first.
        config: what its containers get.
    """

    id: str
    size: int
    layers: tuple[str, ...]
    config: Config

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read what the engine answers for an image."""
        layers = (about.get("RootFS") or {}).get("Layers") or ()
        return cls(about["Id"], about["Size"], tuple(layers), Config.parse(about.get("Config")))


@dataclass(frozen=True)
class NetworkInfo:
    """A network.

    Attributes:
        id, name, labels: its own.
        driver: ``bridge``, ``host``, ``null``, ``overlay`` …
        internal: it leads nowhere else.
        members: names of the running containers that are on it, sorted; a swarm's network names those of its own host only.
    """

    id: str
    name: str
    driver: str
    internal: bool
    labels: Mapping[str, str]
    members: tuple[str, ...] = ()

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read what the engine answers for a network."""
        return cls(
            id=about["Id"],
            name=about["Name"],
            driver=about["Driver"],
            internal=bool(about.get("Internal")),
            labels=dict(about.get("Labels") or {}),
            members=tuple(sorted(one["Name"] for one in (about.get("Containers") or {}).values())),
        )


@dataclass(frozen=True)
class VolumeInfo:
    """A volume.

    Attributes:
        name, labels: its own.
        driver: ``local``, or a plugin.
    """

    name: str
    driver: str
    labels: Mapping[str, str]

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read what the engine answers for a volume."""
        return cls(about["Name"], about["Driver"], dict(about.get("Labels") or {}))
