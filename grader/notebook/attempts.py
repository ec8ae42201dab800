"""Keeps a learner's attempts made from a notebook, as ``grader check`` keeps those made in a terminal."""

from dataclasses import dataclass
from pathlib import Path

from grader import settings
from grader.course import layout
from grader.course.catalogue import Entry
from grader.progress import Progress, fingerprint
from grader.values.errors import Fault
from grader.values.outcome import FAILED, Report

Hints = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Kept:
    """What came of it.

    Attributes:
        hints: check id → the hints that the learner may read now.
        note: what the learner should know, e.g. that the progress could not be written; else empty.
    """

    hints: Hints
    note: str = ""


def keep(report: Report, entry: Entry, folder: Path) -> Kept:
    """Record a run in the learner's work folder; where nbgrader runs the notebook, there is no learner to record it for.

    Args:
        report: the run.
        entry: the exercise.
        folder: the learner's folder.
    """
    if settings.graded_by_nbgrader():
        return Kept({})
    progress, files = Progress(_work(folder)), entry.exercise.learner_files
    try:
        progress.record(report, fingerprint(folder, files), fingerprint(entry.starter, files))
        failed = [check for check in report.checks if check.outcome in FAILED and check.hints]
        hints = {check.id: progress.ladder(entry.id, check.id, check.hints).readable for check in failed}
    except Fault as fault:
        return Kept({}, str(fault))
    return Kept(hints, progress.notice)


def _work(folder: Path) -> Path:
    """Beside the exercises, never in one: what is in an exercise's folder is sent to the engine with every build."""
    return folder.parent.parent if folder.parent.name == layout.RELEASE else folder.parent
