"""The course proves itself: every variant of every exercise is graded as a learner's work would be, and must come out as named.

A starter scores less than full; the reference and every alternative score full, twice in a row from a fresh start; a wrong
answer fails exactly the checks that it is named after. What can be told without running anything is told first.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from grader.authoring.static_checks import named
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine.sandbox.pool import SandboxEngines, Sandboxes
from grader.run import job, snapshot
from grader.run.job import Job
from grader.run.store import Asked, Results
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
        earlier: how many of them are from an earlier run of the same.
        duration_s: seconds of wall clock, all runs together.
    """

    exercise: str
    variant: str
    expected: str
    found: str
    holds: bool
    error: bool = False
    reports: tuple[Report, ...] = ()
    earlier: int = 0
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


def sample(entry: Entry) -> list[Variant]:
    """Return the part that is proved with every change, always the same: all right answers, and a wrong one for each check.

    Of the wrong answers that fail a check it is the one that fails fewest others, and of those the first by name.
    """
    every = variants(entry)
    wrong = [one for one in every if one.fails]
    chosen = {
        min((one for one in wrong if check in (one.fails or ())), key=lambda one: (len(one.fails or ()), one.name)).name
        for check in entry.exercise.checks
        if any(check in (one.fails or ()) for one in wrong)
    }
    return [one for one in every if not one.fails or one.name in chosen]


def run_all(
    entries: Iterable[Entry],
    *,
    jobs: int = 2,
    started: Callable[[Variant], None] = lambda _variant: None,
    done: Callable[[SelfTestResult], None] = lambda _proved: None,
    cancelled: threading.Event | None = None,
    run: Run | None = None,
    results: Results | None = None,
) -> list[SelfTestResult]:
    """Run every variant of the exercises.

    Args:
        entries: the exercises.
        jobs: variants at a time.
        started: told of each variant as it begins, from the thread that runs it.
        done: told of each result, likewise.
        cancelled: stops everything when set.
        run: grades one submission; by default the learner's own path, ``job.run``.
        results: of earlier runs, which are asked first; by default everything is run.

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
        proved = run_variant(variant, grade, stop, results=results)
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


def run_variant(
    variant: Variant,
    run: Run,
    cancelled: threading.Event,
    *,
    results: Results | None = None,
    numbers: Iterable[int] | None = None,
) -> SelfTestResult:
    """Run one variant as often as it must hold, each time in a new folder, and judge it.

    Args:
        variant: the variant.
        run: grades it.
        cancelled: stops it when set.
        results: of earlier runs, which are asked first; what holds is kept there.
        numbers: which of its runs are wanted; by default all of them.

    Raises:
        Cancelled: it was stopped.
    """
    begin = time.monotonic()
    asked: list[Asked] = []
    found, holds, error = "", True, False
    for number in numbers or range(1, variant.runs + 1):
        try:
            with tempfile.TemporaryDirectory(prefix="drydock-proof-") as folder:
                submission = Path(folder) / variant.entry.id
                catalogue.assemble(variant.entry, variant.overlay, submission)
                asked.append(ask(variant.entry, submission, run, cancelled, results, number=number))
        except Cancelled:
            raise
        except GraderError as failure:
            found, holds, error = str(failure), False, True
            break
        found, holds = judge(variant.entry.exercise, variant.fails, asked[-1].report)
        if not holds:
            error = asked[-1].report.failed_to_grade
            found += f" (run {number} of {variant.runs})" if variant.runs > 1 else ""
            break
        asked[-1].keep()
    return SelfTestResult(
        exercise=variant.entry.id,
        variant=variant.name,
        expected=variant.expected,
        found=found,
        holds=holds,
        error=error,
        reports=tuple(one.report for one in asked),
        earlier=sum(one.earlier for one in asked),
        duration_s=time.monotonic() - begin,
    )


def ask(
    entry: Entry, submission: Path, run: Run, cancelled: threading.Event, results: Results | None = None, *, number: int = 1
) -> Asked:
    """Return the result of a submission: an earlier run's where there is one, else what a run finds now.

    Args:
        entry: the exercise.
        submission: as it is handed in; it gets the execute bits back that an exchange takes away.
        run: grades it.
        cancelled: stops the run when set.
        results: of earlier runs.
        number: which repetition it is.
    """

    def now() -> Report:
        return run(entry, submission, cancelled)

    if results is None:
        return Asked(now(), False, lambda: None)
    with snapshot.take(entry, submission):  # the key is of what a run has before it
        return results.ask(_job(entry, submission), now, number=number)


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
    """Grade a submission the way a learner's is graded: a copy, with the execute bits that an exchange takes away."""
    with snapshot.take(entry, submission) as taken:
        one = replace(_job(entry, submission), submission=taken.folder, original=taken.original)
        return job.run(one, cancelled=cancelled, sandboxes=sandboxes)


def _job(entry: Entry, submission: Path) -> Job:
    return Job(entry.course, entry.id, submission, EXAMPLE_LEARNER)


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
