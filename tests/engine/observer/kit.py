"""What these tests share: somebody who looks on, and a way to an engine that can be cut."""

import contextlib
import os
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from grader.engine.observer import Change, Observer, Snapshot, Update

PATIENT_SECONDS: Final = 90.0
"""No test here says how fast something is; this is when it has certainly failed."""


def docker(*args: str, check: bool = True) -> str:
    """Run a docker command as a learner would."""
    return subprocess.run(["docker", *args], check=check, capture_output=True, text=True).stdout.strip()


class Onlooker:
    """Keeps all that an observer tells."""

    def __init__(self, observer: Observer, *, inside: bool = False) -> None:
        self.updates: list[Update] = []
        self._news = threading.Condition()
        self.leave = observer.subscribe(self._take, inside=inside)

    def _take(self, update: Update) -> None:
        with self._news:
            self.updates.append(update)
            self._news.notify_all()

    @property
    def changes(self) -> list[Change]:
        """All so far."""
        return [change for update in list(self.updates) for change in update.changes]

    def until(self, holds: Callable[[Snapshot], object], what: str) -> Snapshot:
        """The first state, of those since the test began to wait or the last before, for which something holds."""
        end = time.monotonic() + PATIENT_SECONDS
        with self._news:
            seen = max(len(self.updates) - 1, 0)
            while True:
                for update in self.updates[seen:]:
                    if holds(update.snapshot):
                        return update.snapshot
                seen = len(self.updates)
                assert self._news.wait(end - time.monotonic()), f"never seen: {what}"


class Way:
    """A socket that leads to the engine's, until it is cut; then it can be opened again."""

    def __init__(self, path: Path, target: str = "/var/run/docker.sock") -> None:
        self._path, self._target = path, target
        self._ends: list[socket.socket] = []
        self._server: socket.socket | None = None

    @property
    def address(self) -> str:
        """For DOCKER_HOST."""
        return f"unix://{self._path}"

    def open(self) -> None:
        """Let connections through."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._path))
        self._server.listen(64)
        threading.Thread(target=self._serve, args=(self._server,), daemon=True).start()

    def cut(self) -> None:
        """End all connections, and take no new ones."""
        if self._server is not None:
            # Closing alone does not wake a thread that waits for connections.
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        ends, self._ends = self._ends, []
        for one in ends:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _serve(self, server: socket.socket) -> None:
        while True:
            try:
                here, _ = server.accept()
            except OSError:
                return
            there = socket.socket(socket.AF_UNIX)
            there.connect(self._target)
            self._ends += [here, there]
            threading.Thread(target=_between, args=(here, there), daemon=True).start()


def _between(here: socket.socket, there: socket.socket) -> None:
    with here, there, selectors.DefaultSelector() as both, contextlib.suppress(OSError):
        both.register(here, selectors.EVENT_READ, there)
        both.register(there, selectors.EVENT_READ, here)
        while True:
            for key, _ in both.select():
                data = os.read(key.fd, 1 << 16)
                if not data:
                    return
                other: socket.socket = key.data
                other.sendall(data)


@contextlib.contextmanager
def engine_things(*names: str) -> Iterator[None]:
    """Containers, volumes, networks and images of these names are gone before and after."""

    def remove() -> None:
        for args in (("rm", "-fv"), ("volume", "rm", "-f"), ("network", "rm"), ("image", "rm", "-f")):
            docker(*args, *names, check=False)

    remove()
    try:
        yield
    finally:
        remove()
