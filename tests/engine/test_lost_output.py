"""Output that a busy engine loses: what its log tells of it, and what a command of the grader's own does about it."""

import subprocess
from contextlib import nullcontext
from types import SimpleNamespace
from typing import cast

import pytest

from grader.engine import containers, lost_output
from grader.engine.session import Session

LOST = 'level=error msg="stream copy error: reading from a closed fifo"\n'
LOST_29 = 'level=error msg="copy stream failed" error="reading from a closed fifo" stream=stdout\n'
REFUSED = (
    'level=warning msg="cleanup warnings time=\\"2026-11-29T09:43:22Z\\" level=warning '
    'msg=\\"failed to read init pid file\\" error=\\"open init.pid: no such file or directory\\"\\n" namespace=moby\n'
)
NO_SUCH_PROGRAM = 'level=error msg="Error running exec 0189 in container: OCI runtime exec failed: exec failed"\n'


def test_a_framed_command_says_when_it_has_said_all() -> None:
    def run(*command: str) -> tuple[int, str | None]:
        done = subprocess.run(lost_output.framed(command), capture_output=True, text=True, check=False)
        return done.returncode, lost_output.unframed(done.stdout)

    assert run("printf", "two words, no line break") == (0, "two words, no line break")
    assert run("sh", "-c", 'echo "$0"; exit 3', "a 'quoted' word") == (3, "a 'quoted' word\n")
    assert run("true") == (0, "")
    assert run("no such program")[0] == 127
    assert lost_output.unframed("") is None
    assert lost_output.unframed("cut off") is None


def test_what_an_engine_says_that_it_lost_is_counted_and_what_could_not_start_is_not() -> None:
    assert lost_output.losses("") == 0
    assert lost_output.losses(LOST) == 1
    assert lost_output.losses(LOST_29 + LOST_29) == 2
    assert lost_output.losses(REFUSED + LOST + LOST) == lost_output.losses(LOST + LOST + NO_SUCH_PROGRAM) == 0
    assert lost_output.losses(REFUSED + LOST + LOST + LOST) == 1


def test_a_helper_of_the_graders_own_is_run_until_it_says_something(monkeypatch: pytest.MonkeyPatch) -> None:
    said = ["", "something"]
    monkeypatch.setattr(containers, "ephemeral", lambda *_: nullcontext("helper"))
    for step in ("start", "wait_for_end"):
        monkeypatch.setattr(containers, step, lambda *_, **__: None)
    monkeypatch.setattr(containers, "logs", lambda *_, **__: said.pop(0))
    run = cast(Session, SimpleNamespace(notes=[]))
    assert containers.output(run, containers.Spec(image="busybox"), seconds=1) == "something"
    assert len(run.notes) == 1
