"""Exercise x submission -> Report: the only place where an exception becomes an outcome."""

import threading
import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import settings
from grader.checks.contract import Subject
from grader.checks.work import Work
from grader.course.catalogue import Entry
from grader.course.exercise import Check
from grader.engine.session import Place, Session
from grader.run.budget import Budget, share_of
from grader.values.errors import (
    Cancelled,
    CheckFailed,
    DiskFull,
    Fault,
    GraderError,
    ImageUnavailable,
    LimitReached,
    UsageError,
    WorkError,
)
from grader.values.events import CheckDecided, CheckStarted, Event, RunDecided, RunStarted
from grader.values.facts import Facts
from grader.values.outcome import FAILED, CheckResult, Evidence, Finding, Outcome, Report

if TYPE_CHECKING:
    from grader.engine.isolated.pool import IsolatedEngines
    from grader.engine.sandbox.pool import SandboxEngines

AT_ONCE = 4
"""Checks that run side by side: most of them wait for a container."""

TRIES = 2
"""A check that ends in the grader's or the engine's fault is run again before it counts as one."""

RETRY_SECONDS = 1.0
"""Pause before that."""


def run(
    entry: Entry,
    submission: Path,
    *,
    observe: Callable[[Event], None] | None = None,
    cancelled: threading.Event | None = None,
    learner: str | None = None,
    owner: Path | None = None,
    sandboxes: "SandboxEngines | None" = None,
    isolated: "IsolatedEngines | None" = None,
    budget: Budget | None = None,
    place: Place | None = None,
) -> Report:
    """Check a submission.

    Args:
        entry: the exercise.
        submission: the folder that is checked; it is only read.
        observe: is handed events as things happen, the last of them RunDecided with the report; clean-up goes on after it.
        cancelled: set it to stop the run.
        learner: whose work it is; by default whoever is learning here.
        owner: the learner's folder, where ``submission`` is a copy of it: the report names it, and builds use its caches.
        sandboxes: where the engine for a learner's commands comes from; by default the run starts its own.
        isolated: where the engine for a stranger's work comes from; by default it is the learner's own work, on their engine.
        budget: what the run takes its share of the machine from; by default it shares with nobody.
        place: the engine; by default the one that the docker client uses.

    Returns:
        The report, when everything that the run made is gone.

    Raises:
        EngineUnavailable: no engine answers at the start.
        UsageError: there is no such folder.
        Cancelled: the caller stopped the run; everything that it made is gone.
    """
    if not submission.is_dir():
        raise UsageError(f"There is no folder {submission}.")
    take = budget.take if budget else None
    with Session(entry.exercise.limits, observe=observe, cancelled=cancelled, take=take, place=place) as session:
        work = Work(
            session,
            submission.resolve(),
            Facts(learner or settings.learner(), entry.id, settings.facts_key()),
            owner=owner.resolve() if owner else None,
            sandboxes=sandboxes,
            isolated=isolated,
        )
        report = _Run(entry, owner or submission, session, work).report()
    if session.left:
        # Told after the verdict: it is no part of it, and the next run's sweeper will try again.
        _warn_left(session.left)
    return report


def all_failed(entry: Entry, submission: Path, finding: Finding) -> Report:
    """The report on a submission that no check was tried on: every check fails, for the same reason.

    Args:
        entry: the exercise.
        submission: its folder.
        finding: the reason.
    """
    checks = tuple(
        CheckResult(id=one.id, title=one.title, outcome=Outcome.FAIL, points=0.0, max_points=one.points, finding=finding)
        for one in entry.exercise.checks.values()
    )
    return Report(
        exercise=entry.id,
        title=entry.exercise.title,
        submission=str(submission),
        checks=checks,
        engine="",
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_s=0.0,
    )


def _warn_left(left: list[str]) -> None:
    import warnings  # noqa: PLC0415

    warnings.warn(f"not removed after a run: {'; '.join(left)}", ResourceWarning, stacklevel=3)


class _Run:
    def __init__(self, entry: Entry, submission: Path, session: Session, work: Work) -> None:
        self._entry = entry
        self._submission = submission
        self._session = session
        self._work = work
        self._values: dict[str, Any] = {}
        self._results: dict[str, CheckResult] = {}

    def report(self) -> Report:
        checks = self._entry.exercise.checks
        self._session.emit(
            RunStarted(
                exercise=self._entry.id,
                title=self._entry.exercise.title,
                checks=tuple((check.id, check.title) for check in checks.values()),
                points=tuple(check.points for check in checks.values()),
            )
        )
        sandbox = self._entry.exercise.one_at_a_time
        self._session.take(share_of(self._session.limits, at_once=AT_ONCE, sandbox=sandbox, isolated=self._work.isolated))
        begun = time.monotonic()
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._all(list(checks.values()))
        self._session.check_cancelled()
        report = Report(
            exercise=self._entry.id,
            title=self._entry.exercise.title,
            submission=str(self._submission),
            checks=tuple(self._results[name] for name in checks),
            engine=self._session.engine,
            started_at=started_at,
            duration_s=time.monotonic() - begun,
            notes=tuple(self._session.notes),
        )
        self._session.emit(RunDecided(report=report))
        return report

    def _all(self, waiting: list[Check]) -> None:
        """Run the checks in the order of the definition, side by side where they share nothing that one of them may change."""
        running: dict[Future[CheckResult], Check] = {}
        at_once = 1 if self._entry.exercise.one_at_a_time else AT_ONCE
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="drydock-check") as pool:
            try:
                while waiting or running:
                    self._begin(waiting, running, pool, at_once)
                    if running:
                        for future in wait(running, return_when=FIRST_COMPLETED).done:
                            del running[future]
                            self._decide(future.result())
            except BaseException:  # Ctrl-C, or a bug in an observer: the checks that still run must not hold us up
                self._session.cancelled.set()
                raise

    def _begin(
        self, waiting: list[Check], running: dict[Future[CheckResult], Check], pool: ThreadPoolExecutor, at_once: int
    ) -> None:
        """Begin what can begin now, and decide what cannot be tried any more."""
        for check in list(waiting):
            if self._session.cancelled.is_set():
                waiting.clear()
                return
            if check.needs is not None and check.needs not in self._results:
                continue
            if check.needs is not None and self._results[check.needs].outcome is not Outcome.PASS:
                waiting.remove(check)
                self._decide(self._skipped(check, self._results[check.needs]))
            elif len(running) < at_once and not self._in_use(check, running.values()):
                waiting.remove(check)
                running[pool.submit(self._one, check)] = check

    def _in_use(self, check: Check, running: Iterable[Check]) -> bool:
        """Whether what this check works on belongs to a running one: a container or a stack, which it may stop or change."""
        value = self._values.get(check.needs or "")
        if not (isinstance(value, Subject) and value.exclusive):
            return False
        return any(self._values.get(one.needs or "") is value for one in running)

    def _decide(self, result: CheckResult) -> None:
        self._results[result.id] = result
        self._session.emit(CheckDecided(result=result))

    def _one(self, check: Check) -> CheckResult:
        self._session.emit(CheckStarted(id=check.id))
        begun = time.monotonic()
        for attempt in range(1, TRIES + 1):
            outcome, finding = self._call(check)
            if outcome is not Outcome.ERROR or self._session.cancelled.is_set():
                break
            if attempt < TRIES:
                self._session.cancelled.wait(RETRY_SECONDS)
        return self._result(check, outcome, finding, time.monotonic() - begun)

    def _call(self, check: Check) -> tuple[Outcome, Finding | None]:
        argument = self._work if check.needs is None else self._values[check.needs]
        try:
            try:
                self._values[check.id] = check.function(argument)
            except CheckFailed as error:
                if isinstance(argument, Subject) and (limit := argument.limit_behind(error) or self._work.disk_limit(error)):
                    raise limit from error
                raise
        except LimitReached as error:
            return Outcome.LIMIT, error.finding
        except WorkError as error:
            return Outcome.FAIL, error.finding
        except DiskFull as error:
            if limit := self._work.disk_limit():
                return Outcome.LIMIT, limit.finding
            return Outcome.ERROR, Finding(message=error.message, advice=error.next_step)
        except ImageUnavailable as error:
            if self._work.chose(error.named):  # whoever hands in does not choose whether they are graded
                finding = Finding(
                    message=error.message, expected="an image that can be had", found=error.named, advice=error.next_step
                )
                return Outcome.FAIL, finding
            return Outcome.ERROR, Finding(message=error.message, advice=error.next_step)
        except Fault as error:
            return Outcome.ERROR, Finding(message=error.message, advice=error.next_step)
        except Cancelled:
            return Outcome.ERROR, Finding(message="The run was stopped.")
        except GraderError as error:
            return Outcome.ERROR, Finding(message=str(error))
        except Exception as error:  # noqa: BLE001 - whatever a check or the SDK raises must not become a traceback for the learner
            return Outcome.ERROR, Finding(
                message=f"The grader itself failed in this check ({type(error).__name__}). This is not your fault.",
                evidence=(Evidence("for whoever fixes the grader", traceback.format_exc()),),
                advice="Run it again. If it stays, tell whoever runs this course.",
            )
        return Outcome.PASS, None

    def _result(self, check: Check, outcome: Outcome, finding: Finding | None, duration_s: float) -> CheckResult:
        points = {Outcome.PASS: check.points, Outcome.ERROR: None}.get(outcome, 0.0)
        return CheckResult(
            id=check.id,
            title=check.title,
            outcome=outcome,
            points=points,
            max_points=check.points,
            finding=finding,
            hints=check.hints if outcome in FAILED else (),
            reading=self._entry.reading(check) if outcome in FAILED else None,
            duration_s=duration_s,
        )

    def _skipped(self, check: Check, needed: CheckResult) -> CheckResult:
        if needed.outcome is Outcome.ERROR:  # nothing is known about this one either
            return self._result(check, Outcome.ERROR, needed.finding, 0.0)
        finding = Finding(message=f"Not tried, because “{needed.title.rstrip('.')}” did not pass.")
        return self._result(check, Outcome.SKIP, finding, 0.0)
