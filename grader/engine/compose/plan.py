"""What a vetted stack is, and the state of a vetting."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from grader.engine.compose.reading import HOME
from grader.engine.compose.source import Path_, Place, Refusal, inside, told
from grader.values.limits import Limits

OWN_LABELS = ("drydock", "com.docker.compose")
ENGINE_SOCKETS = ("docker.sock", "containerd.sock", "podman.sock")


@dataclass(frozen=True, kw_only=True)
class Published:
    """A port as the learner publishes it.

    Attributes:
        inside: port in the container.
        outside: port or range on the host as written; empty where the engine may choose.
        address: on the host; empty for all.
        protocol: ``tcp`` or ``udp``.
        place: in the compose file.
    """

    inside: int
    outside: str
    address: str
    protocol: str
    place: Place | None

    def __str__(self) -> str:
        outside = f"{self.outside}:" if self.outside else ""
        return f"{self.address + ':' if self.address else ''}{outside}{self.inside}/{self.protocol}"


@dataclass(frozen=True, kw_only=True)
class BuildPlan:
    """How a service's image is built.

    Attributes:
        context: the folder, inside the learner's.
        dockerfile: relative to it.
        args: build arguments.
        target: stage; empty for the last.
        no_cache: build every step again.
    """

    context: Path
    dockerfile: str
    args: Mapping[str, str]
    target: str
    no_cache: bool


@dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """One service, vetted.

    Attributes:
        name: of the service.
        image: as written; empty when it is only built.
        build: how to build it; None when it is not.
        settings: for the compose file that is run; without image, ports and limits that depend on the run.
        health: the learner's ``healthcheck``, as compose shows it; empty when there is none.
        published: what the learner publishes.
        replicas: containers.
        place: in the compose file.
    """

    name: str
    image: str
    build: BuildPlan | None
    settings: Mapping[str, Any]
    health: Mapping[str, Any]
    published: tuple[Published, ...]
    replicas: int
    place: Place | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A stack, vetted.

    Attributes:
        services: name → service.
        networks, volumes, configs: for the compose file that is run.
        files: files and folders of the learner's that services mount, relative to the submission, links resolved.
        asleep: services that only a profile would start → their profiles.
        notes: what is run otherwise than it was written, for the report.
    """

    services: Mapping[str, ServicePlan]
    networks: Mapping[str, Mapping[str, Any]]
    volumes: Mapping[str, Mapping[str, Any]]
    configs: Mapping[str, Mapping[str, Any]]
    files: tuple[str, ...]
    asleep: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]


FILES_VOLUME = "drydock-files"
"""Key of the volume that stands in for the learner's folder in the file that is run."""


@dataclass
class Vet:
    """The state of one vetting; handed to every rule.

    Attributes:
        config: what is vetted.
        folder: the submission.
        limits: nothing may be wider.
        platform: the engine's, e.g. ``linux/amd64``.
        find: gives the line of a place.
        seen: where compose saw the submission's folder; by default where it is.
        written: what the learner wrote, with the names of env files.
        left_out: files of the submission that compose could not see.
        refusals: collected so far.
        files: files and folders that are mounted, so far.
        notes: what is run otherwise than it was written, so far.
    """

    config: Mapping[str, Any]
    folder: Path
    limits: Limits
    platform: str
    find: Callable[[Path_], Place | None]
    seen: str = ""
    written: Mapping[str, Any] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    refusals: list[Refusal] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def refuse(self, path: Path_, what: str) -> None:
        """Note something that is not allowed."""
        self.refusals.append(Refusal(what, self.find(path), path))

    def note(self, path: Path_, what: str) -> None:
        """Note something that is run otherwise than it was written."""
        place = self.find(path)
        self.notes[f"{'.'.join(map(str, path))}: {what}" + (f" ({place.file}, line {place.line})" if place else "")] = None

    def here(self, source: str) -> Path | None:
        """Where a path that compose names is on this machine; None outside the submission, all links followed."""
        if not source.startswith("/"):
            return None
        path = self.folder / os.path.relpath(source, self.seen or self.folder)
        below = PurePosixPath(os.path.normpath(source)).is_relative_to(self.seen or self.folder)
        return path if below and inside(self.folder, path) else None

    def told(self, source: str) -> str:
        """A path outside the submission, as the learner may have written it."""
        return told(self.seen or self.folder, source, HOME)

    def only(self, path: Path_, about: Mapping[str, Any], *known: str) -> None:
        """Refuse every key of a mapping that is set and not known."""
        for key, value in about.items():
            if key not in known and value and not key.startswith("x-"):
                self.refuse((*path, key), f"{'.'.join(map(str, path))}.{key}, which these exercises do not use")

    def labels(self, path: Path_, value: Mapping[str, str] | None) -> dict[str, str]:
        """The learner's labels, as long as they are not the grader's or compose's own."""
        for key in value or ():
            if key.startswith(OWN_LABELS):
                self.refuse((*path, key), f"the label {key}, which belongs to the grader or to compose")
        return dict(value or {})

    def own_file(self, path: Path_, source: str) -> str:
        """A file or folder of the learner's that is mounted: relative to the submission; ``.`` for all of it."""
        if source.rstrip("/").endswith(ENGINE_SOCKETS):
            self.refuse(path, "the engine's own socket, which gives power over the whole machine")
        elif (own := self.here(source)) is None:
            self.refuse(path, f"a path outside your folder ({self.told(source)})")
        else:
            relative = os.path.relpath(os.path.realpath(own), os.path.realpath(self.folder))
            self.files[relative] = None
            return relative
        return ""
