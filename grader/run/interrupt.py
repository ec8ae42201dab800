"""Ctrl-C, SIGTERM and a terminal that closes as a request, not as an exception in the middle of something."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Besides Ctrl-C; a SIGHUP that whoever started us has switched off (nohup) stays so."""


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
    meant = [signal.SIGINT, *(one for one in _ENDS if signal.getsignal(one) is not signal.SIG_IGN)]
    before = {number: signal.signal(number, handle) for number in meant}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_like_ctrl_c() -> None:
    """Let SIGTERM and SIGHUP end this process as Ctrl-C does: what has begun is cleaned up on the way out."""
    if threading.current_thread() is threading.main_thread():
        for number in _ENDS:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, signal.default_int_handler)
