"""Where a run gets a sandbox engine: one of its own, or one that is lent to run after run, so that few have to be started.

Lent ones are for runs of one learner, or of the course's own answers. Whoever grades the work of many strangers starts one for
each.
"""

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from grader.engine.sandbox.nested import Sandbox
from grader.engine.session import Session
from grader.values.errors import Fault

IDLE: Final = 2
"""Engines that are kept for the next run; of more, those go that were free for the longest."""


class SandboxEngines(Protocol):
    """Gives runs sandbox engines and takes them back. Safe to use from several threads."""

    def lend(self, session: Session, images: Sequence[str]) -> Sandbox:
        """Give a run a sandbox that nothing of another run is left in; ``take_back`` is called when the run is over.

        Args:
            session: the run.
            images: what the engine has from the start, by name.

        Raises:
            EngineUnavailable: none starts.
            ImageUnavailable: one of the images is not there.
        """

    def take_back(self, sandbox: Sandbox) -> None:
        """End a run's use of a sandbox."""

    def close(self) -> None:
        """Remove them all; those that a run still has as well."""


class Sandboxes:
    """Lends sandboxes. As a context manager it removes them all at the end; so does the sweeper, once the process has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._home: Session | None = None
        self._free: list[Sandbox] = []
        self._closed = False

    def lend(self, session: Session, images: Sequence[str]) -> Sandbox:
        """Give a run a sandbox; it is restored, and free again, when the run is over."""
        with self._lock:
            if self._closed:
                raise Fault("There are no sandboxes any more.")
            if self._home is None:
                self._home = Session()
            sandbox = next((one for one in self._free if one.asked == tuple(images)), None)
            if sandbox is not None:
                self._free.remove(sandbox)
        if sandbox is None:
            sandbox = Sandbox(self._home, images, user=session)
        else:
            sandbox.lend(session)
        session.on_close("sandbox", lambda: self.take_back(sandbox))
        return sandbox

    def take_back(self, sandbox: Sandbox) -> None:
        """Restore it for the next run, and remove what has been idle for too long."""
        sandbox.take_back()
        with self._lock:
            self._free.append(sandbox)
            spare = self._free[:-IDLE]
            del self._free[:-IDLE]
        for one in spare:
            one.close()

    def close(self) -> None:
        """Remove them all; those that a run still has as well."""
        with self._lock:
            self._closed = True
            home, self._home = self._home, None
            self._free.clear()
        if home is not None:
            home.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
