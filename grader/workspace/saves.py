"""Which writing of a learner's files is meant to be checked: a deliberate save, or one after which nobody has typed for long.

JupyterLab saves by the clock as well, in the middle of a line perhaps. Only its server can tell the two apart, and what it
knows lies in a file, so that a ``grader watch`` in a terminal goes by it too. Whatever another editor writes is deliberate.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from grader import settings
from grader.progress import fingerprint
from grader.values.errors import Cancelled
from grader.workspace.watch import EVERY_SECONDS, Look, look, wait_for_change

SETTLED_SECONDS: Final = 25.0
"""Longer than JupyterLab waits before it saves by the clock (20 s in images/lab/overrides.json): by then, nobody types."""


class Saves:
    """Who wrote to a learner's files of one exercise last.

    Args:
        work: the learner's work folder.
        exercise_id: of the exercise.
    """

    def __init__(self, work: Path, exercise_id: str) -> None:
        self._deliberate = _Moment(settings.save_file(work, exercise_id, by_the_clock=False))
        self._by_the_clock = _Moment(settings.save_file(work, exercise_id, by_the_clock=True))

    def deliberate(self) -> None:
        """What is on the disk now is meant to be checked."""
        self._deliberate.is_now()

    def by_the_clock(self) -> None:
        """JupyterLab has written a file; if somebody asked it to, ``deliberate`` follows."""
        self._by_the_clock.is_now()

    def typing(self) -> bool:
        """Whether what is on the disk is what JupyterLab saved by the clock a moment ago."""
        at = self._by_the_clock.last()
        return at > self._deliberate.last() and 0 <= time.time() - at < SETTLED_SECONDS


class Work:
    """A learner's files, and when they are to be checked again.

    Args:
        folder: the learner's, of the exercise.
        learner_files: the files that are theirs.
        saves: who wrote to them.
    """

    def __init__(self, folder: Path, learner_files: Iterable[str], saves: Saves) -> None:
        self._folder, self._files, self._saves = folder, tuple(learner_files), saves

    def fingerprint(self) -> str:
        """See ``progress.fingerprint``."""
        return fingerprint(self._folder, self._files)

    def overtaken(self, checked: str) -> bool:
        """Whether a check of what had this fingerprint is no longer of use: something else is meant to be checked now."""
        return not self._saves.typing() and checked != self.fingerprint()

    def wait(self, since: Look, checked: str | Callable[[], str | None] | None, stop: threading.Event) -> Look:
        """Wait until there is something that is meant to be checked, and is not what was checked last.

        Args:
            since: how the folder was.
            checked: the fingerprint of what was checked last, or what tells it; None where that does not matter.
            stop: ends the wait.

        Returns:
            How the folder is now.

        Raises:
            Cancelled: ``stop`` was set.
        """
        while True:
            since = wait_for_change(self._folder, since, stop)
            while self._saves.typing():
                if stop.wait(EVERY_SECONDS):
                    raise Cancelled
            since = look(self._folder)
            if (checked() if callable(checked) else checked) != self.fingerprint():
                return since


class _Moment:
    """When something last happened, for all processes. Where that cannot be written, no attempt is kept either."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def is_now(self) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()
            os.utime(self._path, (time.time(), time.time()))  # by this machine's clock, wherever the file is

    def last(self) -> float:
        with suppress(OSError):
            return self._path.stat().st_mtime
        return 0.0
