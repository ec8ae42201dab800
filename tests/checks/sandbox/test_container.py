"""A container that commands left behind: how it is, what is in it, what runs in it, and where it comes from."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.container import SandboxContainer
from grader.checks.sandbox.state import SandboxState
from grader.engine.inspect import ContainerInfo
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.verdicts import Ask, Unmet

FOUND: dict[str, tuple[Ask, object]] = {
    "from before": (lambda sandbox: sandbox.container("after").expect_not_new().name, "after"),
    "new": (lambda sandbox: sandbox.container("web").is_new, True),
    "from its image": (lambda sandbox: sandbox.container("web").expect_from("toy").name, "web"),
    "a label": (lambda sandbox: sandbox.container("web").about.config.labels["drydock.exercise"], "99-toy"),
    "a file": (lambda sandbox: sandbox.container("diary").expect_file("/other", "Nothing.\n").name, "diary"),
    "a file that the check puts there": (
        lambda sandbox: sandbox.container("stopped").put("/note", "seen\n") and sandbox.container("stopped").read("/note"),
        "seen\n",
    ),
    "a file of a container that has ended": (lambda sandbox: sandbox.container("idle").read("/etc/nothing"), None),
    "a folder is no file": (lambda sandbox: sandbox.container("diary").read("/etc"), None),
    "what it said": (lambda sandbox: sandbox.container("diary").said().expect(lacks="hello").of, "diary"),
    "what a command in it said": (
        lambda sandbox: sandbox.container("near").exec("echo", "hello").expect(exit_code=0, line="hello").stdout,
        "hello\n",
    ),
    "its program": (lambda sandbox: sandbox.container("set").expect_runs("/start").command[-1], "/start"),
    "what it runs": (lambda sandbox: sandbox.container("set").expect_runs("httpd").command[-1], "/www"),
    "its variables": (
        lambda sandbox: sandbox.container("set").expect_runs("/start").expect_env({"TYPED": "here"}, files={}),
        None,
    ),
    "a word at the beginning of a long log": (
        lambda sandbox: sandbox.container("talkative").expect_log("AT FIRST").name,
        "talkative",
    ),
    "what was drawn": (lambda sandbox: sandbox.container("web").read("/word") == sandbox.drawn["word"], True),
    "nothing runs": (lambda sandbox: sandbox.container("stopped").processes(), ()),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(sandbox: SandboxState, ask: Ask, wanted: object) -> None:
    assert ask(sandbox) == wanted


def _started_in_vain(sandbox: SandboxState) -> SandboxContainer:
    """A container whose program is not there; not among the commands, whose words would explain all that comes after."""
    sandbox.docker("run", "--detach", "--name", "missing", "busybox", "no-such-program")
    missing = sandbox.container("missing")
    sandbox.docker("rm", "missing")
    return missing


OWN = {"own.env": {"QUOTED": "yes", "GIVEN": "file"}}
UNMET: Unmet = {
    "ended": (
        lambda sandbox: sandbox.container("idle").expect_running(),
        "is not running: its program “sh” has ended",
        "nothing more to do",
    ),
    "stopped": (
        lambda sandbox: sandbox.container("stopped").expect_running(),
        "its program “sleep 1000” has ended",
        "One of your commands has ended it.",
    ),
    "killed": (lambda sandbox: sandbox.container("stopped").expect_exited(), "with exit code 137", "no time to finish"),
    "goes on": (
        lambda sandbox: sandbox.container("near").expect_exited(),
        "has not ended: it is running",
        "ends when the program in it ends",
    ),
    "was started": (
        lambda sandbox: sandbox.container("near").expect_never_started(),
        "near has been started: it is running",
        "“sleep 1000”",
    ),
    "was started, and ended": (
        lambda sandbox: sandbox.container("idle").expect_never_started(),
        "idle has been started: it has ended",
        "with exit code 0",
    ),
    "was to be started": (
        lambda sandbox: _started_in_vain(sandbox).expect_never_started(),
        "tried to start the container missing: it failed only because its program is missing",
        "no-such-program",
    ),
    "a new container": (lambda sandbox: sandbox.container("web").expect_not_new(), "web is a new one", "“/start”"),
    "another image": (
        lambda sandbox: sandbox.container("near").expect_from("toy"),
        "not made from the image toy, but from busybox",
        "“sleep 1000”",
    ),
    "no file": (lambda sandbox: sandbox.container("web").expect_file("/none", "x"), "web has no file /none", "no such file"),
    "a longer file": (
        lambda sandbox: sandbox.container("diary").expect_file("/page", "Dear diary.\n"),
        "says more in its file /page than it should",
        "It is the old container, but one of your commands has changed the file.",
    ),
    "another file": (
        lambda sandbox: sandbox.container("diary").expect_file("/page", "Good night.\n"),
        "says something else in its file /page",
        "Dear diary.",
    ),
    "another program": (
        lambda sandbox: sandbox.container("near").expect_runs("/start"),
        "/start does not run in the container near",
        "“sleep 1000”",
    ),
    "a program that is only named": (
        lambda sandbox: sandbox.container("feigned").expect_runs("/start"),
        "/start does not run in the container feigned",
        "“sh -c sleep 1000; true /start”",
    ),
    "no variable": (
        lambda sandbox: sandbox.container("set").expect_runs("/start").expect_env({"NONE": "x"}, files={}),
        "has no NONE; it should have that of your commands",
        "no NONE",
    ),
    "a variable of the image": (
        lambda sandbox: sandbox.container("set").expect_runs("/start").expect_env({"GIVEN": "file"}, files=OWN),
        "has the GIVEN of the image; it should have that of own.env",
        "GIVEN=image",
    ),
    "a variable of the commands": (
        lambda sandbox: sandbox.container("set").expect_runs("/start").expect_env({"TYPED": "there"}, files={}, advice="Oh."),
        "has another TYPED; it should have that of your commands",
        "TYPED=here",
    ),
    "a variable with quotes": (
        lambda sandbox: sandbox.container("set").expect_runs("/start").expect_env({"QUOTED": "yes"}, files=OWN),
        "has another QUOTED; it should have that of own.env",
        "Quotes in an env-file are a part of the value.",
    ),
    "a variable of the shell": (
        lambda sandbox: sandbox.container("unset").expect_runs("/start").expect_env({"WORD": "shell"}, files={}),
        "has no WORD",
        "Before a command, WORD=… is a variable of the shell. No container sees it.",
    ),
    "another output": (
        lambda sandbox: sandbox.container("near").exec("echo", "hello").expect(line="bye", expected="a word", advice="Oh."),
        "did not print what was expected",
        "hello Oh.",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)


@pytest.mark.engine
@pytest.mark.slow
def test_what_should_be_there_is_described_where_showing_it_would_give_it_away(sandbox: SandboxState) -> None:
    said = verdicts.finding(sandbox, lambda sandbox: sandbox.container("diary").expect_file("/page", "a secret"))
    assert "secret" not in f"{said.message}{said.expected}{said.found}{said.advice}"
    near = sandbox.container("near")
    said = verdicts.finding(sandbox, lambda _: near.exec("echo", "hello").expect(line="a secret", expected="the word"))
    assert said.expected == "the word"


@pytest.mark.engine
@pytest.mark.slow
def test_a_log_is_waited_for_and_not_for_ever(sandbox: SandboxState) -> None:
    sandbox.container("slow").expect_log("AT LAST", within=20)
    with pytest.raises(CheckFailed, match="has not written “never”"):
        sandbox.container("slow").expect_log("never", within=0.5)


def test_an_output_that_the_engine_lost_is_asked_for_again() -> None:
    """That cannot be made to happen on a real engine: it is a race inside it. So the sandbox is a stand-in."""

    class Lost:
        def __init__(self, says: str, seconds: int = 0) -> None:
            self.says, self.seconds = says, seconds
            self.calls: list[str] = []
            self.notes: list[str] = []
            session = SimpleNamespace(cancelled=threading.Event(), notes=self.notes)
            self.engine = SimpleNamespace(session=session, shell=lambda *_: SimpleNamespace(returncode=1))

        def docker(self, *args: str, seconds: float = 0) -> ExecResult:
            self.calls.append(args[0])
            said = self.says if "start" in self.calls and args[0] == "logs" else ""
            return ExecResult(what="docker", exit_code=0, stdout=said, stderr="", duration_s=0)

        def failed(
            self, message: str, *, expected: str, found: str, advice: str, name: str, evidence: tuple[Evidence, ...]
        ) -> CheckFailed:
            assert name == "hello"
            return CheckFailed(message, expected=expected, found=found, advice=advice, evidence=evidence)

        def container(self) -> SandboxContainer:
            times = {"StartedAt": "2026-11-22T02:03:04.5Z", "FinishedAt": f"2026-11-22T02:03:{4 + self.seconds:02}.6Z"}
            state = {"Status": "exited", "Running": False, "Restarting": False, "OOMKilled": False, "Pid": 0, "ExitCode": 0}
            about = {"Id": "1", "Name": "/hello", "Created": "2026-11-22T02:03:04Z", "Path": "echo", "Args": ["hello"]}
            rest: dict[str, object] = {"Image": "2", "Config": {}, "RestartCount": 0, "HostConfig": {}, "State": state | times}
            return SandboxContainer(cast(SandboxState, cast(Any, self)), ContainerInfo.parse(about | rest), "hello")

    lost, silent = Lost("hello\n"), Lost("")
    lost.container().expect_log("hello")
    assert lost.notes == ["The engine has lost what the container hello wrote, as a busy one may; it was run again."]
    with pytest.raises(CheckFailed):
        silent.container().expect_log("hello")
    assert silent.notes == []
    late = Lost("hello\n", seconds=9)  # it had all the time to be heard
    with pytest.raises(CheckFailed):
        late.container().expect_log("hello")
    assert "start" not in late.calls
