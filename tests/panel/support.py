"""A real Jupyter server with the panel's extension; there is no engine behind it."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import toys
from tests.lab.support import free_port

TOKEN = "a-token-for-tests"


@dataclass
class Server:
    """A Jupyter server and its work folder."""

    work: Path
    port: int
    process: "subprocess.Popen[bytes]"
    killed: bool = False

    def kill(self) -> None:
        """End it as a crash would."""
        self.killed = True
        self.process.kill()
        self.process.wait()

    def ask(self, path: str, *, token: str = TOKEN, body: object = None, method: str | None = None) -> tuple[int, Any]:
        """Ask it; returns status and JSON, or text where it is none."""
        headers = {"Authorization": f"token {token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read().decode()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def api(self, path: str, body: object = None) -> Any:
        """Ask the panel's API, which must agree."""
        status, value = self.ask(f"/base/drydock/api/{path}", body=body)
        assert status == 200, value
        return value


@contextmanager
def jupyter(
    top: Path, settings: Mapping[str, object], environment: Mapping[str, str], *, app: str = "server"
) -> Iterator[Server]:
    """Start one and stop it.

    Args:
        top: an empty folder for all that it keeps; the work folder is ``work`` in it.
        settings: of Jupyter, beside the usual ones.
        environment: beside the usual one.
    """
    port, base = free_port(), settings.get("--ServerApp.base_url", "/")
    given = {
        "--ServerApp.port": port,
        "--ServerApp.port_retries": 0,
        "--ServerApp.root_dir": top / "work",
        "--IdentityProvider.token": TOKEN,
        "--ServerApp.jpserver_extensions": "{'grader.panel': True}",
        **settings,
    }
    folders = {f"JUPYTER_{kind}_DIR": str(top / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    around = {
        **toys.clean_environment(),
        **folders,
        "DRYDOCK_WORK": str(top / "work"),
        "DOCKER_HOST": f"unix://{top}/no-engine.sock",
        "DRYDOCK_RUNTIME": str(top / "runtime"),
        **environment,
    }
    command = [sys.executable, "-m", "jupyter", "server", "--no-browser", "--allow-root"]
    with (top / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, *(f"{name}={value}" for name, value in given.items())], env=around, stdout=log, stderr=log
        )
        try:
            running = Server(top / "work", port, process)
            deadline = time.monotonic() + 60
            while True:
                try:
                    assert running.ask(f"{base}api")[0] == 200
                    break
                except (OSError, AssertionError):
                    assert time.monotonic() < deadline, (top / "log").read_text()
                    assert process.poll() is None, (top / "log").read_text()
                    time.sleep(0.1)
            yield running
        finally:
            process.terminate()
            assert process.wait(30) == 0 or running.killed
