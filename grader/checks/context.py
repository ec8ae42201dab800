"""What goes into a build, and what of an earlier build it uses again."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from grader.checks.exec_result import shortened
from grader.engine.build.ignore import Ignore
from grader.engine.layers import LayerFile
from grader.values import units
from grader.values.errors import CheckFailed
from grader.values.events import BuildStep
from grader.values.outcome import Evidence

_SHOWN = 15
_LARGE = 10
"""A file is large that is more than a tenth of it all."""
_FEW_LARGE = 3
_NUMBERED = re.compile(r"\[(?P<stage>.*?) ?(?P<number>\d+)/\d+\] ")


class BuildContext:
    """The build context as the engine received it, with everything that .dockerignore keeps out left out.

    Args:
        files: what was received.
        ignore: what kept the rest out.
        missing: advice, where there is no .dockerignore.
    """

    def __init__(self, files: Sequence[LayerFile], ignore: Ignore, *, missing: str = "") -> None:
        self.files = tuple(files)
        self._ignore = ignore
        self._missing = missing

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(one.size for one in self.files)

    def matching(self, *patterns: str) -> list[str]:
        """Paths that fit one of the patterns, as ``path_fits`` has it."""
        return [one.path for one in self.files if any(path_fits(one.path, pattern) for pattern in patterns)]

    def expect_lacks(self, *patterns: str, what: str) -> None:
        """Nothing that fits one of the patterns was sent.

        Args:
            patterns: see ``path_fits``.
            what: how to speak of it.
        """
        if found := self.matching(*patterns):
            raise CheckFailed(
                f"The build is still sent {what}.",
                expected=f"a build context without {what}",
                found=few(found),
                advice=self._why_sent(found[0]),
            )

    def expect_at_most(self, n_bytes: int) -> None:
        """It is small enough."""
        if self.size > n_bytes:
            large = [one for one in sorted(self.files, key=lambda one: -one.size) if one.size * _LARGE > self.size][:_FEW_LARGE]
            shown = ", ".join(f"{one.path} ({units.size(one.size)})" for one in large)
            raise CheckFailed(
                "The build context is too large.",
                expected=f"at most {units.size(n_bytes)}",
                found=f"{units.size(self.size)} in {len(self.files)} files" + (f"; the largest: {shown}" if shown else ""),
                evidence=self._evidence(),
                advice=self._missing,
            )

    def _why_sent(self, path: str) -> str:
        """What .dockerignore says of a file that was sent."""
        line = self._ignore.decided_by(path)
        if self._missing or (line and not line.startswith("!")):
            return self._missing
        if line:
            return f"The last line of .dockerignore that matches {path} is {line}, which lets it in again."
        return f"No line of .dockerignore matches {path}."

    def _evidence(self) -> Evidence:
        rows = sorted(self.files, key=lambda one: -one.size)[:_SHOWN]
        return Evidence("largest files that were sent", "\n".join(f"{units.size(one.size):>9}  {one.path}" for one in rows))


def path_fits(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern, or lies in a folder that does.

    Args:
        path: without a leading slash.
        pattern: ``*`` stands for anything in one name, ``**/`` at its beginning for any folders or none.
    """
    parts = path.split("/")
    beginnings = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    if pattern.startswith("**/"):
        return any(
            fnmatchcase("/".join(one.split("/")[n:]), pattern[3:]) for one in beginnings for n in range(one.count("/") + 1)
        )
    return any(one.count("/") == pattern.count("/") and fnmatchcase(one, pattern) for one in beginnings)


def few(names: Sequence[str]) -> str:
    """The first names of many."""
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _own(steps: Sequence[BuildStep]) -> list[BuildStep]:
    """A build's own steps, in their order."""
    numbered = [(match, one) for one in steps if (match := _NUMBERED.match(one.name))]
    begun: dict[str, float] = {}
    for match, one in numbered:
        begun[match["stage"]] = min(one.started_s, begun.get(match["stage"], one.started_s))
    numbered.sort(key=lambda pair: (begun[pair[0]["stage"]], pair[0]["stage"], int(pair[0]["number"])))
    return [one for _, one in numbered]


def first_that_ran(steps: Sequence[BuildStep]) -> str:
    """The first of a build's own steps that did not come from the cache; of several stages, each one's own first."""
    first: dict[str, str] = {}
    for one in _own(steps):
        place, _, instruction = one.name.partition("] ")
        # What is taken over from another stage runs again because of that stage, and so does all that comes after it.
        if not one.cached and not instruction.startswith("FROM "):
            first.setdefault(place.rpartition(" ")[0], "" if "from=" in instruction else shortened(instruction))
    return " and ".join(filter(None, first.values()))


def what_was_cached(steps: Sequence[BuildStep]) -> Evidence:
    """A build's own steps, and which of them came from the cache."""
    own = _own(steps)
    return Evidence(
        "steps of that build",
        "\n".join(f"{'cached' if one.cached else units.seconds(one.duration_s):>8}  {one.name[:100]}" for one in own),
    )
