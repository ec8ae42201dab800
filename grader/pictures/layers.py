"""The layers of an image: each begins where the one below it ended, so that the last one ends at the image's size."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from grader.pictures.canvas import COLUMN, MARGIN, WIDTH, Canvas, Theme
from grader.pictures.picture import Picture, cut
from grader.report.clean import sentence
from grader.report.words import count
from grader.values.events import ImageBuilt
from grader.values.units import size

TITLE: Final = "Layers of your image"
_ROW = 36.0
_BAR = 12.0
_TINY: Final = 3.0
"""Pixels: a narrower bar would look like a larger layer than it is, so it is a tick."""
_FEW: Final = 0.25
"""Of the whole: where the learner's steps make less, they are drawn once more, enlarged."""
_LETTERS = int((WIDTH - 2 * MARGIN) / COLUMN)
_UNKNOWN = "(a step that the history does not tell)"


@dataclass(frozen=True)
class _Row:
    command: str
    size: int
    base: bool = False


def layers(built: ImageBuilt, *, reference_size: int | None = None, theme: Theme = "light") -> Picture:
    """Draw an image's layers.

    Args:
        built: the image.
        reference_size: bytes of the image that a solution makes; None to leave it out.
        theme: of the page.
    """
    rows = list(_rows(built))
    end = max(sum(row.size for row in rows), built.size, reference_size or 0, 1)
    own = [row for row in rows if not row.base and row.size]
    inset = len(own) > 1 and len(own) < len(rows) and sum(row.size for row in own) < _FEW * end
    sums = 1 + bool(reference_size) + inset
    canvas = Canvas(_ROW * (len(rows) + sums) + 36, theme)
    palette, scale = canvas.palette, (WIDTH - 2 * MARGIN) / end
    largest = max((row.size for row in rows if not row.base), default=0)
    # Where the base image is not known, the largest may be one of its layers.
    whose = "your " if any(row.base for row in rows) else ""
    begin, y = MARGIN, 0.0
    for row in rows:
        most = bool(row.size) and row.size == largest and not row.base
        _name(canvas, y, row.command, f"{whose}largest: {size(row.size)}" if most else size(row.size), bold=most)
        if row.size * scale < _TINY:
            tick = min(begin, WIDTH - MARGIN - 1)
            canvas.line([(tick, y + 18.5), (tick, y + 22 + _BAR)], palette.own if row.size else palette.faint, width=1.5)
        elif row.base:
            canvas.bar(begin, y + 19, row.size * scale, _BAR, palette.base, hatch="////")
        else:
            canvas.bar(begin, y + 19, row.size * scale, _BAR, palette.own)
        begin, y = begin + row.size * scale, y + _ROW
    if inset:
        _enlarged(canvas, y, own)
        y += _ROW
    y += 8
    canvas.line([(MARGIN, y), (WIDTH - MARGIN, y)], palette.grid)
    _name(canvas, y, "all layers", size(built.size), bold=True)
    below = sum(row.size for row in rows if row.base) * scale
    if below >= _TINY:
        canvas.bar(MARGIN, y + 19, below, _BAR, palette.base, hatch="////")
    canvas.bar(MARGIN + below, y + 19, max(built.size * scale - below, 1.5), _BAR, palette.own)
    if reference_size:
        y += _ROW
        _name(canvas, y, "the size of a solution", size(reference_size), bold=True)
        canvas.bar(MARGIN, y + 19, max(reference_size * scale, 1.5), _BAR, palette.good, hatch="----")
    y += _ROW
    key = "striped: base · full: your steps · ticks: too small · each begins where the last ended"
    canvas.text(MARGIN, y + 14, key, colour=palette.faint, size=11)
    summary = _summary(built, rows, reference_size)
    return Picture(
        title=TITLE,
        summary=summary,
        canvas=canvas,
        head=("layer, oldest first", "size"),
        rows=(
            *((sentence(row.command), size(row.size)) for row in rows),
            ("all layers", size(built.size)),
            *((("the size of a solution", size(reference_size)),) if reference_size else ()),
        ),
    )


def _enlarged(canvas: Canvas, y: float, own: list[_Row]) -> None:
    """The learner's steps alone, across the whole width, side by side in their order."""
    whole = sum(row.size for row in own)
    _name(canvas, y, "your steps alone, enlarged", size(whole), bold=False)
    begin, scale = MARGIN, (WIDTH - 2 * MARGIN) / whole
    for row in own:
        canvas.bar(begin, y + 19, max(row.size * scale - 1.5, 0.5), _BAR, canvas.palette.own)
        begin += row.size * scale


def _rows(built: ImageBuilt) -> Iterable[_Row]:
    """The base image is one row, whoever made it and in however many steps."""
    if built.base_layers:
        below = built.layers[: built.base_layers]
        yield _Row(f"FROM {built.base}", sum(one.size for one in below), base=True)
    for one in built.layers[built.base_layers :]:
        yield _Row(one.command.strip() or _UNKNOWN, one.size)


def _name(canvas: Canvas, y: float, name: str, number: str, *, bold: bool) -> None:
    """Write what a bar stands for above it, and its size at the other end of the line."""
    canvas.text(MARGIN, y + 14, cut(name, _LETTERS - len(number) - 2), mono=True, bold=bold)
    canvas.text(WIDTH - MARGIN, y + 14, number, mono=True, align="right", bold=bold)


def _summary(built: ImageBuilt, rows: list[_Row], reference_size: int | None) -> str:
    own = [row for row in rows if not row.base]
    text = f"The image has {size(built.size)}"
    if built.base_layers:
        text += f", {size(rows[0].size)} of them in its base image {cut(built.base, 60, middle=True)}"
    biggest = max(own, key=lambda row: row.size, default=None)
    if biggest is not None and biggest.size:
        whose = "your" if built.base_layers else "its"  # where the base image is not known, some may be of it
        text += f"; of {whose} {count(len(own), 'step')} the largest is “{cut(biggest.command, 60)}” with {size(biggest.size)}"
    if reference_size:
        text += f"; a solution has {size(reference_size)}"
    return text + "."
