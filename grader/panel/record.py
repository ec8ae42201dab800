"""What is kept of a learner at one exercise: read once after each change, and what may be opened by it."""

import os
from pathlib import Path

from grader.course.catalogue import Entry
from grader.progress import Attempt, Progress, Standing
from grader.report.words import count
from grader.values.errors import Fault, UsageError
from grader.workspace.solution import attempts_left
from grader.workspace.watch import stamp


class Conflict(UsageError):
    """What was asked for does not fit what is going on."""


class Record:
    """Where the learner stands. To be used by one thread at a time.

    Args:
        work: the learner's work folder.

    Attributes:
        notice: what the learner should know of their progress, e.g. that it cannot be read; else empty.
    """

    def __init__(self, work: Path) -> None:
        self._progress = Progress(work)
        self._of: Entry | None = None
        self._standing: Standing | None = None
        self._stamp = stamp(self._progress.path)
        self.notice = ""

    def changed(self) -> None:
        """What was read is no longer true."""
        self._standing = None

    def standing(self, entry: Entry) -> Standing:
        """Where they stand; nowhere, with a notice, while the progress cannot be read."""
        now = stamp(self._progress.path)  # a terminal or a notebook writes to it as well
        if self._standing is None or self._of is not entry or now != self._stamp:
            self._stamp = now
            hints = {check.id: check.hints for check in entry.exercise.checks.values()}
            try:
                self._standing = self._progress.standing(entry.id, hints)
                self.notice = self._progress.notice
            except Fault as fault:
                self.notice = str(fault)
                self._standing = Progress(Path(os.devnull) / "nowhere").standing(entry.id, hints)
            self._of = entry
        return self._standing

    def attempts(self, entry: Entry) -> list[Attempt]:
        """All attempts, oldest first."""
        return self._progress.attempts(entry.id)

    def read_hint(self, entry: Entry, check_id: str) -> None:
        """Open the next hint of a check.

        Raises:
            Conflict: none may be opened now.
        """
        standing = self.standing(entry)
        ladder = standing.ladders.get(check_id)
        if ladder is None or standing.hints_read[check_id] >= ladder.opened:
            raise Conflict("The next hint opens when you have changed something and this check still fails.")
        self._progress.hints_read(entry.id, check_id, [standing.hints_read[check_id] + 1])
        self.changed()

    def read_solution(self, entry: Entry) -> None:
        """Keep that the solution is read.

        Raises:
            Conflict: it is still closed.
        """
        best = self.standing(entry).best
        if why := closed(entry, self.standing(entry)):
            raise Conflict(why)
        self._progress.solution_read(entry.id, after_full_score=best.full)
        self.changed()


def closed(entry: Entry, standing: Standing) -> str:
    """Why the solution is still closed; empty when it is open."""
    left = attempts_left(standing.best, entry.exercise.honest_attempts)
    return f"It opens after a full score, or after {count(left, 'more attempt')} in which you change something." if left else ""
