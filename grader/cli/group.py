"""The ``grader`` command, and the one border where an exception becomes a sentence and an exit status.

Exit status: 0 done (for ``check``: full score), 1 not full or not well, 2 the grader or the engine failed or the command
was used wrongly, 130 stopped by Ctrl-C. Never a traceback: what is unexpected goes into a file, and the message names it.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import click

from grader.report.clean import sentence
from grader.run.interrupt import end_like_ctrl_c
from grader.values.errors import Cancelled, Fault, GraderError
from grader.workspace.details import write_details

INTERRUPTED: Final = 130
_COMMANDS: Final = {
    # name -> module and what it says about itself, so that --help need not import them all
    "list": ("grader.cli.listing", "Exercises, points, your progress."),
    "check": ("grader.cli.check", "Build, run and probe what you made."),
    "watch": ("grader.cli.watch", "Check again each time you save."),
    "drill": ("grader.cli.drill", "Short live tasks: done as soon as your engine shows it."),
    "hint": ("grader.cli.hint", "The hints that are open to you."),
    "prepare": ("grader.cli.prepare", "Make what an exercise begins with on your engine."),
    "reset": ("grader.cli.reset", "Put the starter in place; your files are kept in a backup."),
    "solution": ("grader.cli.solution", "The solution, once you have earned or tried enough."),
    "progress": ("grader.cli.progress", "Take your progress to another machine: export, import."),
    "doctor": ("grader.cli.doctor", "Engine, disk, images, network: what is wrong, how to fix it."),
    "lint": ("grader.cli.lint", "The course proves itself on a real engine."),
}


class _Commands(click.Group):
    """Commands that are imported when called: `grader check` must not pay for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        with border():
            return super().invoke(ctx)


@contextmanager
def border() -> Iterator[None]:
    """Turn every exception into its sentence and its exit status."""
    try:
        yield
    except (click.exceptions.Exit, click.ClickException):
        raise
    except (Cancelled, KeyboardInterrupt, click.Abort):
        fail("Stopped. Nothing was recorded and nothing is left running.", status=INTERRUPTED)
    except Fault as fault:
        fail(fault.message, fault.next_step)
    except GraderError as error:
        fail(str(error))
    except BrokenPipeError:
        # The reader went away (`grader list | head`). What is still buffered has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(1) from None
    except Exception as error:  # noqa: BLE001 - the outermost border: a learner never sees a traceback
        context = click.get_current_context(silent=True)
        work = context.meta.get("drydock.work") if context else None
        details = "".join(traceback.format_exception(error))
        fail(
            f"The grader stumbled over a mistake of its own ({type(error).__name__}).",
            f"The details are in {write_details(work, details)}; please report them. Your work is untouched.",
        )


def fail(message: str, next_step: str = "", *, status: int = 2) -> None:
    """Say what went wrong and leave; as one JSON object too, where the command was asked for JSON.

    Raises:
        click.exceptions.Exit: always.
    """
    message, next_step = sentence(message), sentence(next_step)
    context = click.get_current_context(silent=True)
    emit = context.meta.get("drydock.emit_error") if context else None
    if emit is not None:
        emit(message, next_step)
    click.echo(message, err=True)
    if next_step:
        click.echo(next_step, err=True)
    raise click.exceptions.Exit(status)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="drydock-grader", prog_name="grader")
def main() -> None:
    """Drydock's grader: builds, runs and probes what you made, and says what it saw."""
    _open_what_is_closed()
    end_like_ctrl_c()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a mark shows a question mark beside the word, rather than nothing at all.
        if getattr(stream, "encoding", "utf-8").lower() not in {"utf-8", "utf8"} and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _open_what_is_closed() -> None:
    """Give a process that was started without its standard streams (`>&-`) ones that lead nowhere.

    Else the next file or connection would get their number, and what is printed would go there.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))  # noqa: SIM115
