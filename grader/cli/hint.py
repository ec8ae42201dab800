"""``grader hint``: the rungs of the ladder that are open, and how the next one opens."""

from collections.abc import Iterable
from pathlib import Path

import click

from grader.cli.options import exercise_argument, tell_notice, work_option
from grader.cli.workspace import open_exercise
from grader.course.exercise import Check
from grader.progress import Ladder, Progress
from grader.report.words import count
from grader.values.errors import UsageError


@click.command("hint")
@exercise_argument
@click.argument("check", required=False)
@work_option
def command(exercise: str, check: str | None, work: Path | None) -> None:
    """Show the hints that are open for exercise ID: for one CHECK, or for all that have failed."""
    workspace = open_exercise(exercise, work)
    entry = workspace.entry
    progress = Progress(workspace.work)
    checks = entry.exercise.checks
    chosen: Iterable[Check] = checks.values()
    if check is not None:
        fitting = [name for name in checks if name == check] or [name for name in checks if name.startswith(check)]
        if len(fitting) != 1:
            raise UsageError(f"{entry.id} has no check “{check}”. It has: {', '.join(checks)}.")
        chosen = [checks[fitting[0]]]
    ladders = [(one, progress.ladder(entry.id, one.id, one.hints)) for one in chosen]
    if check is None:
        ladders = [(one, ladder) for one, ladder in ladders if ladder.seen]
        if not ladders:
            click.echo(f"No check of {entry.id} has failed so far. `grader check {entry.id}` shows what it sees.")
    for one, ladder in ladders:
        click.echo("\n".join(describe(one, ladder, entry.id)))
        if ladder.opened:
            progress.hints_read(entry.id, one.id, range(1, ladder.opened + 1))
    tell_notice(progress)


def describe(check: Check, ladder: Ladder, exercise: str) -> list[str]:
    """Return what a learner reads about one check's hints, line by line."""
    lines = [click.style(f"{check.id}: ", bold=True) + check.title]
    lines += [f"  hint {rung} of {len(ladder.hints)}: {hint}" for rung, hint in enumerate(ladder.readable, 1)]
    if not ladder.hints:
        lines.append("  There are no hints for this check: what it saw says it all.")
    elif not ladder.seen:
        lines.append(f"  It has not failed so far. `grader check {exercise}` shows what it sees.")
    elif ladder.closed:
        still = f"{count(ladder.closed, 'more hint')}; the next" if ladder.opened else "The first hint"
        lines.append(
            f"  {still} opens when you have changed something and this check still fails in `grader check {exercise}`."
        )
    else:
        lines.append("  These are all of them.")
    return lines
