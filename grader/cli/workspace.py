"""Where things are: an exercise's definition, its learner's folder, and the work folder.

The definition is the course's. The work folder holds the learner's exercises and the ``.drydock`` folder beside them.
"""

from dataclasses import dataclass
from pathlib import Path

import click

from grader import settings
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.settings import DEFINITION, EXERCISES
from grader.values.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One exercise and where its learner works on it.

    Attributes:
        entry: the exercise.
        folder: the learner's folder of it; need not exist yet.
        work: the folder that holds ``.drydock``: progress, backups, details of stumbles.
    """

    entry: Entry
    folder: Path
    work: Path

    def require_folder(self) -> Path:
        """Return the learner's folder.

        Raises:
            UsageError: there is none; says how to begin.
        """
        if not self.folder.is_dir():
            raise UsageError(
                f"There is no folder {self.folder} yet. `grader reset {self.entry.id}` puts the starter in place;"
                " `--work DIR` names another folder."
            )
        return self.folder


def open_exercise(given: str, work: Path | None) -> Workspace:
    """Find an exercise by its id or an unambiguous beginning of it, and the learner's folder of it.

    Args:
        given: what was typed.
        work: ``--work``: the folder that holds the exercises, or the exercise's own folder.

    Raises:
        UsageError: there is no such exercise, or several; the message names those that come near.
        DefinitionError: its ``checks.py`` is wrong.
    """
    root = course()
    if root is None:
        raise UsageError(f"No course is installed here. Go to Drydock's folder, or name it with {settings.COURSE}.")
    entry = catalogue.find(root, _last_part(given))
    folder, base = locate(entry, work, default_work(root))
    return _remember(Workspace(entry=entry, folder=folder, work=base))


def course() -> Path | None:
    """Return the course's folder, or None where none is installed."""
    try:
        return catalogue.course_root()
    except UsageError:
        return None


def _last_part(given: str) -> str:
    """Return the id where somebody let the shell complete a path, e.g. ``exercises/06-ml-api/``."""
    return given.strip().strip("/").rsplit("/", 1)[-1]


def default_work(root: Path | None) -> Path:
    """Return the work folder where none is named: ``$DRYDOCK_WORK``, else ``work`` in the course's folder."""
    if named := settings.work():
        return named.resolve()
    return (root or Path.cwd()) / "work"


def locate(entry: Entry, work: Path | None, default: Path) -> tuple[Path, Path]:
    """Return the learner's folder of an exercise and the work folder that it belongs to.

    Args:
        entry: the exercise; its own folder in the course is the master copy and nobody's work.
        work: ``--work``, or None.
        default: the work folder to use where nothing else says.
    """
    master = entry.folder.resolve()
    if work is None:
        here = Path.cwd().resolve()
        if here.name == entry.id and here != master:
            return here, settings.work_around(here)
        return default / EXERCISES / entry.id, default
    work = work.expanduser().resolve()
    for folder in (work / EXERCISES / entry.id, work / entry.id):
        if folder.is_dir() and folder != master:
            return folder, settings.work_around(folder)
    own = (DEFINITION, f"{entry.id}.ipynb", *entry.exercise.learner_files)
    if work.name == entry.id or any((work / name).exists() for name in own):
        return work, settings.work_around(work)
    return work / EXERCISES / entry.id, work


def _remember(workspace: Workspace) -> Workspace:
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta["drydock.work"] = workspace.work
    return workspace
