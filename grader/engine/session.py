"""One run on the engine: its id, its labels, its folder, and the one function that owns teardown."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import docker

from grader.engine.client import connect, translated
from grader.engine.ownership import LABEL, OWNER_LABEL, RunLock, owner, remove_labelled, sweep
from grader.values.errors import Cancelled
from grader.values.events import EngineOutput, Event
from grader.values.limits import Limits
from grader.values.share import Share

T = TypeVar("T")

Take = Callable[[Share, threading.Event, Callable[[str], None]], Callable[[], None]]
"""Waits for a share of the machine until it is cancelled, tells for what, and returns what gives it back."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """An engine that is not the docker client's own.

    Attributes:
        address: as the docker client writes it, e.g. ``unix:///…``.
        dial: connects to a port that is published on that engine's loopback address.
        export: a container's export with all its files empty, piece by piece; nothing where there is none.
        shell: runs a piece of shell of the grader's own in the container that the engine runs in; status and output.
        disk: bytes of its file system.
        build_arguments: with which RUN steps find the way out that there is.
        end: ends the engine, with all that is in it; None for one that outlives the run.
    """

    address: str
    dial: Callable[[int], socket.socket]
    export: Callable[[str], Iterator[bytes]]
    shell: Callable[[str], tuple[int, str]]
    disk: int
    build_arguments: Mapping[str, str]
    end: Callable[[], None] | None


class Session:
    """Everything that one run makes on the engine, and its removal.

    Use as a context manager. Each object is registered with ``on_close`` when it is made; leaving the context removes
    them in reverse order, whatever happened, and then whatever else carries the run's label.

    Args:
        limits: of the submission.
        observe: is handed every event; called from several threads, one at a time.
        cancelled: set by the caller to stop the run.
        take: how a share of the machine is taken; by default the run shares it with nobody.
        place: the engine; by default the one that the docker client uses.

    Attributes:
        id: the run's id.
        place: as given.
        labels: for every object that is made.
        folder: temporary folder, removed at the end.
        engine: e.g. ``Docker Engine 26.1.5``.
        swept: what an earlier, killed run had left and this one removed at its start.
        left: what could not be removed at the end; empty when all is clean.
        notes: what the reader of the report should know about this run.

    Raises:
        EngineUnavailable: at the start, when no engine answers.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        observe: Callable[[Event], None] | None = None,
        cancelled: threading.Event | None = None,
        take: Take | None = None,
        place: Place | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.place = place
        self.cancelled = cancelled or threading.Event()
        self.left: list[str] = []
        self.notes: list[str] = []
        self._observe = observe
        self._take = take
        self._observing = threading.Lock()
        self._threads = threading.local()
        self._clients: list[docker.DockerClient] = []
        self._numbers = itertools.count(1)
        self._undo: dict[int, tuple[str, Callable[[], object], bool]] = {}
        self._undone: list[Future[None]] = []
        self._lock = threading.Lock()
        self._only: dict[Callable[..., Any], object] = {}
        self._only_lock = threading.Lock()
        first = connect(address=self._address)
        self._api_version = str(first.api.api_version)
        self._keep(first)
        with translated():
            version = first.version()
            self.engine = f"{version.get('Platform', {}).get('Name') or 'Docker Engine'} {version['Version']}"
            self.swept = sweep(first)
        run = RunLock()
        self._run = run
        self.id = run.id
        self.folder: Path = run.folder
        self.labels = {LABEL: run.id, OWNER_LABEL: owner()}
        self._reaper = ThreadPoolExecutor(max_workers=2, thread_name_prefix="drydock-reaper")

    def _keep(self, client: docker.DockerClient) -> docker.DockerClient:
        self._threads.client = client
        self._clients.append(client)
        return client

    @property
    def client(self) -> docker.DockerClient:
        """The SDK's client for the calling thread: its connection pool is not made for several."""
        existing: docker.DockerClient | None = getattr(self._threads, "client", None)
        return existing if existing is not None else self._keep(connect(self._api_version, self._address))

    @property
    def _address(self) -> str | None:
        return self.place.address if self.place else None

    def dial(self, port: int, seconds: float) -> socket.socket:
        """Connect to a port that is published on the engine's loopback address.

        Args:
            port: its number.
            seconds: deadline.

        Raises:
            OSError: nothing listens there; on an engine elsewhere the connection ends at once instead.
        """
        if self.place is None:
            return socket.create_connection(("127.0.0.1", port), seconds)
        connection = self.place.dial(port)
        connection.settimeout(seconds)
        return connection

    def within(self, place: Place) -> "Session":
        """Begin a session on another engine that belongs to this run: same limits, same observer, same notes, same end.

        Args:
            place: the engine; it ends with the new session, and nothing that is in it is removed one by one.
        """
        inner = Session(self.limits, observe=self._observe, cancelled=self.cancelled, take=self._take, place=place)
        inner.notes = self.notes
        inner._observing = self._observing
        return inner

    def name(self, what: str) -> str:
        """A name for a new object, unique on the engine, e.g. ``drydock-20261122T020304-9f3a1c-api-3``."""
        return f"drydock-{self.id.lower()}-{what}-{next(self._numbers)}"

    @property
    def observed(self) -> bool:
        """Whether anybody is handed the events: what only they would see need not be looked up else."""
        return self._observe is not None

    def emit(self, event: Event) -> None:
        """Hand an event to the observer."""
        if self._observe is not None:
            with self._observing:
                self._observe(event)

    def check_cancelled(self) -> None:
        """Raise Cancelled once the caller has asked for the end."""
        if self.cancelled.is_set():
            raise Cancelled

    def take(self, share: Share) -> Callable[[], None]:
        """Wait until the machine has room for a share, and take it; see there for the order.

        Returns:
            A function that gives it back; at the latest the end of the run does.

        Raises:
            Cancelled: the caller has asked for the end.
        """
        if self._take is None:
            return lambda: None
        give_back = self._take(share, self.cancelled, lambda line: self.emit(EngineOutput(line=line)))
        self.on_close("share of the machine", give_back, here=True)
        return give_back

    def only(self, kind: "Callable[[Session], T]") -> T:
        """What a run has one of: made when it is first asked for, the same one ever after.

        Args:
            kind: makes it, and registers its own removal; usually a class.
        """
        with self._only_lock:
            if kind not in self._only:
                self._only[kind] = kind(self)
            return cast(T, self._only[kind])

    def made(self, kind: "Callable[[Session], T]") -> T | None:
        """What ``only`` has made of a kind; None where nobody has asked for it yet."""
        return cast("T | None", self._only.get(kind))

    def on_close(self, what: str, undo: Callable[[], object], *, here: bool = False) -> Callable[[], None]:
        """Register an object's removal.

        Args:
            what: the object, for the message when it cannot be removed.
            undo: removes it; an object that is already gone is fine.
            here: it is on this machine, so it does not go with an engine that ends.

        Returns:
            A function that removes it now, in the background: teardown never delays a verdict.
        """
        key = next(self._numbers)
        with self._lock:
            self._undo[key] = (what, undo, here)

        def now() -> None:
            with self._lock:
                if key in self._undo:
                    self._undone.append(self._reaper.submit(self._remove, *self._undo.pop(key)[:2]))

        return now

    def _remove(self, what: str, undo: Callable[[], object]) -> None:
        try:
            with translated():
                undo()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must be removed too
            self.left.append(f"{what}: {error}")

    def close(self) -> None:
        """Remove everything, in reverse order, and wait until it is gone. Never raises."""
        end = self.place.end if self.place else None
        if end is not None:
            self._reaper.shutdown(wait=True, cancel_futures=True)
            end()
        with self._lock:
            pending = [(what, undo) for what, undo, here in reversed(self._undo.values()) if here or end is None]
            self._undo.clear()
        for what, undo in pending:
            self._remove(what, undo)
        self._reaper.shutdown(wait=True)
        if end is None:
            try:
                with translated():
                    remove_labelled(self.client, f"{LABEL}={self.id}")
                self.left.clear()  # what failed above went with the label
            except Exception as error:  # noqa: BLE001 - see above
                self.left.append(str(error))
        else:
            self.left.clear()
        for client in self._clients:
            with suppress(Exception):
                client.close()
        if not self._run.release(clean=not self.left):
            self.left.append(f"folder {self.folder}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
