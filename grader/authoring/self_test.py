"""The course proves itself: every variant of every exercise is graded as a learner's work would be, and must come out as named.

A starter scores less than full; the reference and every alternative score full, twice in a row from a fresh start; a wrong
answer fails exactly the checks that it is named after. What can be told without running anything is told first.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.authoring.static_checks import named
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine.sandbox.pool import SandboxEngines, Sandboxes
from grader.run import job
from grader.run.job import Job
from grader.values.errors import Cancelled, GraderError, UsageError
from grader.values.facts import EXAMPLE_LEARNER
from grader.values.outcome import FAILED, Outcome, Report

Run = Callable[[Entry, Path, threading.Event], Report]


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One thing that a learner might hand in.

    Attributes:
        entry: the exercise.
        name: ``starter``, ``reference``, ``alternatives/NAME`` or ``wrong/NAME``.
        overlay: the folder of files that differ from the starter; None for the starter itself.
        fails: ids of the checks that it must fail; None for the starter, which may fail any.
        runs: how often it must come out the same.
    """

    entry: Entry
    name: str
    overlay: Path | None
    fails: frozenset[str] | None
    runs: int = 1

    @property
    def expected(self) -> str:
        """What should come out, in words."""
        if self.fails is None:
            return "less than full"
        if not self.fails:
            return "full score, twice" if self.runs == 2 else "full score"
        return "fails " + " and ".join(sorted(self.fails))


@dataclass(frozen=True, kw_only=True)
class SelfTestResult:
    """What came out of one variant.

    Attributes:
        exercise, variant, expected: which one, and what should have come out.
        found: what came out, in words.
        holds: whether that is the same.
        error: whether the grader or the engine failed, so that nothing is known.
        reports: of each run.
        duration_s: seconds of wall clock, all runs together.
    """

    exercise: str
    variant: str
    expected: str
    found: str
    holds: bool
    error: bool = False
    reports: tuple[Report, ...] = ()
    duration_s: float = 0.0

    @property
    def why(self) -> tuple[str, ...]:
        """A line for each check that did not pass in the last run: what was seen there."""
        return tuple(
            f"{check.outcome} {check.id}: {check.finding.message}"
            + (f" (found: {check.finding.found})" if check.finding.found else "")
            for check in (self.reports[-1].checks if self.reports else ())
            if check.outcome is not Outcome.PASS and check.finding
        )


def variants(entry: Entry) -> list[Variant]:
    """Return all that must be proved of an exercise, in the order in which an author thinks of it."""
    return [
        Variant(entry=entry, name="starter", overlay=None, fails=None),
        Variant(entry=entry, name="reference", overlay=entry.reference, fails=frozenset(), runs=2),
        *(
            Variant(entry=entry, name=f"alternatives/{name}", overlay=folder, fails=frozenset(), runs=2)
            for name, folder in sorted(entry.alternatives.items())
        ),
        *(
            Variant(entry=entry, name=f"wrong/{name}", overlay=folder, fails=checks)
            for name, folder in sorted(entry.wrong.items())
            if (checks := named(entry, name)) is not None
        ),
    ]


def run_all(
    entries: Iterable[Entry],
    *,
    jobs: int = 2,
    started: Callable[[Variant], None] = lambda _variant: None,
    done: Callable[[SelfTestResult], None] = lambda _proved: None,
    cancelled: threading.Event | None = None,
    run: Run | None = None,
) -> list[SelfTestResult]:
    """Run every variant of the exercises.

    Args:
        entries: the exercises.
        jobs: variants at a time.
        started: told of each variant as it begins, from the thread that runs it.
        done: told of each result, likewise.
        cancelled: stops everything when set.
        run: grades one submission; by default the learner's own path, ``job.run``.

    Returns:
        One result for each variant, in order.

    Raises:
        Cancelled: it was stopped.
    """
    stop = cancelled or threading.Event()

    def one(variant: Variant) -> SelfTestResult:
        if stop.is_set():
            raise Cancelled
        started(variant)
        proved = run_variant(variant, grade, stop)
        done(proved)
        return proved

    with Sandboxes() as sandboxes, ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="drydock-proof") as pool:
        grade = run or partial(grade_as_learner, sandboxes=sandboxes)
        futures = [pool.submit(one, variant) for entry in entries for variant in variants(entry)]
        try:
            return [future.result() for future in futures]
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def run_variant(variant: Variant, run: Run, cancelled: threading.Event) -> SelfTestResult:
    """Run one variant as often as it must hold, each time in a new folder, and judge it.

    Raises:
        Cancelled: it was stopped.
    """
    begin = time.monotonic()
    reports: list[Report] = []
    found, holds, error = "", True, False
    for number in range(variant.runs):
        try:
            with tempfile.TemporaryDirectory(prefix="drydock-proof-") as folder:
                submission = Path(folder) / variant.entry.id
                catalogue.assemble(variant.entry, variant.overlay, submission)
                reports.append(run(variant.entry, submission, cancelled))
        except Cancelled:
            raise
        except GraderError as failure:
            found, holds, error = str(failure), False, True
            break
        found, holds = judge(variant.entry.exercise, variant.fails, reports[-1])
        if not holds:
            error = reports[-1].failed_to_grade
            found += f" (run {number + 1} of {variant.runs})" if variant.runs > 1 else ""
            break
    return SelfTestResult(
        exercise=variant.entry.id,
        variant=variant.name,
        expected=variant.expected,
        found=found,
        holds=holds,
        error=error,
        reports=tuple(reports),
        duration_s=time.monotonic() - begin,
    )


def judge(exercise: Exercise, fails: frozenset[str] | None, report: Report) -> tuple[str, bool]:
    """Compare a report with what should have come out.

    Args:
        exercise: for the dependencies: what builds on a failed check must be skipped.
        fails: as in ``Variant``.
        report: what came out.

    Returns:
        What came out, in words, and whether it is what should have.
    """
    outcomes = {one.id: one.outcome for one in report.checks}
    found = _say(report)
    if report.failed_to_grade:
        return found, False
    if fails is None:
        return found, not report.full_score
    skipped = exercise.dependents(fails)
    holds = list(outcomes) == list(exercise.checks) and all(
        outcome in FAILED if id_ in fails else outcome is (Outcome.SKIP if id_ in skipped else Outcome.PASS)
        for id_, outcome in outcomes.items()
    )
    return found, holds


def _say(report: Report) -> str:
    if report.full_score:
        return "full score"
    parts = []
    for word, outcomes in (("error in", frozenset({Outcome.ERROR})), ("fails", FAILED)):
        if names := [one.id for one in report.checks if one.outcome in outcomes]:
            parts.append(f"{word} {' and '.join(sorted(names))}")
    if skipped := [one.id for one in report.checks if one.outcome is Outcome.SKIP]:
        parts.append(f"skips {len(skipped)}")
    return ", ".join(parts)


def grade_as_learner(
    entry: Entry, submission: Path, cancelled: threading.Event, *, sandboxes: SandboxEngines | None = None
) -> Report:
    """Grade a submission the way a learner's is graded."""
    return job.run(Job(entry.course, entry.id, submission, EXAMPLE_LEARNER), cancelled=cancelled, sandboxes=sandboxes)


def need(root: Path, wanted: Iterable[str]) -> list[Entry]:
    """Return the exercises that are meant; all of them where none is named.

    Raises:
        UsageError: one is not there, or the course has none.
    """
    names = list(wanted)
    found = [catalogue.find(root, name) for name in names] if names else catalogue.entries(root)
    if not found:
        raise UsageError(f"There are no exercises in {root}.")
    return found
