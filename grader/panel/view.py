"""What a page shows of an exercise: plain data in, plain data out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from grader.course.catalogue import Entry
from grader.panel.output import code
from grader.panel.record import closed
from grader.progress import Standing, score_before
from grader.report.clean import clean, sentence
from grader.report.words import section
from grader.run.last_run import Object, Run
from grader.values.outcome import FAILED, Reading
from grader.workspace.solution import SolutionFile

_NO_REPORT: Final[Object] = {
    "started_at": None,
    "duration_s": None,
    "score": None,
    "full": False,
    "engine": "",
    "notes": [],
    "unkept": [],
}
_NO_RESULT: Final[Object] = {
    "points": None,
    "message": "",
    "expected": "",
    "found": "",
    "advice": "",
    "read": None,
    "evidence": [],
    "duration_s": 0.0,
}
_DIFF: Final = {"+": "solution", "-": "yours", "@": "gap"}


@dataclass(frozen=True, kw_only=True)
class State:
    """All that is to be shown of an exercise.

    Attributes:
        entry: the exercise.
        folder: the learner's.
        files: their files that JupyterLab may open → whether they are there.
        phase: ``idle``, ``running`` or ``stopping``.
        watching: whether a save begins a check.
        outdated: whether the files are no longer what the last check has checked.
        run: the last check; None before the first.
        standing: the learner's.
        notice: what they should know of their progress; else empty.
        has_solution: whether a reference solution is installed.
        following: where to go on after a full score; None before it, and at the end of the course.
        chapters: chapter's number → its notebook.
        pictures: that there is data for.
        where: turns a path into one that JupyterLab opens; None where it cannot.
    """

    entry: Entry
    folder: Path
    files: Mapping[str, bool]
    phase: str
    watching: bool
    outdated: bool
    run: Run | None
    standing: Standing
    notice: str
    has_solution: bool
    following: Object | None
    chapters: Mapping[str, Path]
    pictures: Sequence[Mapping[str, Any]]
    where: Callable[[Path], str | None]


def page(state: State) -> Object:
    """Return the state of an exercise as a page has it."""
    exercise, standing = state.entry.exercise, state.standing
    return {
        "id": state.entry.id,
        "title": exercise.title,
        "max_score": exercise.max_points,
        "best": standing.best.score,
        "attempts": standing.best.attempts,
        "folder": state.where(state.folder),
        "brief": state.where(state.folder / f"{state.entry.id}.ipynb"),
        "files": [
            {"name": name, "path": path, "exists": exists}
            for name, exists in state.files.items()
            if (path := state.where(state.folder / name))
        ],
        "phase": state.phase,
        "watch": state.watching,
        "changed": state.outdated,
        "run": _run(state) if state.run else None,
        "notice": sentence(state.notice),
        "next": state.following,
        "checks": [_check(state, name) for name in exercise.checks],
        "solution": _solution(state),
        "history": [
            {"at": one.at, "score": one.score, "max_score": one.max_score, "full": one.full} for one in standing.attempts
        ],
        "pictures": list(state.pictures),
    }


def _run(state: State) -> Object:
    run = state.run
    assert run is not None
    return {
        **_NO_REPORT,
        **run.report,
        "before": score_before(state.standing.attempts, str(run.report.get("started_at"))),
        "verdict": run.verdict,
        "trouble": run.trouble,
    }


def _check(state: State, check_id: str) -> Object:
    check, run = state.entry.exercise.checks[check_id], state.run
    result = (run.results.get(check_id) if run else None) or {}
    outcome = "new"
    if run and run.verdict == "running":
        outcome = "running" if check_id in run.begun else "waiting"
    ladder, read = state.standing.ladders[check_id], state.standing.hints_read[check_id]
    reading = state.entry.reading(check) if result.get("outcome") in FAILED else None
    return {
        **_NO_RESULT,
        "outcome": outcome,
        **result,
        "id": check_id,
        "title": sentence(check.title),
        "max_points": check.points,
        "read": _reading(state, reading) if reading else None,
        "hints": {"open": list(ladder.readable), "closed": ladder.closed, "read": min(read, ladder.opened)},
    }


def _reading(state: State, reading: Reading) -> Object:
    notebook = state.chapters.get(reading.chapter)
    path = state.where(notebook) if notebook else None
    return {"words": sentence(section(reading)), "path": path, "heading": sentence(reading.heading)}


def _solution(state: State) -> Object:
    if not state.has_solution:
        return {"open": False, "why": "The solution is not installed here.", "opened": False, "earned": False}
    why, best = closed(state.entry, state.standing), state.standing.best
    return {"open": not why, "why": why, "opened": best.solution_opened, "earned": best.full}


def solution_file(one: SolutionFile) -> Object:
    """Return a file of the solution as a page has it: its text, and how the learner's differs."""
    lines = list(one.differences())[2:]
    return {
        "name": one.name,
        "text": None if one.text is None else clean(one.text),
        "diff": [{"kind": _DIFF.get(line[:1], "same"), "text": code(line[1:])} for line in lines],
    }
