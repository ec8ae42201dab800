"""``grader check``: build, run and probe what the learner made, and say what was seen."""

import dataclasses
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click

from grader.cli.display import Display, Silent, display
from grader.cli.interrupt import on_interrupt
from grader.cli.options import note, tell_notice, want_json, work_option, write_details, write_file
from grader.cli.workspace import Workspace, open_exercise
from grader.progress import Progress, fingerprint
from grader.report.as_json import as_object, dumps
from grader.values.errors import Cancelled, Fault, UsageError
from grader.values.events import Event, RunDecided
from grader.values.outcome import FAILED, Outcome, Report

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
    report = _run(workspace, outputs.decided, outputs.display())
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

    def decided(self, report: Report) -> None:
        """Record the attempt, then show it."""
        hints, where = self._record(report)
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
            _show(report, where)
            for target in (self.json_to, self.html_to, self.junit_to):
                if target is not None:
                    click.echo(f"Written to {target}.")
        sys.stdout.flush()

    def _record(self, report: Report) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """Keep the attempt; return the open hints of each check that did not pass, and the sentence that points there."""
        entry = self.workspace.entry
        progress = Progress(self.workspace.work)
        hints: dict[str, tuple[str, ...]] = {}
        where: dict[str, str] = {}
        files = entry.exercise.learner_files
        try:
            progress.record(report, fingerprint(self.workspace.folder, files), fingerprint(entry.starter, files))
            for one in report.checks:
                if one.outcome in FAILED and one.hints:
                    ladder = progress.ladder(entry.id, one.id, one.hints)
                    hints[one.id] = ladder.readable
                    if ladder.opened:
                        of = f"{ladder.opened} of {len(ladder.hints)}"
                        where[one.id] = f"hint: {of} open, see `grader hint {entry.id} {one.id}`"
        except Fault as fault:
            note(str(fault))
        tell_notice(progress)
        return hints, where

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


def _run(workspace: Workspace, decided: Callable[[Report], None], shown: Display) -> Report:
    from grader.run import runner

    cancelled = threading.Event()
    verdict: list[Report] = []
    trouble: list[BaseException] = []

    def deliver(report: Report) -> None:
        report = dataclasses.replace(report, notes=report.notes + workspace.notes)
        report = _set_details_aside(report, workspace.work)
        verdict.append(report)
        shown.close()
        decided(report)

    def observe(event: Event) -> None:
        # The run calls this between its own steps: a closed pipe or a full disk must not look like the engine's fault.
        try:
            shown.event(event)
            if isinstance(event, RunDecided):
                deliver(event.report)
        except Exception as error:  # noqa: BLE001 - raised again below, outside the run
            trouble.append(error)

    def interrupted() -> None:
        if cancelled.is_set():
            os.write(2, b"Still cleaning up, a moment.\n")  # print() may not be entered twice
            return
        shown.stopping()
        cancelled.set()

    try:
        with on_interrupt(interrupted):
            report = runner.run(workspace.entry, workspace.folder, observe=observe, cancelled=cancelled)
    except Cancelled:
        if not verdict:  # stopped while cleaning up: the verdict stands
            raise
        report = verdict[0]
    finally:
        shown.close()
    if trouble:
        raise trouble[0]
    if not verdict:
        deliver(report)
    return verdict[0]


def _set_details_aside(report: Report, work: Path) -> Report:
    """Put what only the grader's maintainers can read, a traceback, into a file; the report names it."""
    failed = [one for one in report.checks if one.outcome is Outcome.ERROR and one.finding]
    details = [(one.id, each) for one in failed if one.finding for each in one.finding.evidence]
    if not details:
        return report
    path = write_details(work, "\n".join(f"{id_}: {each.title}\n{each.text}" for id_, each in details))
    return dataclasses.replace(
        report,
        notes=(*report.notes, f"Details of what failed in the grader are in {path}."),
        checks=tuple(
            dataclasses.replace(one, finding=dataclasses.replace(one.finding, evidence=()))
            if one.outcome is Outcome.ERROR and one.finding
            else one
            for one in report.checks
        ),
    )
