"""Where nbgrader finds the course: the names that its configuration, the generator and the graded cells share."""

import re
from pathlib import Path
from typing import Final

from grader import settings

SOURCE: Final = settings.SOLUTIONS
"""nbgrader's source directory: the master copies."""
RELEASE: Final = settings.EXERCISES
"""nbgrader's release directory: what learners get."""
STARTER: Final = "starter"
NEVER_RELEASED: Final = (STARTER, "reference", "alternatives", "wrong")
"""Folders of an exercise that nbgrader must not copy, neither to learners nor over their submissions."""
CONFIG: Final = "nbgrader_config.py"
DEFINITION: Final = settings.DEFINITION
_IGNORED: Final = ("__pycache__", ".ipynb_checkpoints")
_DEFINES: Final = re.compile(rb"^from grader import .*\bExercise\b.*^exercise = Exercise\(", re.MULTILINE | re.DOTALL)
"""What each definition has, and no program of a learner's."""


def notebook_of(folder: Path) -> Path:
    """The notebook of an exercise's folder; it has the folder's name."""
    return folder / f"{folder.name}.ipynb"


def released_earlier(folder: Path) -> Path | None:
    """The definition that lies in a learner's folder since a release that still had it; no part of their work.

    Args:
        folder: a learner's. A file of that name that is no definition is their own.
    """
    path = folder / DEFINITION
    try:
        return path if path.is_file() and not path.is_symlink() and _DEFINES.search(path.read_bytes()) else None
    except OSError:
        return None


def misplaced(folder: Path) -> list[str]:
    """What lies at the top of an exercise's source folder and must not.

    Autograde copies everything there over the submission, so a Dockerfile would replace the learner's.

    Args:
        folder: ``solutions/NN-slug``.

    Returns:
        Names, sorted; empty when all is well.
    """
    allowed = {notebook_of(folder).name, DEFINITION, *NEVER_RELEASED, *_IGNORED}
    return sorted(path.name for path in folder.iterdir() if path.name not in allowed)


def unreleasable(starter: Path) -> list[str]:
    """Files of a starter that would be lost or cause harm on nbgrader's way: one sentence each.

    Args:
        starter: ``solutions/NN-slug/starter``.
    """
    wrongs = []
    for path in sorted(starter.rglob("*")):
        name = path.relative_to(starter).as_posix()
        if path.is_symlink():
            wrongs.append(f"{name} is a link; nbgrader would copy what it points to.")
        elif path.suffix == ".ipynb":
            wrongs.append(f"{name} is a notebook; nbgrader drops all but the exercise's own from a submission.")
        elif path.name in NEVER_RELEASED or path.name == "feedback":
            wrongs.append(f"{name} has a name that nbgrader is told to leave out of a submission.")
        elif name == DEFINITION or (path.parent == starter and name == f"{starter.parent.name}.ipynb"):
            wrongs.append(f"{name} would replace the exercise's own.")
    return wrongs
