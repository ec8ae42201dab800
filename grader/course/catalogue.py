"""From folders to exercises. One exercise is one folder; adding an exercise is adding that folder."""

import difflib
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader import settings
from grader.course import source
from grader.course.chapters import chapters
from grader.course.exercise import Check, Exercise
from grader.settings import CHAPTERS, DEFINITION, SOLUTIONS
from grader.values.errors import DefinitionError, UsageError
from grader.values.outcome import Reading

EXERCISE_ID = re.compile(r"\d\d-[a-z0-9]+(?:-[a-z0-9]+)*")
_ELSEWHERE = re.compile(r"\d\d: ")
_WRONG = re.compile(r"(?P<checks>[A-Za-z_]\w*(?:\+[A-Za-z_]\w*)*)--(?P<did>[a-z0-9]+(?:-[a-z0-9]+)*)")


@dataclass(frozen=True)
class Entry:
    """An exercise and its folder.

    Attributes:
        id: the folder's name, ``NN-slug``.
        folder: where ``checks.py`` is. A released exercise has only that; the master copy has the variants too.
        exercise: the definition.
    """

    id: str
    folder: Path
    exercise: Exercise

    @property
    def course(self) -> Path:
        """The folder that holds ``solutions/``."""
        return self.folder.parent.parent

    @property
    def starter(self) -> Path:
        """What the learner begins with."""
        return self.folder / "starter"

    @property
    def reference(self) -> Path:
        """A full solution: the files that differ from the starter."""
        return self.folder / "reference"

    @cached_property
    def alternatives(self) -> Mapping[str, Path]:
        """Other correct ways, by name."""
        return _folders(self.folder / "alternatives")

    @cached_property
    def wrong(self) -> Mapping[str, Path]:
        """Plausible wrong answers, by name."""
        return _folders(self.folder / "wrong")

    def wrong_checks(self, name: str) -> frozenset[str]:
        """The checks that a wrong answer must fail.

        Args:
            name: its folder's name: ``check_id--what-the-person-did`` or ``one_check+another--what-the-person-did``.

        Raises:
            DefinitionError: the name does not say both, or names a check that is not there.
        """
        match = _WRONG.fullmatch(name)
        # Two words at least: a number, or a single word, tells the next author nothing.
        if not match or len(re.findall(r"[a-z]\w*", match["did"])) < 2:
            raise DefinitionError(
                f"wrong/{name} is not named check_id--what-the-person-did: the checks that it must fail (joined by +), "
                "two hyphens, then in a few lower-case words what the person did, joined by single hyphens."
            )
        named = frozenset(match["checks"].split("+"))
        if unknown := sorted(named - self.exercise.checks.keys()):
            known = ", ".join(self.exercise.checks)
            raise DefinitionError(f"wrong/{name} names no check of the exercise with {unknown[0]}; they are {known}.")
        return named

    def reading(self, check: Check) -> Reading | None:
        """Where a check's subject is explained, as the check says."""
        if not check.read:
            return None
        elsewhere = _ELSEWHERE.match(check.read)
        return Reading(check.read[:2], check.read[4:]) if elsewhere else Reading(self.id[:2], check.read)


def _folders(parent: Path) -> dict[str, Path]:
    return {one.name: one for one in sorted(parent.iterdir()) if one.is_dir()} if parent.is_dir() else {}


def course_root() -> Path:
    """The folder that holds ``solutions/``: $DRYDOCK_COURSE, else where the package is.

    Never a folder at, above or below a submission: a definition is a program, and what was handed in may hold one.

    Raises:
        UsageError: there is no course in either.
    """
    if root := settings.course():
        if not (root / SOLUTIONS).is_dir():
            raise UsageError(f"{settings.COURSE} is {root}, and there is no {SOLUTIONS}/ in it.")
        return root
    root = settings.installed_course()
    if any((root / SOLUTIONS).glob(f"*/{DEFINITION}")):
        return root
    raise UsageError(f"No course is installed with the grader. Set {settings.COURSE} to the folder that holds {SOLUTIONS}/.")


def load(folder: Path) -> Entry:
    """Read one exercise.

    Args:
        folder: with a ``checks.py``; its name is the exercise's id.

    Raises:
        DefinitionError: there is none, it does not run, or it defines no exercise.
    """
    path = folder / DEFINITION
    if not path.is_file():
        raise DefinitionError(f"There is no {DEFINITION} in {folder}.")
    module = source.run(path, f"checks_{folder.name}")
    exercise = getattr(module, "exercise", None)
    if not isinstance(exercise, Exercise) or not exercise.checks:
        raise DefinitionError(f"{path} defines no `exercise` with checks.")
    return Entry(folder.name, folder, exercise)


def entries(root: Path) -> list[Entry]:
    """All exercises of a course: chapter by chapter, in the order in which the chapter names them; the others by id.

    Args:
        root: see ``course_root``.

    Raises:
        DefinitionError: one of them is broken, or a folder's name is no exercise id.
    """
    named = [one for chapter in chapters(root / CHAPTERS) for one in chapter.exercises]
    found = []
    for definition in sorted((root / SOLUTIONS).glob(f"*/{DEFINITION}")):
        if not EXERCISE_ID.fullmatch(definition.parent.name):
            raise DefinitionError(f"{definition.parent} is not called NN-slug.")
        found.append(load(definition.parent))
    return sorted(found, key=lambda one: (one.id[:2], named.index(one.id) if one.id in named else len(named)))


def find(root: Path, exercise_id: str) -> Entry:
    """One exercise, by its id or by a beginning of it that fits no other.

    Args:
        root: see ``course_root``.
        exercise_id: e.g. ``06-ml-api``, ``06-ml`` or ``6``.

    Raises:
        UsageError: none or several fit; names them.
    """
    ids = sorted(path.parent.name for path in (root / SOLUTIONS).glob(f"*/{DEFINITION}"))
    wanted = exercise_id.strip().strip("/")
    fitting = [one for one in ids if one == wanted] or [one for one in ids if one.startswith((wanted, f"0{wanted}"))]
    if len(fitting) == 1:
        return load(root / SOLUTIONS / fitting[0])
    if fitting:
        raise UsageError(f"“{exercise_id}” could be {', '.join(fitting)}. Write more of it.")
    near = difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5) or [one for one in ids if wanted in one]
    raise UsageError(
        f"There is no exercise “{exercise_id}”. "
        + (f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(ids)}.")
    )


def assemble(entry: Entry, overlay: Path | None, target: Path) -> None:
    """Put together what a learner would hand in: the starter's files, and a variant's on top of them.

    Args:
        entry: the exercise's master copy.
        overlay: reference, an alternative or a wrong answer; None for the starter as it is.
        target: a folder, made where it is missing.
    """
    for layer in (entry.starter, overlay):
        if layer is not None and layer.is_dir():
            shutil.copytree(layer, target, dirs_exist_ok=True, symlinks=True)
