"""Where a learner stands at an assignment: what was handed in, whether it is graded, and why not."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import parse_utc

from grader import settings
from grader.workspace import hand_in, handed_in

SECRET: Final = "submission_secret.txt"  # noqa: S105 - a file's name
"""What a learner's lab knows the feedback by; nbgrader writes it beside what goes through the exchange."""
GRADED: Final = "graded"
NOTHING: Final = "nothing handed in"
WAITING: Final = "handed in, not graded yet"
AGAIN: Final = "handed in again, not graded yet"
FAILED: Final = "not graded"
_LONGEST: Final = 100


@dataclass(frozen=True)
class Standing:
    """Of one learner at one assignment.

    Attributes:
        state: one of the constants of this module.
        reason: why grading failed; else empty.
    """

    state: str
    reason: str = ""

    @property
    def open(self) -> bool:
        """Whether there is work that has no score."""
        return self.state not in {GRADED, NOTHING}

    def __str__(self) -> str:
        return f"{self.state}: {self.reason}" if self.reason else self.state


def when(folder: Path) -> datetime | None:
    """When something was handed in, as the file beside it says; None where no ordinary file says it readably.

    Args:
        folder: the submission.
    """
    path = folder / hand_in.TIMESTAMP
    if not handed_in.is_ordinary(path) or path.stat().st_size > _LONGEST:
        return None
    try:
        told: datetime = parse_utc(path.read_text(encoding="utf-8").strip())
    except (ValueError, OverflowError, OSError):
        return None
    return told


def look(gradebook: Gradebook, coursedir: Any, assignment: str, student: str) -> Standing:
    """Tell where a learner stands.

    Args:
        gradebook: it is only read.
        coursedir: nbgrader's.
        assignment: its id.
        student: their id.
    """
    folder = submitted(coursedir, assignment, student)
    handed = folder.is_dir()
    reason = _reason(coursedir, assignment, student, folder)
    try:
        kept = gradebook.find_submission(assignment, student)
    except MissingEntry:
        if reason:
            return Standing(FAILED, reason)
        return Standing(WAITING if handed else NOTHING)
    grades = [grade for notebook in kept.notebooks for grade in notebook.grades]
    scored = bool(grades) and all(one.auto_score is not None or one.manual_score is not None for one in grades)
    if reason:
        return Standing(FAILED, reason)
    if handed and scored and when(folder) != kept.timestamp:
        return Standing(AGAIN)
    return Standing(GRADED if scored else WAITING)


def students(coursedir: Any, assignment: str) -> set[str]:
    """Who has handed in an assignment, by the folders that are there.

    Args:
        coursedir: nbgrader's.
        assignment: its id.
    """
    pattern = submitted(coursedir, assignment, "*")
    at = pattern.parts.index("*")
    return {path.parts[at] for path in Path(*pattern.parts[:at]).glob(str(Path(*pattern.parts[at:]))) if path.is_dir()}


def submitted(coursedir: Any, assignment: str, student: str) -> Path:
    """The folder of a submission; need not exist."""
    return Path(coursedir.format_path(coursedir.submitted_directory, student, assignment)).absolute()


def keep_reason(coursedir: Any, assignment: str, student: str, reason: str) -> None:
    """Keep why a submission could not be graded, for as long as it is the one that is there, and how often in a row."""
    path = _file(coursedir, assignment, student)
    path.parent.mkdir(parents=True, exist_ok=True)
    at = when(submitted(coursedir, assignment, student))
    times = int(_kept(path).get("times", 0)) + 1  # whatever was handed in meanwhile
    path.write_text(json.dumps({"reason": reason, "of": str(at), "times": times}), encoding="utf-8")


def forget_reason(coursedir: Any, assignment: str, student: str) -> None:
    """It is graded now."""
    path = _file(coursedir, assignment, student)
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()


def _reason(coursedir: Any, assignment: str, student: str, folder: Path) -> str:
    said = _kept(_file(coursedir, assignment, student))
    if said.get("of") != str(when(folder)):
        return ""
    again = f" Not graded {said['times']} times in a row." if said.get("times", 1) > 1 else ""
    return f"{said['reason']}{again}"


def _kept(path: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said


def _file(coursedir: Any, assignment: str, student: str) -> Path:
    return settings.not_graded_file(Path(coursedir.root), student, assignment)
