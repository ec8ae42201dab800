"""Whether something in a learner's folder has changed.

By looking again and again: events of the file system do not arrive through every mount of Docker Desktop, and never over a
network share.
"""

import os
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from grader import settings
from grader.values.errors import Cancelled

EVERY_SECONDS: Final = 0.4
_EDITORS_OWN: Final = re.compile(r"\..*\.sw[a-z]|4913|\.#.*|#.*#|.*~|\.~.*|\.goutputstream-.*")
"""Swap, lock and backup files of vim, Emacs, nano, JupyterLab and gedit: they come and go while a learner types."""

Look = tuple[tuple[str, int, int, int], ...]
"""Path, mode, size and time of change (of files) of everything in a folder."""


def look(folder: Path) -> Look:
    """Return everything that a change of the learner's files changes; the notebook itself is saved all the time."""
    return tuple(_look(folder))


def _look(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    notebook = str(folder / f"{folder.name}.ipynb")
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in settings.NEVER_THE_LEARNERS)
        for name in sorted([*files, *folders]):
            path = os.path.join(parent, name)  # noqa: PTH118 - a context may have 200,000 files
            if path == notebook or _EDITORS_OWN.fullmatch(name):
                continue
            with suppress(FileNotFoundError):  # editors make and remove files of their own
                state = os.lstat(path)
                if stat.S_ISDIR(state.st_mode):  # what is in it speaks for itself, and its time changes with any file
                    yield path, state.st_mode, 0, 0
                else:
                    yield path, state.st_mode, state.st_size, state.st_mtime_ns


def stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what a new content of one file changes; None while there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns


def wait_for_change(folder: Path, since: Look, stop: threading.Event, *, every: float = EVERY_SECONDS) -> Look:
    """Wait until a folder is not as it was, and has come to rest: editors save in several steps.

    Args:
        folder: the learner's.
        since: as it was.
        stop: ends the wait.
        every: seconds between two looks.

    Returns:
        How it is now.

    Raises:
        Cancelled: ``stop`` was set.
    """
    before = since
    while True:
        now = look(folder)
        if now != since and now == before:
            return now
        before = now
        if stop.wait(every):
            raise Cancelled
