"""What a step of a build was to copy, where the builder did not find it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath

from grader.diagnose.build_output import instruction
from grader.values.errors import CheckFailed
from grader.values.events import BuildStep

_NAMES = 12
_NO_SOURCE = re.compile(
    r"failed to (?:calculate checksum|compute cache key).*"
    r'(?:"/?(?P<path>[^"]+)": not found|lstat \S*/buildkit-mount\d+/(?P<folder>\S+): no such file or directory)'
)
_FROM_WHERE = re.compile(r"(?:--from=|[,=]from=)(?P<name>[^\s,]+)")


@dataclass(frozen=True)
class MissingSource:
    """What was not found.

    Attributes:
        path: without a slash in front.
        stage: or image, that it was to be copied from; empty for the build context.
        instruction: the step.
    """

    path: str
    stage: str
    instruction: str

    def not_in_stage(self) -> CheckFailed:
        """The failure where it was to come from another stage."""
        return CheckFailed(
            f"The build does not find /{self.path} in {self.stage}.",
            expected=f"what is copied from {self.stage} is there",
            found=f"there is no /{self.path} in {self.stage}; the step is “{self.instruction}”",
            advice="Compare that path with the place where the other stage puts it.",
        )

    def not_there(self, beside: Sequence[str]) -> CheckFailed:
        """The failure where it is not in the learner's folder.

        Args:
            beside: names of what is where it should be, sorted.
        """
        found = f"there is no {self.path} in your folder" + (f", only {', '.join(beside[:_NAMES])}" if beside else "")
        alike = get_close_matches(PurePath(self.path).name, beside, 1)
        return self._not_sent(found, f"You have {alike[0]}." if alike else "Check the spelling, and the folder that it is in.")

    def left_out(self, line: str) -> CheckFailed:
        """The failure where .dockerignore keeps it out.

        Args:
            line: the one that does; empty where that is not known.
        """
        here = f": here it is {line}" if line else ""
        return self._not_sent(
            f"{self.path} is in your folder, but .dockerignore keeps it out of the build",
            f"Of the lines in .dockerignore that match a file, the last one decides{here}.",
        )

    def _not_sent(self, found: str, advice: str) -> CheckFailed:
        return CheckFailed(
            f"The build does not find {self.path}.",
            expected="what is copied is in the build context",
            found=f"{found}; the step is “{self.instruction}”",
            advice=advice,
        )


def read(failed: BuildStep) -> MissingSource | None:
    """What a step that failed did not find; None when that is not what it is about."""
    match = _NO_SOURCE.search(failed.error)
    if not match:
        return None
    typed = instruction(failed)
    stage = _FROM_WHERE.search(typed)
    return MissingSource((match["path"] or match["folder"]).lstrip("/"), stage["name"] if stage else "", typed)
