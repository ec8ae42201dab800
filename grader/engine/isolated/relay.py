"""The far end of the pipe to an isolated engine: runs in a container that shares its network and its socket's folder.

Started as ``python -m grader.engine.isolated.relay SOCKET [PORT]``; standard library only. With a port, whoever is in
the engine's network finds a proxy there: each connection to it goes back through the pipe, and the grader decides about it.
"""

import os
import socket
import sys
import threading
from typing import Final

from grader.engine.isolated import listing
from grader.engine.isolated.mux import Mux

ENGINE: Final = "engine"
"""Name of the engine's API."""
PORT: Final = "port "
"""In front of a published port's number."""
EXPORT: Final = "export "
"""In front of a container's id: its export, with all files empty."""
PROXY: Final = "proxy"
"""Name of the proxy, at the grader's end."""
_CONNECT_SECONDS: Final = 10.0


def _engine(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _connect(target: str, path: str) -> socket.socket:
    if target == ENGINE:
        return _engine(path)
    if target.startswith(EXPORT):
        theirs, ours = socket.socketpair()
        arguments = (_engine(path), target.removeprefix(EXPORT), ours)
        threading.Thread(target=listing.export, args=arguments, daemon=True).start()
        return theirs
    if not target.startswith(PORT):
        raise OSError(f"nothing is called {target}")
    connection = socket.create_connection(("127.0.0.1", int(target.removeprefix(PORT))), timeout=_CONNECT_SECONDS)
    connection.settimeout(None)
    return connection


def main(path: str, proxy_port: str = "") -> None:
    """Pass connections on until the pipe ends."""
    mux = Mux(0, os.dup(1), lambda target: _connect(target, path), first=2)
    if proxy_port:
        listening = socket.create_server(("", int(proxy_port)))
        threading.Thread(target=_listen, args=(listening, mux), daemon=True).start()
    mux.serve()


def _listen(listening: socket.socket, mux: Mux) -> None:
    while True:
        mux.open(PROXY, listening.accept()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
