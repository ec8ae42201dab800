"""``grader watch``: check again each time a file is saved."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click

from grader import runner
from grader.cli.check import Outputs
from grader.cli.options import exercise_argument, note, work_option
from grader.cli.workspace import open_exercise
from grader.engine.sandboxes import Sandboxes
from grader.values.errors import Cancelled, Fault
from grader.values.outcome import Event, Report, RunDecided
from grader.workspace.watch import Look, look, wait_for_change


@click.command("watch")
@exercise_argument
@work_option
def command(exercise: str, work: Path | None) -> None:
    """Check exercise ID, and again each time you save one of its files; a save during a check begins it anew.

    Ctrl-C ends it.
    """
    end = threading.Event()
    with _interruptible(end), Sandboxes() as sandboxes:
        while not end.is_set():
            workspace = open_exercise(exercise, work)  # anew each time: see panel.desk
            seen = look(workspace.require_folder())
            outputs = Outputs(workspace, None, None, None)
            with contextlib.suppress(Cancelled):
                _check(outputs, sandboxes, seen, end)
            if end.is_set():
                break
            click.echo("Waiting for you to save a file; Ctrl-C ends this.", err=True)
            with contextlib.suppress(Cancelled):
                wait_for_change(workspace.folder, seen, end)
    click.echo("Stopped watching.", err=True)


def _check(outputs: Outputs, sandboxes: Sandboxes, seen: Look, end: threading.Event) -> None:
    """One check; it is stopped when a file is saved, or at the end.

    Raises:
        Cancelled: it was.
    """
    shown = outputs.display()
    stop, over = threading.Event(), threading.Event()
    verdict: list[Report] = []

    def observe(event: Event) -> None:
        shown.event(event)
        if isinstance(event, RunDecided):
            verdict.append(event.report)
            over.set()  # from here on a save is the next check's
            shown.close()
            outputs.decided(event.report)

    def stop_on_save() -> None:
        with contextlib.suppress(Cancelled):
            wait_for_change(outputs.workspace.folder, seen, over)
            if not over.is_set():
                stop.set()

    def stop_at_end() -> None:
        while not over.wait(0.1):
            if end.is_set():
                stop.set()

    watchers = [threading.Thread(target=one, daemon=True) for one in (stop_on_save, stop_at_end)]
    for watcher in watchers:
        watcher.start()
    try:
        workspace = outputs.workspace
        runner.run(workspace.entry, workspace.folder, observe=observe, cancelled=stop, sandboxes=sandboxes)
    except Cancelled:
        if not verdict:
            if not end.is_set():
                click.echo("A file was saved: checking again.", err=True)
            raise
    except Fault as fault:  # an engine that is started again meanwhile: the watch goes on
        note(str(fault))
    finally:
        over.set()
        shown.close()
        for watcher in watchers:
            watcher.join()


@contextlib.contextmanager
def _interruptible(end: threading.Event) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        end.set()

    if threading.current_thread() is not threading.main_thread():  # tests
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
