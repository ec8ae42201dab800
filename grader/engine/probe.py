"""Looking into a container from outside: by a helper of our own in its namespaces, which nothing in the image can fool."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from docker.errors import APIError

from grader.diagnose.engine_trouble import disk_is_full
from grader.engine import containers
from grader.engine.session import Session
from grader.engine.wait import WaitTimeout
from grader.values import units
from grader.values.errors import CheckFailed, DiskFull, EngineUnavailable, Fault, LimitReached
from grader.values.units import MB

T = TypeVar("T")

IMAGE = "busybox"
_SECONDS = 20.0
_LEAST_FREE = 32 * MB
_RELEASE_SECONDS = 5.0


@dataclass(frozen=True)
class Listener:
    """A TCP port that something in the container listens on.

    Attributes:
        address: ``0.0.0.0``, ``127.0.0.1``, ``::`` … as far as it matters: loopback or not.
        port: its number.
    """

    address: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only the container itself can reach it."""
        return self.address.startswith("127.") or self.address == "::1"


@dataclass(frozen=True)
class View:
    """A running container as the kernel shows it.

    Attributes:
        uid: effective user id of the main process.
        command: the main process' arguments.
        listeners: its network namespace's listening TCP sockets.
        zombies: names of processes that have ended and whose parent, inside, has not asked how.
    """

    uid: int
    command: tuple[str, ...]
    listeners: tuple[Listener, ...]
    zombies: tuple[str, ...]


# Prints one JSON object.
_SCRIPT = r"""
zombies=$(cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\(.*\)) Z [1-9][^)]*$/\1/p' | sed 's/^[0-9]* (//' | od -An -v -tx1)
printf '{"uid": %s, "zombies": "%s", "command": "%s", "tcp": "%s"}\n' \
    "$(awk '/^Uid:/ {print $3}' /proc/1/status)" "$(echo "$zombies" | tr -d ' \n')" \
    "$(od -An -v -tx1 /proc/1/cmdline | tr -d ' \n')" \
    "$(awk '$4 == "0A" {printf "%s ", $2}' /proc/net/tcp /proc/net/tcp6 2>/dev/null)"
"""


def ask_inside(
    session: Session,
    identity: str,
    script: str,
    read: Callable[[str], T],
    *,
    seconds: float = _SECONDS,
    capabilities: Sequence[str] = (),
    tail: int | None = 200,
) -> T | None:
    """Run a script of the grader's own in a running container's process and network namespaces, on a file system of its own.

    Args:
        session: the run.
        identity: the container's id.
        script: for a shell; it always writes something.
        read: makes of what it wrote what it means; raises ValueError or LookupError where that is not whole.
        seconds: deadline.
        capabilities: that the script has, of which there are none else.
        tail: the last lines of its output only; None for all.

    Returns:
        What it means; None when the container has ended meanwhile.

    Raises:
        ImageUnavailable: the helper's image is not there.
        EngineUnavailable: the helper gave no answer.
    """
    spec = containers.Spec(
        image=IMAGE,
        entrypoint=["sh", "-c", script, "probe"],
        command=[],
        user="0",
        network=f"container:{identity}",
        read_only=True,
        own_limits=(64 * MB, 32),
        extra_host_config={"pid_mode": f"container:{identity}", "cap_drop": ["ALL"], "cap_add": list(capabilities)},
    )
    try:
        return read(containers.output(session, spec, seconds=seconds, tail=tail))
    except (CheckFailed, APIError, WaitTimeout, ValueError, LookupError) as error:
        if not containers.inspect(session, identity).state.running:
            return None
        raise EngineUnavailable("The grader could not look into the container.", "Try again; `grader doctor` helps.") from error


def look(session: Session, identity: str) -> View | None:
    """Look at a running container; see ``ask_inside``."""
    return ask_inside(session, identity, _SCRIPT, _view)


def _view(text: str) -> View:
    said = json.loads(text)
    return View(
        uid=int(said["uid"]),
        command=tuple(bytes.fromhex(said["command"]).decode("utf-8", "replace").rstrip("\0").split("\0")),
        listeners=listeners(said["tcp"]),
        zombies=tuple(bytes.fromhex(said["zombies"]).decode("utf-8", "replace").splitlines()),
    )


def disk_limit(session: Session, said: str = "") -> LimitReached | None:
    """The limit, when a run has filled the disk of an engine that is its own; None on an engine that it shares.

    Args:
        session: the run.
        said: what was seen of a program that failed.
    """
    if session.place is None:
        return None
    if "no space left on device" in said.lower():
        return _disk_filled(session.place.disk)
    status, room = session.place.shell("df -P -k /var/lib/docker | tail -n 1")
    free = int(room.split()[-3]) << 10 if status == 0 else 0
    return _disk_filled(session.place.disk) if free < _LEAST_FREE else None


def _disk_filled(size: int) -> LimitReached:
    return LimitReached(
        "What you handed in filled the disk that it has for images, containers and volumes.",
        expected=f"at most {units.size(size)} together, beside the base images",
        found="no room was left",
    )


def full_disk(session: Session) -> DiskFull | LimitReached | None:
    """The fault, or the limit, when the engine has no room left for images and containers.

    A step that wanted more than there is gives its room back a moment after it has failed: that is no full disk.
    """
    if session.place is not None:  # its own: whoever fills that has reached a limit, whether they give it back or not
        return _disk_filled(session.place.disk)
    deadline = time.monotonic() + _RELEASE_SECONDS
    while full := _no_room(session):
        if time.monotonic() > deadline:
            return full
        session.cancelled.wait(0.5)
        session.check_cancelled()
    return None


def _no_room(session: Session) -> DiskFull | None:
    spec = containers.Spec(image=IMAGE, entrypoint=["df", "-P", "-k", "/"], command=[], own_limits=(64 * MB, 32))
    try:
        free = int(containers.output(session, spec, seconds=_SECONDS).split()[-3])
    except DiskFull as error:
        return error
    except (CheckFailed, APIError, WaitTimeout, Fault, ValueError, IndexError):
        return None
    return disk_is_full() if free * 1024 < _LEAST_FREE else None


def listeners(sockets: str) -> tuple[Listener, ...]:
    """What listens, by the port.

    Args:
        sockets: local addresses as /proc/net/tcp and tcp6 have them, with white space between them.
    """
    return tuple(sorted({_listener(one) for one in sockets.split()}, key=lambda one: one.port))


def _listener(text: str) -> Listener:
    """Read ``0100007F:1F40`` of /proc/net/tcp: the address in the machine's byte order, word by word."""
    address, port = text.split(":")
    if len(address) == 8:
        readable = ".".join(str(byte) for byte in reversed(bytes.fromhex(address)))
    elif address == "0" * 32:
        readable = "::"
    elif address == "00000000000000000000000001000000":
        readable = "::1"
    elif address.startswith("0000000000000000FFFF0000"):  # an IPv4 address in IPv6 clothes
        return _listener(f"{address[24:]}:{port}")
    else:
        readable = "an IPv6 address"
    return Listener(readable, int(port, 16))
