"""``grader solution``: the reference solution, for those who have solved the exercise or honestly tried."""

import difflib
from pathlib import Path

import click

from grader.cli.options import exercise_argument, tell_notice, work_option
from grader.cli.workspace import Workspace, open_exercise
from grader.progress import Best, Progress
from grader.report.clean import clean
from grader.report.words import count
from grader.values.errors import UsageError


@click.command("solution")
@exercise_argument
@work_option
@click.option("--diff", is_flag=True, help="Show how your files differ from it.")
def command(exercise: str, work: Path | None, diff: bool) -> None:
    """Show the solution of exercise ID, once it is open.

    It opens after a full score, or after several attempts that changed something. Exit status: 0 shown, 1 still closed.
    """
    workspace = open_exercise(exercise, work)
    entry = workspace.entry
    if not entry.reference.is_dir():
        raise UsageError(f"The solution of {entry.id} is not installed here.")
    progress = Progress(workspace.work)
    mine = progress.best().get(entry.id, Best())
    tell_notice(progress)
    left = attempts_left(mine, entry.exercise.honest_attempts)
    if left:
        click.echo(
            f"The solution of {entry.id} is still closed. It opens after a full score, or after"
            f" {count(left, 'more attempt')} in which you change something. `grader hint {entry.id}` may help before that."
        )
        raise click.exceptions.Exit(1)
    progress.solution_read(entry.id, after_full_score=mine.full)
    for path in sorted(one for one in entry.reference.rglob("*") if one.is_file()):
        _show(path, path.relative_to(entry.reference), workspace, diff=diff)
    if entry.alternatives:
        click.echo(f"Other ways that score full: {', '.join(sorted(entry.alternatives))} (in {entry.folder / 'alternatives'}).")


def attempts_left(mine: Best, needed: int) -> int:
    """Return how many more honest attempts open the solution; 0 when it is open."""
    return 0 if mine.full or mine.solution_opened else max(0, needed - mine.honest)


def _show(path: Path, name: Path, workspace: Workspace, *, diff: bool) -> None:
    click.secho(f"── {name} ──", bold=True)
    solution = _text(path)
    if solution is None:
        click.echo(f"(not text; it is {path})\n")
        return
    if not diff:
        click.echo(solution.rstrip("\n") + "\n")
        return
    mine = workspace.folder / name
    learners = _text(mine) if mine.is_file() else ""
    if learners is None:
        click.echo("(yours is not text)\n")
        return
    lines = difflib.unified_diff(
        learners.splitlines(), solution.splitlines(), f"your {name}", f"solution's {name}", lineterm=""
    )
    colours = {"+": "green", "-": "red", "@": "cyan"}
    shown = [click.style(clean(line), fg=colours.get(line[:1])) for line in lines]
    click.echo("\n".join(shown or ["(the same as yours)"]) + "\n")


def _text(path: Path) -> str | None:
    try:
        content = path.read_bytes()[:200_000]
        return None if b"\0" in content else content.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
