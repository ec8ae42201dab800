"""From files to drills. One drill is one file, ``course/drills/NN-slug.py``; adding a drill is adding that file."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.course import source
from grader.course.drill import Drill
from grader.settings import CHAPTERS, DRILLS
from grader.values.errors import DefinitionError, UsageError

_ID: Final = re.compile(r"\d\d-[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class DrillEntry:
    """A drill and its file.

    Attributes:
        id: the file's name without its suffix, ``NN-slug``.
        path: of the file.
        drill: the definition.
    """

    id: str
    path: Path
    drill: Drill

    @property
    def chapter(self) -> str:
        """The number of its chapter, two digits."""
        return self.id[:2]


def load(path: Path) -> DrillEntry:
    """Read one drill.

    Raises:
        DefinitionError: the file's name is no id, it does not run, or what it defines falls short.
    """
    if not _ID.fullmatch(path.stem):
        raise DefinitionError(f"{path} is not called NN-slug.py.")
    drill = getattr(source.run(path, f"drill_{path.stem}"), "drill", None)
    if not isinstance(drill, Drill):
        raise DefinitionError(f"{path} defines no `drill`.")
    if flaws := drill.flaws():
        raise DefinitionError(f"{path}: {' '.join(flaws)}")
    return DrillEntry(path.stem, path, drill)


def files(root: Path) -> list[Path]:
    """The files of a course's drills, by id."""
    return sorted((root / CHAPTERS / DRILLS).glob("[0-9]*.py"))


def entries(root: Path, chapter: str = "") -> list[DrillEntry]:
    """The drills of a course, or of a chapter: chapter by chapter, in their places.

    Args:
        root: see ``catalogue.course_root``.
        chapter: its number, two digits; empty for all.

    Raises:
        DefinitionError: one of them is broken.
    """
    found = [load(path) for path in files(root) if path.stem.startswith(chapter)]
    return sorted(found, key=lambda one: (one.chapter, one.drill.place, one.id))


def find(root: Path, given: str) -> Sequence[DrillEntry]:
    """The drills that somebody means: those of a chapter (``02``, ``2``), or one, by a beginning of its id that fits no other.

    Args:
        root: see ``catalogue.course_root``.
        given: what was typed.

    Raises:
        UsageError: there is none, or several fit.
    """
    wanted, ids = given.strip(), [path.stem for path in files(root)]
    if wanted.isdecimal() and (some := entries(root, f"{int(wanted):02}-")):
        return some
    fitting = [one for one in ids if one == wanted] or [one for one in ids if one.startswith((wanted, f"0{wanted}"))]
    if len(fitting) == 1:
        return [load(root / CHAPTERS / DRILLS / f"{fitting[0]}.py")]
    if fitting:
        raise UsageError(f"“{given}” could be {', '.join(fitting)}. Write more of it.")
    near = difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5)
    raise UsageError(
        f"There is no drill “{given}”. " + (f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(ids)}.")
    )
