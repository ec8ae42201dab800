"""Which hints of a check may be read.

Rung 0 is what was seen: the finding, which every report shows. Each further rung opens with the next honest attempt at
which the check still failed. An open rung stays open.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from grader.values.outcome import FAILED, Outcome


@dataclass(frozen=True)
class Ladder:
    """The hints of one check, for one learner.

    Attributes:
        hints: all of them, first rung first.
        opened: how many of them may be read.
        seen: whether the check has failed in any attempt yet.
    """

    hints: tuple[str, ...]
    opened: int
    seen: bool

    @property
    def readable(self) -> tuple[str, ...]:
        """The hints that may be read."""
        return self.hints[: self.opened]

    @property
    def closed(self) -> int:
        """How many are still closed."""
        return len(self.hints) - self.opened


def climb(hints: tuple[str, ...], attempts: Iterable[tuple[bool, Outcome]]) -> Ladder:
    """Return how far a learner has climbed.

    Args:
        hints: the check's hints.
        attempts: of each attempt, oldest first: whether it was honest, and how the check ended.
    """
    seen, opened = False, 0
    for honest, outcome in attempts:
        if outcome not in FAILED:
            continue
        if seen and honest:
            opened += 1
        seen = True
    return Ladder(hints, min(opened, len(hints)), seen)
