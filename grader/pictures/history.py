"""Scores of one exercise, attempt after attempt."""

import itertools
from collections.abc import Sequence
from typing import Final, Protocol

from grader.pictures.canvas import MARGIN, WIDTH, Canvas, Theme
from grader.pictures.picture import Picture
from grader.report.clean import sentence
from grader.report.words import count, points

TITLE: Final = "Your attempts"
HEIGHT = 230.0
SINGLY: Final = 120
"""So many attempts are drawn one by one; more are drawn in as many groups."""
LABELLED: Final = 12
ROWS: Final = 100
"""So many attempts are listed; of those before, the table has the sum."""
_TOP, _BOTTOM, _LEFT, _RIGHT = 34.0, HEIGHT - 42, 44.0, WIDTH - 24


class Scored(Protocol):
    """One attempt that gave a score, e.g. ``progress.Attempt``."""

    @property
    def at(self) -> str:
        """When it began, UTC, ISO 8601."""

    @property
    def score(self) -> float:
        """Points earned."""

    @property
    def max_score(self) -> float:
        """Points to be had at that time."""

    @property
    def full(self) -> bool:
        """Whether every check passed."""


def history(attempts: Sequence[Scored], *, theme: Theme = "light") -> Picture:
    """Draw how the score went.

    Args:
        attempts: oldest first, all of them: they are numbered from 1.
        theme: of the page.
    """
    canvas = Canvas(HEIGHT if attempts else 40, theme)
    if attempts:
        _axes(canvas, attempts)
        if len(attempts) > SINGLY:
            _groups(canvas, attempts)
        else:
            _singly(canvas, attempts)
    else:
        canvas.text(MARGIN, 24, "No attempt yet.")
    summary = _summary(attempts)
    return Picture(
        title=TITLE,
        summary=summary,
        canvas=canvas,
        head=("attempt", "when (UTC)", "points", "full marks"),
        rows=tuple(_rows(attempts)),
    )


def _share(one: Scored) -> float:
    return min(max(one.score / one.max_score, 0.0), 1.0) if one.max_score else float(one.full)


def _x(number: int, of: int) -> float:
    """Place of an attempt, counted from 0."""
    return _LEFT + 10 + (_RIGHT - _LEFT - 20) * (number / (of - 1) if of > 1 else 0.5)


def _y(share: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * share


def _axes(canvas: Canvas, attempts: Sequence[Scored]) -> None:
    palette, most = canvas.palette, attempts[-1].max_score
    canvas.line([(_LEFT, _y(0)), (_RIGHT, _y(0))], palette.line)
    canvas.line([(_LEFT, _y(1)), (_RIGHT, _y(1))], palette.good, dashed=True)
    canvas.text(_LEFT - 6, _y(0) + 4, "0", align="right", colour=palette.faint, size=11)
    canvas.text(_LEFT - 6, _y(1) + 4, points(most), align="right", colour=palette.good, size=11)
    canvas.text(MARGIN, 14, "points", colour=palette.faint, size=11)
    canvas.text(_RIGHT, 14, "dashed line and ★: full marks", colour=palette.good, align="right", size=11)
    last = len(attempts)
    for number in sorted({1, *((last + 1) // 2 for _ in range(last > 8)), last}):
        canvas.text(_x(number - 1, last), _BOTTOM + 16, str(number), colour=palette.faint, align="center", size=11)
    key = "attempts, the newest on the right"
    if last > SINGLY:
        key += f" · band: lowest to highest of up to {-(-last // SINGLY)} each"
    canvas.text((_LEFT + _RIGHT) / 2, _BOTTOM + 34, key, colour=palette.faint, align="center", size=11)


def _singly(canvas: Canvas, attempts: Sequence[Scored]) -> None:
    palette, last = canvas.palette, len(attempts)
    places = [(_x(number, last), _y(_share(one))) for number, one in enumerate(attempts)]
    if last > 1:
        canvas.line(places, palette.own, width=1)
    _marks(canvas, places, attempts)
    labelled = range(last) if last <= LABELLED else _worth_a_label(attempts)
    for number in labelled:
        x, y = places[number]
        canvas.text(x, y - 9, points(attempts[number].score), align="center", size=11, bold=number == last - 1)


def _marks(canvas: Canvas, places: Sequence[tuple[float, float]], attempts: Sequence[Scored]) -> None:
    palette = canvas.palette
    size = 6 if len(attempts) <= 40 else 4
    if some := [place for place, one in zip(places, attempts, strict=True) if not one.full]:
        canvas.line(some, palette.own, marker="o", size=size, joined=False)
    if full := [place for place, one in zip(places, attempts, strict=True) if one.full]:
        canvas.line(full, palette.good, marker="*", size=size + 5, joined=False)


def _worth_a_label(attempts: Sequence[Scored]) -> list[int]:
    """The first, the first of the best, and the last, as far as their numbers do not stand in each other's way."""
    last = len(attempts) - 1
    best = max(range(last + 1), key=lambda number: (_share(attempts[number]), -number))
    room = max(1, last // 12)
    chosen = [last]
    for number in (best, 0):
        if all(abs(number - other) > room for other in chosen):
            chosen.append(number)
    return sorted(chosen)


def _groups(canvas: Canvas, attempts: Sequence[Scored]) -> None:
    """From the lowest to the highest score of each group of attempts, and a line through the last one of each."""
    palette, last = canvas.palette, len(attempts)
    edges = [last * number // SINGLY for number in range(SINGLY + 1)]
    groups = [(end - 1, attempts[begin:end]) for begin, end in itertools.pairwise(edges)]
    high = [(_x(end, last), _y(max(map(_share, some)))) for end, some in groups]
    low = [(_x(end, last), _y(min(map(_share, some)))) for end, some in groups]
    canvas.area([*high, *reversed(low)], palette.own)
    canvas.line([(_x(end, last), _y(_share(some[-1]))) for end, some in groups], palette.own, width=1.4)
    if full := [(_x(end, last), _y(1)) for end, some in groups if any(one.full for one in some)]:
        canvas.line(full, palette.good, marker="*", size=7, joined=False)
    for number in _worth_a_label(attempts):
        x, y = _x(number, last), _y(_share(attempts[number]))
        canvas.text(x, y - 9, points(attempts[number].score), align="center", size=11, bold=number == last - 1)


def _rows(attempts: Sequence[Scored]) -> list[tuple[str, ...]]:
    shown = attempts[-ROWS:]
    before = attempts[: len(attempts) - len(shown)]
    rows: list[tuple[str, ...]] = []
    if before:
        best = max(before, key=_share)
        full = sum(one.full for one in before)
        of = f"at best {points(best.score)} of {points(best.max_score)}"
        rows.append((f"1 to {len(before)}", f"until {_when(before[-1])}", of, f"{full} times" if full else "no"))
    for number, one in enumerate(shown, len(before) + 1):
        rows.append((str(number), _when(one), f"{points(one.score)} of {points(one.max_score)}", "yes" if one.full else "no"))
    return rows


def _when(one: Scored) -> str:
    """``2026-11-24 22:00``."""
    return sentence(one.at[:16].replace("T", " "))


def _summary(attempts: Sequence[Scored]) -> str:
    if not attempts:
        return "You have not tried this exercise yet."
    last, best = attempts[-1], max(attempts, key=_share)
    text = f"{count(len(attempts), 'attempt')}: the last one {points(last.score)} of {points(last.max_score)} points"
    if best.full:
        first = next(number for number, one in enumerate(attempts, 1) if one.full)
        return f"{text}; full marks first at attempt {first}."
    return text + (f", the best {points(best.score)} of {points(best.max_score)}." if len(attempts) > 1 else ".")
