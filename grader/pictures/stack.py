"""A compose stack: a box for each service, and an arrow from what it waits for to the service that this is.

The boxes stand one below the other, each above those that it needs, and the arrows run beside them: so no name is too long,
no arrow crosses a box, and the picture fits the narrow column of a panel. A graph's layout from a library would do neither.
"""

from collections.abc import Sequence
from typing import Final

from grader.pictures.canvas import COLUMN, MARGIN, WIDTH, Canvas, Theme
from grader.pictures.picture import Picture, cut
from grader.report.clean import sentence
from grader.report.words import count
from grader.values.events import ServiceObserved, StackObserved

TITLE: Final = "Your stack"
_LINE = 17.0
_HEAD = 26.0
_GAP = 16.0
_LANE, _LANES = 13.0, 100.0
"""Between two arrows that run side by side, and for all of them; pixels."""
_STATE = 26
"""Columns for a service's state."""
CONDITIONS: Final = {
    "service_started": "started",
    "service_healthy": "healthy",
    "service_completed_successfully": "completed",
}
_NAMED: Final = 3
"""So many of a kind are named in the summary."""
_STATES: Final = {"created": "created, not started", "": "not created"}


def stack(seen: StackObserved, *, theme: Theme = "light") -> Picture:
    """Draw a stack.

    Args:
        seen: the stack.
        theme: of the page.
    """
    services = _ordered(seen.services)
    tops: dict[str, float] = {}
    y = 6.0
    for one in services:
        tops[one.name] = y
        y += _height(one) + _GAP
    lanes = _lanes(services)
    canvas = Canvas(max(y - _GAP + 8, 40), theme)
    apart = min(_LANE, _LANES / (max(lanes.values()) + 1)) if lanes else 0
    right = WIDTH - MARGIN - (apart * (max(lanes.values()) + 1) + 6 if lanes else 0)
    for one in services:
        _box(canvas, one, tops[one.name], right, set(tops))
    for name, lane in lanes.items():
        _arrows(canvas, services, name, tops, right, right + 12 + lane * apart)
    summary = _summary(services)
    return Picture(
        title=TITLE,
        summary=summary,
        svg=canvas.svg(TITLE, summary),
        head=("service", "image", "state", "health", "published ports", "waits for", "networks", "volumes"),
        rows=tuple(
            tuple(
                sentence(text)
                for text in (
                    one.name,
                    one.image,
                    _state(one)[1],
                    one.health or "no health check",
                    ", ".join(one.ports) or "none",
                    ", ".join(f"{name} ({condition})" for name, condition in one.needs) or "nothing",
                    ", ".join(one.networks) or "none",
                    ", ".join(one.volumes) or "none",
                )
            )
            for one in services
        ),
    )


def _ordered(services: Sequence[ServiceObserved]) -> list[ServiceObserved]:
    """Every service above those that it needs; otherwise as they came."""
    known = {one.name: one for one in services}
    ordered: list[ServiceObserved] = []
    begun: set[str] = set()

    def visit(one: ServiceObserved) -> None:
        if one.name in begun:
            return
        begun.add(one.name)
        for name, _ in one.needs:
            if name in known:
                visit(known[name])
        ordered.append(one)

    for one in reversed(services):
        visit(one)
    return ordered[::-1]


def _facts(one: ServiceObserved) -> list[tuple[str, str]]:
    """Lines of a box: what it is, and the thing itself."""
    listed_ = [
        ("image", one.image),
        ("published", ", ".join(one.ports)),
        ("networks", ", ".join(one.networks)),
        ("volumes", ", ".join(one.volumes)),
    ]
    return [(what, text) for what, text in listed_ if text]


def _height(one: ServiceObserved) -> float:
    return _HEAD + _LINE * (len(_facts(one)) + len(one.needs)) + 4


def _needs_y(one: ServiceObserved, top: float, number: int) -> float:
    return top + _HEAD + _LINE * (len(_facts(one)) + number) + 12


def _box(canvas: Canvas, one: ServiceObserved, top: float, right: float, known: set[str]) -> None:
    palette = canvas.palette
    mark, state, tone = _state(one)
    colour = {"good": palette.good, "bad": palette.bad, "wait": palette.wait, "plain": palette.line}[tone]
    canvas.box(MARGIN, top, right - MARGIN, _height(one), colour, dashed=tone != "good")
    letters = int((right - MARGIN - 20) / COLUMN)
    state = f"{mark} {cut(state, _STATE)}"
    many = f" ({count(one.replicas, 'container')})" if one.replicas != 1 else ""
    name = cut(one.name, letters - len(state) - len(many) - 2, middle=True) + many
    canvas.text(MARGIN + 10, top + 18, name, mono=True, bold=True)
    canvas.text(right - 10, top + 18, state, colour=colour, align="right")
    for number, (what, text) in enumerate(_facts(one)):
        y = top + _HEAD + _LINE * number + 12
        canvas.text(MARGIN + 10, y, what, colour=palette.faint, size=11)
        canvas.text(MARGIN + 84, y, cut(text, letters - 11, middle=what == "image"), mono=True)
    for number, (needed, condition) in enumerate(one.needs):
        y = _needs_y(one, top, number)
        words = cut(f"until {CONDITIONS.get(condition, condition)}", _STATE) if needed in known else "not in the stack"
        canvas.text(MARGIN + 10, y, "waits for", colour=palette.faint, size=11)
        canvas.text(MARGIN + 84, y, cut(needed, letters - 12 - len(words), middle=True), mono=True)
        canvas.text(right - 10, y, words, align="right", colour=palette.faint, size=11)


def _lanes(services: Sequence[ServiceObserved]) -> dict[str, int]:
    """Needed service → the lane that all arrows to it share; those that overlap have lanes of their own."""
    place = {one.name: number for number, one in enumerate(services)}
    spans: dict[str, tuple[int, int]] = {}
    for one in services:
        for name, _ in one.needs:
            if name in place and name != one.name:
                low, high = spans.get(name, (place[name], place[name]))
                spans[name] = (min(low, place[one.name]), max(high, place[one.name]))
    lanes: dict[str, int] = {}
    for name, (low, high) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[1])):
        taken = {lane for other, lane in lanes.items() if spans[other][0] <= high and low <= spans[other][1]}
        lanes[name] = next(lane for lane in range(len(spans)) if lane not in taken)
    return lanes


def _arrows(
    canvas: Canvas, services: Sequence[ServiceObserved], name: str, tops: dict[str, float], right: float, lane: float
) -> None:
    goal = tops[name] + 13
    for one in services:
        for number, (needed, _) in enumerate(one.needs):
            if needed == name and one.name != name:
                y = _needs_y(one, tops[one.name], number) - 4
                canvas.arrow([(right, y), (lane, y), (lane, goal), (right, goal)])


def _state(one: ServiceObserved) -> tuple[str, str, str]:
    """Mark, words, and how it looks."""
    text = _STATES.get(one.state, one.state)
    if one.health:
        text += ", health: starting" if one.health == "starting" else f", {one.health}"
    if one.health == "unhealthy" or one.state.startswith(("dead", "restarting")):
        return "✘", text, "bad"
    if one.state.startswith("exited"):
        return ("✔", text, "good") if one.state == "exited (0)" else ("✘", text, "bad")
    if one.state == "running":
        return ("…", text, "wait") if one.health == "starting" else ("✔", text, "good")
    return "○", text, "plain"


def _summary(services: Sequence[ServiceObserved]) -> str:
    if not services:
        return "The stack has no services."
    bad = [f"{cut(one.name, 40)}: {_state(one)[1]}" for one in services if _state(one)[2] != "good"]
    if bad:
        text = f"{len(services) - len(bad)} of {count(len(services), 'service')} run or have done their work"
        text += f" (not {_some(bad, '; ')})"
    else:
        text = f"All {len(services)} services run or have done their work" if len(services) > 1 else "The service runs"
    waits = sum(len(one.needs) for one in services)
    text += f"; they have {count(waits, 'dependency', 'dependencies')} on one another" if waits else "; none waits for another"
    published = [f"{cut(one.name, 40)} ({_some(one.ports)})" for one in services if one.ports]
    return text + (f"; published: {_some(published)}." if published else "; nothing is published.")


def _some(parts: Sequence[str], between: str = ", ") -> str:
    """Write the first few of several."""
    return between.join([*parts[:_NAMED], *([f"and {len(parts) - _NAMED} more"] if len(parts) > _NAMED else ())])
