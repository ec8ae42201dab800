"""Requests to servers that misbehave in every way; all of them on the loopback address of this machine."""

import math
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from grader.checks.http import BODY_BYTES, NoAnswer, Response, ask
from grader.values.errors import Cancelled, CheckFailed

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def _server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does one thing to every connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.settimeout(20)
                    behave(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def _answers(data: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(data)

    return behave


def _drips(before: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(before)
        while True:
            connection.sendall(drop)
            time.sleep(0.05)

    return behave


def _floods(before: bytes, chunk: bytes) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(before)
        while True:
            connection.sendall(chunk)

    return behave


def _resets(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _silent(connection: socket.socket) -> None:
    connection.recv(65536)
    with suppress(OSError):
        connection.recv(1)  # until the other side gives up


def test_a_good_answer() -> None:
    with _server(_answers(OK + b'Content-Length: 15\r\nX-Model: v1\r\n\r\n{"status":"ok"}')) as port:
        response = ask(port, "/health", seconds=5)
    assert (response.status, response.json(), response.headers["x-model"]) == (200, {"status": "ok"}, "v1")
    assert response.request == "GET /health"
    assert response.duration_s < 5
    response.expect(status=200, json={"status": "ok"}, json_has={"status": "ok"}, contains="ok", within=5)


def test_what_was_sent_is_shown_with_an_answer_that_does_not_fit() -> None:
    with _server(_answers(OK + b"Content-Length: 2\r\n\r\n[]")) as port:
        answer = ask(port, "/predict", seconds=5, method="POST", body=b'{"mass": -1}')
    with pytest.raises(CheckFailed) as caught:
        answer.expect(status=range(400, 500))
    assert [(one.title, one.text) for one in caught.value.finding.evidence] == [("what was sent", '{"mass": -1}')]


def test_the_request_is_sent_as_asked() -> None:
    seen: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        seen.append(connection.recv(65536) if b"{}" not in seen[0] else b"")
        connection.sendall(OK + b"Content-Length: 0\r\n\r\n")

    with _server(behave) as port:
        ask(port, "/predict?x=1", seconds=5, method="POST", body=b"{}", headers={"X-Nonce": "7"})
    text = b"".join(seen)
    assert text.startswith(b"POST /predict?x=1 HTTP/1.1\r\n")
    assert b"X-Nonce: 7" in text
    assert text.endswith(b"{}")


ENDLESS = {
    "silent": _silent,
    "drips in the status line": _drips(b"", b"H"),
    "drips in the headers": _drips(OK, b"X"),
    "drips headers": _drips(OK, b"X: y\r\n"),
    "drips in the body": _drips(OK + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "drips without a length": _drips(OK + b"\r\n", b"x"),
    "drips chunks": _drips(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "drips 100 Continue": _drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("behave", ENDLESS.values(), ids=list(ENDLESS))
def test_an_answer_that_never_ends_is_given_up_at_the_deadline(behave: Callable[[socket.socket], None]) -> None:
    begin = time.monotonic()
    with _server(behave) as port, pytest.raises(NoAnswer) as caught:
        ask(port, "/", seconds=0.5)
    assert caught.value.connected
    assert time.monotonic() - begin < 3
    assert "within 0.5 s" in str(caught.value) or "not HTTP" in str(caught.value)


FLOODS = {
    "without a length": _floods(OK + b"\r\n", b"x" * 65536),
    "in chunks": _floods(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "with a huge length": _floods(OK + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536),
}


@pytest.mark.parametrize("behave", FLOODS.values(), ids=list(FLOODS))
def test_a_flood_is_not_taken_for_an_answer(behave: Callable[[socket.socket], None]) -> None:
    begin = time.monotonic()
    with _server(behave) as port, pytest.raises(NoAnswer, match="more than 1 MB"):
        ask(port, "/", seconds=20)
    assert time.monotonic() - begin < 15


def test_the_largest_answer_that_is_read() -> None:
    data = b"x" * BODY_BYTES
    with _server(_answers(OK + f"Content-Length: {len(data)}\r\n\r\n".encode() + data)) as port:
        assert ask(port, "/", seconds=20).body == data


BROKEN = {
    "breaks off in the body": (_answers(OK + b"Content-Length: 100\r\n\r\nhalf"), "broke off", True),
    "breaks off in a chunk": (_answers(OK + b"Transfer-Encoding: chunked\r\n\r\n10\r\nhalf"), "broke off", True),
    "chunks of nonsense": (_answers(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhalf\r\n"), "broke off", True),
    "closes at once": (_answers(b""), "refused or broken off", False),
    "resets": (_resets, "refused or broken off", False),
    "speaks another protocol": (_answers(b"+PONG\r\n"), "not HTTP", True),
    "a key for a lock": (_answers(b"SSH-2.0-OpenSSH_9.9\r\n"), "not HTTP", True),
    "bytes of any kind": (_answers(bytes(range(128, 256)) + b"\r\n\r\n"), "not HTTP", True),
    "a line without end": (_answers(OK + b"X: " + b"y" * 200_000 + b"\r\n\r\n"), "not HTTP", True),
    "a thousand headers": (_answers(OK + b"X: y\r\n" * 1000 + b"\r\n"), "not HTTP", True),
}


@pytest.mark.parametrize(("behave", "reason", "connected"), BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_answer(behave: Callable[[socket.socket], None], reason: str, connected: bool) -> None:
    with _server(behave) as port, pytest.raises(NoAnswer) as caught:
        ask(port, "/", seconds=5)
    assert reason in str(caught.value)
    assert caught.value.connected is connected


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoAnswer, match="refused") as caught:
        ask(port, "/", seconds=5)
    assert not caught.value.connected


def test_cancelling_ends_a_request() -> None:
    cancelled = threading.Event()
    threading.Timer(0.2, cancelled.set).start()
    begin = time.monotonic()
    with _server(_silent) as port, pytest.raises(Cancelled):
        ask(port, "/", seconds=30, cancelled=cancelled)
    assert time.monotonic() - begin < 2


def test_no_thread_is_left() -> None:
    before = {thread.ident for thread in threading.enumerate()}
    with _server(_answers(OK + b"Content-Length: 0\r\n\r\n")) as port:
        for _ in range(5):
            ask(port, "/", seconds=30)
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and {thread.ident for thread in threading.enumerate()} - before:
        time.sleep(0.02)
    assert not {thread.ident for thread in threading.enumerate()} - before


# What to expect of an answer


def _response(body: bytes, status: int = 200) -> Response:
    return Response(request="GET /x", status=status, headers={}, body=body, duration_s=0.1, log=lambda: "the log")


def test_another_status() -> None:
    with pytest.raises(CheckFailed, match="GET /x answered 500") as caught:
        _response(b"oops", 500).expect(status=200)
    assert caught.value.finding.expected == "status 200"
    assert "oops" in caught.value.finding.found
    assert caught.value.finding.evidence[0].text == "the log"
    with pytest.raises(CheckFailed) as caught:
        _response(b"").expect(status=range(400, 500))
    assert caught.value.finding.expected == "status 400 to 499"
    _response(b"", 404).expect(status=range(400, 500))
    _response(b"", 404).expect(status=(404, 410))


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ({"a": 1}, b'{"a": 1.0000000001}'),
        ([1, 2.5], b"[1.0, 2.5]"),
        ({"a": {"b": [True, None, "x"]}}, b'{"a": {"b": [true, null, "x"]}}'),
    ],
)
def test_the_same_json(expected: object, body: bytes) -> None:
    _response(body).expect(json=expected)


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        ({"a": 1}, b'{"a": 2}'),
        ({"a": 1}, b'{"a": "1"}'),
        ({"a": 1}, b'{"a": true}'),
        ({"a": 1}, b'{"a": 1, "b": 2}'),
        ({"a": 1}, b"[1]"),
        ([1, 2], b"[1]"),
        ({"a": 1}, b'{"a": NaN}'),
        ({"a": 1.5}, b'{"a": 1' + b"0" * 400 + b"}"),
        ({"a": 1}, b"not json"),
        ({"a": 1}, b"\xff\xfe"),
        ({"a": 1}, b""),
        ({"a": 1}, b"[" * 100_000),
        ({"a": 1}, b'{"a": ' + b"9" * 5000 + b"}"),
    ],
)
def test_another_json_fails_the_check_and_never_the_grader(expected: object, body: bytes) -> None:
    with pytest.raises(CheckFailed):
        _response(body).expect(json=expected)


def test_members_among_others() -> None:
    _response(b'{"species": "Adelie", "p": 0.9}').expect(json_has={"species": "Adelie"})
    with pytest.raises(CheckFailed) as caught:
        _response(b'{"species": "Gentoo"}').expect(json_has={"species": "Adelie"})
    assert caught.value.finding.expected == '“species” is "Adelie"'
    with pytest.raises(CheckFailed):
        _response(b"[]").expect(json_has={"species": "Adelie"})


def test_text_and_time() -> None:
    _response(b"hello world").expect(contains="world", within=1)
    with pytest.raises(CheckFailed):
        _response(b"hello").expect(contains="world")
    with pytest.raises(CheckFailed, match="took too long"):
        _response(b"hello").expect(within=0.05)
    assert not math.isclose(_response(b"").duration_s, 0)


def test_the_last_words_of_a_program_that_broke_down_are_waited_for() -> None:
    begin = time.monotonic()
    said = "Traceback (most recent call last):\nFileNotFoundError: [Errno 2] No such file or directory: '/app/model.json'\n"

    def log() -> str:
        return said if time.monotonic() > begin + 0.3 else "GET / 500\n"

    answer = Response(request="GET /", status=500, headers={}, body=b"", duration_s=0.1, log=log)
    with pytest.raises(CheckFailed) as caught:
        answer.expect(status=200)
    finding = caught.value.finding
    assert finding.evidence[0].text == said
    assert finding.advice == "At that moment there is no /app/model.json in the image."
