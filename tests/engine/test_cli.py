"""Running the docker command: here a script of ours on PATH takes its place."""

import os
import secrets
import subprocess
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.engine import cli
from grader.engine.session import Session
from grader.values.errors import Cancelled, EngineUnavailable


@pytest.fixture
def session() -> Session:
    return cast(Session, SimpleNamespace(id=f"20260101T000000-{secrets.token_hex(3)}", cancelled=threading.Event(), place=None))


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write what `docker` does."""

    def write(script: str) -> None:
        path = tmp_path / "docker"
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return write


def test_gives_both_outputs_and_the_exit_status(session: Session, docker: Any) -> None:
    docker('echo "out: $*"; echo err >&2; printf "no newline"; exit 3')
    result = cli.run_cli(session, ["ps", "-a"], seconds=10)
    assert (result.returncode, result.stdout, result.stderr) == (3, "out: ps -a\nno newline", "err\n")
    assert not result.timed_out
    assert not result.cut_off


def test_hands_on_lines_as_they_come(session: Session, docker: Any) -> None:
    docker("echo one; printf two; echo; printf 'last, without an end'; printf 'err\\r\\n' >&2")
    out: list[str] = []
    err: list[str] = []
    cli.run_cli(session, [], seconds=10, on_stdout=out.append, on_stderr=err.append)
    assert out == ["one\n", "two\n", "last, without an end\n"]
    assert err == ["err\r\n"]


def test_bytes_of_any_kind(session: Session, docker: Any) -> None:
    docker("printf '\\xff\\xfe\\x00ok'")
    assert cli.run_cli(session, [], seconds=10).stdout.endswith("ok")


def test_stops_at_the_deadline_with_all_its_children(session: Session, docker: Any) -> None:
    docker("echo begun; sleep 300 & sleep 300")
    begin = time.monotonic()
    result = cli.run_cli(session, [], seconds=0.5)
    assert result.timed_out
    assert result.stdout == "begun\n"
    assert time.monotonic() - begin < 5
    assert session.id not in _environments()


def test_a_command_that_ignores_sigterm_is_killed(session: Session, docker: Any) -> None:
    docker("trap '' TERM; while :; do sleep 0.1; done")
    begin = time.monotonic()
    assert cli.run_cli(session, [], seconds=0.3).timed_out
    assert time.monotonic() - begin < 8


def test_a_child_that_holds_the_pipes_does_not_hold_us(session: Session, docker: Any) -> None:
    docker("sleep 300 & echo done")
    begin = time.monotonic()
    result = cli.run_cli(session, [], seconds=1)
    assert result.stdout == "done\n"
    assert time.monotonic() - begin < 6


def test_a_flood_does_not_fill_our_memory(session: Session, docker: Any) -> None:
    docker("head -c 12000000 /dev/zero | tr '\\0' x; echo; echo the end")
    result = cli.run_cli(session, [], seconds=60, on_stdout=lambda _line: None)
    assert len(result.stdout) < 5 << 20
    assert result.stdout.endswith("the end\n")
    assert result.cut_off


def test_whoever_takes_the_lines_cannot_stop_the_command(session: Session, docker: Any) -> None:
    docker("yes | head -n 100000; exit 0")

    def broken(line: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cli.run_cli(session, [], seconds=30, on_stdout=broken)


def test_cancelling_ends_it(session: Session, docker: Any) -> None:
    docker("sleep 300")
    threading.Timer(0.3, session.cancelled.set).start()
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        cli.run_cli(session, [], seconds=60)
    assert time.monotonic() - begin < 3


def test_there_is_no_docker_command(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="no docker command"):
        cli.run_cli(session, ["version"], seconds=5)


def test_nothing_of_our_environment_reaches_the_command(session: Session, docker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    docker("env")
    seen = dict(
        line.split("=", 1)
        for line in cli.run_cli(session, [], seconds=10, env={"MINE": "1"}).stdout.splitlines()
        if "=" in line
    )
    assert "SECRET_TOKEN" not in seen
    assert (seen["DOCKER_HOST"], seen["MINE"], seen["DRYDOCK_RUN"]) == ("unix:///nowhere.sock", "1", session.id)


def test_what_would_change_what_is_built_and_run_is_left_out(
    session: Session, docker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "client"))
    monkeypatch.setenv("DOCKER_CONTEXT", "elsewhere")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    for name in ("BUILDX_BUILDER", "DOCKER_DEFAULT_PLATFORM", "DOCKER_CONTENT_TRUST", "DOCKER_BUILDKIT"):
        monkeypatch.setenv(name, "mine")
    docker("env")
    seen = dict(line.split("=", 1) for line in cli.run_cli(session, [], seconds=10).stdout.splitlines() if "=" in line)
    assert "mine" not in seen.values()
    assert (seen["DOCKER_CONTEXT"], seen["BUILDX_BUILDER"]) == ("elsewhere", "elsewhere")  # the engine's own builder


def test_standard_input_is_empty_or_a_file(session: Session, docker: Any, tmp_path: Path) -> None:
    docker("cat")
    assert cli.run_cli(session, [], seconds=10).stdout == ""
    (tmp_path / "in").write_text("hello")
    assert cli.run_cli(session, [], seconds=10, stdin=tmp_path / "in").stdout == "hello"


def _environments() -> str:
    return subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=False).stdout
