"""Output that a busy engine loses: how a lost one is told from silence, and what the report says about it.

An engine reads what a container writes from two named pipes, which it opens while it creates the container. When the container
has ended before those calls have returned, the engine gives the pipes up and reads neither: ``docker run`` prints nothing,
``docker logs`` has nothing, and the exit code is right (``docs/known-limits.md``). What follows from this:

- A stream is lost as a whole, never in part: whoever has its last words has all of it.
- Only brief containers lose one. ``docker exec`` waits for its streams, and a container that lives on has had time enough.
- What was lost is nowhere. Only a second run tells a silent program from a lost output, and it may be repeated only where that
  changes nothing.
"""

import re
from collections.abc import Sequence

from grader.engine.session import Session

BRIEF_SECONDS = 5.0
"""A container that lived longer has lost nothing. A busy machine also notices its end late, so this is not too near."""

TRIES = 3
"""How often a command of the grader's own is run, which always says something."""

_END = "(drydock: that was all)\n"
_FRAME = f'"$@"; code=$?; echo "{_END.strip()}"; exit $code'

_TOLD = "reading from a closed fifo"
# A container or command that could not be started has nothing to say; the engine gives up both of its pipes as well.
_REFUSED = re.compile(r"failed to read init pid file|OCI runtime exec failed")
_PIPES = 2


def framed(command: Sequence[str]) -> tuple[str, ...]:
    """A command that says when it has said all, on standard output.

    Args:
        command: program and arguments; its exit code is kept. The image needs ``sh``.
    """
    return ("sh", "-c", _FRAME, "sh", *command)


def unframed(stdout: str) -> str | None:
    """What a framed command wrote; None when that was lost, or when the command was killed."""
    return stdout.removesuffix(_END) if stdout.endswith(_END) else None


def losses(log: str) -> int:
    """How many streams an engine says that it has lost; too many rather than too few.

    Args:
        log: what ``dockerd`` writes, the last of it; that of containerd, which it started, included.
    """
    refused = sum(1 for line in log.splitlines() if _REFUSED.search(line))
    return max(0, log.count(_TOLD) - _PIPES * refused)


def note(session: Session, whose: str) -> None:
    """Tell the reader of the report that something was run again.

    Args:
        session: the run.
        whose: what was run, e.g. ``a container``.
    """
    text = f"The engine has lost what {whose} wrote, as a busy one may; it was run again."
    if text not in session.notes:
        session.notes.append(text)
