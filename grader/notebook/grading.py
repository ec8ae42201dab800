"""What a graded cell calls: runs the exercise on the notebook's own folder and hands out one verdict a cell."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from grader import settings
from grader.course import catalogue, layout
from grader.course.catalogue import Entry
from grader.notebook import background, verdict
from grader.notebook.live import Live
from grader.notebook.quiet import silence
from grader.notebook.stop import stoppable
from grader.run.attempt import Verdict
from grader.values.errors import Cancelled, DefinitionError, Fault, GraderError, UsageError
from grader.values.outcome import Outcome
from grader.workspace.watch import Look, look


class NotGraded(Fault):
    """There is no verdict, and it is not the learner's fault. A notebook shows the sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """IPython's protocol: the lines that stand for the traceback."""
        return [f"Not graded. {self}"]


class NotPrepared(Fault):
    """The exercise could not be prepared. A notebook shows the sentence, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """See ``NotGraded``."""
        return [str(self)]


@dataclass
class _Run:
    """The last run on one folder."""

    files: Look
    verdict: Verdict
    handed_out: set[str] = field(default_factory=set)


_runs: dict[Path, _Run] = {}


def points(check_id: str) -> float:
    """Check the notebook's folder and show the verdict on one check.

    One run serves a notebook's cells in turn. It is made again when a file has changed, and when a cell asks for a verdict
    that it has had: running a cell again checks again.

    Args:
        check_id: the check's function name in ``checks.py``.

    Returns:
        The points earned, from 0 to the check's points; the last value of the cell, which is what nbgrader records.

    Raises:
        NotGraded: the grader or the engine failed. Nothing is scored.
    """
    with Live(silent=settings.graded_by_nbgrader()) as live:
        try:
            with silence(), stoppable() as stop:
                run = _current(Path.cwd(), check_id, live, stop)
                report = run.verdict.report
                result = next(check for check in report.checks if check.id == check_id)
                shown = verdict.bundle(report, result, run.verdict.hints, run.verdict.notices)
        except Fault as fault:
            raise NotGraded(fault.message, fault.next_step) from None
        except Cancelled:
            raise NotGraded("The run was stopped.") from None
        except GraderError as error:
            raise NotGraded(str(error)) from None
        except Exception as error:
            raise NotGraded(f"The grader itself failed: {type(error).__name__}: {error}.", "Please report it.") from error
        if result.outcome is Outcome.ERROR:
            finding = result.finding
            raise NotGraded(*(finding.message, finding.advice) if finding else ("The grader or the engine failed.",))
        live.verdict(shown)
    return verdict.score(result)


def prepare(*, remove: bool) -> None:
    """Make what the exercise of this folder begins with, and print what is there.

    Args:
        remove: only remove what an earlier call has made.

    Raises:
        NotPrepared: with a sentence that says why.
    """
    from grader.run import setup  # noqa: PLC0415 - most notebooks need none of it

    try:
        entry = _definition(Path.cwd())
        if remove:
            setup.remove(entry.id)
            said = "What was prepared for this exercise is removed."
        else:
            said = setup.make(entry)
        print(said)  # noqa: T201 - the cell's output
    except Fault as fault:
        raise NotPrepared(fault.message, fault.next_step) from None
    except GraderError as error:
        raise NotPrepared(str(error)) from None


def _current(folder: Path, check_id: str, live: Live, stop: threading.Event) -> _Run:
    """The last run, or a new one where that does not do."""
    entry = _definition(folder)
    if check_id not in entry.exercise.checks:
        raise DefinitionError(f"The exercise {entry.id} has no check {check_id}.", "Fetch its notebook again.")
    if entry.folder != folder and (stray := layout.misplaced(entry.folder)):
        raise DefinitionError(f"{', '.join(stray)} at the top of {entry.folder} would be graded in the learner's stead.")
    run = _runs.get(folder)
    if run is None or check_id in run.handed_out or run.files != look(folder):
        files, decided = background.check(
            entry, folder, observe=live.event, stop=stop, wait_for_clean_up=settings.graded_by_nbgrader()
        )
        run = _runs[folder] = _Run(files, decided)
    run.handed_out.add(check_id)
    return run


def _definition(folder: Path) -> Entry:
    """The course's own definition: a learner's folder has none, and none that lies there is believed."""
    master = catalogue.course_root() / layout.SOURCE / folder.name
    if not (master / layout.DEFINITION).is_file():
        raise UsageError(
            f"The course has no exercise {folder.name}. Run this cell in the exercise's own folder, beside its files."
        )
    return catalogue.load(master)
