"""What the home page shows: the course map, what is done, where to go on, and the time it took."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from grader import settings
from grader.course.catalogue import Entry
from grader.course.chapters import chapters
from grader.progress import Best, Progress
from grader.report.clean import sentence
from grader.report.words import count
from grader.values.errors import Fault

Object = dict[str, Any]

_TIME: Final = "counted from one attempt to the next, where no more than 15 minutes lie between; reading alone is not counted"


def home(entries: Iterable[Entry], course: Path, work: Path, where: Callable[[Path], str | None]) -> Object:
    """Return all that the home page shows.

    Args:
        entries: the exercises.
        course: the folder of the chapters.
        work: the learner's work folder.
        where: turns a path into one that JupyterLab opens.
    """
    progress, notice = Progress(work), ""
    try:
        best, spent = progress.best(), progress.seconds_spent()
    except Fault as fault:
        best, spent, notice = {}, 0.0, str(fault)
    rows: dict[str, list[Object]] = {}
    for entry in entries:
        mine = best.get(entry.id, Best())
        rows.setdefault(entry.id[:2], []).append(
            {
                "id": entry.id,
                "title": sentence(entry.exercise.title),
                "path": where(work / settings.EXERCISES / entry.id / f"{entry.id}.ipynb"),
                "points": entry.exercise.max_points,
                "best": mine.score,
                "attempts": mine.attempts,
                "state": mine.state,
                "solution_opened": mine.solution_opened,
            }
        )
    read = progress.chapters_read() if not notice else set()
    every = [one for some in rows.values() for one in some]
    listed = _map(rows, course, read, where)
    return {
        "learner": sentence(settings.learner()),
        "notice": notice or progress.notice,
        "score": {
            "points": sum(one["best"] or 0 for one in every),
            "max": sum(one["points"] for one in every),
            "solved": sum(one["state"] == "done" for one in every),
            "exercises": len(every),
        },
        "time": {"seconds": round(spent), "note": _TIME},
        "next": _next(listed, every),
        "chapters": listed,
    }


def following(
    exercise: str, entries: Iterable[Entry], course: Path, work: Path, where: Callable[[Path], str | None]
) -> Object | None:
    """Return where to go on after an exercise: the next that is not done, or the chapter before it.

    Args:
        exercise: the one that is done.
        entries: the exercises.
        course: the folder of the chapters.
        work: the learner's work folder.
        where: turns a path into one that JupyterLab opens.
    """
    shown = home(entries, course, work, where)
    listed: list[Object] = shown["chapters"]
    every = [one for chapter in listed for one in chapter["exercises"]]
    behind = [one["id"] for one in every].index(exercise) + 1  # in the order of the map, which is not that of the ids
    later = [one for one in every[behind:] if one["state"] != "done"]
    if not later:
        return _next(listed, [one for one in every if one["id"] != exercise])
    chapter = next(one for one in listed if later[0] in one["exercises"])
    if later[0]["id"][:2] != exercise[:2] and chapter["path"] and not chapter["read"] and _untouched(chapter):
        return _chapter(chapter)
    return _exercise(later[0], "It is the next that is not done.")


def _map(rows: dict[str, list[Object]], course: Path, read: set[str], where: Callable[[Path], str | None]) -> list[Object]:
    found = {one.number: one for one in chapters(course)}
    return [
        {
            "number": number,
            "title": sentence(found[number].title) if number in found else "More exercises",
            "about": sentence(found[number].about) if number in found else "",
            "minutes": found[number].minutes if number in found else None,
            "network": number in found and found[number].needs_network,
            "path": where(found[number].path) if number in found else None,
            "read": number in read,
            "exercises": rows.get(number, []),
        }
        for number in sorted(found.keys() | rows.keys())
    ]


def _next(listed: list[Object], every: list[Object]) -> Object | None:
    begun = [one for one in every if one["state"] == "begun"]
    if begun:
        one = begun[0]
        return _exercise(
            one, f"You have begun it: {count(one['attempts'], 'attempt')}, {one['best']:g} of {one['points']:g} points so far."
        )
    first = next((one for one in listed if one["path"] and not one["read"]), None)
    if first is not None and not any(one["state"] == "done" for one in every) and not any(one["read"] for one in listed):
        return {**_chapter(first), "why": "Begin here."}
    fresh = next((one for one in every if one["state"] == "new"), None)
    if fresh is None:
        return None
    chapter = next(one for one in listed if fresh in one["exercises"])
    if chapter["path"] and not chapter["read"] and _untouched(chapter):
        return _chapter(chapter)
    return _exercise(fresh, "It is the next that you have not tried.")


def _untouched(chapter: Object) -> bool:
    return all(one["state"] == "new" for one in chapter["exercises"])


def _chapter(chapter: Object) -> Object:
    why = f"The next chapter. It has {count(len(chapter['exercises']), 'exercise')}."
    return {"kind": "chapter", "title": chapter["title"], "path": chapter["path"], "why": why}


def _exercise(exercise: Object, why: str) -> Object:
    return {"kind": "exercise", "title": exercise["title"], "path": exercise["path"], "why": why}
