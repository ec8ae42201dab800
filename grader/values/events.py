"""What a run tells while it goes on: plain data, for whoever shows it or draws it; no verdict depends on it."""

from dataclasses import dataclass, field

from grader.values.outcome import CheckResult, Report


@dataclass(frozen=True, kw_only=True)
class BuildStep:
    """One step of one image build, for timelines and for checks on caching.

    Attributes:
        name: as BuildKit prints it, e.g. ``[2/5] RUN pip install -r requirements.txt``.
        cached: whether the step came from the cache.
        started_s: seconds from the start of the build.
        duration_s: seconds.
        error: the step's error; empty when it went well.
        log: its output, the end of it where long.
    """

    name: str
    cached: bool
    started_s: float
    duration_s: float
    error: str = ""
    log: str = ""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One step of an image's history.

    Attributes:
        command: what the learner wrote, e.g. ``RUN pip install numpy``; empty where the history does not say.
        size: bytes that it added.
    """

    command: str
    size: int


@dataclass(frozen=True, kw_only=True)
class ServiceObserved:
    """One service of a compose stack, as the engine had it at one moment.

    Attributes:
        name: of the service.
        image: as the compose file names it; where it is built only, ``built from `` and the folder.
        state: of its container, e.g. ``running`` or ``exited (1)``; of several, the one that is worst; ``not created``.
        health: ``starting``, ``healthy`` or ``unhealthy``; empty where there is no health check.
        ports: what is published, as the compose file has it, e.g. ``8000:80/tcp``.
        needs: services that it waits for, each with the condition, e.g. ``service_healthy``.
        networks: that it is on.
        volumes: what is mounted, e.g. ``numbers:/data``.
        replicas: how many containers it asks for.
    """

    name: str
    image: str
    state: str
    health: str = ""
    ports: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    replicas: int = 1


@dataclass(frozen=True, kw_only=True)
class ContainerObserved:
    """One container, as an engine had it at one moment.

    Attributes:
        name: of it.
        image: as it was named when the container was made.
        state: e.g. ``running`` or ``exited (1)``.
        health: ``starting``, ``healthy`` or ``unhealthy``; empty where there is no health check.
        given: whether it was there before the learner's commands.
        published: the host's address and port, the port inside with its protocol, e.g. ``("0.0.0.0", 8080, "80/tcp")``.
        networks: that it is on.
        mounts: name of a volume, or of what is mounted in place of one; its path inside; whether it may be written to; whether
            it is a volume.
    """

    name: str
    image: str
    state: str
    health: str = ""
    given: bool = False
    published: tuple[tuple[str, int, str], ...] = ()
    networks: tuple[str, ...] = ()
    mounts: tuple[tuple[str, str, bool, bool], ...] = ()


# What a run tells while it goes on, in this order: RunStarted, then CheckStarted, EngineOutput, ImageBuilt, StackObserved,
# EngineObserved and CheckDecided of several checks in turn, then RunDecided. Clean-up may go on after RunDecided. Whoever
# listens leaves out what they do not know.


@dataclass(frozen=True, kw_only=True)
class RunStarted:
    """A run begins; ``checks`` are pairs of id and title, ``points`` their points."""

    exercise: str
    title: str
    checks: tuple[tuple[str, str], ...]
    points: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class CheckStarted:
    """A check begins."""

    id: str


@dataclass(frozen=True, kw_only=True)
class EngineOutput:
    """A line of what the engine is doing for the run: build output, compose progress."""

    line: str
    steps: tuple[BuildStep, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class ImageBuilt:
    """An image of the learner's was built.

    Attributes:
        file: the Dockerfile, e.g. ``Dockerfile``.
        layers: the image's history, oldest first; the base image's comes first.
        size: bytes, as the engine counts them.
        steps: of the build.
        base: the base image, as the build names it, e.g. ``python:3.13-slim``; empty for ``scratch``, or where it is not known.
        base_layers: how many of ``layers`` are the base image's.
        changed: files that the check had added or changed before this build; empty for the learner's folder as it is.
    """

    file: str
    layers: tuple[Layer, ...]
    size: int
    steps: tuple[BuildStep, ...] = ()
    base: str = ""
    base_layers: int = 0
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StackObserved:
    """A compose stack has come up, or has failed to.

    Attributes:
        file: the compose file, e.g. ``compose.yaml``.
        services: as compose lists them.
    """

    file: str
    services: tuple[ServiceObserved, ...]


@dataclass(frozen=True, kw_only=True)
class EngineObserved:
    """A learner's commands have ended, and left this on the engine that they ran on.

    Attributes:
        containers: by their names.
        networks: names of those that Docker has not made by itself.
        volumes: names.
        images: names with their tags.
    """

    containers: tuple[ContainerObserved, ...]
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckDecided:
    """A check has its verdict."""

    result: CheckResult


@dataclass(frozen=True, kw_only=True)
class RunDecided:
    """All checks have their verdict."""

    report: Report


Event = RunStarted | CheckStarted | EngineOutput | ImageBuilt | StackObserved | EngineObserved | CheckDecided | RunDecided
