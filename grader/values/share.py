"""What one run takes of the machine that it shares with others."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of what the machine has, or all of it.

    Nobody waits for another who waits for them, because everybody takes in the same order: a run takes all of its containers,
    its sandbox engine and its memory at once, before anything else; whoever has builds takes nothing more until they are over.

    Attributes:
        containers: that run at a time.
        builds: that go on at a time.
        sandboxes: nested engines that are in use.
        memory: bytes.
    """

    containers: int = 0
    builds: int = 0
    sandboxes: int = 0
    memory: int = 0
