"""The shell that stays in a container, on the real engine."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine import containers
from grader.engine.sandbox.shell import Shell
from grader.engine.session import Session
from grader.values.errors import Cancelled
from tests import core

pytestmark = pytest.mark.engine

NEVER = threading.Event()


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, str]]:
    with pytest.MonkeyPatch.context() as patch, core.nothing_left(tmp_path_factory.mktemp("s") / "runtime", patch):
        with Session() as session:
            spec = containers.Spec(image="busybox", command=["sleep", "1000"])
            identity = containers.create(session, spec)
            session.on_close("container", lambda: containers.remove(session, identity))
            containers.start(session, identity)
            yield session, identity
        assert session.left == []


@pytest.fixture
def shell(container: tuple[Session, str]) -> Iterator[Shell]:
    one = Shell(*container)
    yield one
    one.close()


def test_outputs_and_status_come_back_apart_and_to_the_letter(shell: Shell) -> None:
    for number in range(3):  # one behind the other, in the same shell
        done = shell.run(f"printf 'out {number}\\n\\n'; printf 'err' >&2; exit {number}", seconds=20, cancelled=NEVER)
        assert (done.returncode, done.stdout, done.stderr, done.timed_out) == (number, f"out {number}\n\n", "err", False)


def test_arguments_arrive_as_they_are(shell: Shell) -> None:
    odd = ["a b", "", "'quoted'", "$HOME", "line\nline", "ä"]
    done = shell.run(["printf", "%s|", *odd], seconds=20, cancelled=NEVER)
    assert done.stdout == "".join(f"{one}|" for one in odd)


def test_nothing_of_a_command_reaches_the_next(shell: Shell) -> None:
    shell.run("cd /; x=1; exec >/dev/null; exit 3", seconds=20, cancelled=NEVER)
    assert shell.run("cat; pwd; echo x=$x", seconds=20, cancelled=NEVER).stdout.endswith("\nx=\n")


def test_a_flood_is_cut(shell: Shell) -> None:
    done = shell.run("head -c 9000000 /dev/zero | tr '\\0' x; echo end", seconds=60, cancelled=NEVER)
    assert len(done.stdout) == 4 << 20
    assert done.stdout.endswith("end\n")


def test_a_command_that_does_not_end_is_killed_and_the_shell_goes_on(shell: Shell) -> None:
    done = shell.run(["sleep", "100"], seconds=1, cancelled=NEVER)
    assert done.timed_out
    assert shell.run("echo still here", seconds=20, cancelled=NEVER).stdout == "still here\n"


def test_it_can_be_cancelled(shell: Shell) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        shell.run(["sleep", "100"], seconds=60, cancelled=stop)
    assert time.monotonic() - begun < 30
    assert shell.ended


def test_a_container_that_is_not_there(container: tuple[Session, str], tmp_path: Path) -> None:
    gone = Shell(container[0], "no-such-container")
    assert gone.run("echo x", seconds=20, cancelled=NEVER).returncode == 255
    assert gone.ended
