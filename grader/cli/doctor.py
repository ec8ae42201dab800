"""``grader doctor``: what is wrong on this machine, and how to fix it."""

from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.options import json_flag, want_json, work_option
from grader.cli.workspace import course, default_work
from grader.doctor import Diagnosis, State, examine
from grader.report.as_json import dumps
from grader.report.clean import sentence

_WORDS = {State.OK: ("✔ ok", "green"), State.WARN: ("▲ warn", "bold yellow"), State.BAD: ("✘ bad", "bold red")}


@click.command("doctor")
@work_option
@json_flag
def command(work: Path | None, as_json: bool) -> None:
    """Examine engine, disk, images, network and versions, and say how to fix what is wrong.

    Exit status: 0 ready to grade (there may be warnings), 1 not.
    """
    if as_json:
        want_json(None)
    root = course()
    found = examine(root, (work or default_work(root)).expanduser().resolve())
    well = all(one.state is not State.BAD for one in found)
    if as_json:
        click.echo(dumps({"well": well, "findings": [asdict(one) for one in found]}), nl=False)
    else:
        _print(found, well=well)
    if not well:
        raise click.exceptions.Exit(1)


def _print(found: list[Diagnosis], *, well: bool) -> None:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for one in found:
        word, style = _WORDS[one.state]
        seen = Text(sentence(one.seen))
        if one.fix:
            seen.append(f"\n{sentence(one.fix)}", style="bold")
        table.add_row(Text(word, style=style), Text(one.name), seen)
    console = Console(highlight=False)
    console.print(table)
    warnings = sum(one.state is State.WARN for one in found)
    verdict = "Ready to grade" if well else "Not ready to grade: fix what is marked “bad” first"
    console.print(Text(f"\n{verdict}{f', {warnings} with a warning' if warnings else ''}.", style="bold"))
