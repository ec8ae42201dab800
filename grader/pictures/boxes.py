"""Boxes one below the other, and arrows from lines in them to other boxes, beside them all.

So no name is too long, no arrow crosses a box, and the picture fits the narrow column of a panel. A graph's layout from a
library would do neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from grader.pictures.canvas import COLUMN, MARGIN, WIDTH, Canvas, Theme
from grader.pictures.picture import cut

Tone = Literal["good", "bad", "wait", "plain"]

_LINE = 17.0
_HEAD = 26.0
_GAP = 16.0
_LANE, _LANES = 13.0, 100.0
"""Between two arrows that run side by side, and for all of them; pixels."""
STATE: Final = 26
"""Columns for what is said at the right of a box."""
_WHAT = 84.0
"""Where a line's own words begin, behind what it is about; pixels."""
_MARKS: Final[Mapping[Tone, str]] = {"good": "✔", "bad": "✘", "wait": "…", "plain": "○"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line in a box.

    Attributes:
        what: it is about, e.g. ``image``.
        text: the thing itself.
        aside: said at its right end, faintly.
        goal: key of the box that an arrow leads to from here.
        ends: whether both ends of a text that is too long are kept.
    """

    what: str
    text: str
    aside: str = ""
    goal: str = ""
    ends: bool = False


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box.

    Attributes:
        key: names it for ``Line.goal``.
        name: as it is written; what is too long is cut in its middle.
        many: written behind the name, and never cut.
        state: at the right of its name.
        tone: how the state looks; a mark in front of it says the same without colour.
        marked: whether there is such a mark.
        lines: below.
    """

    key: str
    name: str
    many: str = ""
    state: str = ""
    tone: Tone = "plain"
    marked: bool = True
    lines: tuple[Line, ...] = ()

    @property
    def height(self) -> float:
        """Pixels."""
        return _HEAD + _LINE * len(self.lines) + 4


def drawn(boxes: Sequence[Box], theme: Theme, *, below: str = "") -> Canvas:
    """Draw boxes in their order.

    Args:
        boxes: from the top.
        theme: of the page.
        below: a line under them all.
    """
    tops: dict[str, float] = {}
    y = 6.0
    for one in boxes:
        tops[one.key] = y
        y += one.height + _GAP
    lanes = _lanes(boxes)
    canvas = Canvas(max(y - _GAP + 8 + (20 if below else 0), 40), theme)
    apart = min(_LANE, _LANES / (max(lanes.values()) + 1)) if lanes else 0
    right = WIDTH - MARGIN - (apart * (max(lanes.values()) + 1) + 6 if lanes else 0)
    for one in boxes:
        _box(canvas, one, tops[one.key], right)
    for goal, lane in lanes.items():
        _arrows(canvas, boxes, goal, tops, right, right + 12 + lane * apart)
    if below:
        canvas.text(MARGIN, y + 4, below, colour=canvas.palette.faint, size=11)
    return canvas


def _line_y(top: float, number: int) -> float:
    return top + _HEAD + _LINE * number + 12


def _box(canvas: Canvas, one: Box, top: float, right: float) -> None:
    palette = canvas.palette
    colour = {"good": palette.good, "bad": palette.bad, "wait": palette.wait, "plain": palette.line}[one.tone]
    canvas.box(MARGIN, top, right - MARGIN, one.height, colour, dashed=one.tone != "good")
    letters = int((right - MARGIN - 20) / COLUMN)
    state = f"{_MARKS[one.tone]} {cut(one.state, STATE)}" if one.marked else cut(one.state, STATE)
    name = cut(one.name, letters - len(state) - len(one.many) - 2, middle=True) + one.many
    canvas.text(MARGIN + 10, top + 18, name, mono=True, bold=True)
    canvas.text(right - 10, top + 18, state, colour=colour if one.marked else palette.faint, align="right")
    for number, line in enumerate(one.lines):
        y, aside = _line_y(top, number), cut(line.aside, STATE)
        canvas.text(MARGIN + 10, y, line.what, colour=palette.faint, size=11)
        room = letters - 11 - (len(aside) + 1 if aside else 0)
        canvas.text(MARGIN + _WHAT, y, cut(line.text, room, middle=line.ends), mono=True)
        if aside:
            canvas.text(right - 10, y, aside, align="right", colour=palette.faint, size=11)


def _lanes(boxes: Sequence[Box]) -> dict[str, int]:
    """Box → the lane that all arrows to it share; those that overlap have lanes of their own."""
    place = {one.key: number for number, one in enumerate(boxes)}
    spans: dict[str, tuple[int, int]] = {}
    for one in boxes:
        for line in one.lines:
            if line.goal in place and line.goal != one.key:
                low, high = spans.get(line.goal, (place[line.goal], place[line.goal]))
                spans[line.goal] = (min(low, place[one.key]), max(high, place[one.key]))
    lanes: dict[str, int] = {}
    for name, (low, high) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[1])):
        taken = {lane for other, lane in lanes.items() if spans[other][0] <= high and low <= spans[other][1]}
        lanes[name] = next(lane for lane in range(len(spans)) if lane not in taken)
    return lanes


def _arrows(canvas: Canvas, boxes: Sequence[Box], goal: str, tops: dict[str, float], right: float, lane: float) -> None:
    end = tops[goal] + 13
    for one in boxes:
        for number, line in enumerate(one.lines):
            if line.goal == goal and one.key != goal:
                y = _line_y(tops[one.key], number) - 4
                canvas.arrow([(right, y), (lane, y), (lane, end), (right, end)])
