"""What a picture is, and the words and numbers that all pictures share."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from grader.pictures.canvas import Canvas
from grader.report.clean import sentence


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture and its two other forms, for whoever does not see it.

    Attributes:
        title: what it is of.
        summary: one sentence that says what it shows.
        canvas: what it is drawn on.
        head: names of the table's columns.
        rows: of the table; as long as ``head``, each.
    """

    title: str
    summary: str
    canvas: Canvas = field(repr=False, compare=False)
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @cached_property
    def svg(self) -> str:
        """An ``<svg>`` element, to be put into a page as it is."""
        return self.canvas.svg(self.title, self.summary)

    def png(self) -> bytes:
        """The same for a page that takes no SVG, on a ground of its own: it can be read on a dark page as well."""
        return self.canvas.png()

    def as_object(self) -> dict[str, Any]:
        """The picture as JSON holds it."""
        table = {"head": list(self.head), "rows": [list(row) for row in self.rows]}
        return {"title": self.title, "summary": self.summary, "svg": self.svg, "table": table}


def columns(text: str) -> int:
    """Count the columns that a text takes in a monospaced font."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text if not unicodedata.combining(one))


def cut(text: str, width: int, *, middle: bool = False) -> str:
    """Return ``text`` as one clean line of at most so many columns.

    Args:
        text: anything.
        width: columns of a monospaced font.
        middle: keep both ends, as an image's name and its tag.
    """
    text = sentence(text)
    if columns(text) <= width:
        return text
    if not middle:
        return _begin(text, width - 1) + "…"
    behind = _begin(text[::-1], (width - 1) // 2)[::-1]
    return f"{_begin(text, width - 1 - columns(behind))}…{behind}"


def _begin(text: str, width: int) -> str:
    taken = 0
    for place, one in enumerate(text):
        taken += columns(one)
        if taken > width:
            return text[:place]
    return text


def listed(parts: Iterable[str]) -> str:
    """Write ``a, b and c``."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
