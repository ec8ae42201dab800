"""``grader solution``: the reference solution, for those who have solved the exercise or honestly tried."""

from pathlib import Path

import click

from grader.cli.options import exercise_argument, tell_notice, work_option
from grader.cli.workspace import open_exercise
from grader.progress import Best, Progress
from grader.report.clean import clean
from grader.report.words import count
from grader.values.errors import UsageError
from grader.workspace.solution import SolutionFile, attempts_left, solution


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
    for one in solution(entry, workspace.folder):
        _show(one, diff=diff)
    if entry.alternatives:
        click.echo(f"Other ways that score full: {', '.join(sorted(entry.alternatives))} (in {entry.folder / 'alternatives'}).")


def _show(one: SolutionFile, *, diff: bool) -> None:
    click.secho(f"── {one.name} ──", bold=True)
    if one.text is None:
        click.echo(f"(not text; it is {one.path})\n")
    elif not diff:
        click.echo(one.text.rstrip("\n") + "\n")
    elif one.mine is None:
        click.echo("(yours is not text)\n")
    else:
        colours = {"+": "green", "-": "red", "@": "cyan"}
        shown = [click.style(clean(line), fg=colours.get(line[:1])) for line in one.differences()]
        click.echo("\n".join(shown or ["(the same as yours)"]) + "\n")
