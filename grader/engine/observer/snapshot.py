"""What is on an engine at one moment, and what differs between two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from grader.engine.inspect import ContainerInfo, ImageInfo, Json, NetworkInfo, VolumeInfo

_NO_NAME: Final = "<none>:<none>"


@dataclass(frozen=True)
class ImageRow:
    """An image, as a list of images tells of it. Its layers and settings are in its ``ImageInfo``.

    Attributes:
        id: its id.
        names: with their tags, sorted; none for an image that has lost its name.
        size: bytes.
        created: seconds since 1970, as the image itself says.
        labels: its own.
    """

    id: str
    names: tuple[str, ...]
    size: int
    created: int
    labels: Mapping[str, str]

    @classmethod
    def parse(cls, about: Json) -> Self:
        """Read a row of the engine's list of images."""
        names = sorted(one for one in about.get("RepoTags") or () if one != _NO_NAME)
        return cls(about["Id"], tuple(names), about["Size"], about["Created"], dict(about.get("Labels") or {}))

    @property
    def name(self) -> str:
        """Its first name; the beginning of its id where it has none."""
        return self.names[0] if self.names else self.id.removeprefix("sha256:")[:12]


Thing = ContainerInfo | NetworkInfo | VolumeInfo | ImageRow


@dataclass(frozen=True)
class Snapshot:
    """What is on an engine at one moment; things of the grader's own runs are left out.

    Attributes:
        containers, networks, images: by id.
        volumes: by name.
        trouble: why the engine does not answer; empty while it does. All else is then as it was last seen.
        seen: how many looks led to it; 0 for nothing seen yet.
        answers: the last request to look again that it answers, see ``Observer.look_again``.
    """

    containers: Mapping[str, ContainerInfo] = field(default_factory=dict)
    networks: Mapping[str, NetworkInfo] = field(default_factory=dict)
    volumes: Mapping[str, VolumeInfo] = field(default_factory=dict)
    images: Mapping[str, ImageRow] = field(default_factory=dict)
    trouble: str = ""
    seen: int = 0
    answers: int = 0

    def container(self, name: str) -> ContainerInfo | None:
        """A container, by its name or its whole id."""
        return self.containers.get(name) or next((one for one in self.containers.values() if one.name == name), None)

    def network(self, name: str) -> NetworkInfo | None:
        """A network, by its name or its whole id."""
        return self.networks.get(name) or next((one for one in self.networks.values() if one.name == name), None)

    def image(self, name: str) -> ImageRow | None:
        """An image, by a name (``:latest`` where it has no tag) or its whole id."""
        tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
        return self.images.get(name) or next((one for one in self.images.values() if tagged in one.names), None)

    def mounting(self, volume: str) -> tuple[ContainerInfo, ...]:
        """The containers that mount a volume, running or not, by name."""
        found = [one for one in self.containers.values() if any(each.name == volume for each in one.mounts)]
        return tuple(sorted(found, key=lambda one: one.name))

    def members(self, network: str) -> tuple[ContainerInfo, ...]:
        """The containers that belong to a network, running or not, by name."""
        return tuple(sorted((one for one in self.containers.values() if network in one.networks), key=lambda one: one.name))


def shared_layers(images: Mapping[str, ImageInfo]) -> Mapping[str, tuple[str, ...]]:
    """Which images share which layers.

    Args:
        images: by id.

    Returns:
        Digest of a layer's content → ids of the images that have it, for those that more than one has.
    """
    having: dict[str, dict[str, None]] = {}
    for identity, about in images.items():
        for layer in about.layers:
            having.setdefault(layer, {})[identity] = None
    return {layer: tuple(ids) for layer, ids in having.items() if len(ids) > 1}


@dataclass(frozen=True)
class Change:
    """Something that differs between two moments.

    Attributes:
        kind: ``container``, ``network``, ``volume`` or ``image``.
        id: of the thing; a volume's name.
        before: None for what was not there.
        after: None for what is gone.
    """

    kind: str
    id: str
    before: Thing | None
    after: Thing | None

    @property
    def what(self) -> str:
        """``appeared``, ``changed`` or ``gone``."""
        return "appeared" if self.before is None else "gone" if self.after is None else "changed"

    @property
    def name(self) -> str:
        """Of the thing, as it is called now, or was called last."""
        thing = self.after or self.before
        assert thing is not None
        return thing.name


def compare(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """What differs between two moments."""
    kinds: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "container": (before.containers, after.containers),
        "network": (before.networks, after.networks),
        "volume": (before.volumes, after.volumes),
        "image": (before.images, after.images),
    }
    return tuple(change for kind, (was, now) in kinds.items() for change in _differences(kind, was, now))


def _differences(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    if before is after:
        return
    for identity in {**before, **after}:
        was, now = before.get(identity), after.get(identity)
        if was is not now and was != now:
            yield Change(kind, identity, was, now)
