"""What a learner's commands left on their engine: its containers, and arrows to the networks and volumes that they use."""

from collections.abc import Iterator
from typing import Final

from grader.pictures.boxes import Box, Line, Tone, drawn
from grader.pictures.canvas import Theme
from grader.pictures.picture import Picture, cut, listed
from grader.report.clean import sentence
from grader.report.words import count
from grader.values.events import ContainerObserved, EngineObserved

TITLE: Final = "What your commands left"
_EVERYBODY: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what an engine says of a port that is open on all addresses
_THIS_HOST: Final = frozenset({"127.0.0.1", "::1"})
_NAMELESS: Final = 64
"""Letters of the name that Docker gives a volume without one."""
_NAMED: Final = 6
"""So many images are named below."""


def left(seen: EngineObserved, *, theme: Theme = "light") -> Picture:
    """Draw it.

    Args:
        seen: what is there.
        theme: of the page.
    """
    ordered = sorted(seen.containers, key=lambda one: (one.given, one.name))
    more = f" and {len(seen.images) - _NAMED} more" if len(seen.images) > _NAMED else ""
    below = f"images: {', '.join(seen.images[:_NAMED]) or 'none'}{more}"
    boxes = [*(_container(one, seen) for one in ordered), *_networks(seen), *_volumes(seen)]
    summary = _summary(seen)
    return Picture(
        title=TITLE,
        summary=summary,
        canvas=drawn(boxes, theme, below=cut(below, 76)),
        head=("what", "name", "state", "image", "published", "networks", "mounts"),
        rows=tuple(tuple(map(sentence, row)) for row in _rows(seen, ordered)),
    )


def _container(one: ContainerObserved, seen: EngineObserved) -> Box:
    state, tone = _state(one)
    return Box(
        key=f"container {one.name}",
        name=one.name,
        many=" (given)" if one.given else "",
        state=state,
        tone=tone,
        lines=(
            Line(what="image", text=one.image, ends=True),
            *(Line(what="published", text=_door(door), aside=_who(door[0])) for door in one.published),
            *(
                Line(what="network", text=name, goal=f"network {name}" if name in seen.networks else "", ends=True)
                for name in one.networks
            ),
            *(
                Line(
                    what="mounted",
                    text=f"{_volume(name) if is_volume else name} at {target}",
                    aside="" if writable else "read-only",
                    goal=f"volume {name}" if is_volume else "",
                    ends=True,
                )
                for name, target, writable, is_volume in one.mounts
            ),
        ),
    )


def _networks(seen: EngineObserved) -> Iterator[Box]:
    for name in seen.networks:
        many = sum(name in one.networks for one in seen.containers)
        yield Box(key=f"network {name}", name=name, state=f"network, {count(many, 'container')}", marked=False)


def _volumes(seen: EngineObserved) -> Iterator[Box]:
    for name in seen.volumes:
        many = sum(any(mount[0] == name and mount[3] for mount in one.mounts) for one in seen.containers)
        used = f"in {count(many, 'container')}" if many else "not mounted"
        yield Box(key=f"volume {name}", name=_volume(name), state=f"volume, {used}", marked=False)


def _volume(name: str) -> str:
    return f"{name[:12]} (no name given)" if len(name) >= _NAMELESS else name


def _door(door: tuple[str, int, str]) -> str:
    address, port, inside = door
    return f"{f'[{address}]' if ':' in address else address}:{port} → {inside}"


def _who(address: str) -> str:
    return "every address" if address in _EVERYBODY else "this host only" if address in _THIS_HOST else "one address"


def _state(one: ContainerObserved) -> tuple[str, Tone]:
    """In words, and how it looks."""
    text = "created, not started" if one.state == "created" else one.state
    if one.health:
        text += ", health: starting" if one.health == "starting" else f", {one.health}"
    if one.state == "running":
        return text, "bad" if one.health == "unhealthy" else "wait" if one.health == "starting" else "good"
    if one.state in {"exited (0)", "created", "paused"}:
        return text, "plain"
    return text, "bad"


def _rows(seen: EngineObserved, containers: list[ContainerObserved]) -> Iterator[tuple[str, ...]]:
    for one in containers:
        doors = ", ".join(f"{_door(door)} ({_who(door[0])})" for door in one.published) or "nothing"
        mounts = ", ".join(
            f"{_volume(name) if is_volume else name} at {target}{'' if writable else ' (read-only)'}"
            for name, target, writable, is_volume in one.mounts
        )
        what = "container, given" if one.given else "container"
        yield what, one.name, _state(one)[0], one.image, doors, ", ".join(one.networks) or "none", mounts or "nothing"
    for kind, names in (("network", seen.networks), ("volume", seen.volumes), ("image", seen.images)):
        for name in names:
            yield kind, _volume(name) if kind == "volume" else name, *[""] * 5


def _summary(seen: EngineObserved) -> str:
    running = [one.name for one in seen.containers if one.state == "running"]
    text = f"{count(len(seen.containers), 'container')}"
    if seen.containers:
        text += f", {len(running)} of them running" if len(seen.containers) > 1 else f" ({_state(seen.containers[0])[0]})"
    if seen.networks:
        text += f"; {count(len(seen.networks), 'network')} besides Docker's own"
    if seen.volumes:
        text += f"; {count(len(seen.volumes), 'volume')}"
    doors = [f"{cut(one.name, 40)} at {cut(_door(door), 40)}" for one in seen.containers for door in one.published]
    return f"{text}; published: {listed(doors[:4])}." if doors else f"{text}; nothing is published."
