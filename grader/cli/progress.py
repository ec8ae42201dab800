"""``grader progress``: take what you have done to another machine."""

import json
import sys
from pathlib import Path

import click

from grader.cli.options import tell_notice, work_option, write_file
from grader.cli.workspace import course, default_work
from grader.progress import Progress
from grader.progress.transfer import exported, imported
from grader.report.as_json import dumps
from grader.report.words import count
from grader.values.errors import UsageError


@click.group("progress")
def command() -> None:
    """Take your progress (attempts, hints, solutions read) to another machine. It is never sent anywhere."""


def _progress(work: Path | None) -> Progress:
    return Progress((work or default_work(course())).expanduser().resolve())


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@work_option
def export(file: Path, work: Path | None) -> None:
    """Write your progress as JSON to FILE, or to stdout."""
    progress = _progress(work)
    value = exported(progress)
    tell_notice(progress)
    if file == Path("-"):
        click.echo(dumps(value), nl=False)
        return
    write_file(file, dumps(value))
    click.echo(f"{count(len(value['attempts']), 'attempt')} written to {file}.")


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@work_option
def import_(file: Path, work: Path | None) -> None:
    """Add the progress in FILE (- for stdin) to yours; what you have already is not counted twice."""
    try:
        text = sys.stdin.read() if file == Path("-") else file.read_text(encoding="utf-8")
        value = json.loads(text)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: was it written by `grader progress export`?") from error
    progress = _progress(work)
    done = imported(progress, value)
    tell_notice(progress)
    click.echo(f"{count(done.attempts, 'attempt')} added to {progress.path}; {done.known} were there already.")
