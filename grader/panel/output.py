"""What the engine has been doing for a check, line by line, as pages read it: each from where it is."""

import itertools
import threading
from collections import deque
from typing import Final

from grader.report.clean import clean

LINES: Final = 2_000
"""So many are kept; of a flood, the end."""

Place = tuple[int, int]
"""What a reader has: number of the run, number of lines of it."""


class Output:
    """The lines of the last run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=LINES)
        self._printed = 0  # those that were dropped included
        self._runs = 0

    def begin(self) -> None:
        """Begin with a new run's."""
        with self._lock:
            self._lines.clear()
            self._printed = 0
            self._runs += 1

    def add(self, line: str) -> None:
        """Take a line in; an empty one says nothing."""
        if line.strip():
            with self._lock:
                self._lines.append(code(line))
                self._printed += 1

    def since(self, place: Place) -> tuple[Place, int, list[str]]:
        """Return what a reader has not seen yet.

        Args:
            place: what the reader has.

        Returns:
            What the reader has then, the number of the first line, and the lines that are new to them.
        """
        with self._lock:
            run, lines = place if place[0] == self._runs else (self._runs, 0)
            first = max(lines, self._printed - len(self._lines))
            new = list(itertools.islice(self._lines, len(self._lines) - (self._printed - first), None))
            return (run, self._printed), first, new


def code(line: str) -> str:
    """A line for a page: nothing in it acts, and its blanks stay."""
    return clean(line.rstrip("\n"), chars=2_000, lines=1)
