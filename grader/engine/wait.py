"""The one polling loop of the package."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from grader.values.errors import Cancelled

T = TypeVar("T")

NEVER = threading.Event()
"""For callers that cannot be cancelled."""


class WaitTimeout(Exception):
    """The deadline passed and the probe had still nothing to say."""


def until(
    probe: Callable[[], T | None],
    *,
    seconds: float,
    alive: Callable[[], None] | None = None,
    cancelled: threading.Event = NEVER,
    every: float = 0.05,
) -> T:
    """Call ``probe`` until it returns something other than None.

    Args:
        probe: asked at least once; None means "not yet".
        seconds: deadline, on the monotonic clock.
        alive: called before every further wait; raises when there is nothing left to wait for.
        cancelled: ends the wait at once when set.
        every: first pause in seconds; it grows to ten times that.

    Raises:
        WaitTimeout: the deadline passed.
        Cancelled: ``cancelled`` was set.
    """
    deadline = time.monotonic() + seconds
    pause = every
    while (result := probe()) is None:
        if alive is not None:
            alive()
        left = deadline - time.monotonic()
        if left <= 0:
            raise WaitTimeout
        if cancelled.wait(min(pause, left)):
            raise Cancelled
        pause = min(pause * 1.3, every * 10)
    return result
