"""A stack with more containers of a service than its file says, as ``docker compose up --scale`` makes it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from grader.engine.compose.config import Config
from grader.engine.compose.source import Path_, Source
from grader.values.errors import CheckFailed


def scaled(config: Config, scale: Mapping[str, int], source: Source) -> Config:
    """Set the number of containers of some services.

    Args:
        config: what compose says of the stack.
        scale: service → containers; one that the stack does not have is passed over.
        source: the learner's files.

    Raises:
        CheckFailed: something in the file allows one container only, so that the engine would refuse the second.
    """
    services = dict(config.model.get("services") or {})
    for name, number in scale.items():
        if about := services.get(name):
            if number > 1:
                _refuse_what_is_single(name, about, number, source)
            services[name] = {**about, "scale": number}
    return dataclasses.replace(config, model={**config.model, "services": services})


def _refuse_what_is_single(name: str, about: Mapping[str, Any], number: int, source: Source) -> None:
    if given := about.get("container_name"):
        raise _single(name, number, f"container_name: {given}", "names are unique", ("container_name",), source)
    for at, port in enumerate(about.get("ports") or ()):
        first, _, last = str(port.get("published") or "").partition("-")
        if first and int(last or first) - int(first) + 1 < number:
            written = f"port {port['published']} of the host"
            raise _single(name, number, written, "a port of the host belongs to one container", ("ports", at), source)
    for key, network in (about.get("networks") or {}).items():
        if address := (network or {}).get("ipv4_address"):
            raise _single(name, number, f"the address {address}", "addresses are unique", ("networks", key), source)


def _single(name: str, number: int, what: str, why: str, below: Path_, source: Source) -> CheckFailed:
    place = source.place(("services", name, *below))
    return CheckFailed(
        f"The service {name} cannot have {number} containers.",
        expected=f"nothing in {name} that only one container can have: {why}",
        found=what + (f" ({place})" if place else ""),
    )
