"""One life of the observer: a thread that reads the event stream, and one that looks when something has happened."""

import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any, Final, Protocol

import docker
import requests
import urllib3
from docker.errors import APIError, DockerException
from docker.types import CancellableStream

from grader.engine.client import REQUEST_SECONDS, connect
from grader.engine.observer.events import FILTERS, Happening, Outdated
from grader.engine.observer.look import look
from grader.engine.observer.snapshot import Snapshot
from grader.values.errors import EngineUnavailable

SETTLED_SECONDS: Final = 0.03
"""One command makes several events within milliseconds: wait until none has come for so long,"""
AT_MOST_SECONDS: Final = 0.2
"""but no longer than this after the first."""
QUIET_SECONDS: Final = 600
"""A stream that has said nothing for so long is opened again: the way to the engine may have been lost without a word."""
_AGAIN_SECONDS: Final = (0.2, 0.5, 1.0, 2.0)
"""Before each try to reach an engine that is gone; the last one from then on."""
_OVERLAP_SECONDS: Final = 2
_UNREADABLE: Final = "What the Docker engine says of its state could not be read"
_AWAY: Final = (
    *(APIError, DockerException, requests.exceptions.RequestException, urllib3.exceptions.HTTPError),
    *(OSError, EngineUnavailable),
)
_CUT: Final = (*_AWAY, ValueError, AttributeError)
"""And a stream that was closed while it was read."""


class Publish(Protocol):
    """Takes a state that was seen."""

    def __call__(self, watch: "Watch", now: Snapshot, *, inside: bool, newcomers: bool) -> None:
        """Tell those who look on."""
        ...


class Watch:
    """Follows an engine until it is stopped.

    Args:
        address: of the engine; None for that of the docker command.
        known: what was last seen of it.
        publish: called with each state that was seen.
        note: called with each event.
        asked: the last request to look again.
    """

    def __init__(
        self, address: str | None, known: Snapshot, publish: Publish, note: Callable[[Happening], None], *, asked: int
    ) -> None:
        self._address, self._now, self._publish, self._note = address, known, publish, note
        self._stopped = threading.Event()
        self._woken = threading.Condition()
        self._outdated, self._newcomers, self._trouble = Outdated(), False, ""
        self._asked = asked
        self._client: docker.DockerClient | None = None
        self._stream: CancellableStream[dict[str, Any]] | None = None
        self._since = 0.0

    @property
    def client(self) -> docker.DockerClient:
        """A connection for questions.

        Raises:
            EngineUnavailable: there is none now.
        """
        client = self._client
        if client is None:
            raise EngineUnavailable(self._trouble or "The Docker engine has not answered yet.")
        return client

    def start(self) -> None:
        """Begin."""
        for target, name in ((self._read, "drydock-events"), (self._look, "drydock-look")):
            threading.Thread(target=target, name=name, daemon=True).start()

    def tell(self) -> None:
        """Publish what is known once more: somebody has come who knows nothing."""
        with self._woken:
            self._newcomers = True
            self._woken.notify()

    def look_again(self, asked: int) -> None:
        """Look at everything once more; the state then bears this number."""
        with self._woken:
            self._asked = asked
            self._outdated.everything = True
            self._woken.notify()

    def stop(self) -> None:
        """End; both threads are gone soon after."""
        self._stopped.set()
        with self._woken:
            self._woken.notify()
        stream = self._stream
        if stream is not None:
            with suppress(*_CUT):
                stream.close()

    # The event stream

    def _read(self) -> None:
        tries = 0
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                self._follow()
            except EngineUnavailable as error:
                self._is_away(error.message)
            except _CUT:
                if time.monotonic() - began >= QUIET_SECONDS - 1:
                    continue  # nothing was said, and nothing is wrong
                self._is_away("The connection to the Docker engine was lost.")
            # An engine that has answered for a while is a new story.
            tries = 0 if time.monotonic() - began > _AGAIN_SECONDS[-1] else tries
            self._stopped.wait(_AGAIN_SECONDS[min(tries, len(_AGAIN_SECONDS) - 1)])
            tries += 1

    def _follow(self) -> None:
        client = connect(address=self._address)
        with closing(connect(client.api.api_version, self._address, seconds=QUIET_SECONDS)) as listening:
            # From a little before now, by the engine's clock: it begins to listen for us only a moment after it has answered.
            # After an interruption from where we were; the engine remembers the last few hundred events.
            since = self._since or _clock(client) - _OVERLAP_SECONDS
            last = self._since
            self._stream = listening.api.events(since=int(since), filters=FILTERS, decode=True)
            with self._woken:
                old, self._client, self._trouble = self._client, client, ""
                self._outdated.everything = True
                self._woken.notify()
            if old is not None:
                old.close()
            if self._stopped.is_set():
                return
            for said in self._stream:
                event = Happening.parse(said)
                if event.at <= last or event.ours:
                    continue
                self._since = event.at
                self._note(event)
                with self._woken:
                    self._outdated.take(event)
                    self._woken.notify()
        raise EngineUnavailable("The Docker engine has ended the connection.")

    def _is_away(self, why: str) -> None:
        if self._stopped.is_set():
            return
        with self._woken:
            self._trouble = why
            self._woken.notify()

    # The state

    def _look(self) -> None:
        pause = 0.0
        while True:
            self._wait(pause)
            with self._woken:
                outdated, self._outdated = self._outdated, Outdated()
                newcomers, self._newcomers = self._newcomers, False
                trouble, client, asked = self._trouble, self._client, self._asked
            if self._stopped.is_set():
                break
            pause, now = 0.0, self._now
            try:
                if trouble:
                    self._outdated.everything = True  # once it is back; the reader says when
                elif client is not None and outdated.state:
                    now = look(client, now, outdated)
                    now = replace(now, answers=asked if outdated.everything else now.answers)
                now = replace(now, trouble=trouble)
            except _AWAY:
                with self._woken:
                    self._outdated.everything = True
                    self._newcomers = self._newcomers or newcomers
                pause = _AGAIN_SECONDS[1]
                continue
            except Exception as error:  # noqa: BLE001 - who looks on must not wait for ever for what we cannot read
                with self._woken:
                    self._outdated.everything = True
                now, pause = replace(now, trouble=f"{_UNREADABLE} ({type(error).__name__}: {error})"), _AGAIN_SECONDS[-1]
            self._now = now
            self._publish(self, now, inside=outdated.inside, newcomers=newcomers)
        if self._client is not None:
            self._client.close()

    def _wait(self, pause: float) -> None:
        """Until there is something to do, and it has settled."""
        if pause:
            self._stopped.wait(pause)
        with self._woken:
            self._woken.wait_for(self._something)
            end = time.monotonic() + AT_MOST_SECONDS
            while not self._stopped.is_set() and self._outdated and not self._newcomers:
                if not self._woken.wait(min(SETTLED_SECONDS, max(end - time.monotonic(), 0))) or time.monotonic() >= end:
                    break

    def _something(self) -> bool:
        due = bool(self._outdated) and not self._trouble and self._client is not None
        return self._stopped.is_set() or self._newcomers or due or self._trouble != self._now.trouble


def _clock(client: docker.DockerClient) -> float:
    """The engine's time, to the second, as every answer of its says it."""
    answer = client.api.get(f"{client.api.base_url}/_ping", timeout=REQUEST_SECONDS)
    return parsedate_to_datetime(answer.headers["Date"]).timestamp()
