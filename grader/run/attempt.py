"""One attempt at an exercise: checked, kept once, and told; the same from every surface."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader import settings
from grader.course.catalogue import Entry
from grader.progress import Ladder, Progress, fingerprint, score_before
from grader.run import job
from grader.run.job import Job
from grader.run.last_run import Run
from grader.run.snapshot import Snapshot
from grader.values.errors import Cancelled, Fault
from grader.values.events import Event, RunDecided
from grader.values.outcome import FAILED, Outcome, Report
from grader.workspace.details import write_details

if TYPE_CHECKING:
    from grader.engine.isolated.pool import IsolatedEngines
    from grader.engine.sandbox.pool import SandboxEngines


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of an attempt.

    Attributes:
        report: of the run, without what only the grader's maintainers can read.
        ladders: of each check that failed and has hints: which of them are open now.
        notices: what the learner should know of how their progress was kept; empty when all is well.
        before: the score of the attempt before; None where there was none, or this is no new one.
    """

    report: Report
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    before: float | None = None

    @property
    def hints(self) -> dict[str, tuple[str, ...]]:
        """Check id → the hints that may be read."""
        return {id_: ladder.readable for id_, ladder in self.ladders.items()}


def check(
    entry: Entry,
    taken: Snapshot,
    work: Path,
    *,
    observe: Callable[[Event], None],
    decided: Callable[[Verdict], None],
    stands: Callable[[], bool] = lambda: True,
    cancelled: threading.Event | None = None,
    sandboxes: "SandboxEngines | None" = None,
    isolated: "IsolatedEngines | None" = None,
) -> Verdict:
    """Check a learner's files, keep the attempt and tell the verdict.

    Where nbgrader runs the notebook there is no learner: nothing is kept.

    Args:
        entry: the exercise.
        taken: the files.
        work: the learner's work folder; progress is kept in it.
        observe: is handed the run's events; the last of them when the attempt has been kept and told.
        decided: is told the verdict as soon as there is one; clean-up goes on behind it.
        stands: asked when the checks are done, whether their verdict is still wanted: else it is neither kept nor told.
        cancelled: set it to stop the run.
        sandboxes: where sandbox engines come from; by default the run starts its own.
        isolated: where the engine for a stranger's work comes from; by default it is the learner's own work, on their engine.

    Returns:
        The verdict, when everything that the run made is gone.

    Raises:
        Cancelled: the run was stopped before there was a verdict, or its verdict does not stand.
        GraderError: as ``job.run``.
        Exception: what ``observe`` or ``decided`` raised; the run ended first.
    """
    verdicts: list[Verdict] = []
    trouble: list[Exception] = []

    def hand_on(event: Event) -> None:
        # The run calls this between its own steps: a closed pipe or a full disk must not look like the engine's fault.
        try:
            if isinstance(event, RunDecided) and stands():
                verdicts.append(_keep(entry, taken, work, event.report))
                decided(verdicts[0])
            observe(event)
        except Exception as error:  # noqa: BLE001 - raised again below, outside the run
            trouble.append(error)

    try:
        one = Job(entry.course, entry.id, taken.folder, settings.learner(), taken.original)
        job.run(one, entry=entry, observe=hand_on, cancelled=cancelled, sandboxes=sandboxes, isolated=isolated)
    except Cancelled:  # stopped while cleaning up: the verdict stands
        if not verdicts:
            raise
    if trouble:
        raise trouble[0]
    if not verdicts:
        raise Cancelled
    return verdicts[0]


def _keep(entry: Entry, taken: Snapshot, work: Path, report: Report) -> Verdict:
    report = replace(report, notes=report.notes + taken.notes)
    if settings.graded_by_nbgrader():
        return Verdict(report=report)
    report = _details_aside(report, work)
    files, notices = entry.exercise.learner_files, []
    progress, ladders, before = Progress(work), {}, None
    try:
        if taken.private or fingerprint(taken.folder, files) == taken.fingerprint:
            progress.record(report, taken.fingerprint, fingerprint(entry.starter, files))
            before = score_before(progress.standing(entry.id, {}, newest=2).attempts, report.started_at)
        else:
            notices.append("A file was saved while it was checked, so this is not kept as an attempt: check again.")
        for one in report.checks:
            if one.outcome in FAILED and one.hints:
                ladders[one.id] = progress.ladder(entry.id, one.id, one.hints)
    except Fault as fault:
        notices.append(f"This attempt is not kept. {fault}")
    if progress.notice:
        notices.append(progress.notice)
    verdict = Verdict(report=report, ladders=ladders, notices=tuple(notices), before=before)
    shown = Run(taken.fingerprint)
    shown.decide(verdict)
    shown.remember(settings.last_run_file(work, entry.id))
    return verdict


def _details_aside(report: Report, work: Path) -> Report:
    """Put what only the grader's maintainers can read, a traceback, into a file; the report names it."""
    failed = {one.id: one.finding for one in report.checks if one.outcome is Outcome.ERROR and one.finding}
    details = [f"{id_}: {each.title}\n{each.text}" for id_, finding in failed.items() for each in finding.evidence]
    if not details:
        return report
    path = write_details(work, "\n".join(details))
    return replace(
        report,
        notes=(*report.notes, f"Details of what failed in the grader are in {path}."),
        checks=tuple(
            replace(one, finding=replace(failed[one.id], evidence=())) if one.id in failed else one for one in report.checks
        ),
    )
