"""A learner's progress as one JSON object, to take to another machine: what is there stays, and nothing counts twice."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from grader.progress.store import Progress
from grader.values.errors import UsageError

FORMAT: Final = 1
_KIND: Final = "drydock progress"
# Table → its columns, as they stand in the object. Attempts come first: the ladder counts in their order.
_ATTEMPT: Final = ("exercise", "at", "score", "max_score", "full", "fingerprint", "honest", "duration_s")
_CHECK: Final = ("check_id", "outcome", "points", "max_points")
_HINT: Final = ("exercise", "check_id", "rung", "at")
_SOLUTION: Final = ("exercise", "at", "after_full_score")
_CHAPTER: Final = ("number", "at")
_PREDICTION: Final = ("chapter", "key", "answer", "outcome", "at")
_DRILL: Final = ("drill", "at")
_TEXTS: Final = frozenset(
    {"exercise", "at", "fingerprint", "check_id", "outcome", "number", "chapter", "key", "answer", "drill"}
)


@dataclass(frozen=True)
class Imported:
    """What an import brought.

    Attributes:
        attempts: that were not there.
        known: that were there already.
    """

    attempts: int
    known: int


def exported(progress: Progress) -> dict[str, Any]:
    """Return everything that is kept.

    Raises:
        Fault: it cannot be read.
    """
    with progress.transaction() as base:
        checks: dict[int, list[dict[str, Any]]] = {}
        for attempt, *row in base.execute(f"SELECT attempt, {', '.join(_CHECK)} FROM check_outcome"):  # noqa: S608
            checks.setdefault(attempt, []).append(dict(zip(_CHECK, row, strict=True)))
        attempts = [
            {**dict(zip(_ATTEMPT, row, strict=True)), "checks": checks.get(number, [])}
            for number, *row in base.execute(f"SELECT id, {', '.join(_ATTEMPT)} FROM attempt ORDER BY id")  # noqa: S608
        ]
        hints = [dict(zip(_HINT, row, strict=True)) for row in base.execute(f"SELECT {', '.join(_HINT)} FROM hint_opened")]  # noqa: S608
        solutions = [
            dict(zip(_SOLUTION, row, strict=True))
            for row in base.execute(f"SELECT {', '.join(_SOLUTION)} FROM solution_opened ORDER BY id")  # noqa: S608
        ]
        chapters = [dict(zip(_CHAPTER, row, strict=True)) for row in progress.chapter_rows(base)]
        predictions = [dict(zip(_PREDICTION, row, strict=True)) for row in progress.prediction_rows(base)]
        drills = [dict(zip(_DRILL, row, strict=True)) for row in progress.drill_done_rows(base)]
    return {
        "kind": _KIND,
        "format": FORMAT,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "attempts": attempts,
        "hints": hints,
        "solutions": solutions,
        "chapters": chapters,
        "predictions": predictions,
        "drills": drills,
    }


def imported(progress: Progress, value: object) -> Imported:
    """Add what another machine exported; all of it, or nothing.

    Args:
        progress: where to.
        value: as ``exported`` gave it.

    Raises:
        UsageError: it is no export, or of a newer format.
        Fault: the progress cannot be written.
    """
    theirs = _read(value)
    ours = exported(progress)
    there = {_identity(one) for one in ours["attempts"]}
    new = [one for one in theirs["attempts"] if _identity(one) not in there]
    solutions = {tuple(one[name] for name in _SOLUTION) for one in (*ours["solutions"], *theirs["solutions"])}
    with progress.transaction(write=True) as base:
        # All once more, in the order of time: by that order the ladder of hints counts.
        base.execute("DELETE FROM check_outcome")
        base.execute("DELETE FROM attempt")
        base.execute("DELETE FROM solution_opened")
        for one in sorted((*ours["attempts"], *new), key=lambda attempt: str(attempt["at"])):
            number = base.execute(
                f"INSERT INTO attempt ({', '.join(_ATTEMPT)}) VALUES ({_marks(_ATTEMPT)})",  # noqa: S608
                [one[name] for name in _ATTEMPT],
            ).lastrowid
            base.executemany(
                f"INSERT OR IGNORE INTO check_outcome (attempt, {', '.join(_CHECK)}) VALUES (?, {_marks(_CHECK)})",  # noqa: S608
                [(number, *(check[name] for name in _CHECK)) for check in one["checks"]],
            )
        base.executemany(
            f"INSERT OR IGNORE INTO hint_opened ({', '.join(_HINT)}) VALUES ({_marks(_HINT)})",  # noqa: S608
            [[one[name] for name in _HINT] for one in theirs["hints"]],
        )
        base.executemany(
            f"INSERT INTO solution_opened ({', '.join(_SOLUTION)}) VALUES ({_marks(_SOLUTION)})",  # noqa: S608
            sorted(solutions),
        )
        base.executemany(
            f"INSERT OR IGNORE INTO chapter_read ({', '.join(_CHAPTER)}) VALUES ({_marks(_CHAPTER)})",  # noqa: S608
            [[one[name] for name in _CHAPTER] for one in theirs["chapters"]],
        )
        base.executemany(
            f"INSERT OR IGNORE INTO prediction ({', '.join(_PREDICTION)}) VALUES ({_marks(_PREDICTION)})",  # noqa: S608
            [[one[name] for name in _PREDICTION] for one in theirs["predictions"]],
        )
        base.executemany(
            f"INSERT OR IGNORE INTO drill_done ({', '.join(_DRILL)}) VALUES ({_marks(_DRILL)})",  # noqa: S608
            [[one[name] for name in _DRILL] for one in theirs["drills"]],
        )
    return Imported(attempts=len(new), known=len(theirs["attempts"]) - len(new))


def _marks(columns: tuple[str, ...]) -> str:
    return ", ".join("?" * len(columns))


def _identity(attempt: dict[str, Any]) -> tuple[object, ...]:
    return attempt["exercise"], attempt["at"], attempt["fingerprint"]


def _read(value: object) -> dict[str, list[dict[str, Any]]]:
    """Hold a value to the format, so that nothing half-right reaches the database."""
    if not isinstance(value, dict) or value.get("kind") != _KIND:
        raise UsageError("This is no progress that `grader progress export` wrote.")
    if value.get("format") != FORMAT:
        raise UsageError(f"This progress is of format {value.get('format')}; this grader knows {FORMAT}. Update the grader.")
    attempts = [
        {**_row(one, _ATTEMPT), "checks": [_row(check, _CHECK) for check in _rows(one, "checks")]}
        for one in _rows(value, "attempts")
    ]
    for one in attempts:
        try:
            datetime.fromisoformat(one["at"])
        except ValueError:
            raise UsageError(f"This progress is damaged: {one['at']!r} is no time.") from None
    hints = [_row(one, _HINT) for one in _rows(value, "hints")]
    return {
        "attempts": attempts,
        "hints": hints,
        "solutions": [_row(one, _SOLUTION) for one in _rows(value, "solutions")],
        # What an older grader exported has none.
        "chapters": [_row(one, _CHAPTER) for one in _rows(value, "chapters")] if "chapters" in value else [],
        "predictions": [_row(one, _PREDICTION) for one in _rows(value, "predictions")] if "predictions" in value else [],
        "drills": [_row(one, _DRILL) for one in _rows(value, "drills")] if "drills" in value else [],
    }


def _rows(value: object, name: str) -> list[object]:
    rows = value.get(name) if isinstance(value, dict) else None
    if not isinstance(rows, list):
        raise UsageError(f"This progress is damaged: it has no list of {name}.")
    return rows


def _row(value: object, columns: tuple[str, ...]) -> dict[str, Any]:
    row = {name: value.get(name) for name in columns} if isinstance(value, dict) else {}
    for name in columns:
        if not isinstance(row.get(name), str if name in _TEXTS else int | float):
            raise UsageError(f"This progress is damaged: an entry has no sound {name}.")
    return row
