"""A learner's commands: what they hand in, in whatever state, and what is said of what they left behind."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest

from grader.checks.exec_result import ExecResult
from grader.checks.sandbox import commands, machine
from grader.checks.sandbox.script_run import ScriptRun
from grader.checks.sandbox.state import SandboxState
from grader.checks.setup import Setup
from grader.checks.work import Work
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine.sandbox.nested import Sandbox
from grader.engine.session import Session
from grader.run import runner
from grader.values.errors import CheckFailed, DefinitionError, LimitReached
from grader.values.facts import EXAMPLE_LEARNER, Facts
from grader.values.outcome import CheckResult, Outcome
from tests import core

COURSE = Path(__file__).parents[3]
HELLO = "docker run -d --name keeper busybox sleep 1000\ndocker run --name hello busybox echo hello\n"


def _answers(name: str = "03-detective") -> bytes:
    return (COURSE / "solutions" / name / "reference" / "answers.json").read_bytes()


# What is handed in. No engine is needed to say what is wrong with it.

FILES: dict[str, tuple[Mapping[str, bytes], str]] = {
    "empty": ({"commands.sh": b""}, "commands.sh is empty."),
    "comments only": ({"commands.sh": b"#!/bin/sh\n# docker ps\n\n"}, "commands.sh has no commands in it yet."),
    "missing": ({}, "There is no commands.sh."),
    "another name": ({"commands.sh.txt": HELLO.encode()}, "You have commands.sh.txt."),
    "another case": ({"Commands.sh": HELLO.encode()}, "You have Commands.sh."),
    "Windows line endings": ({"commands.sh": HELLO.replace("\n", "\r\n").encode()}, "sed -i"),
    "UTF-16": ({"commands.sh": HELLO.encode("utf-16")}, "commands.sh is not UTF-8 text."),
}


@pytest.mark.parametrize(("files", "words"), FILES.values(), ids=list(FILES))
def test_a_file_that_cannot_be_run(tmp_path: Path, files: Mapping[str, bytes], words: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckFailed) as failure:
        commands.script_text(tmp_path, "commands.sh")
    finding = failure.value.finding
    assert words in f"{finding.message} {finding.advice}"
    assert finding.expected
    assert finding.found


def test_a_byte_order_mark_and_tabs_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "commands.sh").write_bytes(b"\xef\xbb\xbfdocker\tps\n")
    assert commands.script_text(tmp_path, "commands.sh") == "docker\tps\n"


def test_other_files_go_along_but_no_links_and_not_too_many(tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("hello")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "commands.sh").write_text("ls")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "x").write_text("x")
    assert commands.other_files(tmp_path, "commands.sh") == {"www/index.html": b"hello"}
    below = tmp_path / ".drydock" / "mine"  # where the folder itself lies makes no difference
    below.mkdir(parents=True)
    (below / "note").write_text("x")
    assert commands.other_files(below, "commands.sh") == {"note": b"x"}
    with (tmp_path / "large").open("wb") as file:
        file.truncate(commands.FILES_BYTES + 1)
    with pytest.raises(LimitReached):
        commands.other_files(tmp_path, "commands.sh")


# Every kind of bad input, once, on the learner's own path


@pytest.fixture
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        yield


def _hand_in(tmp_path: Path, exercise: str, files: Mapping[str, bytes]) -> dict[str, CheckResult]:
    folder = tmp_path / exercise
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    report = runner.run(catalogue.find(COURSE, exercise), folder, learner=EXAMPLE_LEARNER)
    return {one.id: one for one in report.checks}


STARTER = (COURSE / "solutions/02-hello-container/starter/commands.sh").read_bytes()
BAD: dict[str, tuple[str, Mapping[str, bytes], str, str]] = {
    "nothing changed": ("02", {"commands.sh": STARTER}, "keeper_keeps_running", "There is no container called keeper"),
    "empty": ("03-lifecycle", {"commands.sh": b" \n"}, "comes_to_an_end", "commands.sh is empty."),
    "wrong name": ("03-tag", {"command.sh": b"docker ps\n"}, "comes_to_an_end", "these files: command.sh"),
    "Windows": ("02", {"commands.sh": HELLO.replace("\n", "\r\n").encode()}, "comes_to_an_end", "Windows line endings"),
    "a Dockerfile": ("02", {"commands.sh": b"FROM busybox\nCMD echo hello\n"}, "hello_has_ended", "looks like a Dockerfile"),
    "from a notebook": ("02", {"commands.sh": b"!docker run busybox\n"}, "hello_has_ended", "is for cells of a notebook"),
    "answers: nothing changed": (
        "03-detective",
        {"answers.json": (COURSE / "solutions/03-detective/starter/answers.json").read_bytes()},
        "answers_can_be_read",
        "has no answers in it yet",
    ),
    "answers: empty": ("03-detective", {"answers.json": b""}, "answers_can_be_read", "answers.json is empty"),
    "answers: wrong name": ("03-detective", {"answers.txt": _answers()}, "answers_can_be_read", "There is no answers.json"),
    "answers: commands": ("03-detective", {"answers.json": HELLO.encode()}, "answers_can_be_read", "is not JSON"),
}


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
@pytest.mark.parametrize(("exercise", "files", "check", "words"), BAD.values(), ids=list(BAD))
def test_bad_input_is_told_in_words_for_a_beginner(
    tmp_path: Path, exercise: str, files: Mapping[str, bytes], check: str, words: str
) -> None:
    result = _hand_in(tmp_path, exercise, files)[check]
    assert result.outcome is Outcome.FAIL
    assert words in core.seen(result)


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
def test_a_byte_order_mark_tabs_and_windows_are_fine_in_answers(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + _answers().replace(b"    ", b"\t").replace(b"\n", b"\r\n")
    results = _hand_in(tmp_path, "03-detective", {"answers.json": data})
    assert {one.outcome for one in results.values()} == {Outcome.PASS}


# What is said of what is there


def _situation(bench: Setup) -> None:
    bench.docker("run", "-d", "--name", "runs", "-p", "8000:8000", "busybox", "httpd", "-f", "-p", "8000", "-h", "/etc")
    bench.docker("run", "-d", "--name", "ended", "busybox", "sh", "-c", "echo alas; exit 3")
    bench.docker("run", "-d", "--name", "again", "--restart", "always", "busybox", "sh", "-c", "sleep 0.5")
    bench.docker("create", "--name", "made", "busybox")
    bench.put("made", {"note": "hello\n"})
    bench.docker("volume", "create", "data")
    bench.docker("run", "-d", "--name", "halted", "busybox", "sleep", "1000")


Verdict = Callable[[SandboxState], object]
RIGHT: dict[str, Verdict] = {
    "runs": lambda sandbox: sandbox.container("runs").expect_running(for_seconds=2),
    "ended": lambda sandbox: sandbox.container("ended").expect_exited(3).expect_log("ALAS"),
    "ends soon": lambda sandbox: sandbox.container("soon").expect_exited(),
    "is made": lambda sandbox: _same(sandbox.container("made").state, "created"),
    "is prepared": lambda sandbox: _same(sandbox.container("made").about.config.labels["drydock.exercise"], "99-toy"),
    "is gone": lambda sandbox: sandbox.expect_gone("container", "other"),
    "only these": lambda sandbox: sandbox.expect_only_containers("runs", "ended", "again", "made", "soon", "broken", "halted"),
    "lists": lambda sandbox: _same(
        (sandbox.volumes(), sandbox.networks(), sandbox.images()), (["data"], ["net"], ["busybox:latest"])
    ),
    "others": lambda sandbox: (sandbox.volume("data"), sandbox.network("net"), sandbox.image("busybox")),
    "answers": lambda sandbox: _same(getattr(machine.ask(sandbox.engine, 8000, "/hostname"), "status", None), 200),
    "nobody answers": lambda sandbox: _same(machine.ask(sandbox.engine, 8001), None),
    "inside": lambda sandbox: sandbox.container("runs").exec("echo", "hello").expect(exit_code=0, contains="hello"),
    "bindings": lambda sandbox: _same(sandbox.container("runs").about.published(), {8000: 8000}),
    "events": lambda sandbox: _same(sandbox.events("network", "net"), ["create"]),
}
WRONG: dict[str, tuple[Verdict, str]] = {
    "ended": (
        lambda sandbox: sandbox.container("ended").expect_running(),
        "is not running: its program “sh -c echo alas; exit 3” has ended",
    ),
    "not started": (
        lambda sandbox: sandbox.container("made").expect_running(),
        "is not running: it was created, but never started",
    ),
    "made": (lambda sandbox: sandbox.container("made").expect_exited(), "has not ended: it has not even started"),
    "runs on": (lambda sandbox: sandbox.container("runs").expect_exited(), "has not ended"),
    "exit code": (lambda sandbox: sandbox.container("ended").expect_exited(0), "has ended, but with exit code 3"),
    "log": (lambda sandbox: sandbox.container("ended").expect_log("hooray"), "has not written “hooray”"),
    "restarts": (lambda sandbox: sandbox.container("again").expect_running(for_seconds=3), "again"),
    "no container": (lambda sandbox: sandbox.container("nobody"), "There is no container called nobody"),
    "no image": (lambda sandbox: sandbox.image("nginx"), "There is no image called nginx"),
    "no volume": (lambda sandbox: sandbox.volume("cellar"), "There is no volume called cellar"),
    "there": (lambda sandbox: sandbox.expect_gone("volume", "data"), "data is still there"),
    "too many": (lambda sandbox: sandbox.expect_only_containers("runs"), "There are more containers"),
}


def _same(found: object, wanted: object) -> None:
    assert found == wanted


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxState]:
    folder = tmp_path_factory.mktemp("work")
    (folder / "commands.sh").write_text(
        "docker network create net\ndocker run -d --name soon busybox sleep 3\ndocker run -it busybox sh\n"
        "docker create --name broken busybox nosuch\ndocker start broken\ndocker stop -t 0 halted\n"
    )
    with (
        pytest.MonkeyPatch.context() as patch,
        core.nothing_left(tmp_path_factory.mktemp("s") / "runtime", patch),
        Session() as s,
    ):
        yield Work(s, folder, Facts("x", "99-toy")).run_script(setup=_situation)


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize("verdict", RIGHT.values(), ids=list(RIGHT))
def test_what_is_right(sandbox: SandboxState, verdict: Verdict) -> None:
    verdict(sandbox)


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("verdict", "words"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong(sandbox: SandboxState, verdict: Verdict, words: str) -> None:
    with pytest.raises(CheckFailed) as failure:
        verdict(sandbox)
    finding = failure.value.finding
    assert words in finding.message
    assert any("docker network create net" in one.text for one in finding.evidence)
    assert "without a terminal" in finding.advice
    assert finding.expected
    assert finding.found


BEFORE: dict[str, tuple[Verdict, str]] = {
    "ended": (lambda sandbox: sandbox.container("ended").expect_running(), "none of your commands has started it"),
    "running": (lambda sandbox: sandbox.container("runs").expect_exited(), "none of your commands has ended it"),
    "running, and stopped by them": (
        lambda sandbox: sandbox.container("halted").expect_running(),
        "One of your commands has ended",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("verdict", "words"), BEFORE.values(), ids=list(BEFORE))
def test_what_was_so_before_the_commands_is_told_from_their_work(
    sandbox: SandboxState, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, words: str
) -> None:
    monkeypatch.setattr(sandbox, "advice", lambda _name="": "")  # these commands said something that comes first
    with pytest.raises(CheckFailed) as failure:
        verdict(sandbox)
    assert words in failure.value.finding.advice


FOUND: dict[str, tuple[str, str]] = {
    "ended": ("ended", "its program “sh -c echo alas; exit 3” ended with exit code 3, "),
    "made": ("made", "it was created, but never started; its program: “sh”"),
    "runs": ("runs", "it is running; its program: “httpd -f -p 8000 -h /etc”"),
    "no such program": ("broken", 'it could not be started: exec: "nosuch": executable file not found in $PATH'),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), FOUND.values(), ids=list(FOUND))
def test_how_a_container_is_is_said_in_words(sandbox: SandboxState, name: str, words: str) -> None:
    assert sandbox.container(name).how_it_is().startswith(words)


def test_a_message_about_one_thing_does_not_explain_another() -> None:
    run = _run("$ docker rm draft relic\nrelic\nError: stop the container before removing\n$ docker run spare\nspare\n")
    assert run.advice("draft") == run.advice() != ""
    assert run.advice("spare") == ""
    assert run.failed("", expected="", found="", name="spare").finding.advice == ""


def _run(output: str) -> ScriptRun:
    said = ExecResult(what="your commands", exit_code=1, stdout=output, stderr="", duration_s=0)
    return ScriptRun(cast(Sandbox, None), said, Facts("x", "99-toy"), {}, {})


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
def test_a_state_that_another_run_has_replaced_is_a_mistake_of_the_exercise(tmp_path: Path) -> None:
    exercise = Exercise(title="A toy", learner_files=("commands.sh",), one_at_a_time=True)

    @exercise.check(points=1)
    def first(work: Work) -> SandboxState:
        """The commands run."""
        sandbox = work.run_script()
        work.run_script()
        with pytest.raises(DefinitionError, match="run them in that check"):
            sandbox.containers()
        return sandbox

    (tmp_path / "commands.sh").write_text("docker ps\n")
    report = runner.run(Entry("99-toy", tmp_path, exercise), tmp_path)
    assert report.full_score, report
