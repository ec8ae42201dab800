"""Runs an exercise beside the notebook, so that the verdict need not wait for the clean-up."""

import contextvars
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from grader.course.catalogue import Entry
from grader.run import runner
from grader.values.events import Event, RunDecided
from grader.values.outcome import Report

_cleaning: list[threading.Thread] = []


def run(
    entry: Entry, folder: Path, *, observe: Callable[[Event], None], stop: threading.Event, wait_for_clean_up: bool
) -> Report:
    """Run an exercise; return when there is a verdict.

    The run's containers and networks are removed behind it. The next run waits for that, and so does the end of the process.

    Args:
        entry: the exercise.
        folder: the submission.
        observe: is handed the events.
        stop: ends the run.
        wait_for_clean_up: return only when everything is gone: where the process ends with the last verdict.

    Raises:
        GraderError: whatever ``runner.run`` raises.
    """
    while _cleaning:
        _cleaning.pop().join()
    outcome: queue.SimpleQueue[Report | BaseException] = queue.SimpleQueue()

    def on_event(event: Event) -> None:
        observe(event)
        if isinstance(event, RunDecided):
            outcome.put(event.report)

    def work() -> None:
        try:
            outcome.put(runner.run(entry, folder, observe=on_event, cancelled=stop))
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits for it
            outcome.put(error)

    # With the cell's context the kernel knows which cell the output belongs to.
    thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), name="drydock-run")
    thread.start()
    _cleaning.append(thread)
    result = outcome.get()
    if wait_for_clean_up:
        thread.join()
    if isinstance(result, BaseException):
        raise result
    return result
