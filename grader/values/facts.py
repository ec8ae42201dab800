"""Facts that differ from learner to learner: a port, a token, a number. A copied answer does not fit.

They are computed, not stored: from the learner's name, the exercise and a key. So they are the same each time, the grader
knows them on any machine, and no file of the learner's holds them. An instructor sets ``DRYDOCK_FACTS_KEY`` to a secret
wherever facts are made and graded; without it, a reader of this source could compute another learner's facts.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

_OPEN_KEY = "drydock"

EXAMPLE_LEARNER = "example learner"
"""Nobody: the reference and the wrong answers of an exercise are this learner's. The facts never depend on the secret key."""


@dataclass(frozen=True)
class Facts:
    """One learner's facts in one exercise.

    Attributes:
        learner: the name; upper and lower case and outer white space make no difference.
        exercise: the exercise's id.
        key: the instructor's secret; empty where there is none.
    """

    learner: str
    exercise: str
    key: str = field(default="", repr=False)

    def _bits(self, name: str) -> int:
        key = (self.key if self.learner != EXAMPLE_LEARNER else "") or _OPEN_KEY
        said = "\0".join((self.learner.strip().casefold(), self.exercise, name))
        return int.from_bytes(hmac.digest(key.encode(), said.encode(), "sha256"))

    def number(self, name: str, low: int, high: int) -> int:
        """A whole number.

        Args:
            name: of the fact.
            low: the least it can be.
            high: the most it can be.
        """
        return low + self._bits(name) % (high - low + 1)

    def word(self, name: str, letters: int = 8) -> str:
        """A made-up word of lower-case letters and digits, beginning with a letter.

        Args:
            name: of the fact.
            letters: its length.
        """
        bits, word = self._bits(name), ""
        alphabet = "bcdfghjkmnpqrstvwxz23456789"  # no vowels: no words that offend; no look-alikes
        while len(word) < letters:
            choice = alphabet[:19] if not word else alphabet
            bits, place = divmod(bits, len(choice))
            word += choice[place]
        return word

    def choice(self, name: str, among: Sequence[str]) -> str:
        """One of several.

        Args:
            name: of the fact.
            among: what to choose from.
        """
        return among[self._bits(name) % len(among)]
