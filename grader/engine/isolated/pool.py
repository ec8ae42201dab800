"""Where the runs of strangers' submissions get their engines: one each, the next one made while the last one works."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from grader.engine.isolated.engine import IsolatedEngine, Size
from grader.engine.session import Session
from grader.values.errors import Fault
from grader.values.limits import Limits


class IsolatedEngines:
    """Gives each run an engine that nothing was in before. As a context manager it removes those that nobody took.

    Safe to use from several threads. What a killed process leaves, the next one's sweeper removes.

    Args:
        images: what every engine has from the start, with tags.

    Attributes:
        images: as given.
    """

    def __init__(self, images: Sequence[str]) -> None:
        self.images = tuple(images)
        self._lock = threading.Lock()
        self._home: Session | None = None
        self._next: dict[Size, Future[IsolatedEngine]] = {}
        self._closed = False

    def ahead(self, limits: Limits) -> None:
        """Begin to make an engine for a run that is still to come.

        Args:
            limits: of its submission.
        """
        size = Size.of(limits)
        with self._lock:
            if self._closed or size in self._next:
                return
            future = self._next[size] = Future()

        def make() -> None:
            try:
                future.set_result(IsolatedEngine(self._session(), self.images, size))
            except BaseException as error:  # noqa: BLE001 - raised where the engine is asked for
                future.set_exception(error)

        threading.Thread(target=make, name="drydock-isolated").start()

    def session(self, run: Session) -> Session:
        """Begin a run's session on an engine of its own; it ends with the run.

        Args:
            run: the run.

        Raises:
            EngineUnavailable: none starts.
            ImageUnavailable: an image that it is made of is not there.
        """
        size = Size.of(run.limits)
        with self._lock:
            ready = self._next.pop(size, None)
        engine = ready.result() if ready else IsolatedEngine(self._session(), self.images, size)
        inner = run.within(engine.place)
        run.on_close("isolated engine", inner.close)
        return inner

    def _session(self) -> Session:
        with self._lock:
            if self._closed:
                raise Fault("There are no isolated engines any more.")
            if self._home is None:
                self._home = Session()
            return self._home

    def close(self) -> None:
        """Remove them all."""
        with self._lock:
            self._closed = True
            home, self._home = self._home, None
            waiting, self._next = list(self._next.values()), {}
        if home is None:
            return
        home.cancelled.set()
        for one in waiting:
            one.exception()
        home.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
