"""``grader list``: exercises, points, and how far the learner is."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.options import json_flag, progress_or_note, want_json, work_option
from grader.cli.workspace import course, default_work
from grader.course import catalogue
from grader.progress import Best
from grader.report.as_json import dumps
from grader.report.words import count, points
from grader.values.errors import UsageError


@click.command("list")
@work_option
@json_flag
def command(work: Path | None, as_json: bool) -> None:
    """List the exercises with their points and your progress."""
    if as_json:
        want_json(None)
    root = course()
    if root is None:
        raise UsageError("No course was found from here. Go to Drydock's folder, or name it with DRYDOCK_COURSE.")
    base = (work or default_work(root)).expanduser().resolve()
    progress = progress_or_note(base)
    best = progress.best() if progress else {}
    rows: list[dict[str, Any]] = []
    for entry in catalogue.entries(root):
        mine = best.get(entry.id, Best())
        rows.append(
            {
                "id": entry.id,
                "title": entry.exercise.title,
                "points": entry.exercise.max_points,
                "score": mine.score,
                "attempts": mine.attempts,
                "state": mine.state,
                "solution_opened": mine.solution_opened,
            }
        )
    if as_json:
        click.echo(dumps({"course": str(root), "work": str(base), "exercises": rows}), nl=False)
        return
    _print(rows, base)


def _print(rows: list[dict[str, Any]], base: Path) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, right in (("exercise", False), ("title", False), ("best", True), ("of", True), ("", False)):
        table.add_column(name, justify="right" if right else "left", no_wrap=name in {"exercise", "best", "of"})
    marks = {"done": ("✔ done", "green"), "begun": ("… begun", "yellow"), "new": ("  new", "dim")}
    for row in rows:
        word, style = marks[row["state"]]
        tries = f", {count(row['attempts'], 'attempt')}" if row["attempts"] else ""
        table.add_row(
            Text(row["id"]), Text(row["title"]), points(row["score"]), points(row["points"]), Text(word + tries, style=style)
        )
    console = Console(highlight=False)
    console.print(table)
    done = sum(row["state"] == "done" for row in rows)
    total = sum(row["score"] or 0 for row in rows)
    of = sum(row["points"] for row in rows)
    console.print(Text(f"\n{done} of {count(len(rows), 'exercise')} done, {points(total)} of {points(of)} points."))
    if not any(row["attempts"] for row in rows) and rows:
        console.print(Text(f"Begin with `grader reset {rows[0]['id']}`; your work goes to {base}."))
