"""The way out of an isolated engine: an HTTP proxy to the registries and package indexes that are named, and to nothing else.

It runs in the grader's process. Whoever asks it, a build or a container, names a host; that name is looked up in the list
before anything is resolved or connected to.
"""

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from grader import settings

DEFAULT: Final = (
    "registry-1.docker.io", "auth.docker.io", "index.docker.io", "production.cloudflare.docker.com",
    "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
    "dl-cdn.alpinelinux.org",
)  # fmt: skip
"""Docker Hub, and where Alpine's packages come from."""
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_HEAD: Final = 64 << 10
_SECONDS: Final = 30.0
_IDLE_SECONDS: Final = 300.0


class _Refused(Exception):
    """An answer instead of a connection: its status line and why."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Proxy:
    """Answers the connections of one engine.

    Args:
        hosts: what may be reached, beside DEFAULT: ``host`` for the ports of HTTP and HTTPS, or ``host:port``.
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._allowed = frozenset(one for name in (*DEFAULT, *hosts) for one in _with_ports(name.strip().lower()) if one)

    def connection(self) -> socket.socket:
        """A socket whose other end is the proxy."""
        theirs, ours = socket.socketpair()
        threading.Thread(target=self._serve, args=(ours,), daemon=True).start()
        return theirs

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(_SECONDS)
            try:
                head, rest = _head(client)
                server, first = self._connect(head)
            except _Refused as refused:
                text = f"{refused}\n".encode()
                client.sendall(f"HTTP/1.1 {refused.status}\r\nContent-Length: {len(text)}\r\n".encode())
                client.sendall(b"Content-Type: text/plain\r\nConnection: close\r\n\r\n" + text)
                return
            with server:
                if first is None:
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                server.sendall((first or b"") + rest)
                _join(client, server)

    def _connect(self, head: bytes) -> tuple[socket.socket, bytes | None]:
        """The server that a request's head names, and what it is sent first; None where it is the client's turn."""
        try:
            method, target, _version = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
            url = urlsplit(f"//{target}" if method == "CONNECT" else target)
            host, port = (url.hostname or "").lower(), url.port or _PORTS[url.scheme or "https"]
        except (ValueError, KeyError):
            raise _Refused("400 Bad Request", "This is a proxy for HTTP.") from None
        if (host, port) not in self._allowed or (method != "CONNECT" and url.scheme != "http"):
            raise _Refused("403 Forbidden", f"{host}:{port} is not among the hosts that submissions may reach.")
        try:
            if upstream := settings.proxy_for("https" if method == "CONNECT" else "http", host):
                return socket.create_connection(upstream, _SECONDS), head
            server = socket.create_connection((host, port), _SECONDS)
        except OSError as error:
            raise _Refused("502 Bad Gateway", f"{host}:{port} cannot be reached: {error.strerror or error}.") from None
        return server, None if method == "CONNECT" else _as_the_server_wants_it(head, method, url.path, url.query)


def _with_ports(name: str) -> list[tuple[str, int]]:
    host, _, port = name.rpartition(":")
    if host and port.isdecimal():
        return [(host, int(port))]
    return [(name, port) for port in _PORTS.values()]


def _head(client: socket.socket) -> tuple[bytes, bytes]:
    """A request's head with the empty line behind it, and what came after."""
    data = b""
    while b"\r\n\r\n" not in data:
        came = client.recv(1 << 14)
        if not came or len(data) > _LONGEST_HEAD:
            raise _Refused("400 Bad Request", "This is a proxy for HTTP.")
        data += came
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _as_the_server_wants_it(head: bytes, method: str, path: str, query: str) -> bytes:
    """The head with a path in place of a URL; one request to a connection, because the next may name another host."""
    _, _, fields = head.partition(b"\r\n")
    kept = [line for line in fields.split(b"\r\n") if not line.lower().startswith((b"connection:", b"proxy-"))]
    first = f"{method} {path or '/'}{'?' if query else ''}{query} HTTP/1.1".encode()
    return b"\r\n".join([first, b"Connection: close", *kept])


def _join(client: socket.socket, server: socket.socket) -> None:
    """Pass bytes both ways until both ends have ended, or nothing has come for long."""
    for one in (client, server):
        one.settimeout(_IDLE_SECONDS)
    back = threading.Thread(target=_pass, args=(server, client), daemon=True)
    back.start()
    _pass(client, server)
    back.join()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(1 << 15):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
