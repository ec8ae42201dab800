"""A compose stack: a box for each service, above those that it needs, and arrows from what it waits for to the services."""

from collections.abc import Sequence
from typing import Final

from grader.pictures.boxes import STATE, Box, Line, Tone, drawn
from grader.pictures.canvas import Theme
from grader.pictures.picture import Picture, cut
from grader.report.clean import sentence
from grader.report.words import count
from grader.values.events import ServiceObserved, StackObserved

TITLE: Final = "Your stack"
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
    canvas = drawn([_box(one, {each.name for each in services}) for one in services], theme)
    summary = _summary(services)
    return Picture(
        title=TITLE,
        summary=summary,
        canvas=canvas,
        head=("service", "image", "state", "health", "published ports", "waits for", "networks", "volumes"),
        rows=tuple(
            tuple(
                sentence(text)
                for text in (
                    one.name,
                    one.image,
                    _state(one)[0],
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


def _box(one: ServiceObserved, known: set[str]) -> Box:
    facts = (
        ("image", one.image),
        ("published", ", ".join(one.ports)),
        ("networks", ", ".join(one.networks)),
        ("volumes", ", ".join(one.volumes)),
    )
    state, tone = _state(one)
    return Box(
        key=one.name,
        name=one.name,
        many=f" ({count(one.replicas, 'container')})" if one.replicas != 1 else "",
        state=state,
        tone=tone,
        lines=(
            *(Line(what=what, text=text, ends=what == "image") for what, text in facts if text),
            *(_wait(needed, condition, known) for needed, condition in one.needs),
        ),
    )


def _wait(needed: str, condition: str, known: set[str]) -> Line:
    words = f"until {CONDITIONS.get(condition, condition)}" if needed in known else "not in the stack"
    return Line(what="waits for", text=needed, aside=cut(words, STATE), goal=needed, ends=True)


def _state(one: ServiceObserved) -> tuple[str, Tone]:
    """In words, and how it looks."""
    text = _STATES.get(one.state, one.state)
    if one.health:
        text += ", health: starting" if one.health == "starting" else f", {one.health}"
    if one.health == "unhealthy" or one.state.startswith(("dead", "restarting")):
        return text, "bad"
    if one.state.startswith("exited"):
        return text, "good" if one.state == "exited (0)" else "bad"
    if one.state == "running":
        return text, "wait" if one.health == "starting" else "good"
    return text, "plain"


def _summary(services: Sequence[ServiceObserved]) -> str:
    if not services:
        return "The stack has no services."
    bad = [f"{cut(one.name, 40)}: {_state(one)[0]}" for one in services if _state(one)[1] != "good"]
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
