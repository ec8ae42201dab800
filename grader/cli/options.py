"""What several commands share: arguments, and how they speak."""

import os
import tempfile
from pathlib import Path

import click

from grader.progress import Progress
from grader.report.as_json import dumps, error_object
from grader.report.clean import sentence
from grader.values.errors import Fault, UsageError

exercise_argument = click.argument("exercise", metavar="ID")
work_option = click.option(
    "--work",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Your work folder, or the exercise's own folder. Default: here, if this is the exercise's folder;"
    " else $DRYDOCK_WORK; else work/ in the course's folder.",
)
json_flag = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def note(text: str) -> None:
    """Say something beside the result: to stderr, so that stdout stays the result."""
    click.echo(f"note: {sentence(text)}", err=True)


def tell_notice(progress: Progress) -> None:
    """Say that a damaged progress file was moved aside, if it was."""
    if progress.notice:
        note(progress.notice)
        progress.notice = ""


def want_json(exercise: str | None) -> None:
    """From here on, a failure is printed as one JSON object as well; call again when the exercise's full id is known."""

    def emit(message: str, next_step: str) -> None:
        click.echo(dumps(error_object(exercise, message, next_step)), nl=False)

    click.get_current_context().meta["drydock.emit_error"] = emit


def write_file(target: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        UsageError: it cannot be written; says why.
    """
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as stream:
            try:
                stream.write(text)
            except BaseException:
                Path(stream.name).unlink()
                raise
        mask = os.umask(0)
        os.umask(mask)
        Path(stream.name).chmod(0o666 & ~mask)  # temporary files begin as 600; a report is to be shared
        Path(stream.name).replace(target)
    except OSError as error:
        raise UsageError(f"{target} could not be written: {error.strerror}.") from error


def progress_or_note(work: Path) -> Progress | None:
    """Return the progress of a work folder; where it cannot be read, say so and return None."""
    progress = Progress(work)
    try:
        progress.best()
    except Fault as fault:
        note(str(fault))
        return None
    tell_notice(progress)
    return progress
