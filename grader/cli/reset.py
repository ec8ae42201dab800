"""``grader reset``: the starter, put (back) in place, with everything of the learner's kept in a backup."""

import shutil
import sys
from pathlib import Path

import click

from grader import settings
from grader.cli.options import exercise_argument, work_option
from grader.cli.workspace import Workspace, course, open_exercise
from grader.report.words import count
from grader.settings import EXERCISES
from grader.values.errors import UsageError
from grader.workspace.restore import Plan, course_files, plan, restore, told_if_it_fails


@click.command("reset")
@exercise_argument
@work_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def command(exercise: str, work: Path | None, yes: bool) -> None:
    """Put the starter of exercise ID in place.

    Your files are kept: what you changed or added goes to .drydock/backups in your work folder first.
    """
    workspace = open_exercise(exercise, work)
    entry, folder = workspace.entry, workspace.folder
    if not entry.starter.is_dir():
        raise UsageError(f"The starter of {entry.id} is not installed here.")
    course_own = course_files(entry)
    what = plan(folder, entry.starter, keep=course_own)
    if what.nothing_to_do and all((folder / name).exists() for name in course_own if _released(workspace, name)):
        click.echo(f"{folder} already holds the starter, unchanged.")
        return
    if what.to_keep and not yes:
        _ask(what, folder)
    backups = settings.backups_folder(workspace.work, entry.id)
    with told_if_it_fails(backups):
        backup = restore(what, folder, entry.starter, backups)
        _add_course_files(workspace, course_own)
    click.echo(f"The starter of {entry.id} is in {folder}.")
    if backup is not None:
        click.echo(f"Your files are kept in {backup}.")
    click.echo(f"Next: change {', '.join(entry.exercise.learner_files)}, then `grader check {entry.id}`.")


def _ask(what: Plan, folder: Path) -> None:
    names = [str(name) for name in what.to_keep]
    listed = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    if not interactive():
        raise UsageError(f"This would replace {listed} in {folder} (after a backup). Say --yes to do it.")
    click.echo(f"In {folder}, {count(len(names), 'file')} of yours will go to a backup: {listed}")
    if not click.confirm("Put the starter back?"):
        click.echo("Nothing was changed.")
        raise click.exceptions.Exit(1)


def interactive() -> bool:
    """Tell whether there is somebody to ask."""
    return sys.stdin.isatty()


def _released(workspace: Workspace, name: str) -> Path | None:
    """Return the course's released copy of a file, where there is one."""
    root = course()
    if root is None:
        return None
    path = root / EXERCISES / workspace.entry.id / name
    return path if path.is_file() and path.parent.resolve() != workspace.folder.resolve() else None


def _add_course_files(workspace: Workspace, names: tuple[str, ...]) -> None:
    """Add the notebook where it is missing; one that is there holds the learner's words."""
    for name in names:
        target = workspace.folder / name
        if (source := _released(workspace, name)) and not target.exists():
            shutil.copy(source, target)
