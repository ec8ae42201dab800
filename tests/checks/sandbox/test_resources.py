"""What can be told of things in the sandbox: who reaches whom, what is in a volume, an image, the learner's folder."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.resources import Inode, SandboxContainer
from grader.checks.sandbox.state import SandboxState
from grader.checks.setup import Setup
from grader.checks.work import Work
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from grader.values.outcome import Evidence
from tests import core

pytestmark = [pytest.mark.engine, pytest.mark.slow]

COMMANDS = """\
docker network create lab
docker run -d --name web --network lab -p 20001:8000 toy
docker run -d --name shy -p 127.0.0.1:20002:8000 toy
docker run -d --name near --network lab busybox sleep 1000
docker run -d --name far busybox sleep 1000
docker run -d --name deceived --add-host web:127.0.0.1 busybox sleep 1000
docker run -d --name linked --link shy:web busybox sleep 1000
docker run -d --name slow busybox sh -c 'sleep 3; echo at last; sleep 1000'
docker run --rm -v data:/d busybox sh -c 'cd /d; mkdir -p a/b; printf "hello\\n" >"a/two words"; : >.hidden; ln -s a/b link
    chown 999:998 a; chmod 2750 a; chmod 600 .hidden'
docker volume create bare
printf 'FROM toy\\nARG WORD\\nRUN echo key-in-a-layer >/key\\nRUN rm /key\\nENV NOTE=key-in-a-variable\\n' >Dockerfile
docker build -q --build-arg WORD=key-in-the-history -t built .
mkdir below; echo made >below/file; ln -s below/file link
docker run --rm --name brief busybox true
docker run -d --name idle busybox
docker run busybox true
docker run -d --name stopped busybox sleep 1000
docker stop -t 0 stopped
docker volume create thrown
docker volume rm thrown
printf 'FROM scratch\nCOPY given /kept\n' | docker build -q -t programless -f - .
docker run --rm -v odd:/d busybox sh -c 'cd /d; touch "two
lines" plain; ln -s "a
b" link'
docker rename before after
"""
FILE = Inode("regular file", "644", 0, 0, 6, hashlib.sha256(b"hello\n").hexdigest())
EMPTY = Inode("regular file", "600", 0, 0, 0, hashlib.sha256(b"").hexdigest())
TREE = {
    ".hidden": EMPTY,
    "a": Inode("directory", "2750", 999, 998, 0, ""),
    "a/b": Inode("directory", "755", 0, 0, 0, ""),
    "a/two words": FILE,
    "link": Inode("symbolic link", "777", 0, 0, 0, "a/b"),
}


def _situation(bench: Setup) -> None:
    files = {"www/index.html": "hello\n", "start": "#!/bin/sh\nexec httpd -f -p 8000 -h /www\n"}
    bench.image("toy", files, 'CMD ["/start"]', "EXPOSE 8000")
    bench.docker("run", "--detach", "--name", "before", "busybox", "sleep", "1000")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxState]:
    folder = tmp_path_factory.mktemp("work")
    (folder / "commands.sh").write_text(COMMANDS)
    (folder / "given").write_text("by the learner\n")
    with (
        pytest.MonkeyPatch.context() as patch,
        core.nothing_left(tmp_path_factory.mktemp("s") / "runtime", patch),
        Session() as s,
    ):
        yield Work(s, folder, Facts("x", "99-toy")).run_script(setup=_situation, files={"given": "by the exercise\n"})


def _answer(stage: SandboxState, port: int, host: str) -> bytes | None:
    answer = stage.http(port, host=host, within=10 if host == "127.0.0.1" else 0)
    return answer.body if answer is not None else None


def _reaches(stage: SandboxState, who: str, whom: str) -> bool:
    (address,) = stage.container(whom).addresses()
    return stage.container(who).asks(f"http://{address}:8000/", within=10 if who == "near" else 0) == "hello\n"


FOUND: dict[str, tuple[Callable[[SandboxState], object], object]] = {
    "a door for everybody, from here": (lambda stage: _answer(stage, 20001, "127.0.0.1"), b"hello\n"),
    "a door for everybody, from the network": (lambda stage: _answer(stage, 20001, stage.network_address), b"hello\n"),
    "a door on loopback, from here": (lambda stage: _answer(stage, 20002, "127.0.0.1"), b"hello\n"),
    "a door on loopback, from the network": (lambda stage: _answer(stage, 20002, stage.network_address), None),
    "no door": (lambda stage: _answer(stage, 20003, stage.network_address), None),
    "a name on a network": (
        lambda stage: stage.container("near").finds("web"),
        lambda stage: stage.container("web").addresses(),
    ),
    "a name that nobody has": (lambda stage: stage.container("near").finds("nobody"), []),
    "a name in a file": (lambda stage: stage.container("deceived").finds("web"), []),
    "a link": (lambda stage: stage.container("linked").finds("web"), []),
    "a neighbour": (lambda stage: _reaches(stage, "near", "web"), True),
    "an outsider": (lambda stage: _reaches(stage, "far", "web"), False),
    "a volume": (lambda stage: stage.volume("data").tree(), TREE),
    "an empty volume": (lambda stage: stage.volume("bare").tree(), {}),
    "a lower layer": (lambda stage: stage.image_holds("built", "key-in-a-layer"), True),
    "a variable": (lambda stage: stage.image_holds("built", "key-in-a-variable"), True),
    "the history": (lambda stage: stage.image_holds("built", "key-in-the-history"), True),
    "one word of several": (lambda stage: stage.image_holds("built", "key-in-nothing", "key-in-a-layer"), True),
    "not in the image": (lambda stage: stage.image_holds("built", "key-in-nothing"), False),
    "names that break a line": (
        lambda stage: {path for path, one in stage.volume("odd").tree().items() if one.kind != "regular file"} != set(),
        True,
    ),
    "a file of an image": (lambda stage: stage.image_file("built", "/www/index.html"), "hello\n"),
    "a file of an image without programs": (lambda stage: stage.image_file("programless", "/kept"), "by the exercise\n"),
    "a file that a later layer removes": (lambda stage: stage.image_file("built", "/key"), None),
    "an image itself": (lambda stage: stage.comes_from("toy", "toy"), True),
    "made on top": (lambda stage: stage.comes_from("built", "toy"), True),
    "made below": (lambda stage: stage.comes_from("toy", "built"), False),
    "an image that is gone": (lambda stage: stage.comes_from("gone", "toy"), True),
    "an image that ran": (lambda stage: stage.ran("toy"), True),
    "an image that never ran": (lambda stage: stage.ran("built"), False),
    "another name": (lambda stage: stage.renamed("before"), "after"),
    "the same name": (lambda stage: stage.renamed("web"), None),
    "from before": (lambda stage: stage.container("after").expect_not_new().name, "after"),
    "from its image": (lambda stage: stage.container("web").expect_from("toy").name, "web"),
    "the folder": (lambda stage: stage.folder(), ["Dockerfile", "below", "given", "link"]),
    "a file of the exercise": (lambda stage: stage.file("given"), b"by the exercise\n"),
    "a file below": (lambda stage: stage.file("below/file"), b"made\n"),
    "no file": (lambda stage: stage.file("nothing"), None),
    "a folder is no file": (lambda stage: stage.file("below"), None),
    "a label": (lambda stage: stage.container("web").labels()["drydock.exercise"], "99-toy"),
}


@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(stage: SandboxState, ask: Callable[[SandboxState], object], wanted: object) -> None:
    assert ask(stage) == (wanted(stage) if callable(wanted) else wanted)


def test_a_log_is_waited_for_and_not_for_ever(stage: SandboxState) -> None:
    stage.container("slow").expect_log("AT LAST", within=20)
    with pytest.raises(CheckFailed, match="has not written “never”"):
        stage.container("slow").expect_log("never", within=0.5)


WHY: dict[str, tuple[Callable[[SandboxState], object], str]] = {
    "removed by itself": (lambda stage: stage.container("brief"), "with --rm, by itself"),
    "removed": (lambda stage: stage.volume("thrown"), "one of your commands removed it"),
    "another spelling": (lambda stage: stage.volume("Data"), "letter by letter: you have data."),
    "no tag": (lambda stage: stage.image("toy:1.0"), "Docker takes latest"),
    "no name": (lambda stage: stage.container("nobody"), "Docker makes one up"),
    "nothing known": (lambda stage: stage.volume("nothing"), ""),
    "nothing to do": (lambda stage: stage.container("idle").expect_running(), "this program had nothing more to do"),
    "stopped": (lambda stage: stage.container("stopped").expect_running(), "One of your commands has ended it."),
    "killed": (lambda stage: stage.container("stopped").expect_exited(), "no time to finish"),
    "goes on": (lambda stage: stage.container("near").expect_exited(), "ends when the program in it ends"),
    "one too many": (lambda stage: stage.expect_only_containers("web"), "Each docker run makes a new container."),
}


@pytest.mark.parametrize(("ask", "words"), WHY.values(), ids=list(WHY))
def test_why_something_is_not_as_it_should_be(stage: SandboxState, ask: Callable[[SandboxState], object], words: str) -> None:
    with pytest.raises(CheckFailed) as failure:
        ask(stage)
    finding = failure.value.finding
    assert words in finding.advice if words else finding.advice == ""


UNMET: dict[str, tuple[Callable[[SandboxState], object], str]] = {
    "a new name": (lambda stage: stage.expect_gone("container", "before"), "still there, under another name"),
    "a new container": (lambda stage: stage.container("web").expect_not_new(), "web is a new one"),
    "another image": (lambda stage: stage.container("near").expect_from("toy"), "not made from the image toy"),
}


@pytest.mark.parametrize(("ask", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(stage: SandboxState, ask: Callable[[SandboxState], object], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        ask(stage)


def test_a_container_that_has_ended_cannot_be_asked_from(stage: SandboxState) -> None:
    stage.docker("rm", "-f", "far")
    with pytest.raises(CheckFailed, match="cannot look at what your commands left"):
        stage.helper("--network=container:far", "true")


def test_data_among_what_commands_said_is_not_shown() -> None:
    said = (
        "$ docker save toy\n\x00\ufffd\ufffd\x01\n\ufffd0644\ufffd\ufffd\n$ docker ps\n\nsch\xf6n \u2026 \ufffd, all the same\n"
    )
    script = ExecResult(what="commands", exit_code=0, stdout=said, stderr="", duration_s=0)
    shown = SandboxState(cast(Any, None), script).evidence().text
    assert shown == "$ docker save toy\n(data, not text)\n$ docker ps\n\nsch\xf6n \u2026 \ufffd, all the same"


def test_an_output_that_the_engine_lost_is_asked_for_again() -> None:
    """That cannot be made to happen on a real engine: it is a race inside it. So the stage is a stand-in."""

    class Lost:
        def __init__(self, says: str, seconds: int = 0) -> None:
            self.says, self.seconds = says, seconds
            self.calls: list[str] = []
            self.notes: list[str] = []
            self.sandbox = SimpleNamespace(session=SimpleNamespace(cancelled=threading.Event(), notes=self.notes))

        def docker(self, *args: str, seconds: float = 0) -> ExecResult:
            self.calls.append(args[0])
            said = self.says if "start" in self.calls and args[0] == "logs" else ""
            return ExecResult(what="docker", exit_code=0, stdout=said, stderr="", duration_s=0)

        def evidence(self) -> Evidence:
            return Evidence("commands", "")

        def failed(self, message: str, *, expected: str, found: str, name: str) -> CheckFailed:
            assert name == "hello"
            return CheckFailed(message, expected=expected, found=found)

        def container(self) -> SandboxContainer:
            times = {"StartedAt": "2026-11-22T02:03:04.5Z", "FinishedAt": f"2026-11-22T02:03:{4 + self.seconds:02}.6Z"}
            about = {"State": {"Status": "exited", **times}, "Path": "echo", "Args": ["hello"]}
            return SandboxContainer(cast(SandboxState, cast(Any, self)), about, "hello")

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
