"""What a learner predicted before an experiment of a chapter.

The first answer counts: one that is given after the chapter has told what happens says nothing of what was expected.
"""

from dataclasses import dataclass
from pathlib import Path

from grader.progress.store import Progress, now


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One of them.

    Attributes:
        chapter: two digits.
        key: its name in the chapter.
        answer: the letter that was given.
        outcome: the letter of what happened; empty while the chapter has not told it.
        at: when it was given, UTC, ISO 8601.
    """

    chapter: str
    key: str
    answer: str
    outcome: str
    at: str


class Predictions:
    """The predictions kept in one work folder.

    Args:
        work: the learner's work folder.

    Every method raises ``Fault`` when the file cannot be read or written.
    """

    def __init__(self, work: Path) -> None:
        self._progress = Progress(work)

    def keep(self, chapter: str, key: str, answer: str) -> None:
        """Keep an answer; it takes the place of an earlier one until ``settle`` has been called."""
        with self._progress.transaction(write=True) as base:
            base.execute(
                "INSERT INTO prediction VALUES (?, ?, ?, '', ?) ON CONFLICT (chapter, key)"
                " DO UPDATE SET answer = excluded.answer, at = excluded.at WHERE outcome = ''",
                (chapter, key, answer, now()),
            )

    def settle(self, chapter: str, key: str, outcome: str) -> None:
        """Keep what happened. Without an answer there is nothing to keep."""
        if self.answer(chapter, key) is not None:
            with self._progress.transaction(write=True) as base:
                base.execute("UPDATE prediction SET outcome = ? WHERE chapter = ? AND key = ?", (outcome, chapter, key))

    def answer(self, chapter: str, key: str) -> str | None:
        """Return the answer that was given; None where there is none."""
        return next((one.answer for one in self.all() if (one.chapter, one.key) == (chapter, key)), None)

    def all(self) -> list[Prediction]:
        """Return all, by chapter, in the order in which they were given."""
        with self._progress.transaction() as base:
            rows = self._progress.prediction_rows(base)
        return [Prediction(**dict(zip(("chapter", "key", "answer", "outcome", "at"), row, strict=True))) for row in rows]
