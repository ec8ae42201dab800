"""A learner's files as they are when a check begins: what is checked, and what is recorded, whatever is saved meanwhile."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.course import layout
from grader.course.catalogue import Entry
from grader.engine import copies
from grader.engine.ownership import RunLock
from grader.progress import fingerprint
from grader.run.oddities import oddities
from grader.values.errors import UsageError, WorkError
from grader.values.limits import Limits
from grader.values.units import MB
from grader.workspace import modes
from grader.workspace.watch import Look, look

MOST: Final = Limits(context=100 * MB, context_files=1_000)
"""What is copied at most: an exercise has a handful of files, and a check is not to wait for a learner's data."""
_TRIES: Final = 3
_PAUSE_SECONDS: Final = 0.1
"""An editor that saves in several steps has done so by then."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A submission as it was at one moment.

    Attributes:
        original: the learner's folder.
        folder: what is checked: a copy of it that nobody else writes to; or the folder itself, where a copy would not be the
            same (it is larger than ``MOST``, has pipes in it, files of others that cannot be made here, or links that lead
            out of it).
        seen: everything in the learner's folder at that moment.
        fingerprint: of the learner's files, as they are checked.
        notes: what the reader of the report should know about them.
    """

    original: Path
    folder: Path
    seen: Look
    fingerprint: str
    notes: tuple[str, ...] = ()

    @property
    def private(self) -> bool:
        """Whether no save can change what is checked."""
        return self.folder != self.original


@contextmanager
def take(entry: Entry, folder: Path) -> Iterator[Snapshot]:
    """Give the execute bits back that an exchange took, then copy the folder; the copy goes when the block ends.

    The exercise's checks, where an earlier release has left them in the folder, are no part of the copy.
    In the copy, what the course has given has the modes that the course gives it.

    The copy has the folder's own name, and lies in the runtime folder under a lock: should this process be killed, the next
    run removes it.

    Args:
        entry: the exercise.
        folder: the learner's.

    Raises:
        UsageError: there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    modes.restore(folder, entry.starter)
    place = RunLock()
    try:
        seen, copied = _copied(folder, place.folder)
        checked = copied or folder
        note = modes.as_given(copied, entry.starter) if copied else ""
        notes = (*([note] if note else []), *oddities(checked))
        of = fingerprint(checked, entry.exercise.learner_files)
        yield Snapshot(original=folder, folder=checked, seen=seen, fingerprint=of, notes=notes)
    finally:
        place.release()


def _copied(folder: Path, place: Path) -> tuple[Look, Path | None]:
    """What is in a folder, and a copy of just that; None where there is no copy that would be the same."""
    for number in range(_TRIES):
        if number:
            time.sleep(_PAUSE_SECONDS)
        seen = look(folder)
        target = place / str(number) / folder.name
        same = _copy(folder, target)
        if look(folder) == seen:
            return seen, target if same else None
    return seen, None  # something in it never comes to rest, a log for example


def _copy(folder: Path, target: Path) -> bool:
    try:
        copies.copy(folder, target, MOST)
        same = copies.same(folder, target)
        if left := layout.released_earlier(target):
            left.unlink()
        return same
    except (WorkError, OSError):  # what is wrong with the folder is for the checks to find
        return False
