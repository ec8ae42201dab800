"""A run as a learner reads it in a terminal: each check with its mark, its word and its points, then what was seen.

Everything is built from ``Text`` objects, never from rich's markup: a log that holds ``[red]`` shows ``[red]``.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace

from rich.box import Box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from grader.report.clean import clean, clean_check, clean_report
from grader.report.words import MARK, WORD, points, section, summary
from grader.values.outcome import CheckResult, Evidence, Finding, Outcome, Report
from grader.values.units import seconds

STYLE = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.SKIP: "dim",
    Outcome.LIMIT: "bold yellow",
    Outcome.ERROR: "bold magenta",
}
VERDICT_WIDTH = 11
LINES_SHOWN = 15
_BAR = Box("╭   \n│   \n│   \n│   \n│   \n│   \n│   \n╰   \n")


def view(report: Report, where: Mapping[str, str] | None = None) -> RenderableType:
    """Return the whole report.

    Args:
        report: any report; its texts are cleaned here.
        where: check id -> a sentence that says where help is to be had, e.g. which hints are open.
    """
    report = clean_report(report)
    checks: list[RenderableType] = []
    told: set[Finding] = set()
    for check in report.checks:
        if check.outcome is Outcome.ERROR and check.finding in told:
            # The engine that went away is the same news for every check: told once.
            checks.append(check_view(replace(check, finding=None)))
            continue
        checks.append(check_view(check, (where or {}).get(check.id, "")))
        if check.finding and check.outcome is not Outcome.SKIP:
            told.add(check.finding)
            checks.append(Text())
    if not (report.checks and isinstance(checks[-1], Text)):
        checks.append(Text())
    return Group(
        Text.assemble((report.exercise, "bold"), "  ", report.title),
        Text(),
        *checks,
        score_view(report),
        *(Text(f"note: {note}", style="dim") for note in report.notes),
    )


def check_view(check: CheckResult, where: str = "") -> RenderableType:
    """Return one check: its line, and what was found when it did not pass."""
    check = clean_check(check)
    line = row(verdict(check.outcome), Text(check.title), f"{points(check.points)}/{points(check.max_points)}")
    if check.finding is None or check.outcome is Outcome.PASS:
        return line
    return Group(line, Padding(Group(*_details(check, check.finding, where)), (0, 0, 0, VERDICT_WIDTH)))


def row(state: Text, title: Text, right: str = "") -> Table:
    """Return one line of a list of checks: state, title, and a note at the right edge."""
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(width=VERDICT_WIDTH - 1, no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_row(state, title, Text(right))
    return table


def verdict(outcome: Outcome) -> Text:
    """Return mark and word of an outcome, e.g. ``✔ passed``."""
    return Text(f"{MARK[outcome]} {WORD[outcome]}", style=STYLE[outcome])


def score_view(report: Report) -> Text:
    """Return the line that says what became of the run, how long it took and on which engine."""
    style = "bold green" if report.full_score else "bold magenta" if report.failed_to_grade else "bold"
    tail = " · ".join(part for part in (seconds(report.duration_s), report.engine) if part)
    return Text.assemble((summary(report), style), "  ", (tail, "dim"))


def to_text(report: Report, where: Mapping[str, str] | None = None, *, width: int = 100) -> str:
    """Return the report as plain text, for files and pipes."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, highlight=False).print(view(report, where))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _details(check: CheckResult, finding: Finding, where: str) -> Iterator[RenderableType]:
    yield Text(finding.message, style="dim" if check.outcome is Outcome.SKIP else "")
    facts = [(word, text) for word, text in (("expected", finding.expected), ("found", finding.found)) if text]
    if facts:
        grid = Table.grid(padding=(0, 2, 0, 0))
        for word, text in facts:
            grid.add_row(Text(word, style="dim"), Text(text, overflow="fold"))
        yield grid
    for one in finding.evidence:
        yield _evidence(one)
    if finding.advice:
        yield Text.assemble(("next: ", "bold"), finding.advice)
    if check.reading:
        yield Text.assemble(("read: ", "bold"), section(check.reading))
    if where:
        yield Text(where, style="cyan")


def _evidence(one: Evidence) -> RenderableType:
    text = Text(clean(one.text, lines=LINES_SHOWN), overflow="fold", style="dim")
    return Panel(text, box=_BAR, title=Text(one.title), title_align="left", border_style="dim", padding=(0, 1))
