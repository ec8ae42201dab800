"""``grader drill``: short tasks on the learner's own engine, seen as they are done."""

import threading
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from grader.cli.keys import Keys
from grader.cli.options import work_option
from grader.cli.workspace import course, default_work
from grader.course import drills
from grader.course.drills import DrillEntry
from grader.engine.observer import Observer
from grader.progress.drills import Drills
from grader.report.clean import sentence
from grader.run.drill import DrillRun, Standing
from grader.run.interrupt import on_interrupt
from grader.values.errors import UsageError

_KEYS = "r repeats it, n goes on to the next, q leaves."


@click.command("drill")
@click.argument("which", metavar="[NN | NN-SLUG]", default="")
@work_option
@click.option("--list", "only_list", is_flag=True, help="Only list them.")
def command(which: str, work: Path | None, only_list: bool) -> None:
    """Short live tasks: you type in another terminal, this one says what the engine shows.

    Without an argument, list all drills; with the number of a chapter, begin the first that is not done; with a drill's own
    name, begin it, or go on where it stands. What you make is looked at, and never changed.
    """
    root = course()
    if root is None:
        raise UsageError("No course was found from here. Go to Drydock's folder, or name it with DRYDOCK_COURSE.")
    base = (work or default_work(root)).expanduser().resolve()
    click.get_current_context().meta["drydock.work"] = base
    found = drills.find(root, which) if which else drills.entries(root)
    if only_list or not which:
        _list(found, Drills(base).times_done())
        return
    if len(found) == 1:
        chapter = drills.entries(root, found[0].chapter)
        place = [one.id for one in chapter].index(found[0].id)
    else:
        done = Drills(base).times_done()
        chapter = list(found)
        place = next((at for at, one in enumerate(chapter) if one.id not in done), 0)
    _follow(chapter, place, base)


def _list(entries: Sequence[DrillEntry], done: dict[str, int]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("drill", no_wrap=True)
    table.add_column("title")
    table.add_column("")
    for one in entries:
        table.add_row(one.id, sentence(one.drill.title), "[green]✔ done[/green]" if one.id in done else "")
    Console().print(table)
    click.echo("\ngrader drill NAME begins one.")


def _follow(chapter: Sequence[DrillEntry], place: int, work: Path) -> None:
    observer, left, keys = Observer(), threading.Event(), Keys()
    done = False

    def leave() -> None:
        left.set()
        keys.wake()

    try:
        with keys, on_interrupt(leave):
            while place < len(chapter) and not left.is_set():
                shown = _Shown(chapter[place], work)
                run = DrillRun(chapter[place], work, observer, lambda _: keys.wake())
                again = False
                try:
                    run.open()
                    while not left.is_set():
                        run.begin(again=again)
                        step = _until_done(run, shown, keys, left)
                        done = run.standing.phase == "done"
                        again = step == "repeat"
                        if not again:
                            break
                finally:
                    run.close()
                if step == "leave":
                    break
                place += 1
    finally:
        observer.close()
    if place == len(chapter):
        click.echo("That was the last drill of this chapter.")
    elif not done:
        click.echo(f"Left. What you made stays, and `grader drill {chapter[place].id}` goes on with it.")
    raise click.exceptions.Exit(0 if done else 1)


def _until_done(run: DrillRun, shown: "_Shown", keys: Keys, left: threading.Event) -> str:
    """Show a drill until its learner repeats it, goes on, or leaves."""
    shown.begin()
    while True:
        standing = run.standing
        shown.show(standing)
        if standing.phase == "done" and not keys.there:
            return "leave"
        pressed = keys.next()
        if left.is_set() or pressed == "q":
            return "leave"
        if pressed == "r":
            return "repeat"
        if pressed == "n":
            return "next"


class _Shown:
    """What was printed of a drill; only what is new is printed."""

    def __init__(self, entry: DrillEntry, work: Path) -> None:
        self._entry, self._work = entry, work
        self._standing = Standing("new")

    def begin(self) -> None:
        """Show it from the beginning again."""
        self._standing = Standing("new")

    def show(self, now: Standing) -> None:
        """Print what differs."""
        before, self._standing = self._standing, now
        if now == before or now.phase in {"new", "preparing"}:
            return
        if now.task != before.task:
            click.secho(f"\n{self._entry.id}  {sentence(self._entry.drill.title)}", bold=True)
            click.echo(now.task.strip())
            if self._entry.drill.files is not None:
                click.secho(f"The folder is in {self._work}.", dim=True)
            click.secho(f"Type in another terminal; what you do there is seen here. {_KEYS}", dim=True)
            for step in now.steps:
                click.echo(f"  ○ {sentence(step.title)}")
        was = {step.title for step in before.steps if step.done} if now.task == before.task else set()
        for step in now.steps:
            if step.done and step.title not in was:
                click.secho(f"  ✔ {sentence(step.title)}", fg="green")
            elif not step.done and step.title in was:
                click.echo(f"  ○ {sentence(step.title)} No longer.")
        if now.line and now.line != before.line:
            click.echo(f"  · {sentence(now.line)}")
        if now.phase == "done" and before.phase != "done":
            click.secho(f"✔ Done. {_KEYS}", fg="green", bold=True)
