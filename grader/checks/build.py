"""What goes into a build, and what of an earlier build it uses again."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from grader.engine.layers import LayerFile
from grader.values import units
from grader.values.errors import CheckFailed
from grader.values.outcome import BuildStep, Evidence

_SHOWN = 15


class Sent:
    """The build context as the engine received it, with everything that .dockerignore keeps out left out.

    Args:
        files: what was received.
    """

    def __init__(self, files: Sequence[LayerFile]) -> None:
        self.files = tuple(files)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(one.size for one in self.files)

    def matching(self, *patterns: str) -> list[str]:
        """Paths that fit one of the patterns, as ``path_fits`` has it."""
        return [one.path for one in self.files if any(path_fits(one.path, pattern) for pattern in patterns)]

    def expect_lacks(self, *patterns: str) -> None:
        """Nothing that fits one of the patterns was sent."""
        if found := self.matching(*patterns):
            raise CheckFailed(
                "The build sends files to the engine that it should not.",
                expected=f"none of these in the build context: {', '.join(patterns)}",
                found=few(found),
                evidence=self._evidence(),
            )

    def expect_at_most(self, n_bytes: int) -> None:
        """It is small enough."""
        if self.size > n_bytes:
            raise CheckFailed(
                "The build context is too large.",
                expected=f"at most {units.size(n_bytes)}",
                found=f"{units.size(self.size)} in {len(self.files)} files",
                evidence=self._evidence(),
            )

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


def what_was_cached(steps: Sequence[BuildStep]) -> Evidence:
    """A build's own steps, and which of them came from the cache."""
    own = [one for one in steps if one.name.startswith("[") and not one.name.startswith("[internal]")]
    own.sort(key=lambda one: one.started_s)
    return Evidence(
        "steps of that build",
        "\n".join(f"{'cached' if one.cached else units.seconds(one.duration_s):>8}  {one.name[:100]}" for one in own),
    )
