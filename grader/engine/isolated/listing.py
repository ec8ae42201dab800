"""What lies in a container, without what is in its files: read beside the engine; standard library only.

An export holds every byte of a container, and a check that asks for owners and modes needs none of them. So the archive is
made, and emptied, at the far end of the pipe.
"""

import http.client
import socket
import tarfile
from collections.abc import Callable
from typing import IO, Any, Final

_BLOCK: Final = 64 * 1024
_OK: Final = 200


class _Sink:
    """What ``tarfile`` writes to."""

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send, self._waiting = send, bytearray()

    def write(self, data: bytes) -> None:
        """Take bytes; many small pieces become few large ones."""
        self._waiting += data
        if len(self._waiting) >= _BLOCK:
            self.flush()

    def flush(self) -> None:
        """Pass on what waits."""
        self._send(bytes(self._waiting))
        self._waiting.clear()


def emptied(archive: IO[bytes], send: Callable[[bytes], object]) -> None:
    """Write an archive again with all its files empty.

    Args:
        archive: its bytes; read once.
        send: is handed the bytes of the other.

    Raises:
        tarfile.TarError: it is none.
    """
    sink = _Sink(send)
    members: Any = tarfile.open(fileobj=archive, mode="r|", bufsize=_BLOCK)  # noqa: SIM115 - nothing to close: it owns no file
    while (member := members.next()) is not None:
        members.members.clear()  # or all of them are kept
        member.size = 0
        member.pax_headers.pop("size", None)
        sink.write(member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
    sink.write(bytes(2 * tarfile.BLOCKSIZE))
    sink.flush()


def export(engine: socket.socket, container: str, connection: socket.socket) -> None:
    """Answer with a container's export, its files emptied; with nothing where the engine has no export to give.

    Args:
        engine: connected to its API.
        container: its id.
        connection: to whoever asks; closed at the end.
    """
    asked = http.client.HTTPConnection("engine")
    asked.sock = engine
    with engine, connection:
        asked.request("GET", f"/containers/{container}/export", headers={"Connection": "close"})
        answer = asked.getresponse()
        if answer.status == _OK:
            emptied(answer, connection.sendall)
