"""A made-up engine for tests of its map, and the map's page with nothing but that behind it."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from grader.engine.inspect import (
    Binding,
    Config,
    ContainerInfo,
    Endpoint,
    ImageInfo,
    Mount,
    NetworkInfo,
    State,
    VolumeInfo,
)
from grader.engine.observer import ImageRow, Snapshot
from grader.panel import handlers
from grader.panel.engine_map import engine_map

BEGAN = datetime(2025, 11, 29, 12, 0, tzinfo=UTC)


def container(name: str, state: State, *, minute: int = 0, image: str = "busybox:1.37", **more: Any) -> ContainerInfo:
    """A container; of a later minute than others, it is newer."""
    return ContainerInfo(
        id=f"id-of-{name}",
        name=name,
        created=BEGAN + timedelta(minutes=minute),
        command=("sleep", "600"),
        image=f"sha256:{image}",
        state=state,
        config=Config(image=image),
        **more,
    )


def image(name: str, *layers: str, created: int = 0, size: int = 5_000_000) -> tuple[ImageRow, ImageInfo]:
    """An image, and what it says of itself."""
    identity = f"sha256:{name}"
    return ImageRow(identity, (name,), size, created, {}), ImageInfo(identity, size, layers, Config())


def snapshot(
    *containers: ContainerInfo, networks: tuple[str, ...] = (), volumes: tuple[str, ...] = (), images: tuple[ImageRow, ...] = ()
) -> Snapshot:
    """All of it."""
    return Snapshot(
        containers={one.id: one for one in containers},
        networks={f"net-{one}": NetworkInfo(f"net-{one}", one, "bridge", False, {}) for one in networks},
        volumes={one: VolumeInfo(one, "local", {}) for one in volumes},
        images={one.id: one for one in images},
        seen=1,
    )


RUNNING = State("running", running=True, started=BEGAN)


def exited(code: int, *, minute: int = 0, **more: Any) -> State:
    """The state of a container that has ended."""
    return State("exited", exit_code=code, started=BEGAN, finished=BEGAN + timedelta(minutes=minute), **more)


def many(count: int) -> tuple[Snapshot, Mapping[str, ImageInfo]]:
    """A busy engine: a third of its containers is not running."""
    own = [[f"own-{n}-{layer}" for layer in range(n % 5)] for n in range(40)]
    pairs = [image(f"team/model-{n}:1.{n}", "base", "python", *layers, created=n) for n, layers in enumerate(own)]
    made = [
        container(
            f"worker-{n:03}",
            exited(n % 3, minute=n) if n % 3 == 0 else RUNNING,
            minute=n,
            image=f"team/model-{n % 40}:1.{n % 40}",
            bindings=(Binding(8000, "tcp", "0.0.0.0", 20000 + n),) if n % 4 == 1 and n % 3 else (),
            mounts=(Mount("volume", f"data-{n % 30}", "", "/data", writable=True),),
            networks={f"team-{n % 25}": Endpoint(f"172.20.0.{n % 250}")},
        )
        for n in range(count)
    ]
    networks, volumes = (*(f"team-{n}" for n in range(25)), "bridge", "host", "none"), tuple(f"data-{n}" for n in range(30))
    seen = snapshot(*made, networks=networks, volumes=volumes, images=tuple(row for row, _ in pairs))
    return seen, {about.id: about for _, about in pairs}


@dataclass
class Engine:
    """What the page is told.

    Attributes:
        snapshot: the engine's state.
        layers: what its images say of themselves.
        spoken: names that a drill speaks of.
    """

    snapshot: Snapshot
    layers: Mapping[str, ImageInfo] = field(default_factory=dict)
    spoken: tuple[str, ...] = ()
    port: int = 0

    def with_container(self, one: ContainerInfo) -> None:
        """A container is there, or is another than it was."""
        self.snapshot = replace(self.snapshot, containers={**self.snapshot.containers, one.id: one})

    @property
    def url(self) -> str:
        """Of the page."""
        return f"http://127.0.0.1:{self.port}/drydock/map"


@contextmanager
def page_of(engine: Engine) -> Iterator[Engine]:
    """Serve the map's page of this engine."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/drydock/map":
                self._send("text/html", handlers.page("map", ""))
            elif self.path == "/drydock/api/map/events":
                self._follow()
            else:
                kind = "text/css" if self.path.endswith(".css") else "text/javascript"
                self._send(kind, (handlers.STATIC / self.path.rpartition("/")[2]).read_text(encoding="utf-8"))

        def _send(self, kind: str, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def _follow(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
            self.end_headers()
            sent = ""
            try:
                while not over.is_set():
                    now = json.dumps(engine_map(engine.snapshot, engine.layers, engine.spoken))
                    if now != sent:
                        self.wfile.write(f"event: state\ndata: {now}\n\n".encode())
                        self.wfile.flush()
                        sent = now
                    time.sleep(0.05)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    engine.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield engine
    finally:
        over.set()
        server.shutdown()
        server.server_close()
