"""What the sandbox's engine did while the commands ran, image by image and container by container, in one order."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

from grader.checks.sandbox.script_run import ScriptRun
from grader.engine.images import with_tag

# What happened to an image → the same in words.
_WORDS = {"tag": "a name given", "untag": "a name taken away", "delete": "the image removed", "load": "an archive loaded"}


@dataclass(frozen=True)
class Event:
    """Something that the engine did.

    Attributes:
        kind: ``image`` or ``container``.
        action: ``push``, ``pull``, ``delete``, ``start`` …
        id: of the image or container; with a push or a pull, the name that was asked for.
        name: the name of an image: the one that it was given by a ``tag``, the one that a container was made from.
    """

    kind: str
    action: str
    id: str
    name: str = ""

    @classmethod
    def parse(cls, about: dict[str, Any]) -> Self:
        """Read an event as the engine tells it."""
        attributes = about["Actor"]["Attributes"]
        name = attributes.get("image" if about["Type"] == "container" else "name", "")
        return cls(about["Type"], about["Action"], about["Actor"]["ID"], name)

    def is_image(self, action: str, identity: str = "") -> bool:
        """Whether it is something done to an image.

        Args:
            action: what.
            identity: the image's id; empty for any.
        """
        return (self.kind, self.action) == ("image", action) and identity in {"", self.id}

    def is_container(self, action: str, identity: str = "") -> bool:
        """Whether it is something done to a container.

        Args:
            action: what.
            identity: the container's id; empty for any.
        """
        return (self.kind, self.action) == ("container", action) and identity in {"", self.id}

    def names(self, image: str) -> bool:
        """Whether an image may have got this name by it, and another one may have lost it."""
        if self.is_image("tag"):
            return whole(self.name) == whole(image)
        return self.is_image("pull") and (self.id == whole(image) or image.startswith(f"{self.id}:"))  # the latter: all tags


def leads_to(name: str, port: int, repository: str = "") -> bool:
    """Whether an image's name leads to a registry on loopback.

    Args:
        name: of the image.
        port: of the registry.
        repository: in it; empty for any.
    """
    there = re.escape(repository) or "[^:@]+"
    return re.fullmatch(rf"(localhost|127(\.\d+){{3}}):{port}/{there}([:@].*)?", name) is not None


def whole(name: str) -> str:
    """An image's name with its tag; nothing for nothing."""
    return with_tag(name) if name else name


def read(script: ScriptRun) -> list[Event]:
    """What the engine did with images and containers, in order."""
    during = ["--since", script.engine.play_began, "--until", script.engine.play_ended]
    wanted = ["--filter", "type=image", "--filter", "type=container"]
    said = script.docker("events", *during, *wanted, "--format", "{{json .}}").stdout
    return [Event.parse(json.loads(line)) for line in said.splitlines()]


def stood_for(script: ScriptRun, events: Sequence[Event], at: int, name: str) -> str | None:
    """The id of the image that a name stood for at some time; None where that cannot be told any more.

    Args:
        script: the commands.
        events: of all of them.
        at: the index of the event at that time.
        name: the name, or an id.
    """
    before = next((one for one in reversed(events[:at]) if one.names(name)), None)
    if before is not None and before.is_image("tag"):
        return before.id
    if before is None and whole(name) in script.given:
        return script.given[whole(name)].id
    if any(one.names(name) for one in events[at:]):
        return None
    about = script.image_info(name)
    return about.id if about else None


def in_words(events: Iterable[Event], identity: str) -> str:
    """What happened to an image, and what was pulled, for a reader; what happened several times in a row, once.

    Args:
        events: in order.
        identity: the image's id.
    """
    said = [
        f"{one.id} pulled" if one.is_image("pull") else _WORDS.get(one.action, "")
        for one in events
        if one.is_image("pull") or one.is_image(one.action, identity)
    ]
    return ", then ".join(one for one, _again in groupby(filter(None, said))) or "nothing happened to it"
