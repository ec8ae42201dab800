"""Sandboxes that go from run to run, on the real engine."""

from pathlib import Path

import pytest

from grader.engine.sandbox import pool
from grader.engine.sandbox.pool import Sandboxes
from grader.engine.session import Session
from grader.values.errors import Fault
from tests import core

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def test_the_next_run_gets_the_same_engine_and_nothing_of_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with core.nothing_left(tmp_path / "runtime", monkeypatch) as owner:
        with Sandboxes() as sandboxes:
            engines = []
            for _ in range(2):
                with Session() as run:
                    sandbox = sandboxes.lend(run, ["busybox"])
                    assert sandbox.session is run
                    engines.append(sandbox.engine)
                    assert sandbox.docker("ps", "-aq").stdout + sandbox.docker("volume", "ls", "-q").stdout == ""
                    assert sandbox.play("ls", {}, seconds=30).stdout.splitlines() == ["$ ls"]
                    sandbox.play("docker run -d -v left:/left busybox sleep 1000; touch left", {}, seconds=30)
                assert run.left == []
            assert engines[0] == engines[1]
            with Session() as first, Session() as second:  # one at a time is a run's own
                assert sandboxes.lend(first, ["busybox"]).engine != sandboxes.lend(second, ["busybox"]).engine
        assert core.left(owner) == []
        with Session() as late, pytest.raises(Fault):
            sandboxes.lend(late, ["busybox"])


def test_an_engine_that_died_between_two_runs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with core.nothing_left(tmp_path / "runtime", monkeypatch), Sandboxes() as sandboxes:
        with Session() as run:
            died = sandboxes.lend(run, ["busybox"]).engine
        with Session() as run:
            run.client.api.kill(died)
            sandbox = sandboxes.lend(run, ["busybox"])
            sandbox.reset()
            assert sandbox.engine != died
            assert "alive" in sandbox.play("docker run --rm busybox sh -c 'sleep 1; echo alive'", {}, seconds=60).stdout


def test_engines_that_nobody_has_asked_for_lately_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE", 1)
    with core.nothing_left(tmp_path / "runtime", monkeypatch) as owner, Sandboxes() as sandboxes:
        for image in ("busybox", "busybox:1.37"):
            with Session() as run:
                kept = sandboxes.lend(run, [image]).engine
        left = [one for one in core.left(owner) if one.startswith("container")]
        assert f"container {kept[:12]}" in left
        assert len(left) == 2  # its engine and its filter
