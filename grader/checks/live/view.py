"""What the nouns of a drill share: the state now, what was there when it began, and what happened since."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine.files import StoredFile
from grader.engine.inspect import ContainerInfo, ImageInfo
from grader.engine.observer import Happening, Snapshot
from grader.values.drawn import fill
from grader.values.errors import CheckFailed

_ANOTHERS: Final = re.compile(r"(ch\d\d|drydock)-")
"""Names of what chapters, drills and the grader make; a newcomer with such a name may be the doing of another one."""
_UNNAMED: Final = re.compile(r"[0-9a-f]{64}")


class Unsettled(CheckFailed):
    """Not so yet, and time alone will tell.

    Args:
        message: one sentence.
        again: seconds after which to look once more.
    """

    def __init__(self, message: str, again: float) -> None:
        super().__init__(message)
        self.again = again


class Looking(Protocol):
    """What can be asked beside the state: the observer answers it."""

    def image(self, identity: str) -> ImageInfo | None:
        """What an image says of itself."""
        ...

    def read(self, container: str, path: str) -> str | None:
        """A text file in a container."""
        ...

    def files(self, container: str, folder: str) -> tuple[StoredFile, ...] | None:
        """The ordinary files below a folder of a container."""
        ...

    def processes(self, container: str) -> tuple[tuple[str, str], ...]:
        """Whose each process of a container is, and its command."""
        ...

    def logs(self, container: str) -> str:
        """What a container wrote."""
        ...


@dataclass(frozen=True)
class Before:
    """What was there when a drill began.

    Attributes:
        things: ids of containers, networks and images, names of volumes.
        containers: name → id.
        images: name → id.
    """

    things: frozenset[str] = frozenset()
    containers: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, state: Snapshot) -> "Before":
        """Take it from a state."""
        return cls(
            frozenset((*state.containers, *state.networks, *state.volumes, *state.images)),
            {one.name: one.id for one in state.containers.values()},
            {name: one.id for one in state.images.values() for name in one.names},
        )


@dataclass(frozen=True)
class View:
    """The learner's engine at one moment of a drill.

    Attributes:
        now: the state.
        before: what was there at the beginning.
        drawn: name → value.
        happened: events, oldest first.
        ask: for what the state does not say.
        first_seen: a container's life → when it was first seen, on the monotonic clock; kept from look to look.
    """

    now: Snapshot
    before: Before
    drawn: Mapping[str, str]
    happened: tuple[Happening, ...]
    ask: Looking
    first_seen: dict[object, float]

    def name(self, name: str) -> str:
        """The name that is meant: what was drawn under it, or with it in a text (``{app}:1.0``), or itself."""
        return self.drawn.get(name) or fill(name, self.drawn)

    def steady_for(self, about: ContainerInfo) -> float:
        """Seconds for which this life of a container has been seen."""
        now = time.monotonic()
        return now - self.first_seen.setdefault((about.id, about.life), now)

    def newcomers(self, kind: str) -> list[str]:
        """Names of the things that somebody has made since the beginning, but for what other drills and chapters name.

        Those that begin with a name that was drawn, if there are any: all else may be the doing of somebody else.
        """
        now = self.now
        things = {
            "container": [(one.id, one.name) for one in now.containers.values()],
            "network": [(one.id, one.name) for one in now.networks.values()],
            "volume": [(name, name) for name in now.volumes if not _UNNAMED.fullmatch(name)],
            "image": [(one.id, name) for one in now.images.values() for name in one.names],
        }[kind]
        ours = tuple(self.drawn.values())
        fresh = [name for identity, name in things if identity not in self.before.things]
        return sorted(name for name in fresh if name.startswith(ours)) or sorted(
            name for name in fresh if not _ANOTHERS.match(name)
        )

    def missing(self, kind: str, name: str, called: str = "") -> CheckFailed:
        """The failure for something that is not there, with what became of it, or what is there instead.

        Args:
            kind: ``container``, ``volume``, ``network`` or ``image``.
            name: of it.
            called: how to speak of it, where its name is not to be told.
        """
        shown = called and fill(called, self.drawn)
        subject = f"No {kind} has {shown}" if shown else f"There is no {kind} {name}"
        if (end := self._end_of(kind, name)) and not shown:
            return CheckFailed(f"The {kind} {name} is gone: {end}.")
        others = self.newcomers(kind)
        if len(others) == 1:
            return CheckFailed(f"{subject}; your new one is called {others[0]}.")
        if others:
            return CheckFailed(f"{subject}; your new ones are called {' and '.join(others[:3])}.")
        return CheckFailed(f"{subject} yet.")

    def _end_of(self, kind: str, name: str) -> str:
        """What became of something that was there since the beginning; empty where it never was."""
        mine = [one for one in self.happened if one.kind == kind and one.name == name]
        if not any(one.action in {"destroy", "delete", "untag"} for one in mine):
            return "" if name not in getattr(self.before, f"{kind}s", {}) else "it was removed"
        codes = [one.about["exitCode"] for one in mine if one.action == "die" and "exitCode" in one.about]
        return f"its program ended with {exit_code_in_words(int(codes[-1]))}, and it was removed" if codes else "it was removed"
