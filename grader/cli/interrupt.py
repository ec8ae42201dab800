"""Ctrl-C, SIGTERM and a terminal that closes as a request, not as an exception in the middle of something."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def on_interrupt(asked: Callable[[], None]) -> Iterator[None]:
    """Call ``asked`` at each Ctrl-C, SIGTERM and SIGHUP while the block runs; afterwards they mean what they did before.

    Outside the main thread, where Python takes no signals, the block just runs.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        asked()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
