"""Numbers of one kind, each as a bar of its own."""

from collections.abc import Mapping
from typing import Final

from grader.pictures.canvas import COLUMN, MARGIN, WIDTH, Canvas, Theme
from grader.pictures.picture import Picture, cut, listed
from grader.report.clean import sentence

_ROW: Final = 34.0
_BAR: Final = 12.0
_TINY: Final = 1.5
"""Pixels: what is smaller is a tick of this width."""
_LETTERS = int((WIDTH - 2 * MARGIN) / COLUMN)


def bars(title: str, values: Mapping[str, float], unit: str, *, theme: Theme = "light") -> Picture:
    """Draw numbers, in the order given.

    Args:
        title: what is shown.
        values: a number for each name; 0 or more.
        unit: ``MB``, ``ms`` …
        theme: of the page.
    """
    canvas = Canvas(_ROW * len(values) + 8, theme)
    scale = (WIDTH - 2 * MARGIN) / (max(values.values(), default=0) or 1)
    for row, (name, value) in enumerate(values.items()):
        y, number = row * _ROW, f"{value:.1f} {unit}"
        canvas.text(MARGIN, y + 14, cut(name, _LETTERS - len(number) - 2), mono=True)
        canvas.text(WIDTH - MARGIN, y + 14, number, mono=True, align="right", bold=True)
        canvas.bar(MARGIN, y + 19, max(value * scale, _TINY), _BAR, canvas.palette.own)
    said = [f"{cut(name, 60)} {value:.1f} {unit}" for name, value in values.items()]
    summary = f"{cut(title, 100)}: {listed(said) if said else 'nothing'}."
    return Picture(
        title=title,
        summary=summary,
        canvas=canvas,
        head=("what", unit),
        rows=tuple((sentence(name), f"{value:.1f}") for name, value in values.items()),
    )
