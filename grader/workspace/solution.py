"""The reference solution beside a learner's own files."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.course.catalogue import Entry
from grader.progress import Best

_READ_AT_MOST: Final = 200_000


@dataclass(frozen=True)
class SolutionFile:
    """One file of the solution.

    Attributes:
        path: where it is in the course.
        name: relative to the exercise's folder.
        text: its text; None when it is not text.
        mine: the learner's text; empty where they have no such file, None when theirs is not text.
    """

    path: Path
    name: str
    text: str | None
    mine: str | None

    def differences(self) -> Iterator[str]:
        """Lines of a unified diff, from the learner's to the solution's; none where they are the same, or no text."""
        if self.text is not None and self.mine is not None:
            mine, solution = self.mine.splitlines(), self.text.splitlines()
            yield from difflib.unified_diff(mine, solution, f"your {self.name}", f"solution's {self.name}", lineterm="")


def attempts_left(mine: Best, needed: int) -> int:
    """Return how many more honest attempts open the solution; 0 when it is open.

    Args:
        mine: where the learner stands.
        needed: the exercise's ``honest_attempts``.
    """
    return 0 if mine.full or mine.solution_opened else max(0, needed - mine.honest)


def solution(entry: Entry, folder: Path) -> list[SolutionFile]:
    """Return the files of the solution, by name.

    Args:
        entry: the master copy.
        folder: the learner's.
    """
    found = []
    for path in sorted(one for one in entry.reference.rglob("*") if one.is_file()):
        name = path.relative_to(entry.reference)
        mine = folder / name
        found.append(SolutionFile(path, name.as_posix(), _text(path), _text(mine) if mine.is_file() else ""))
    return found


def _text(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            content = file.read(_READ_AT_MOST)
        return None if b"\0" in content else content.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
