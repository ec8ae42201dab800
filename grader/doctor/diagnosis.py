"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How one thing is."""

    OK = "ok"
    WARN = "warn"
    """Some exercises or some comfort will suffer."""
    BAD = "bad"
    """Nothing can be graded like this."""


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at.

    Attributes:
        name: what, in a word or two.
        state: how it is.
        seen: what was seen, one sentence.
        fix: what to do about it; empty when all is well.
    """

    name: str
    state: State
    seen: str
    fix: str = ""
