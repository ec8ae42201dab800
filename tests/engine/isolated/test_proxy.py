"""The way out of an isolated engine: to what is named, and to nothing else."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from grader.engine.isolated.proxy import DEFAULT, Proxy

SECONDS = 20.0
INDEX = "index.example"
"""A host that is named, and reserved: there is none of that name."""


class _Canary(BaseHTTPRequestHandler):
    seen: list[str]

    def do_GET(self) -> None:
        type(self).seen.append(f"{self.path} {self.headers.get('Proxy-Authorization')}")
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"canary")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def canary() -> Iterator[tuple[int, list[str]]]:
    """The port of a server on loopback, and what it was asked."""
    handler = type("_One", (_Canary,), {"seen": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, handler.seen  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def _say(proxy: Proxy, text: str) -> str:
    with proxy.connection() as connection:
        connection.settimeout(SECONDS)
        connection.sendall(text.replace("\n", "\r\n").encode())
        answer = b""
        while came := connection.recv(1 << 16):
            answer += came
    return answer.decode()


def test_what_is_named_is_reached_by_both_kinds_of_request(canary: tuple[int, list[str]]) -> None:
    port, seen = canary
    proxy = Proxy([f"localhost:{port}"])
    plain = _say(proxy, f"GET http://localhost:{port}/a?b=c HTTP/1.1\nHost: localhost\nProxy-Authorization: secret\n\n")
    assert plain.startswith("HTTP/1.0 200")
    assert plain.endswith("canary")
    through = _say(proxy, f"CONNECT localhost:{port} HTTP/1.1\n\nGET /d HTTP/1.0\n\n")
    assert through.startswith("HTTP/1.1 200 Connection established")
    assert through.endswith("canary")
    assert seen == ["/a?b=c None", "/d None"]


@pytest.mark.parametrize(
    "request_",
    [
        "GET http://127.0.0.1:{port}/ HTTP/1.1\n\n",
        "GET http://localhost:{port}/ HTTP/1.1\n\n",
        "GET http://localhost:{port}/ HTTP/1.1\nHost: index.example\n\n",
        "GET http://index.example@127.0.0.1:{port}/ HTTP/1.1\n\n",
        "GET http://2130706433:{port}/ HTTP/1.1\n\n",
        "CONNECT 127.0.0.1:{port} HTTP/1.1\nHost: index.example:443\n\n",
        "CONNECT [::1]:{port} HTTP/1.1\n\n",
        "CONNECT index.example:22 HTTP/1.1\n\n",
        "GET https://index.example/ HTTP/1.1\n\n",
        "GET file:///etc/hostname HTTP/1.1\n\n",
        "GET ftp://index.example/ HTTP/1.1\n\n",
        "GET http://evil-index.example/ HTTP/1.1\n\n",
        "GET http://index.example.org/ HTTP/1.1\n\n",
        "GET / HTTP/1.1\nHost: localhost:{port}\n\n",
        "CONNECT \x00 HTTP/1.1\n\n",
        "nonsense\n\n",
        "\n\n",
    ],
)
def test_nothing_else_is(canary: tuple[int, list[str]], request_: str) -> None:
    port, seen = canary
    answer = _say(Proxy([INDEX]), request_.format(port=port))
    assert answer.startswith(("HTTP/1.1 403 ", "HTTP/1.1 400 "))
    assert seen == []


def test_a_second_request_on_a_connection_goes_where_the_first_one_went(canary: tuple[int, list[str]]) -> None:
    """Or it would be a way past the list."""
    port, seen = canary
    first = f"GET http://localhost:{port}/first HTTP/1.1\nHost: localhost\n\n"
    _say(Proxy([f"localhost:{port}"]), first + "GET http://127.0.0.1:1/second HTTP/1.1\nHost: x\n\n")
    assert seen == ["/first None"]


def test_what_cannot_be_reached_is_told() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert _say(Proxy([f"localhost:{port}"]), f"CONNECT localhost:{port} HTTP/1.1\n\n").startswith("HTTP/1.1 502 ")


def _flood(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x" * 1024)


def test_a_head_without_an_end_is_not_read_for_ever() -> None:
    with Proxy().connection() as connection:
        connection.settimeout(SECONDS)
        with pytest.raises(ConnectionError):
            _flood(connection)


def test_the_usual_ones_are_named_by_whole_names() -> None:
    assert all("*" not in name and not name.startswith(".") for name in DEFAULT)
