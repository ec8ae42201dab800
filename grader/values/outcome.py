"""What a run of an exercise found: plain data, written by the runner and read by every report."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """How one check ended."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SKIP = "skip"
    """A check that this one builds on did not pass."""
    LIMIT = "limit"
    """The learner's work reached a limit: memory, processes, time, disk or log."""
    ERROR = "error"
    """The grader's or the engine's fault. Never scored."""


FAILED: Final = frozenset({Outcome.FAIL, Outcome.LIMIT})
"""The outcomes that are the learner's to mend."""


@dataclass(frozen=True)
class Evidence:
    """Something that was seen and that the reader should see too.

    Attributes:
        title: what it is, e.g. ``log of the container (last 10 lines)``.
        text: the thing itself; several lines.
    """

    title: str
    text: str


@dataclass(frozen=True)
class Finding:
    """Why a check did not pass, as data: the reports choose how to say it.

    Attributes:
        message: one sentence about what happened to the learner's work.
        expected: what should have been seen; empty when the message says it all.
        found: what was seen instead.
        evidence: logs, headers, layers that show it.
        advice: what to do next, where the cause is known; never the solution.
    """

    message: str
    expected: str = ""
    found: str = ""
    evidence: tuple[Evidence, ...] = ()
    advice: str = ""


@dataclass(frozen=True)
class Reading:
    """Where the course explains what a check is about.

    Attributes:
        chapter: its number, two digits.
        heading: of the section, as plain text.
    """

    chapter: str
    heading: str


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One check of one run.

    Attributes:
        id: the check's function name.
        title: the sentence that the learner reads.
        outcome: how it ended.
        points: points earned; None when the outcome is ERROR.
        max_points: points to be had.
        finding: why it did not pass; None when it passed.
        hints: the ladder, first rung first; which of them may be read is for the caller to decide.
        reading: where to read about it; None when it passed, or where no chapter is about it.
        duration_s: seconds of wall clock.
    """

    id: str
    title: str
    outcome: Outcome
    points: float | None
    max_points: float
    finding: Finding | None = None
    hints: tuple[str, ...] = ()
    reading: Reading | None = None
    duration_s: float = 0.0


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
class Report:
    """One run of one exercise on one submission.

    Attributes:
        exercise: the exercise's id, ``NN-slug``.
        title: the exercise's title.
        submission: the folder that was checked.
        checks: in the order of the definition.
        engine: name and version of the engine, e.g. ``Docker Engine 26.1.5``; empty when none answered.
        started_at: UTC, ISO 8601, seconds.
        duration_s: seconds from the start to the last verdict.
        notes: what the reader should know about this run, e.g. that a limit could not be held by this engine.
    """

    exercise: str
    title: str
    submission: str
    checks: tuple[CheckResult, ...]
    engine: str
    started_at: str
    duration_s: float
    notes: tuple[str, ...] = ()

    @property
    def max_score(self) -> float:
        """Points to be had."""
        return sum(check.max_points for check in self.checks)

    @property
    def score(self) -> float | None:
        """Points earned, or None when a check ended in ERROR: such a run is no score at all."""
        if self.failed_to_grade:
            return None
        return sum(check.points or 0.0 for check in self.checks)

    @property
    def failed_to_grade(self) -> bool:
        """Whether the grader or the engine failed on any check."""
        return any(check.outcome is Outcome.ERROR for check in self.checks)

    @property
    def full_score(self) -> bool:
        """Whether every check passed."""
        return all(check.outcome is Outcome.PASS for check in self.checks)


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
class ServiceSeen:
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


# What a run tells while it goes on, in this order: RunStarted, then CheckStarted, EngineOutput, ImageBuilt, StackSeen and
# CheckDecided of several checks in turn, then RunDecided. Clean-up may go on after RunDecided. Whoever listens leaves out what
# they do not know.


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
class StackSeen:
    """A compose stack has come up, or has failed to.

    Attributes:
        file: the compose file, e.g. ``compose.yaml``.
        services: as compose lists them.
    """

    file: str
    services: tuple[ServiceSeen, ...]


@dataclass(frozen=True, kw_only=True)
class CheckDecided:
    """A check has its verdict."""

    result: CheckResult


@dataclass(frozen=True, kw_only=True)
class RunDecided:
    """All checks have their verdict."""

    report: Report


Event = RunStarted | CheckStarted | EngineOutput | ImageBuilt | StackSeen | CheckDecided | RunDecided
