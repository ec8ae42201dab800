"""What .dockerignore keeps out of a build context, as BuildKit decides it; docker-py's matcher differs below ``**/``.

The rules: every pattern is asked in its turn, the last one that fits decides; a pattern that fits a folder fits all that is
in it; ``**`` stands for any number of folders; leading and trailing slashes and a pattern ``.`` mean nothing.
"""

import posixpath
import re
from dataclasses import dataclass

_WILD = re.compile(r"[*?\[\\]")


@dataclass(frozen=True)
class _Pattern:
    line: str
    """As it stands in the file."""
    exception: bool
    regex: re.Pattern[str]
    literal: str
    """The folders before its first wildcard."""


def _regex(pattern: str) -> re.Pattern[str]:
    out, rest = "", pattern
    while rest:
        if rest.startswith("**"):
            rest = rest.lstrip("*").removeprefix("/")
            out += "(?:.*/)?" if rest else ".*"
            continue
        char, rest = rest[0], rest[1:]
        if char == "*":
            out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "\\" and rest:
            out, rest = out + re.escape(rest[0]), rest[1:]
        elif char == "[" and "]" in rest:
            inside, _, rest = rest.partition("]")
            negated, inside = inside.startswith("^"), inside.removeprefix("^")
            out += ("[^" if negated else "[") + re.escape(inside).replace(r"\-", "-") + "]"
        else:
            out += re.escape(char)
    return re.compile(out, re.DOTALL)


def _pattern(line: str) -> _Pattern | None:
    exception = line.startswith("!")
    path = line.removeprefix("!").strip()
    path = posixpath.normpath(path).lstrip("/") if path else ""
    if path in {"", "."}:
        return None
    try:
        regex = _regex(path)
    except re.error:  # BuildKit will refuse the pattern and say so
        return None
    wild = _WILD.search(path)
    literal = path[: path.rfind("/", 0, wild.start()) + 1] if wild else path
    return _Pattern(line, exception, regex, literal.rstrip("/"))


class Ignore:
    """An ignore file.

    Args:
        text: of the file; empty when there is none.
    """

    def __init__(self, text: str) -> None:
        lines = (line.strip() for line in text.splitlines() if not line.startswith("#"))
        self._patterns = [made for line in lines if line and (made := _pattern(line))]
        self._exceptions = [one for one in self._patterns if one.exception]

    def fits(self, path: str, above: tuple[bool, ...] = ()) -> tuple[bool, ...]:
        """Which patterns fit a path.

        Args:
            path: relative to the context, with slashes.
            above: the same of the folder it is in; empty at the top.
        """
        if not above:
            return tuple(bool(one.regex.fullmatch(path)) for one in self._patterns)
        return tuple(before or bool(one.regex.fullmatch(path)) for one, before in zip(self._patterns, above, strict=True))

    def ignored(self, fits: tuple[bool, ...]) -> bool:
        """Whether a path with these fits stays out."""
        out = False
        for pattern, fit in zip(self._patterns, fits, strict=True):
            if fit:
                out = not pattern.exception
        return out

    def decided_by(self, path: str) -> str:
        """The line that decides about a path: the last one that fits it, or a folder that it is in; empty where none does.

        Args:
            path: relative to the context, with slashes.
        """
        fits: tuple[bool, ...] = ()
        parts = path.split("/")
        for n in range(1, len(parts) + 1):
            fits = self.fits("/".join(parts[:n]), fits)
        return next((one.line for one, fit in zip(reversed(self._patterns), reversed(fits), strict=True) if fit), "")

    def left_out_by(self, path: str) -> str:
        """The line that keeps a path out; empty where it is sent."""
        line = self.decided_by(path)
        return "" if line.startswith("!") else line

    def may_hold_exceptions(self, folder: str) -> bool:
        """Whether something in an ignored folder could be let in again."""
        return any(
            not one.literal or f"{one.literal}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{one.literal}/")
            for one in self._exceptions
        )
