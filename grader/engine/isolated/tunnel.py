"""The near end of the pipe to an isolated engine: a socket for docker's clients, and connections to published ports."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from grader import settings
from grader.engine.cli import environment
from grader.engine.isolated import relay
from grader.engine.isolated.mux import Mux
from grader.engine.session import Session
from grader.values.errors import EngineUnavailable

_ANSWER_SECONDS = 5.0
_LONGEST = 100 - len("/123456")
"""Bytes of a folder's path: a socket's address has 103 at most, on the pickiest of systems."""


def _short(folder: Path, opened: int) -> Path:
    """A folder by a path that is short enough for a socket's address, where there is one.

    Args:
        folder: the folder.
        opened: a descriptor of it, for as long as the path is used; by any process of this user.
    """
    if len(os.fsencode(folder)) <= _LONGEST:
        return folder
    other = Path(f"/proc/{os.getpid()}/fd/{opened}")
    return other if other.exists() else folder


class Tunnel:
    """A pipe into a container that runs ``relay``, by ``docker exec``: it needs nothing of the network, nor of a shared folder.

    Args:
        session: it ends with it.
        container: the id of that container.
        command: what is run in it.
        proxy: makes the connection for whoever asks the proxy in the engine's network.

    Attributes:
        address: what docker's clients call the engine's address.

    Raises:
        EngineUnavailable: there is no docker command.
    """

    def __init__(
        self, session: Session, container: str, command: list[str], proxy: Callable[[], socket.socket] | None = None
    ) -> None:
        self._proxy = proxy
        try:
            self._process = subprocess.Popen(
                ["docker", "exec", "-i", container, *command],
                env={**environment(session=session), settings.RUN: session.id},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise EngineUnavailable("There is no docker command on PATH.", "`make engine` installs it.") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._mux = Mux(self._process.stdout.fileno(), self._process.stdin.fileno(), self._accept, first=1)
        self._reader = threading.Thread(target=self._mux.serve, daemon=True)
        self._reader.start()
        self._folder = os.open(session.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        path = _short(session.folder, self._folder) / container[:6]
        self._listening = socket.socket(socket.AF_UNIX)
        try:
            self._listening.bind(str(path))
        except OSError as error:
            self._end()
            raise EngineUnavailable(
                f"No socket can be made in {session.folder}: {error.strerror or error}.",
                "Name a folder with a shorter path in DRYDOCK_RUNTIME.",
            ) from error
        self._listening.listen(64)
        self.address = f"unix://{path}"
        threading.Thread(target=self._listen, daemon=True).start()
        self.close = session.on_close("the pipe to the engine", self._end)

    def _accept(self, target: str) -> socket.socket:
        if target != relay.PROXY or self._proxy is None:
            raise ConnectionRefusedError(target)
        return self._proxy()

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                self._mux.open(relay.ENGINE, self._listening.accept()[0])

    def answers(self) -> bool:
        """Whether the engine answers; asked by hand, since the SDK leaves a socket open where nobody does."""
        ours, theirs = socket.socketpair()
        self._mux.open(relay.ENGINE, theirs)
        with ours, suppress(OSError):
            ours.settimeout(_ANSWER_SECONDS)
            ours.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in ours.recv(100)
        return False

    def dial(self, port: int) -> socket.socket:
        """Connect to a port that a container has published on the engine's loopback address.

        Args:
            port: its number there.

        Returns:
            A socket; where nothing listens, it ends at once.
        """
        ours, theirs = socket.socketpair()
        self._mux.open(f"{relay.PORT}{port}", theirs)
        return ours

    def export(self, container: str) -> Iterator[bytes]:
        """Ask for a container's export with all its files empty.

        Args:
            container: its id.

        Yields:
            Pieces of the archive; none where the engine has none to give.
        """
        ours, theirs = socket.socketpair()
        self._mux.open(f"{relay.EXPORT}{container}", theirs)
        with ours:
            while data := ours.recv(1 << 16):
                yield data

    def _end(self) -> None:
        os.close(self._folder)
        with suppress(OSError):  # wakes whoever waits in accept()
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._mux.close()
        self._reader.join(5)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
