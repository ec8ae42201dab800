"""``grader watch``: check again each time a file is saved; what JupyterLab saves by itself counts once nobody types."""

import contextlib
import threading
from pathlib import Path

import click

from grader.cli.check import Outputs
from grader.cli.options import exercise_argument, note, work_option
from grader.cli.workspace import open_exercise
from grader.engine.sandbox.pool import Sandboxes
from grader.run import attempt, snapshot
from grader.run.interrupt import on_interrupt
from grader.run.snapshot import Snapshot
from grader.values.errors import Cancelled, Fault
from grader.workspace.saves import Saves, Work


@click.command("watch")
@exercise_argument
@work_option
def command(exercise: str, work: Path | None) -> None:
    """Check exercise ID, and again each time you save one of its files; a save during a check begins it again.

    Ctrl-C ends it.
    """
    end = threading.Event()
    with on_interrupt(end.set), Sandboxes() as sandboxes, contextlib.suppress(Cancelled):
        while True:
            # Read again each time: some checks choose numbers by chance, and an earlier verdict may have told them.
            workspace = open_exercise(exercise, work)
            with snapshot.take(workspace.entry, workspace.require_folder()) as taken:
                files = Work(
                    workspace.folder, workspace.entry.exercise.learner_files, Saves(workspace.work, workspace.entry.id)
                )
                superseded = _check(Outputs(workspace, None, None, None), sandboxes, taken, files, end)
            if end.is_set():
                break
            told = "A file was saved: checking again." if superseded else "Waiting for you to save a file; Ctrl-C ends this."
            click.echo(told, err=True)
            checked = None if superseded else taken.fingerprint
            files.wait(taken.seen, checked, end)
    click.echo("Stopped watching.", err=True)


def _check(outputs: Outputs, sandboxes: Sandboxes, taken: Snapshot, files: Work, end: threading.Event) -> bool:
    """One check, stopped when a file is saved, or at the end; return whether a save took its verdict away."""
    workspace = outputs.workspace
    shown = outputs.display()
    stop, over, saved = threading.Event(), threading.Event(), threading.Event()

    def stands() -> bool:
        over.set()  # from here on a save is the next check's
        if files.overtaken(taken.fingerprint):
            saved.set()
            return False
        return True

    def decided(verdict: attempt.Verdict) -> None:
        shown.close()
        outputs.decided(verdict)

    def stop_on_save() -> None:
        with contextlib.suppress(Cancelled):
            files.wait(taken.seen, taken.fingerprint, over)
            saved.set()
            stop.set()

    def stop_at_end() -> None:
        while not over.wait(0.1):
            if end.is_set():
                stop.set()

    watchers = [threading.Thread(target=one, daemon=True) for one in (stop_on_save, stop_at_end)]
    for watcher in watchers:
        watcher.start()
    try:
        attempt.check(
            workspace.entry,
            taken,
            workspace.work,
            observe=shown.event,
            decided=decided,
            stands=stands,
            cancelled=stop,
            sandboxes=sandboxes,
        )
    except Cancelled:
        pass
    except Fault as fault:  # an engine that is started again meanwhile: the watch goes on
        note(str(fault))
    finally:
        over.set()
        shown.close()
        for watcher in watchers:
            watcher.join()
    return saved.is_set()
