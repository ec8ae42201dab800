"""A server such as a learner's container may hold: it tells what reached it, and answers with all that could do harm."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tornado import httpserver, netutil, web, websocket
from tornado.httputil import HTTPServerRequest

HARM = {
    "Clear-Site-Data": '"cookies"',
    "Service-Worker-Allowed": "/",
    "Strict-Transport-Security": "max-age=1000; includeSubDomains",
    "Alt-Svc": 'h2="elsewhere:443"',
}


@dataclass
class Canary:
    """What reached it.

    Attributes:
        port: on loopback.
        seen: the requests.
        page: what it answers.
    """

    port: int = 0
    seen: list[HTTPServerRequest] = field(default_factory=list)
    page: str = "the page"

    def only(self) -> HTTPServerRequest:
        """The one request since the last look."""
        (one,) = self.seen
        self.seen.clear()
        return one


class _Page(web.RequestHandler):
    def initialize(self, canary: Canary) -> None:
        self._canary = canary

    def prepare(self) -> None:
        self._canary.seen.append(self.request)
        for name, value in HARM.items():
            self.set_header(name, value)
        self.add_header("Set-Cookie", "_xsrf=theirs; Path=/")
        self.add_header("Set-Cookie", "session=theirs; Path=/; Domain=localhost")
        self.set_header("X-Its-Own", "kept")

    def get(self) -> None:
        if self.request.path == "/leads":
            self.redirect("/there")
        else:
            self.finish(self._canary.page)

    def head(self) -> None:
        self.finish()

    post = put = delete = patch = options = get


class _Echo(websocket.WebSocketHandler):
    def initialize(self, canary: Canary) -> None:
        self._canary = canary

    def check_origin(self, origin: str) -> bool:
        return True

    def open(self, *_: str, **__: str) -> None:
        self._canary.seen.append(self.request)

    def on_message(self, message: str | bytes) -> None:
        self.write_message(message)


@contextmanager
def canary() -> Iterator[Canary]:
    """Start one, and stop it."""
    one, up, loops = Canary(), threading.Event(), list[asyncio.AbstractEventLoop]()

    async def run() -> None:
        (listener,) = netutil.bind_sockets(0, "127.0.0.1")
        one.port = listener.getsockname()[1]
        app = web.Application([("/ws", _Echo, {"canary": one}), (".*", _Page, {"canary": one})])
        server = httpserver.HTTPServer(app)
        server.add_sockets([listener])
        loops.append(asyncio.get_running_loop())
        stopped.append(asyncio.Event())
        up.set()
        await stopped[0].wait()
        server.stop()
        await server.close_all_connections()

    stopped: list[asyncio.Event] = []
    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert up.wait(10)
    try:
        yield one
    finally:
        loops[0].call_soon_threadsafe(stopped[0].set)
        thread.join(10)
