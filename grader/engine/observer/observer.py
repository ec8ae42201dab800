"""The observer: who wants to know of an engine is told, for as long as somebody does."""

import io
import tarfile
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

import requests
from docker.errors import APIError, DockerException

from grader.engine.files import StoredFile, unpacked
from grader.engine.inspect import ImageInfo, Json
from grader.engine.observer.events import Happening
from grader.engine.observer.snapshot import Change, Snapshot, compare
from grader.engine.observer.watch import Watch
from grader.values.errors import Fault, LimitReached

_KEPT_HAPPENINGS: Final = 500
_KEPT_BYTES: Final = 1 << 20
_LOG_LINES: Final = 200
_NOT_TOLD: Final = (APIError, DockerException, requests.exceptions.RequestException, OSError, Fault)


@dataclass(frozen=True)
class Update:
    """What somebody who looks on is told.

    Attributes:
        snapshot: the state now.
        changes: since the last one that anybody was told of; a newcomer's first has none.
        inside: something may have changed inside of a container, which no snapshot shows.
    """

    snapshot: Snapshot
    changes: tuple[Change, ...] = ()
    inside: bool = False


T = TypeVar("T")
Listener = Callable[[Update], None]


class Observer:
    """Looks at the engine that the docker command uses, while anybody wants to know. Safe to use from several threads.

    It holds one connection for events, and asks for state only when an event says that some has changed. It outlives restarts
    of the engine: while there is none, the snapshot says so; afterwards, states are compared. What happened while nobody looked
    on is found the same way, from the last snapshot to the next.

    Args:
        address: of the engine; by default that of the docker command.
        linger: seconds for which it goes on when the last one who wanted to know has gone.
    """

    def __init__(self, address: str | None = None, *, linger: float = 0.0) -> None:
        self._address, self._linger = address, linger
        self._lock = threading.RLock()
        self._listeners: dict[object, tuple[Listener, bool]] = {}
        self._told = Snapshot()
        self._happenings: deque[Happening] = deque(maxlen=_KEPT_HAPPENINGS)
        self._images: dict[str, ImageInfo] = {}
        self._watch: Watch | None = None
        self._asked = 0
        self._leaving: threading.Timer | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The state as it was last seen; it grows old when nobody looks on."""
        return self._told

    @property
    def watching(self) -> bool:
        """Whether it looks at the engine now."""
        return self._watch is not None

    def happened(self) -> tuple[Happening, ...]:
        """The last events, oldest first, as far as somebody looked on."""
        with self._lock:
            return tuple(self._happenings)

    def subscribe(self, listener: Listener, *, inside: bool = False) -> Callable[[], None]:
        """Tell somebody of the state as soon as it is known, and of each change of it.

        Args:
            listener: called from a thread of the observer's; it must not take long.
            inside: tell of commands that ended inside of containers, too, which leave the state as it is.

        Returns:
            What ends it.
        """
        key = object()
        with self._lock:
            self._listeners[key] = listener, inside
            if self._leaving is not None:
                self._leaving.cancel()
                self._leaving = None
            if self._watch is None:
                self._watch = Watch(self._address, self._told, self._publish, self._note, asked=self._asked)
                self._watch.start()
            elif self._told.seen or self._told.trouble:
                self._watch.tell()
        return lambda: self._leave(key)

    def look_again(self) -> int:
        """Look at everything once more, whatever the events say.

        Returns:
            A number; the first state that was looked at from now on has it, or a greater one, in ``answers``.
        """
        with self._lock:
            self._asked += 1
            if self._watch is not None:
                self._watch.look_again(self._asked)
            return self._asked

    def image(self, identity: str) -> ImageInfo | None:
        """What an image says of itself, its layers among it; None when it is gone. It never changes, so it is asked once."""
        with self._lock:
            if (known := self._images.get(identity)) is not None:
                return known
        about: Json | None = self._ask(lambda watch: watch.client.api.inspect_image(identity))  # type: ignore[no-untyped-call]
        if about is None:
            return None
        with self._lock:
            if len(self._images) > 2 * len(self._told.images):
                self._images = {one: info for one, info in self._images.items() if one in self._told.images}
            return self._images.setdefault(identity, ImageInfo.parse(about))

    def read(self, container: str, path: str) -> str | None:
        """A text file in a container, running or not; None when there is none, or when it cannot be read.

        Args:
            container: name or id.
            path: absolute.
        """

        def get(watch: Watch) -> str | None:
            chunks, _about = watch.client.api.get_archive(container, path)
            packed = io.BytesIO()
            for chunk in chunks:
                packed.write(chunk)
                if packed.tell() > _KEPT_BYTES:
                    break
            packed.seek(0)
            with tarfile.open(fileobj=packed) as tar:
                one = tar.next()
                file = tar.extractfile(one) if one is not None and one.isfile() else None
                return file.read().decode("utf-8", "replace") if file is not None else None

        with suppress(tarfile.TarError):
            return self._ask(get)
        return None

    def files(self, container: str, folder: str) -> tuple[StoredFile, ...] | None:
        """The ordinary files below a folder of a container, running or not; None when there is none, or it cannot be read.

        Args:
            container: name or id.
            folder: absolute.
        """

        def get(watch: Watch) -> tuple[StoredFile, ...]:
            chunks, _about = watch.client.api.get_archive(container, folder)
            return unpacked(chunks, folder)

        with suppress(tarfile.TarError, LimitReached):
            return self._ask(get)
        return None

    def processes(self, container: str) -> tuple[tuple[str, str], ...]:
        """Whose each process of a container is, as the engine's host calls them, and its command; none where it does not run.

        Args:
            container: name or id.
        """
        told: Json | None = self._ask(lambda watch: watch.client.api.top(container))
        rows = told["Processes"] or () if told else ()
        return tuple((str(row[0]), str(row[-1])) for row in rows)  # titles: UID, PID … CMD

    def logs(self, container: str) -> str:
        """The last lines that a container wrote, both outputs one behind the other; empty where it is gone.

        Args:
            container: name or id.
        """
        said = self._ask(lambda watch: watch.client.api.logs(container, stdout=True, stderr=True, tail=_LOG_LINES))
        return bytes(said or b"").decode("utf-8", "replace")

    def close(self) -> None:
        """Look no longer, and tell nobody."""
        with self._lock:
            self._listeners.clear()
        self._end()

    def _leave(self, key: object) -> None:
        with self._lock:
            self._listeners.pop(key, None)
            if self._listeners or self._watch is None:
                return
            if self._linger:
                self._leaving = threading.Timer(self._linger, self._end)
                self._leaving.daemon = True
                self._leaving.start()
                return
        self._end()

    def _end(self) -> None:
        with self._lock:
            if self._listeners:
                return
            watch, self._watch = self._watch, None
        if watch is not None:
            watch.stop()

    def _ask(self, question: Callable[[Watch], T | None]) -> T | None:
        watch = self._watch
        if watch is None:
            return None
        try:
            return question(watch)
        except _NOT_TOLD:
            return None

    def _note(self, event: Happening) -> None:
        with self._lock:
            self._happenings.append(event)

    def _publish(self, watch: Watch, now: Snapshot, *, inside: bool, newcomers: bool) -> None:
        with self._lock:
            if watch is not self._watch:
                return
            changes = compare(self._told, now)
            first = bool(self._told.seen == 0 and now.seen)
            known = (self._told.trouble, self._told.answers)
            news = bool(changes) or first or newcomers or (now.trouble, now.answers) != known
            self._told = now
            listeners = [one for one, wants_inside in self._listeners.values() if news or (inside and wants_inside)]
        update = Update(now, () if first else changes, inside)
        for listener in listeners:
            listener(update)
