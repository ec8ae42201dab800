"""How the sandbox's vocabulary speaks of mounts, published ports and commands."""

from collections.abc import Iterable, Sequence

from grader.engine.inspect import Binding, Mount

NAMELESS = "<none>:<none>"
"""How ``docker image ls`` lists an image without a name."""
_UNNAMED = 64
"""Letters of the name that Docker gives a volume without one."""
_EVERYWHERE = {"0.0.0.0": "::"}  # noqa: S104 - what an engine says of a port that is open on all addresses
_SHOWN_CHARACTERS = 50


def is_named(volume: str) -> bool:
    """Whether somebody has given a volume its name."""
    return len(volume) < _UNNAMED


def listed(kind: str, name: str) -> str:
    """Something as it is named among others: what has no name of its own, by what it is."""
    if name == NAMELESS:
        return "an image without a name"
    return name if kind != "volume" or is_named(name) else "volumes without a name"


def mounted(mount: Mount | None) -> str:
    """What is mounted somewhere: ``the volume data``, ``a folder``, ``nothing mounted``."""
    if mount is None:
        return "nothing mounted"
    if mount.kind == "volume":
        return f"the volume {mount.name}" if is_named(mount.name) else "a volume without a name"
    return "a folder" if mount.kind == "bind" else "something in memory"


def published(bindings: Iterable[Binding]) -> str:
    """Published ports, as a finding says it."""
    return ", ".join(f"{address}:{port} → {inside} inside" for address, port, inside in doors(bindings)) or "no port"


def doors(bindings: Iterable[Binding]) -> list[tuple[str, int, str]]:
    """Address and port of the host, and the port inside, with its protocol where that is not TCP.

    What is open on all addresses is listed once, and not for IPv4 and IPv6.
    """
    found = sorted(
        {(one.address, one.port, f"{one.inside}{'' if one.protocol == 'tcp' else f'/{one.protocol}'}") for one in bindings}
    )
    twice = {(_EVERYWHERE[address], *rest) for address, *rest in found if address in _EVERYWHERE}
    return [one for one in found if one not in twice]


def state(status: str) -> str:
    """A container's state, behind its name: ``has ended``, ``is running``."""
    return {"exited": "has ended", "created": "was never started"}.get(status, f"is {status}")


def quoted(command: Sequence[str]) -> str:
    """A command as it would be typed, shortened and in quotes."""
    text = " ".join(command)
    return f"“{text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + '…'}”"
