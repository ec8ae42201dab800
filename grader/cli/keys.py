"""Single keys of a terminal, as they are pressed, and being woken meanwhile."""

import contextlib
import os
import select
import sys
import termios
import tty
from types import TracebackType
from typing import Any, Self


class Keys:
    """Reads single keys while the block runs; without a terminal there are none. ``wake`` may be called from any thread."""

    def __init__(self) -> None:
        self._there = sys.stdin.isatty()
        self._before: list[Any] | None = None
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    @property
    def there(self) -> bool:
        """Whether there is somebody who could press one."""
        return self._there

    def __enter__(self) -> Self:
        if self._there:
            self._before = termios.tcgetattr(sys.stdin.fileno())
            tty.setcbreak(sys.stdin.fileno(), termios.TCSANOW)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._before is not None:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, self._before)
        os.close(self._read)
        os.close(self._write)

    def wake(self) -> None:
        """Let ``next`` return."""
        with contextlib.suppress(OSError):  # woken often enough already, or over
            os.write(self._write, b".")

    def next(self) -> str:
        """Wait for a key or for being woken.

        Returns:
            The key in lower case; empty when it was woken, or when nobody is there any more.
        """
        wanted = [self._read, *([sys.stdin.fileno()] if self._there else [])]
        ready, _, _ = select.select(wanted, [], [])
        if self._read in ready:
            os.read(self._read, 4096)
            return ""
        pressed = os.read(sys.stdin.fileno(), 1)
        self._there = bool(pressed)
        return pressed.decode("ascii", "replace").lower()
