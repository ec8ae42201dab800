"""Many connections over one pair of pipes, so that an engine without a network can be talked to.

Both ends run this module: the grader, and ``relay`` in a container beside the engine; so it imports the standard library only.
A frame is a header (channel, kind, number) and, for DATA and OPEN, that many bytes. Each direction of a channel has a window:
whoever reads slowly holds up nobody but themselves, and what waits in memory is bounded.
"""

import os
import queue
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_HEADER: Final = struct.Struct(">IBI")
_OPEN, _DATA, _END, _CREDIT, _RESET = range(5)
_WINDOW: Final = 256 << 10
_CHUNK: Final = 32 << 10
_LONGEST_TARGET: Final = 300


class Mux:
    """One end of the pipes.

    Args:
        source: file descriptor that is read.
        sink: file descriptor that is written.
        accept: makes the connection that the other end asks for by name; raises OSError where there is none to be had.
        first: number of this end's first channel: 1 or 2, and 2 or 1 at the other end.
    """

    def __init__(self, source: int, sink: int, accept: Callable[[str], socket.socket], *, first: int) -> None:
        self._source, self._sink = source, sink
        self._accept = accept
        self._next = first
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._channels: dict[int, _Channel] = {}
        self.ended = threading.Event()

    def open(self, target: str, connection: socket.socket) -> None:
        """Connect a socket to something at the other end.

        Args:
            target: its name there; where there is nothing of that name, the socket ends at once.
            connection: closed at the end of both directions.
        """
        with self._lock:
            number, self._next = self._next, self._next + 2
            channel = self._channels[number] = _Channel(self, number)
            ended = self.ended.is_set()
        if ended:
            channel.reset()
        self.send(number, _OPEN, target.encode())
        channel.start(connection)

    def serve(self) -> None:
        """Read frames until the other end goes away; then every connection ends."""
        try:
            while True:
                number, kind, count = _HEADER.unpack(self._read(_HEADER.size))
                if kind in {_OPEN, _DATA}:
                    if count > max(_CHUNK, _LONGEST_TARGET):
                        raise ValueError("a frame that is too long")
                    self._take(number, kind, self._read(count))
                else:
                    self._tell(number, kind, count)
        except (EOFError, OSError, ValueError):
            pass
        finally:
            self.close()

    def close(self) -> None:
        """End every connection. Nothing is written after it, so that the pipes may be closed; the other end has to be gone."""
        with self._lock:
            self.ended.set()
            channels = list(self._channels.values())
        with self._writing:
            pass
        for channel in channels:
            channel.reset()

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            came = os.read(self._source, count - len(data))
            if not came:
                raise EOFError
            data += came
        return data

    def _take(self, number: int, kind: int, data: bytes) -> None:
        if kind == _DATA:
            if channel := self._channels.get(number):
                channel.received(data)
            return
        with self._lock:
            channel = self._channels[number] = _Channel(self, number)
        # Connecting may take a while: the frames of others must not wait for it.
        threading.Thread(target=self._connect, args=(number, channel, data.decode("utf-8", "replace")), daemon=True).start()

    def _connect(self, number: int, channel: "_Channel", target: str) -> None:
        try:
            connection = self._accept(target)
        except (OSError, ValueError):
            self.forget(number)
            self.send(number, _RESET)
            return
        channel.start(connection)

    def _tell(self, number: int, kind: int, count: int) -> None:
        channel = self._channels.get(number)
        if channel is None:
            return
        if kind == _CREDIT:
            channel.credit(count)
        elif kind == _END:
            channel.received(b"")
        else:
            channel.reset()

    def send(self, number: int, kind: int, data: bytes = b"", count: int = 0) -> None:
        """Write a frame.

        Args:
            number: of the channel.
            kind: of the frame.
            data: of DATA and OPEN.
            count: of CREDIT.
        """
        frame = memoryview(_HEADER.pack(number, kind, len(data) or count) + data)
        with self._writing, suppress(OSError):  # the reader finds out that the other end is gone
            while frame and not self.ended.is_set():  # or the number may be another file's by now
                frame = frame[os.write(self._sink, frame) :]

    def forget(self, number: int) -> None:
        """A channel has ended in both directions."""
        with self._lock:
            self._channels.pop(number, None)


class _Channel:
    """One connection: a thread for each direction."""

    def __init__(self, mux: Mux, number: int) -> None:
        self._mux, self._number = mux, number
        self._socket: socket.socket | None = None
        self._came: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._free = _WINDOW
        self._may_send = threading.Condition()
        self._open_ways = 2
        self._dead = False

    def start(self, connection: socket.socket) -> None:
        """Begin to pass bytes on; what came before waits here.

        Args:
            connection: closed at the end of both directions.
        """
        with self._may_send:
            self._socket = connection
            dead = self._dead
        if dead:
            self.reset()
        for way in (self._outgoing, self._incoming):
            threading.Thread(target=way, args=(connection,), daemon=True).start()

    def received(self, data: bytes) -> None:
        """Take bytes of the other end's; nothing for its end."""
        self._came.put(data)

    def credit(self, count: int) -> None:
        """Hear that the other end has passed on so many bytes."""
        with self._may_send:
            self._free += count
            self._may_send.notify()

    def reset(self) -> None:
        """End it now, in both directions."""
        with self._may_send:
            self._dead = True
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
            self._may_send.notify()
        self._came.put(None)

    def _outgoing(self, connection: socket.socket) -> None:
        data = b" "
        while data and not self._dead:
            with self._may_send:
                self._may_send.wait_for(lambda: self._free > 0 or self._dead)
                most = min(self._free, _CHUNK)
            try:
                data = b"" if self._dead else connection.recv(most)
            except OSError:
                data = b""
            if data:
                with self._may_send:
                    self._free -= len(data)
                self._mux.send(self._number, _DATA, data)
        self._mux.send(self._number, _END)
        self._way_ended(connection)

    def _incoming(self, connection: socket.socket) -> None:
        while data := self._came.get():
            try:
                connection.sendall(data)
            except OSError:  # nobody reads any more: the other end need not go on
                self._mux.send(self._number, _RESET)
                self.reset()
                break
            self._mux.send(self._number, _CREDIT, count=len(data))
        else:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        self._way_ended(connection)

    def _way_ended(self, connection: socket.socket) -> None:
        with self._may_send:
            self._open_ways -= 1
            last = self._open_ways == 0
            if last:
                connection.close()
                self._socket = None
        if last:
            self._mux.forget(self._number)
