"""No verdict rests on an output that a busy engine has lost: it is run again where that is safe, and the report says so.

The loss is a race inside the engine (docs/known-limits.md; benchmarks/lost_output.sh makes it happen): so it is faked here.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.checks.exec_result import ExecResult
from grader.checks.image import Image
from grader.checks.sandbox import commands
from grader.checks.sandbox.script_run import HELPER, ScriptRun
from grader.engine.cli import CliResult
from grader.engine.inspect import Config, ImageInfo
from grader.engine.sandbox.nested import Sandbox
from grader.engine.session import Session
from grader.values.errors import CheckFailed, EngineUnavailable
from grader.values.facts import EXAMPLE_LEARNER, Facts


def session() -> Session:
    """A run of which only the notes are used."""
    return cast(Session, SimpleNamespace(notes=[], cancelled=None, folder=None))


@dataclass
class Losing:
    """A sandbox's command line that loses what the first few containers write; exit codes are right, as in real life."""

    loses: int
    session: Session = field(default_factory=session)
    calls: int = 0
    state: object = None

    def docker(self, *args: str, seconds: float = 0) -> CliResult:
        assert args[:2] == ("run", "--rm")
        self.calls += 1
        done = subprocess.run(args[4:], capture_output=True, text=True, check=False)
        return CliResult(done.returncode, done.stdout if self.calls > self.loses else "", done.stderr)


def run_in(sandbox: Losing) -> ScriptRun:
    said = ExecResult(what="your commands", exit_code=0, stdout="", stderr="", duration_s=0)
    given = {HELPER: ImageInfo("sha256:0", 0, (), Config())}
    sandbox.state = ScriptRun(cast(Sandbox, sandbox), said, Facts("99-toy", EXAMPLE_LEARNER), given, {})
    return sandbox.state


def test_a_command_of_the_checks_own_is_run_until_all_of_it_came() -> None:
    sandbox = Losing(loses=1)
    done = run_in(sandbox).helper("--network=none", "sh", "-c", "echo seen; exit 4")
    assert (done.stdout, done.exit_code, sandbox.calls) == ("seen\n", 4, 2)
    assert sandbox.session.notes == [
        "The engine has lost what a command of the check's own wrote, as a busy one may; it was run again."
    ]


def test_a_command_that_says_nothing_is_run_once() -> None:
    sandbox = Losing(loses=0)
    assert run_in(sandbox).helper("--network=none", "true").stdout == ""
    assert (sandbox.calls, sandbox.session.notes) == (1, [])


def test_where_all_is_lost_there_is_no_verdict() -> None:
    with pytest.raises(EngineUnavailable, match="loses what the checks' own commands write"):
        run_in(Losing(loses=99)).helper("--network=none", "echo", "seen")


def ended(stdout: str = "", stderr: str = "", *, duration_s: float = 0.1) -> ExecResult:
    return ExecResult(what="the container", exit_code=0, stdout=stdout, stderr=stderr, duration_s=duration_s)


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Image]:
    """An image whose containers end as they are told, one after the other."""

    def make(*ends: ExecResult) -> Image:
        left = list(ends)
        limits = SimpleNamespace(start_seconds=1)
        one = Image(cast(Session, SimpleNamespace(notes=[], limits=limits)), cast(Any, SimpleNamespace(image_id="sha256:0")))

        @contextmanager
        def start(*args: str, **options: object) -> Iterator[object]:
            yield SimpleNamespace(what="the container", wait=lambda seconds: left.pop(0))

        monkeypatch.setattr(one, "start", start)
        monkeypatch.setattr(one, "left", left, raising=False)
        return one

    return make


def left(image: Image) -> int:
    return len(cast(Any, image).left)


def test_a_brief_and_silent_container_is_run_again_and_the_report_says_so(image: Callable[..., Image]) -> None:
    lossy = image(ended(), ended("hello\n"))
    lossy.run().expect(output="hello")
    assert lossy.session.notes == ["The engine has lost what the container wrote, as a busy one may; it was run again."]

    silent = image(ended(), ended())
    assert silent.run().output == ""
    assert (silent.session.notes, left(silent)) == ([], 0)

    slow = image(ended(duration_s=9), ended("hello\n"))
    assert slow.run().output == ""
    assert left(slow) == 1

    keeps = image(ended(), ended("hello\n"))
    assert keeps.run(volumes={"data": "/data"}).output == ""
    assert left(keeps) == 1


def test_one_of_two_outputs_is_looked_for_again_before_it_is_missed(image: Callable[..., Image]) -> None:
    lossy = image(ended(stderr="a warning\n"), ended("hello\n", "a warning\n"))
    lossy.run().expect(exit_code=0, output="hello")
    assert len(lossy.session.notes) == 1

    wrong = image(ended("goodbye\n"), ended("goodbye\n"))
    with pytest.raises(CheckFailed, match="did not print what was expected"):
        wrong.run().expect(output="hello")
    assert (wrong.session.notes, left(wrong)) == ([], 0)

    right = image(ended("hello\n"), ended("not needed"))
    right.run().expect(output="hello")
    assert left(right) == 1

    secret = image(ended("hello\n"), ended("hello\n", "the password\n"))
    with pytest.raises(CheckFailed, match="printed what it should not"):
        secret.run().expect(lacks="password")


@pytest.mark.parametrize("lost", [[0, 0], [3, 5, 5, 5], [3, 5, 5, 9]], ids=["nothing", "once", "twice"])
def test_a_learners_commands_are_run_again_where_their_engine_lost_an_output(lost: list[int]) -> None:
    """What was lost may have been on its way into a file of the learner's, which a check will look at."""
    played = []

    class FakeSandbox:
        state: object = None

        def __init__(self) -> None:
            self.session, self.counts = session(), list(lost)

        def reset(self) -> None:
            played.append("reset")

        def losses(self) -> int:
            return self.counts.pop(0)

        def docker(self, *args: str, seconds: float, stdin: object) -> CliResult:
            played.append(args[0])
            return CliResult(0, "", "")

        def shell(self, code: str, *args: str) -> CliResult:
            return CliResult(0, "[]", "")

        def play(self, text: str, files: object, *, seconds: float) -> CliResult:
            played.append(text)
            return CliResult(0, f"$ {text}", "")

    sandbox = FakeSandbox()
    facts = Facts("99-toy", EXAMPLE_LEARNER)
    script = commands.Script(text="docker ps", facts=facts, setup=[("pull", "toy")])
    state = commands.run_script(cast(Sandbox, sandbox), script)
    times = 1 if lost == [0, 0] else 2
    assert played == ["reset", "pull", "docker ps"] * times
    assert len(sandbox.session.notes) == times - 1
    assert sandbox.state is state
