"""What is shown while a run goes on: a live table in a terminal, plain lines elsewhere, nothing when nobody looks."""

import importlib
import threading
from typing import Protocol, TextIO

from grader.report.clean import sentence
from grader.report.words import MARK, WORD
from grader.values.events import CheckDecided, Event, RunStarted
from grader.values.units import seconds


class Display(Protocol):
    """Shows a run. ``event`` is called from several threads, one at a time."""

    def event(self, event: Event) -> None:
        """Show an event."""

    def stopping(self) -> None:
        """The user asked to stop; called from a signal handler, so it may do next to nothing."""

    def close(self) -> None:
        """Leave the terminal as it was; may be called twice."""


class Silent:
    """Shows nothing."""

    def event(self, event: Event) -> None:
        """Ignore it."""

    def stopping(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class Lines(Silent):
    """A line for each verdict, for logs and pipes: no colours, no movement."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stopping = False

    def stopping(self) -> None:
        """From now on nothing is a verdict: checks end because they are stopped."""
        self._stopping = True

    def event(self, event: Event) -> None:
        """Write a line for what is worth one."""
        if self._stopping:
            return
        if isinstance(event, RunStarted):
            # The report will need rich, which takes a tenth of a second to import: now, while the engine works.
            threading.Thread(target=importlib.import_module, args=("grader.report.text",), daemon=True).start()
            self._write(f"Checking {sentence(event.exercise)} …")
        elif isinstance(event, CheckDecided):
            one = event.result
            self._write(f"  {MARK[one.outcome]} {WORD[one.outcome]:8}{sentence(one.title)} ({seconds(one.duration_s)})")

    def _write(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


def display(stream: TextIO) -> Display:
    """Return the display that suits ``stream``."""
    if not stream.isatty():
        return Lines(stream)
    from grader.cli.live import Live

    return Live(stream)
