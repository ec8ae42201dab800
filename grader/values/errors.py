"""Every error that the package raises.

GraderError
├── WorkError             the learner's work; becomes an outcome, never a crash
│   ├── CheckFailed           it falls short                                  -> FAIL
│   └── LimitReached          it used more than it may                        -> LIMIT
├── Fault                 ours or the engine's; never scored                  -> ERROR, exit status 2
│   ├── EngineUnavailable     none answers, or too old, or it went away
│   ├── DiskFull              the engine has no room left
│   ├── ImageUnavailable      a base image is neither here nor to be had
│   └── DefinitionError       an exercise's own definition is wrong
├── UsageError            the caller asked for something that is not there    -> exit status 2
└── Cancelled             the user stopped the run
"""

from typing import Self

from grader.values.outcome import Evidence, Finding


class GraderError(Exception):
    """Base of all."""


class WorkError(GraderError):
    """The learner's work; carries the finding that the report shows."""

    def __init__(
        self,
        message: str,
        *,
        expected: str = "",
        found: str = "",
        evidence: tuple[Evidence, ...] | Evidence = (),
        advice: str = "",
    ) -> None:
        super().__init__(message)
        if isinstance(evidence, Evidence):
            evidence = (evidence,)
        shown = tuple(one for one in evidence if one.text.strip())
        self.finding = Finding(message=message, expected=expected, found=found, evidence=shown, advice=advice)

    def but(self, *, message: str = "", expected: str = "", found: str = "", advice: str = "") -> Self:
        """The same failure, told by somebody who knows more: what is given takes the place of what it said."""
        was = self.finding
        return type(self)(
            message or was.message,
            expected=expected or was.expected,
            found=found or was.found,
            evidence=was.evidence,
            advice=advice or was.advice,
        )


class CheckFailed(WorkError):
    """The work falls short of what the check expects."""


class LimitReached(WorkError):
    """The work reached one of its limits."""


class Fault(GraderError):
    """The grader or the engine failed: one sentence, and what to do next.

    Args:
        message: what is wrong, one sentence.
        next_step: what the reader can do about it.
    """

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} {self.next_step}".strip()


class EngineUnavailable(Fault):
    """No engine answers, it is too old, or it went away in the middle."""


class DiskFull(Fault):
    """The engine has no room left."""


class ImageUnavailable(Fault):
    """An image is not in the engine and cannot be pulled.

    Args:
        message, next_step: as of every fault.
        named: the image's name, where it is the learner's files that name it.
    """

    def __init__(self, message: str, next_step: str = "", *, named: str = "") -> None:
        super().__init__(message, next_step)
        self.named = named


class DefinitionError(Fault):
    """An exercise's definition is wrong: for its author, not for the learner."""


class UsageError(GraderError):
    """The caller asked for something that is not there."""


class Cancelled(GraderError):
    """The user stopped the run."""
