"""Checks an exercise beside the notebook, so that the verdict need not wait for the clean-up."""

import contextvars
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from grader import settings
from grader.course.catalogue import Entry
from grader.run import attempt, snapshot
from grader.run.attempt import Verdict
from grader.values.events import Event
from grader.workspace.watch import Look

_cleaning: list[threading.Thread] = []


def check(
    entry: Entry, folder: Path, *, observe: Callable[[Event], None], stop: threading.Event, wait_for_clean_up: bool
) -> tuple[Look, Verdict]:
    """Check an exercise; return when there is a verdict.

    The run's containers and networks are removed behind it. The next run waits for that, and so does the end of the process.

    Args:
        entry: the exercise.
        folder: the submission.
        observe: is handed the events.
        stop: ends the run.
        wait_for_clean_up: return only when everything is gone: where the process ends with the last verdict.

    Returns:
        What was in the folder then, and the verdict on it.

    Raises:
        GraderError: whatever ``attempt.check`` raises.
    """
    while _cleaning:
        _cleaning.pop().join()
    outcome: queue.SimpleQueue[tuple[Look, Verdict] | BaseException] = queue.SimpleQueue()

    def work() -> None:
        try:
            with snapshot.take(entry, folder) as taken:
                attempt.check(
                    entry,
                    taken,
                    settings.work_around(folder),
                    observe=observe,
                    decided=lambda verdict: outcome.put((taken.seen, verdict)),
                    cancelled=stop,
                )
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
