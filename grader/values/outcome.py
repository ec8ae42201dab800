"""What a run of an exercise found: plain data, written by the runner and read by every report."""

from dataclasses import dataclass
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
"""The outcomes that are the learner's to fix."""


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
