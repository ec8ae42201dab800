"""Many connections over one pair of pipes, as the grader and the relay beside an isolated engine have them."""

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from grader.engine.isolated.mux import Mux

SECONDS = 30.0


class Ends:
    """Two ends, joined by pipes; what the far one can be asked for is in ``targets``."""

    def __init__(self) -> None:
        there, here = os.pipe(), os.pipe()
        self.pipes = [*there, *here]
        self.targets: dict[str, Callable[[socket.socket], None]] = {}
        self.near = Mux(here[0], there[1], self._refuse, first=1)
        self.far = Mux(there[0], here[1], self._accept, first=2)
        self.threads = [threading.Thread(target=one.serve, daemon=True) for one in (self.near, self.far)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def _refuse(target: str) -> socket.socket:
        raise ConnectionRefusedError(target)

    def _accept(self, target: str) -> socket.socket:
        if target not in self.targets:
            raise ConnectionRefusedError(target)
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=(target, ours), daemon=True).start()
        return theirs

    def _serve(self, target: str, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.targets[target](connection)

    def dial(self, target: str, end: Mux | None = None) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.settimeout(SECONDS)
        (end or self.near).open(target, theirs)
        return ours

    def close(self) -> None:
        os.close(self.pipes[1])  # as when the far end's process dies
        self.threads[1].join(SECONDS)
        os.close(self.pipes[3])
        for thread in self.threads:
            thread.join(SECONDS)
            assert not thread.is_alive()
        for one in (self.pipes[0], self.pipes[2]):
            os.close(one)


@pytest.fixture
def ends() -> Iterator[Ends]:
    made = Ends()
    yield made
    if made.threads[0].is_alive():
        made.close()


def _all(connection: socket.socket) -> bytes:
    data = b""
    while came := connection.recv(1 << 16):
        data += came
    return data


def _echo(connection: socket.socket) -> None:
    while data := connection.recv(1 << 16):
        connection.sendall(data)


def _digest(connection: socket.socket) -> None:
    """Answers when everything has come: only a direction that can end by itself makes this possible."""
    connection.sendall(hashlib.sha256(_all(connection)).digest())


def test_bytes_go_both_ways_and_each_way_ends_by_itself(ends: Ends) -> None:
    ends.targets["digest"] = _digest
    data = os.urandom(3_000_000)
    with ends.dial("digest") as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        assert _all(connection) == hashlib.sha256(data).digest()


def test_what_is_not_there_ends_at_once(ends: Ends) -> None:
    with ends.dial("nothing") as connection:
        assert connection.recv(1) == b""


def test_many_at_a_time_are_not_mixed_up(ends: Ends) -> None:
    ends.targets["echo"] = _echo
    sent = [os.urandom(200_000) for _ in range(20)]
    came: dict[int, bytes] = {}

    def one(number: int) -> None:
        with ends.dial("echo") as connection:
            threading.Thread(target=_send, args=(connection, sent[number]), daemon=True).start()
            came[number] = _all(connection)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(sent))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert [came.get(number) == data for number, data in enumerate(sent)] == [True] * len(sent)


def _send(connection: socket.socket, data: bytes) -> None:
    connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def test_one_that_is_not_read_holds_up_nobody_and_takes_little_memory(ends: Ends) -> None:
    flooded = threading.Event()
    counted: list[int] = []

    def flood(connection: socket.socket) -> None:
        connection.settimeout(1)
        total = 0
        try:
            while total < 50_000_000:
                total += connection.send(bytes(1 << 16))
        except TimeoutError:
            pass
        counted.append(total)
        flooded.set()

    ends.targets["flood"], ends.targets["echo"] = flood, _echo
    with ends.dial("flood"):
        assert flooded.wait(SECONDS)
        assert counted[0] < 5_000_000
        with ends.dial("echo") as connection:
            connection.sendall(b"still here")
            assert connection.recv(100) == b"still here"


def test_whoever_closes_early_stops_the_other_side(ends: Ends) -> None:
    stopped = threading.Event()

    def endless(connection: socket.socket) -> None:
        try:
            while True:
                connection.sendall(bytes(1 << 16))
        except OSError:
            stopped.set()

    ends.targets["endless"] = endless
    with ends.dial("endless") as connection:
        assert connection.recv(10)
    assert stopped.wait(SECONDS)


def test_the_far_end_can_open_connections_too(ends: Ends) -> None:
    with ends.dial("nothing", ends.far) as connection:
        assert connection.recv(1) == b""


def test_when_the_pipe_ends_every_connection_ends(ends: Ends) -> None:
    ends.targets["echo"] = _echo
    with ends.dial("echo") as connection:
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"
        ends.close()
        assert connection.recv(1) == b""
    with ends.dial("echo") as late:
        assert late.recv(1) == b""
