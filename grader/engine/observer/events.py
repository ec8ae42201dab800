"""The engine's events: which of them are asked for, and what each makes worth another look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from grader.engine.ownership import LABEL

# What is left out is left out by the engine: health checks and `docker exec` make three events each time, attach, resize
# and top make some, and every look into a file of a container mounts its volumes. Of an exec, its end is what may have changed
# something inside. `health_status` makes the engine compare beginnings, so that `health_status: healthy` is one of these.
_CONTAINER: Final = (
    *("create", "start", "die", "destroy", "rename", "pause", "unpause", "update", "oom", "kill", "health_status"),
    "exec_die",
)
_NETWORK: Final = ("create", "connect", "disconnect", "destroy", "remove")
_VOLUME: Final = ("create", "destroy")
_IMAGE: Final = ("create", "tag", "untag", "delete", "load", "pull", "import", "build")
FILTERS: Final = {
    "type": ["container", "network", "volume", "image"],
    "event": sorted({*_CONTAINER, *_NETWORK, *_VOLUME, *_IMAGE}),
}
_ENDED_INSIDE: Final = "exec_die"
_TOLD_ONLY: Final = frozenset({"kill", "oom"})
"""They come before the end that they lead to, which has an event of its own."""


@dataclass(frozen=True)
class Happening:
    """One event of the engine's.

    Attributes:
        at: seconds since 1970, by the engine's clock.
        kind: ``container``, ``network``, ``volume`` or ``image``.
        action: e.g. ``die``; without what stands behind a colon.
        id: of the thing; a volume's name.
        name: of the thing; a network's connect and disconnect have the network's.
        about: what else the engine says, e.g. ``exitCode``, ``container``, ``signal``, labels.
    """

    at: float
    kind: str
    action: str
    id: str
    name: str
    about: Mapping[str, str]

    @classmethod
    def parse(cls, said: Mapping[str, Any]) -> Self:
        """Read an event."""
        actor = said.get("Actor") or {}
        about = actor.get("Attributes") or {}
        at = said.get("timeNano", 0) / 1e9 or float(said.get("time", 0))
        action = str(said.get("Action") or "").partition(":")[0]
        identity = str(actor.get("ID") or "")
        return cls(at, str(said.get("Type") or ""), action, identity, about.get("name") or identity, about)

    @property
    def ours(self) -> bool:
        """Whether it is about something that a run of the grader's made, which is no business of who looks on."""
        return LABEL in self.about


@dataclass
class Outdated:
    """What has to be looked at again.

    Attributes:
        everything: all there is: nobody knows what has happened meanwhile.
        containers: ids.
        networks, volumes, images: their lists.
        inside: something inside of a container may have changed; there is nothing to be asked again.
    """

    everything: bool = False
    containers: set[str] = field(default_factory=set)
    networks: bool = False
    volumes: bool = False
    images: bool = False
    inside: bool = False

    def __bool__(self) -> bool:
        return self.state or self.inside

    @property
    def state(self) -> bool:
        """Whether the engine has to be asked."""
        return bool(self.everything or self.containers or self.networks or self.volumes or self.images)

    def take(self, event: Happening) -> None:
        """Note what an event makes worth another look."""
        if event.kind == "container" and event.action == _ENDED_INSIDE:
            self.inside = True
        elif event.kind == "container" and event.action not in _TOLD_ONLY:
            self.containers.add(event.id)
            # What removes a container removes its unnamed volumes, too; they have events of their own.
        elif event.kind == "network" and event.action in {"connect", "disconnect"}:
            self.containers.add(event.about.get("container", ""))
        elif event.kind == "network":
            self.networks = True
        elif event.kind == "volume":
            self.volumes = True
        elif event.kind == "image":
            self.images = True
