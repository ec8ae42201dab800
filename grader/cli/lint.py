"""``grader lint``: the course proves itself, with progress while it runs and a table at the end."""

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.authoring import self_test, static_checks
from grader.authoring.self_test import SelfTestResult, Variant
from grader.authoring.static_checks import Defect
from grader.cli.options import json_flag, want_json
from grader.cli.workspace import course
from grader.course.catalogue import Entry
from grader.report.as_json import dumps
from grader.report.clean import sentence
from grader.report.words import count
from grader.run.store import Results
from grader.values.errors import UsageError
from grader.values.units import seconds


@click.command("lint")
@click.argument("exercises", metavar="[ID]...", nargs=-1)
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Variants at a time.")
@click.option("--static", is_flag=True, help="Only what can be told without an engine.")
@click.option("--fresh", is_flag=True, help="Run all, whatever an earlier run has found; so does DRYDOCK_FRESH=1.")
@json_flag
def command(exercises: tuple[str, ...], jobs: int, static: bool, fresh: bool, as_json: bool) -> None:
    """Prove exercises: starters fall short, solutions score full twice, wrong answers fail what they are named after.

    What an earlier run has found is not run again while nothing that it depends on has changed: not the exercise, the answer,
    the grader, a base image or the engine. How much that was is told at the end.

    Exit status: 0 all holds, 1 a defect in the course, 2 the grader or the engine failed.
    """
    if as_json:
        want_json(None)
    root = course()
    if root is None:
        raise UsageError("No course is installed with the grader. Name its folder with DRYDOCK_COURSE.")
    entries = self_test.need(root, exercises)
    defects = [defect for entry in entries for defect in static_checks.broken(entry)]
    begin = time.monotonic()
    total = 0 if static else sum(len(self_test.variants(entry)) for entry in entries)
    shown = _Progress(total, quiet=as_json)
    proved = [] if static else _self_test(entries, jobs, shown, Results.of_this_user(fresh=fresh))
    if as_json:
        click.echo(dumps(_as_object(defects, proved)), nl=False)
    else:
        _print(defects, proved, time.monotonic() - begin, len(entries))
    if any(one.error for one in proved):
        raise click.exceptions.Exit(2)
    if defects or not all(one.holds for one in proved):
        raise click.exceptions.Exit(1)


def _self_test(entries: list[Entry], jobs: int, shown: "_Progress", results: Results | None) -> list[SelfTestResult]:
    cancelled = threading.Event()
    before: Callable[..., object] | int | None = None
    main_thread = threading.current_thread() is threading.main_thread()
    if main_thread:
        before = signal.signal(signal.SIGINT, lambda *_: cancelled.set())
    try:
        with shown:
            return self_test.run_all(
                entries, jobs=jobs, started=shown.started, done=shown.done, cancelled=cancelled, results=results
            )
    finally:
        if main_thread:
            signal.signal(signal.SIGINT, before)


class _Progress:
    """A line for each variant as it is proved; in a terminal also what is running now."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        self._total, self._quiet = total, quiet
        self._done = 0
        self._running: dict[str, float] = {}
        self._lock = threading.Lock()
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("") if self._console.is_terminal and total and not quiet else None

    def __enter__(self) -> None:
        if self._status:
            self._status.start()

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def started(self, variant: Variant) -> None:
        """Show that it runs."""
        with self._lock:
            self._running[f"{variant.entry.id} {variant.name}"] = time.monotonic()
            self._redraw()

    def done(self, proved: SelfTestResult) -> None:
        """Show how it came out."""
        with self._lock:
            self._done += 1
            self._running.pop(f"{proved.exercise} {proved.variant}", None)
            if not self._quiet:
                number = f"[{self._done}/{self._total}]"
                line = Text.assemble(f"{number:>9} ", _word(proved), f" {proved.exercise} {proved.variant} ")
                kept = ", from an earlier run" if proved.earlier else ""
                line.append(f"({seconds(proved.duration_s)}{kept})", style="dim")
                self._console.print(line, soft_wrap=True)
            self._redraw()

    def _redraw(self) -> None:
        if self._status:
            self._status.update(Text(", ".join(self._running) or "…", style="dim", no_wrap=True, overflow="ellipsis"))


def _word(proved: SelfTestResult) -> Text:
    if proved.error:
        return Text("! error ", style="bold magenta")
    return Text("✔ holds ", style="green") if proved.holds else Text("✘ broken", style="bold red")


def _print(defects: list[Defect], proved: list[SelfTestResult], duration: float, exercises: int) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
    if proved:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("", "exercise", "variant", "expected", "came out"):
            table.add_column(name, overflow="fold", no_wrap=name in {"", "exercise"})
        before = ""
        for one in proved:
            exercise = Text("" if one.exercise == before else one.exercise)
            table.add_row(_word(one), exercise, Text(one.variant), Text(one.expected), Text(sentence(one.found)))
            before = one.exercise
        console.print(Text())
        console.print(table)
    for one in proved:
        if not one.holds:
            _print_why(console, one)
    if defects:
        console.print(Text(f"\n{count(len(defects), 'rule')} broken:", style="bold"))
        for defect in defects:
            console.print(Text(f"  {defect.exercise}: {defect.message}"))
    end = f"{count(exercises, 'exercise')}, {count(len(defects), 'rule')} broken"
    if proved:
        broken = sum(not one.holds for one in proved)
        end += f"; {count(len(proved), 'variant')}: {len(proved) - broken} hold, {broken} do not"
    else:
        end += "; nothing was run"
    console.print(Text(f"\n{end}; {seconds(duration)}."))
    if earlier := sum(one.earlier for one in proved):
        runs = sum(len(one.reports) for one in proved)
        console.print(Text(f"{earlier} of {count(runs, 'result')} from an earlier run; --fresh runs all."))


def _print_why(console: Console, one: SelfTestResult) -> None:
    console.print(Text(f"\n{one.exercise} {one.variant}", style="bold"))
    for line in one.why:
        console.print(Text(f"  {sentence(line)}"))


def _as_object(defects: list[Defect], proved: list[SelfTestResult]) -> dict[str, object]:
    return {
        "holds": not defects and all(one.holds for one in proved),
        "rules_broken": [asdict(one) for one in defects],
        "variants": [
            {
                "exercise": one.exercise,
                "variant": one.variant,
                "expected": one.expected,
                "found": sentence(one.found),
                "holds": one.holds,
                "error": one.error,
                "earlier": one.earlier,
                "duration_s": round(one.duration_s, 3),
                "outcomes": [{check.id: str(check.outcome) for check in report.checks} for report in one.reports],
            }
            for one in proved
        ],
    }
