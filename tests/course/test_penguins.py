"""The running example's service and its health check, without Docker."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.course.chapters import COURSE

PENGUINS = COURSE / "penguins"
GENTOO = {"bill_length_mm": 47, "bill_depth_mm": 15, "flipper_length_mm": 218, "body_mass_g": 5100}
WRONG: tuple[object, ...] = (
    {},
    [],
    7,
    GENTOO | {"body_mass_g": -1},
    GENTOO | {"body_mass_g": "heavy"},
    GENTOO | {"body_mass_g": float("inf")},
)


def python(name: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, name, *args]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A free port; the working folder holds the example, with this port in place of 8000."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    for file in PENGUINS.glob("*.py"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8").replace("8000", str(port)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return port


class TestService:
    @pytest.fixture
    def service(self, port: int) -> Iterator[subprocess.Popen[str]]:
        """The service, with a model of its own."""
        assert python("make_data.py").returncode == 0
        assert python("train.py").returncode == 0
        environment = os.environ | {"PREDICTIONS": "kept.csv"}
        with subprocess.Popen([sys.executable, "app.py"], env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"ready on port {port}\n"
            yield process
            process.kill()

    @pytest.fixture
    def ask(self, port: int) -> Callable[..., tuple[int, dict[str, object]]]:
        def ask(path: str, asked: object = None) -> tuple[int, dict[str, object]]:
            browser = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            body = None if asked is None else json.dumps(asked).encode()
            try:
                with browser.open(f"http://127.0.0.1:{port}{path}", data=body, timeout=10) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, json.load(error)

        return ask

    def test_it_answers_refuses_keeps_and_stops(
        self, service: subprocess.Popen[str], ask: Callable[..., tuple[int, dict[str, object]]]
    ) -> None:
        assert ask("/health") == (200, {"status": "ok"})
        assert python("health.py").returncode == 0
        assert ask("/predict", GENTOO) == (200, {"species": "Gentoo", "probability": 1.0})
        for wrong in WRONG:
            assert ask("/predict", wrong)[0] == 400
        assert ask("/elsewhere")[0] == 404
        assert Path("kept.csv").read_text() == "47.0,15.0,218.0,5100.0,Gentoo\n"

        Path("model.json").rename("gone.json")
        assert ask("/health")[0] == 500
        assert "500" in python("health.py").stderr
        assert ask("/predict", GENTOO)[0] == 500
        Path("gone.json").rename("model.json")
        assert ask("/health")[0] == 200

        service.send_signal(signal.SIGTERM)
        assert service.wait(timeout=30) == 0

    def test_a_service_that_hangs_is_unhealthy(self, service: subprocess.Popen[str]) -> None:
        service.send_signal(signal.SIGSTOP)
        checked = python("health.py")
        assert (checked.returncode, "timed out" in checked.stderr) == (1, True)


def test_where_nothing_listens_nothing_is_healthy(port: int) -> None:
    checked = python("health.py")
    assert (checked.returncode, "unhealthy" in checked.stderr) == (1, True)
