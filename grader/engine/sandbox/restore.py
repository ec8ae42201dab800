"""Brings the sandbox's engine back to what it was after its start.

Runs by itself in the filter's container (``python -m grader.engine.sandbox.restore SOCKET IMAGES``), with the standard library
only. IMAGES is a JSON object, name → id, of the images that shall be there. Exit status: 0 all is as it was; 3 an image is
gone and has to be loaded again; 1 something could not be removed, so that the engine is as good as broken.
"""

import http.client
import json
import socket
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

IMAGES_GONE = 3
_AT_ONCE = 4
_SECONDS = 30.0
_PASSES = 4  # an image goes only after those that stand on it


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("engine", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Engine:
    """The engine's API, as far as it is needed here.

    Args:
        path: of its socket.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def ask(self, method: str, path: str, **query: object) -> tuple[int, Any]:
        """One request; its status and content."""
        connection = _Connection(self._path)
        try:
            connection.request(method, f"{path}?{urlencode(query)}" if query else path)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(data) if data and answer.status == 200 else None

    def remove(self, paths: Iterable[str], **query: object) -> None:
        """Remove several things side by side; what does not go is noticed later."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda path: self.ask("DELETE", path, **query), paths))

    def containers(self) -> list[str]:
        """Paths of all containers."""
        return [f"/containers/{one['Id']}" for one in self.ask("GET", "/containers/json", all=1)[1] or ()]

    def volumes(self) -> list[str]:
        """Paths of all volumes."""
        return [f"/volumes/{quote(one['Name'])}" for one in (self.ask("GET", "/volumes")[1] or {}).get("Volumes") or ()]

    def networks(self) -> list[str]:
        """Paths of all networks that are not the engine's own."""
        found = self.ask("GET", "/networks", filters=json.dumps({"type": ["custom"]}))[1]
        return [f"/networks/{one['Id']}" for one in found or ()]

    def images(self) -> list[dict[str, Any]]:
        """All images, those in between as well."""
        return list(self.ask("GET", "/images/json", all=1)[1] or ())


def restore(engine: Engine, wanted: dict[str, str]) -> int:
    """Remove all that is too much, and name the images as they were named.

    Args:
        engine: the sandbox's.
        wanted: name → id of its images.

    Returns:
        The exit status.
    """
    engine.remove(engine.containers(), force=1, v=1)
    engine.remove(engine.volumes(), force=1)
    engine.remove(engine.networks())
    _images(engine, wanted)
    engine.ask("POST", "/build/prune", all=1)
    named = {name: one["Id"] for one in engine.images() for name in one.get("RepoTags") or ()}
    gone = False
    for name, identity in wanted.items():
        if named.get(name) != identity:
            repository, _, tag = name.rpartition(":")
            status, _ = engine.ask("POST", f"/images/{identity}/tag", repo=repository, tag=tag)
            gone = gone or status != 201
    if engine.containers() or engine.volumes() or engine.networks():
        return 1
    return IMAGES_GONE if gone else 0


def _images(engine: Engine, wanted: dict[str, str]) -> None:
    for _ in range(_PASSES):
        there = engine.images()
        extra = [one["Id"] for one in there if one["Id"] not in wanted.values()]
        names = [
            name
            for one in there
            if one["Id"] in wanted.values()
            for name in one.get("RepoTags") or ()
            if name not in wanted and "<none>" not in name
        ]
        if not extra and not names:
            return
        engine.remove((f"/images/{identity}" for identity in extra), force=1)
        engine.remove(f"/images/{quote(name)}" for name in names)


if __name__ == "__main__":
    try:
        status = restore(Engine(sys.argv[1]), json.loads(sys.argv[2]))
    except (OSError, http.client.HTTPException, ValueError):
        status = 1
    raise SystemExit(status)
