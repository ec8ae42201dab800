"""Which engine this is, as far as a verdict may depend on it: versions, image store, limits, what its images are."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from grader.engine import dive, hadolint
from grader.engine.client import connect, translated
from grader.engine.ownership import LABEL
from grader.engine.programs import said

_TOLD: Final = (
    "Architecture", "OSType", "KernelVersion", "OperatingSystem", "Driver", "CgroupDriver", "CgroupVersion", "DefaultRuntime",
    "SecurityOptions", "LoggingDriver", "MemoryLimit", "SwapLimit", "PidsLimit", "CpuCfsQuota", "HttpProxy", "HttpsProxy",
)  # fmt: skip
"""Of what ``docker info`` says: what stays the same until somebody changes the engine."""
_STORE: Final = ("driver-type", "Backing Filesystem")
"""Of the storage driver's own: the first is there with the containerd image store only; others tell what is free just now."""


@dataclass(frozen=True)
class Identity:
    """An engine at one moment.

    Attributes:
        facts: what it is, by name.
        images: name with tag → the image's id; without the images of runs.
    """

    facts: Mapping[str, Any]
    images: Mapping[str, str]


def identify() -> Identity:
    """Ask the engine that the docker client uses.

    Raises:
        EngineUnavailable: none answers.
    """
    with closing(connect()) as client, translated():
        info: dict[str, Any] = client.info()
        version: dict[str, Any] = client.version()
        listed: list[dict[str, Any]] = client.api.images()
    facts = {
        "version": version["Version"],
        "api": version["ApiVersion"],
        "parts": {one["Name"]: one["Version"] for one in version.get("Components") or ()},
        "store": [pair for pair in info.get("DriverStatus") or () if pair[0] in _STORE],
        "registries": (info.get("RegistryConfig") or {}).get("Mirrors"),
        **{name: info.get(name) for name in _TOLD},
    }
    images = {
        str(name): str(one["Id"])
        for one in listed
        if LABEL not in (one.get("Labels") or {})
        for name in one.get("RepoTags") or ()
    }
    return Identity(facts, images)


def tools() -> dict[str, str | None]:
    """The programs that the grader works with: name → what each says of its version."""
    commands = {
        "docker": ("docker", "--version"),
        "buildx": ("docker", "buildx", "version"),
        "compose": ("docker", "compose", "version"),
    }
    for program in (dive.PROGRAM, hadolint.PROGRAM):
        if path := program.find():
            commands[program.name] = (path, "--version")
    return {name: said(*command) for name, command in commands.items()}
