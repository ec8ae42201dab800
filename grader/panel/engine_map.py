"""The live map of the engine: what a page shows of a snapshot, and who looks at the engine for it."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine.inspect import Binding, ContainerInfo, ImageInfo, Mount
from grader.engine.observer import ImageRow, Observer, Snapshot, shared_layers
from grader.report.clean import sentence
from grader.values.drawn import is_made_of
from grader.values.units import size

Object = dict[str, Any]
Items = list[Object]

_STOPPED: Final = frozenset({"created", "exited", "dead", "removing"})
_ASKED_TO_END: Final = frozenset({130, 137, 143})
"""How a container ends that somebody has stopped: no crash, and no success."""
_PREDEFINED: Final = ("bridge", "host", "none")
_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - read, not bound
_ON_LOOPBACK: Final = _EVERYWHERE | {"127.0.0.1", "::1"}
_SHARING_SHOWN: Final = 8
_SHORT_ID: Final = 12
_LONGEST_COMMAND: Final = 200
_LAYERS: Final = "Layers"
_NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)

# What is known of each kind, in the order in which a table shows it.
_CONTAINER: Final = ("Image", "Ports", "Networks", "Mounts", "Why", "Restarts", "Command", "Id")
_NETWORK: Final = ("On it", "Driver", "Outside")
_VOLUME: Final = ("Mounted by", "Kind")
_IMAGE: Final = ("Size", _LAYERS, "Shared with", "Used by", "Other names", "Id")


def engine_map(snapshot: Snapshot, layers: Mapping[str, ImageInfo], spoken: Iterable[str] = ()) -> Object:
    """All that a page shows of an engine.

    Things name one another by keys, e.g. ``container:ID``; ``links`` of a thing are the keys of all that it is connected with.

    Args:
        snapshot: the engine's state.
        layers: what images say of themselves, by id, as far as it is known.
        spoken: names that a drill speaks of now.
    """
    seen = _Seen(snapshot, layers, frozenset(spoken))
    containers = sorted(snapshot.containers.values(), key=_newest, reverse=True)
    running = [seen.container(one) for one in containers if one.state.status not in _STOPPED]
    stopped = [seen.container(one) for one in sorted(containers, key=_last_ended, reverse=True) if one.state.status in _STOPPED]
    lives = ("Running", running, 0), ("Not running", stopped, 6)
    sections = [
        _section("container", "Containers", _CONTAINER, _CONTAINER[:1], (), *lives),
        _section("network", "Networks", _NETWORK, _NETWORK[:1], _NETWORK[:1], ("", seen.networks(), 12)),
        _section("volume", "Volumes", _VOLUME, _VOLUME[:1], _VOLUME[:1], ("", seen.volumes(), 12)),
        _section("image", "Images", _IMAGE, _IMAGE[:2], _IMAGE[1:4], ("", seen.images(), 12)),
    ]
    _connect([thing for section in sections for group in section["groups"] for thing in group["things"]])
    return {"seen": snapshot.seen > 0, "trouble": sentence(snapshot.trouble), "sections": sections}


def _newest(one: ContainerInfo) -> tuple[datetime, str]:
    return one.created, one.name


def _last_ended(one: ContainerInfo) -> tuple[datetime, str]:
    return one.state.finished or one.created or _NEVER, one.name


def _section(
    kind: str,
    title: str,
    columns: Iterable[str],
    face: Iterable[str],
    follows: Iterable[str],
    *groups: tuple[str, list[Object], int],
) -> Object:
    """One kind of things.

    Args:
        kind: ``container``, ``network``, ``volume`` or ``image``.
        title: of all of them.
        columns: what is known of each.
        face: what a closed card shows of it.
        follows: what changes only because something else does.
        groups: title, things, and how many of them are shown before one asks for the others; 0 for all.
    """
    rows = [{"title": name, "limit": limit, "things": _spoken_first(things, limit)} for name, things, limit in groups]
    count = sum(len(things) for _, things, _ in groups)
    shown = {"columns": list(columns), "face": list(face), "follows": list(follows)}
    return {"kind": kind, "title": title, "count": count, **shown, "groups": rows}


def _spoken_first(things: list[Object], limit: int) -> list[Object]:
    return sorted(things, key=lambda one: not one["spoken"]) if limit else things


def _item(text: str, to: str = "", **more: object) -> Object:
    return {"text": sentence(text), **({"to": to} if to else {}), **more}


def _connect(things: list[Object]) -> None:
    """Give each thing the keys of those that it names, and of those that name it."""
    links: dict[str, set[str]] = {one["key"]: set() for one in things}
    for one in things:
        for items in one["facts"].values():
            for item in items:
                to = item.get("to")
                if to in links and to != one["key"] and not item.get("aside"):
                    links[one["key"]].add(to)
                    links[to].add(one["key"])
    for one in things:
        one["links"] = sorted(links[one["key"]])


class _Seen:
    """A snapshot on its way to a page."""

    def __init__(self, snapshot: Snapshot, layers: Mapping[str, ImageInfo], spoken: frozenset[str]) -> None:
        self._snapshot, self._layers, self._spoken = snapshot, layers, spoken
        self._network_keys = {one.name: f"network:{one.id}" for one in snapshot.networks.values()}
        self._by_name = sorted(snapshot.containers.values(), key=lambda one: one.name)

    def _thing(
        self, key: str, name: str, state: tuple[str, str], facts: Mapping[str, Items], names: Iterable[str] = ()
    ) -> Object:
        word, tone = state
        known = {label: items for label, items in facts.items() if items}
        spoken = any(is_made_of(each, self._spoken) for each in names or (name,))
        return {"key": key, "name": sentence(name), "word": word, "tone": tone, "facts": known, "spoken": spoken}

    # Containers

    def container(self, one: ContainerInfo) -> Object:
        """A container."""
        command = " ".join(one.command)
        return self._thing(
            f"container:{one.id}",
            one.name,
            _state(one),
            {
                "Image": [_item(self._image_name(one), f"image:{one.image}")],
                "Ports": _ports(one),
                "Networks": self._networks_of(one),
                "Mounts": [_mount(each) for each in one.mounts],
                "Why": [_item(why) for why in _why(one)],
                "Restarts": _restarts(one),
                "Command": [_item(command if len(command) < _LONGEST_COMMAND else f"{command[:_LONGEST_COMMAND]}…")],
                "Id": [_item(one.id[:_SHORT_ID])],
            },
        )

    def _image_name(self, one: ContainerInfo) -> str:
        image = self._snapshot.images.get(one.image)
        return one.config.image if image is None or one.config.image in image.names or not image.names else image.name

    def _networks_of(self, one: ContainerInfo) -> Items:
        mode, _, identity = one.network_mode.partition(":")
        if mode == "container":
            other = self._snapshot.container(identity)
            return [_item(f"that of {other.name if other else identity[:_SHORT_ID]}", f"container:{identity}")]
        return [
            _item(f"{name} ({place.address})" if place.address else name, self._network_keys.get(name, ""))
            for name, place in sorted(one.networks.items())
        ]

    # What they have in common

    def networks(self) -> list[Object]:
        """The networks: the learner's, then the engine's own."""
        rows = []
        for one in sorted(self._snapshot.networks.values(), key=lambda one: (one.name in _PREDEFINED, one.name)):
            members = [_item(_member(each), f"container:{each.id}") for each in self._by_name if one.name in each.networks]
            facts = {
                "On it": members,
                "Driver": [_item(one.driver)],
                "Outside": [_item("not reached from it: it is internal")] if one.internal else [],
            }
            rows.append(self._thing(f"network:{one.id}", one.name, (_how_many(members, "container"), "quiet"), facts))
        return rows

    def volumes(self) -> list[Object]:
        """The volumes, then what containers mount of the host."""
        mounting: dict[str, Items] = {f"volume:{name}": [] for name in sorted(self._snapshot.volumes)}
        binds: dict[str, Items] = {}
        for one in self._by_name:
            for each in one.mounts:
                user = _item(f"{one.name} at {each.target}{'' if each.writable else ', read-only'}", f"container:{one.id}")
                if each.kind == "bind":
                    binds.setdefault(f"bind:{each.source}", []).append(user)
                elif f"volume:{each.name}" in mounting:
                    mounting[f"volume:{each.name}"].append(user)
        rows = []
        for key, users in [*mounting.items(), *sorted(binds.items())]:
            kind, _, name = key.partition(":")
            driver = self._snapshot.volumes[name].driver if kind == "volume" else ""
            what = (
                "a folder or file of the host" if kind == "bind" else "volume" if driver == "local" else f"volume of {driver}"
            )
            state = (_how_many(users, "mount"), "quiet")
            facts = {"Mounted by": users, "Kind": [_item(what)]}
            rows.append(self._thing(key, _volume_name(name), state, facts, (name,)))
        return rows

    def images(self) -> list[Object]:
        """The images: those in use, then the newest."""
        snapshot, sharing = self._snapshot, self._sharing()
        using: dict[str, Items] = {}
        for one in self._by_name:
            using.setdefault(one.image, []).append(_item(one.name, f"container:{one.id}"))
        rows = []
        for image in sorted(snapshot.images.values(), key=lambda one: (one.id not in using, -one.created, one.name)):
            users, about = using.get(image.id, []), self._layers.get(image.id)
            others = sharing.get(image.id, {})
            shared = {layer for layers in others.values() for layer in layers}
            marks = [layer in shared for layer in about.layers] if about else []
            facts = {
                "Size": [_item(size(image.size))],
                _LAYERS: [_item(_layers_in_words(len(marks), sum(marks)))] if marks else [],
                "Shared with": self._shared_with(others),
                "Used by": users,
                "Other names": [_item(name) for name in image.names[1:]],
                "Id": [_item(image.id.removeprefix("sha256:")[:_SHORT_ID])],
            }
            word = "in use" if users else "not in use" if image.names else "no name, not in use"
            name = image.name if image.names else f"<none> {image.name}"
            rows.append({**self._thing(f"image:{image.id}", name, (word, "quiet"), facts, image.names), "layers": marks})
        return rows

    def _sharing(self) -> dict[str, dict[str, list[str]]]:
        """Image → each other image that has some of its layers → these."""
        there = {one: about for one, about in self._layers.items() if one in self._snapshot.images}
        found: dict[str, dict[str, list[str]]] = {}
        for layer, images in shared_layers(there).items():
            for one in images:
                for other in images:
                    if one != other:
                        found.setdefault(one, {}).setdefault(other, []).append(layer)
        return found

    def _shared_with(self, others: Mapping[str, list[str]]) -> Items:
        rows = sorted(
            others.items(), key=lambda pair: (-len(pair[1]), not self._image(pair[0]).names, self._image(pair[0]).name)
        )
        shown = [
            _item(f"{len(layers)} with {self._image(one).name}", f"image:{one}", aside=True)
            for one, layers in rows[:_SHARING_SHOWN]
        ]
        left = len(rows) - len(shown)
        return [*shown, *([_item(f"and {left} more")] if left else [])]

    def _image(self, identity: str) -> ImageRow:
        return self._snapshot.images[identity]


def _member(one: ContainerInfo) -> str:
    return one.name if one.state.running else f"{one.name} (not running)"


def _how_many(items: Items, noun: str) -> str:
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}" if items else f"no {noun}s"


def _volume_name(name: str) -> str:
    unnamed = len(name) == 64 and set(name) <= set("0123456789abcdef")
    return f"{name[:_SHORT_ID]}… (no name given)" if unnamed else name


def _layers_in_words(count: int, shared: int) -> str:
    layers = f"{count} layer{'' if count == 1 else 's'}"
    return f"{layers}, {shared} shared" if shared else f"{layers}, none shared"


def _state(one: ContainerInfo) -> tuple[str, str]:
    """A container's state in words, and whether it is ``good``, ``warn``, ``bad`` or ``quiet``."""
    state = one.state
    if state.restarting:
        return f"restarting after {exit_code_in_words(state.exit_code)}", "bad"
    if state.status == "running":
        health = "" if state.health.status == "none" else f", {_HEALTH.get(state.health.status, state.health.status)}"
        return f"running{health}", {"starting": "warn", "unhealthy": "bad"}.get(state.health.status, "good")
    if state.status == "created":
        return ("could not start", "bad") if state.error else ("created, never started", "quiet")
    if state.status == "exited":
        if state.oom_killed:
            return f"killed at its memory limit, {exit_code_in_words(state.exit_code)}", "bad"
        tone = "quiet" if state.exit_code == 0 else "warn" if state.exit_code in _ASKED_TO_END else "bad"
        return f"exited, {exit_code_in_words(state.exit_code)}", tone
    return state.status, "bad" if state.status == "dead" else "warn"


_HEALTH: Final = {"starting": "health check starting"}


def _why(one: ContainerInfo) -> list[str]:
    state = one.state
    said = [state.error] if state.error else []
    if state.oom_killed and state.running:
        said.append("something in it was killed at its memory limit")
    if state.oom_killed and one.memory:
        said.append(f"its limit is {size(one.memory)}")
    if state.health.status == "unhealthy" and state.health.runs:
        last = state.health.runs[-1]
        said.append(f"health check: {exit_code_in_words(last.exit_code)} {last.output}".strip())
    return said


def _restarts(one: ContainerInfo) -> Items:
    if not one.restarts and one.restart_policy == "no":
        return []
    times = f"{one.restarts} time{'' if one.restarts == 1 else 's'}" if one.restarts else "none so far"
    return [_item(f"{times}, policy {one.restart_policy}")]


def _ports(one: ContainerInfo) -> Items:
    """Published ports; one for those that differ in nothing but the version of the internet protocol."""
    found: dict[str, Binding] = {}
    for each in sorted(one.bindings, key=lambda each: (each.port, each.inside, each.address)):
        address = "" if each.address in _EVERYWHERE else f"[{each.address}]:" if ":" in each.address else f"{each.address}:"
        inside = f"{each.inside}" if each.protocol == "tcp" else f"{each.inside}/{each.protocol}"
        found.setdefault(f"{address}{each.port} → {inside}", each)
    opened = [one.port if one.protocol == "tcp" and one.address in _ON_LOOPBACK else None for one in found.values()]
    return [_item(text) if port is None else _item(text, port=port) for text, port in zip(found, opened, strict=True)]


def _mount(one: Mount) -> Object:
    access = "" if one.writable else ", read-only"
    if one.kind == "volume":
        return _item(f"{_volume_name(one.name)} at {one.target}{access}", f"volume:{one.name}")
    if one.kind == "bind":
        return _item(f"{one.source} at {one.target}{access}", f"bind:{one.source}")
    return _item(f"memory at {one.target}{access}")


class MapDesk:
    """The map of a server: the engine is looked at for as long as a page shows it. Safe to use from several threads.

    Args:
        observer: the server's.
        spoken: names that a drill speaks of now.
        changed: called whenever something has changed, from any thread.
    """

    def __init__(self, observer: Observer, spoken: Callable[[], Iterable[str]], changed: Callable[[], None]) -> None:
        self._observer, self._spoken, self._changed = observer, spoken, changed
        self._lock = threading.Lock()
        self._pages = 0
        self._end: Callable[[], None] | None = None

    def enter(self) -> None:
        """A page shows the map."""
        with self._lock:
            self._pages += 1
            if self._end is None:
                self._end = self._observer.subscribe(lambda _: self._changed())

    def leave(self) -> None:
        """A page has gone; after the last one, nobody looks."""
        with self._lock:
            self._pages -= 1
            end, self._end = (None, self._end) if self._pages else (self._end, None)
        if end is not None:
            end()

    def state(self) -> Object:
        """What a page shows now."""
        snapshot = self._observer.snapshot
        layers = {}
        if not snapshot.trouble:  # of an engine that is away nothing can be asked
            layers = {one: about for one in snapshot.images if (about := self._observer.image(one)) is not None}
        return engine_map(snapshot, layers, self._spoken())
