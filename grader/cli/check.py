"""``grader check``: build, run and probe what the learner made, and say what was seen."""

import dataclasses
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.display import Display, Silent, display
from grader.cli.options import note, want_json, work_option, write_file
from grader.cli.workspace import Workspace, open_exercise
from grader.report.as_json import as_object, dumps
from grader.report.words import points
from grader.run.interrupt import on_interrupt
from grader.values.errors import UsageError
from grader.values.outcome import Report

if TYPE_CHECKING:
    from grader.run.attempt import Verdict

STDOUT = Path("-")


@click.command("check")
@click.argument("exercise", metavar="ID", required=False)
@work_option
@click.option(
    "--json",
    "json_to",
    is_flag=False,
    flag_value=STDOUT,
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="[FILE|-]",
    help="Write the result as one JSON object: to a file, or (alone, or with -) to stdout instead of the text.",
)
@click.option(
    "--html", "html_to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write an HTML report."
)
@click.option("--junit", "junit_to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write JUnit XML.")
def command(exercise: str | None, work: Path | None, json_to: Path | None, html_to: Path | None, junit_to: Path | None) -> None:
    """Check exercise ID: build, run and probe what you made.

    Exit status: 0 full score, 1 not full, 2 the grader or the engine failed, 130 stopped by Ctrl-C. Where there is no
    report, --json prints an object with the keys exercise, error and next_step.
    """
    if exercise is None and json_to not in (None, STDOUT):
        exercise, json_to = str(json_to), STDOUT  # `check --json 06-ml-api`: what follows --json is the id
    if exercise is None:
        raise click.UsageError("Missing argument 'ID'. `grader list` shows the exercises.")
    if json_to == STDOUT:
        want_json(exercise)
    workspace = open_exercise(exercise, work)
    if json_to == STDOUT:
        want_json(workspace.entry.id)
    workspace.require_folder()
    outputs = Outputs(workspace, json_to, html_to, junit_to)
    outputs.prepare()
    report = _check(workspace, outputs)
    if report.failed_to_grade:
        raise click.exceptions.Exit(2)
    if not report.full_score:
        raise click.exceptions.Exit(1)


@dataclasses.dataclass
class Outputs:
    """Where the verdict goes. ``decided`` runs as soon as there is one; the engine's clean-up goes on behind it."""

    workspace: Workspace
    json_to: Path | None
    html_to: Path | None
    junit_to: Path | None

    def prepare(self) -> None:
        """Find out now, not after the run, that a file cannot be written."""
        for target in (self.json_to, self.html_to, self.junit_to):
            if target not in (None, STDOUT) and not os.access(target.absolute().parent, os.W_OK):
                raise UsageError(f"{target} cannot be written: its folder is missing or not writable.")

    def display(self) -> Display:
        """Return what shows the run. It goes to stderr where stdout is not a terminal: there, stdout is for the result."""
        if sys.stdout.isatty() and self.json_to != STDOUT:
            return display(sys.stdout)
        if self.json_to == STDOUT and not sys.stderr.isatty():
            return Silent()
        return display(sys.stderr)

    def decided(self, verdict: "Verdict") -> None:
        """Show the verdict."""
        report, hints = verdict.report, verdict.hints
        for one in verdict.notices:
            note(one)
        if self.json_to is not None:
            self._write(self.json_to, dumps(as_object(report, hints)))
        if self.html_to is not None:
            from grader.report.html import page

            self._write(self.html_to, page(report, hints))
        if self.junit_to is not None:
            from grader.report.junit import junit

            self._write(self.junit_to, junit([report]))
        if self.json_to == STDOUT:
            for one in report.notes:
                note(one)
        else:
            _show(report, self._where(verdict))
            if verdict.before is not None and verdict.before != report.score:
                of = "point" if verdict.before == 1 else "points"
                click.echo(f"{points(verdict.before)} {of} before, {points(report.score)} now.")
            for target in (self.json_to, self.html_to, self.junit_to):
                if target is not None:
                    click.echo(f"Written to {target}.")
        sys.stdout.flush()

    def _where(self, verdict: "Verdict") -> dict[str, str]:
        """Check id → the sentence that points to its open hints."""
        exercise = self.workspace.entry.id
        return {
            id_: f"hint: {ladder.opened} of {len(ladder.hints)} open, see `grader hint {exercise} {id_}`"
            for id_, ladder in verdict.ladders.items()
            if ladder.opened
        }

    @staticmethod
    def _write(target: Path, text: str) -> None:
        if target == STDOUT:
            click.echo(text, nl=False)
        else:
            write_file(target, text)


def _show(report: Report, where: dict[str, str]) -> None:
    if sys.stdout.isatty():
        from rich.console import Console

        from grader.report.text import view

        Console(highlight=False).print(view(report, where))
    else:
        from grader.report.text import to_text

        click.echo(to_text(report, where), nl=False)


def _check(workspace: Workspace, outputs: Outputs) -> Report:
    from grader.run import attempt, snapshot

    cancelled = threading.Event()
    shown = outputs.display()

    def decided(verdict: "Verdict") -> None:
        shown.close()
        outputs.decided(verdict)

    def interrupted() -> None:
        if cancelled.is_set():
            os.write(2, b"Still cleaning up, a moment.\n")  # print() may not be entered twice
            return
        shown.stopping()
        cancelled.set()

    try:
        with on_interrupt(interrupted), snapshot.take(workspace.entry, workspace.folder) as taken:
            verdict = attempt.check(
                workspace.entry,
                taken,
                workspace.work,
                observe=shown.event,
                decided=decided,
                cancelled=cancelled,
            )
    finally:
        shown.close()
    return verdict.report
