import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from docker.errors import APIError, ImageNotFound

from grader.engine import client
from grader.engine.session import Session
from grader.values.errors import DiskFull, EngineUnavailable, ImageUnavailable


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """An engine that answers nothing but its version, which the test sets."""
    says: dict[str, object] = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(says).encode() if says else b"<html>a proxy's login page</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield says
        server.shutdown()


def test_an_engine_that_is_too_old(engine: dict[str, object]) -> None:
    with pytest.raises(EngineUnavailable, match=r"is version 20\.10\.24; Drydock needs 23 or newer") as caught:
        client.connect()
    assert "Update it" in caught.value.next_step
    with pytest.raises(EngineUnavailable):
        Session()


@pytest.mark.parametrize("version", ["23.0.0", "26.1.5+dfsg1", "28.2.2", "29.0.0-rc.1"])
def test_engines_that_will_do(engine: dict[str, object], version: str) -> None:
    engine["Version"] = version
    client.connect().close()


def test_something_that_is_no_engine(engine: dict[str, object]) -> None:
    engine.clear()
    with pytest.raises(EngineUnavailable, match="No Docker engine answers at tcp://127"):
        client.connect()


@pytest.mark.parametrize("host", ["unix:///nonexistent.sock", "tcp://127.0.0.1:1", "nonsense", "ssh://nowhere.invalid"])
def test_no_engine(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(EngineUnavailable, match="No Docker engine answers at") as caught:
        client.connect()
    assert host in caught.value.message
    assert caught.value.next_step


def test_no_engine_leaves_no_lock_and_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    monkeypatch.setenv("DRYDOCK_RUNTIME", str(tmp_path / "runtime"))
    with pytest.raises(EngineUnavailable):
        Session()
    assert not (tmp_path / "runtime").exists() or not list((tmp_path / "runtime").iterdir())


def _api_error(text: str, status: int) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError("failed", response=response, explanation=text)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.exceptions.ReadTimeout(), EngineUnavailable),
        (requests.exceptions.ConnectionError("refused"), EngineUnavailable),
        (ConnectionResetError(), EngineUnavailable),
        (_api_error("mkdir /var/lib/docker/overlay2/x: no space left on device", 500), DiskFull),
        (_api_error("shutting down", 503), EngineUnavailable),
        (ImageNotFound("No such image: busybox:latest"), ImageUnavailable),
        (_api_error("exec: connection refused", 400), APIError),
        (_api_error("no such thing: no space left on device", 404), APIError),
    ],
)
def test_foreign_errors_become_ours_at_one_border(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind), client.translated():
        raise error
