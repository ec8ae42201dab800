"""``grader prepare``: what an exercise begins with, on the learner's own engine."""

import click

from grader.cli.options import exercise_argument
from grader.cli.workspace import open_exercise


@click.command("prepare")
@exercise_argument
@click.option("--remove", is_flag=True, help="Only remove what was prepared.")
def command(exercise: str, remove: bool) -> None:
    """Make what exercise ID begins with on your engine, again each time: some containers, for instance.

    Most exercises begin with files alone and need this not. It all carries the label drydock.exercise=ID.
    """
    from grader.run import setup

    entry = open_exercise(exercise, None).entry
    if remove:
        gone = setup.remove(entry.id)
        click.echo(f"Removed: {', '.join(gone)}." if gone else "There was nothing to remove.")
        return
    click.echo(setup.make(entry))
    click.echo(f"When you are done: grader prepare {entry.id} --remove")
