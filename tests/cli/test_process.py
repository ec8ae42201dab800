"""The command as a process of its own, on the real engine: what cannot be seen from inside."""

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.progress import Progress
from tests.toys import TOY, VARIANTS, clean_environment, write

GRADER = (sys.executable, "-c", "from grader.cli import main; main()")


def start(course: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    environment = {**clean_environment(), "DRYDOCK_COURSE": str(course), "NO_COLOR": "1", **settings}
    hangup = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs these tests may have switched it off
    try:
        return subprocess.Popen(
            [*GRADER, *arguments],
            env=environment,
            cwd=course,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGHUP, hangup)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


@pytest.fixture
def folder(toy_course: Path) -> Path:
    return write(toy_course / "work" / "exercises" / TOY, VARIANTS["starter"])


def test_no_engine(toy_course: Path, folder: Path) -> None:
    nowhere = f"unix://{toy_course}/nothing.sock"
    status, out, err = finish(start(toy_course, "check", "01", "--json", DOCKER_HOST=nowhere))
    assert status == 2
    assert list(json.loads(out)) == ["exercise", "error", "next_step"]
    assert nowhere in json.loads(out)["error"]
    assert "Traceback" not in err


def test_a_reader_that_goes_away(toy_course: Path) -> None:
    process = start(toy_course, "list")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert "Exception" not in err


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize("command", ["list", "check 01"])
def test_a_stream_that_is_closed_is_no_mistake(toy_course: Path, folder: Path, command: str, closed: str) -> None:
    nowhere = {"DOCKER_HOST": f"unix://{toy_course}/nothing.sock"}
    line = f"{shlex.join(GRADER)} {command} {closed}; echo status $? >status"
    settings = {**clean_environment(), "DRYDOCK_COURSE": str(toy_course), **nowhere}
    subprocess.run(["sh", "-c", line], env=settings, cwd=toy_course, check=True, capture_output=True)
    assert (toy_course / "status").read_text() == ("status 0\n" if command == "list" else "status 2\n")
    assert not list((toy_course / "work").rglob("*details*"))


def test_a_terminal_without_unicode(toy_course: Path) -> None:
    status, out, err = finish(start(toy_course, "list", PYTHONIOENCODING="ascii"))
    assert (status, err) == (0, "")
    assert "01-toy" in out


def test_starting_is_quick_and_light(toy_course: Path) -> None:
    """What `grader check` need not have is not imported before the engine works."""
    code = (
        "import sys, grader.cli.group, grader.cli.check;"
        "heavy = {'rich', 'jinja2', 'docker', 'requests', 'yaml', 'IPython'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.engine
def test_from_starter_to_full_score(toy_course: Path, folder: Path) -> None:
    status, out, err = finish(start(toy_course, "check", "01"))
    assert status == 1, err
    assert "1 of 4 points: 2 checks to fix" in out
    write(folder, VARIANTS["reference"])
    status, out, err = finish(start(toy_course, "check", "01", "--json"))
    assert status == 0, err
    value = json.loads(out)
    assert (value["score"], value["max_score"]) == (4, 4)
    assert value["engine"].startswith("Docker")
    assert [one.score for one in Progress(toy_course / "work").attempts(TOY)] == [1, 4]
    status, out, _ = finish(start(toy_course, "solution", "01", "--diff"))
    assert status == 0
    assert "the same as yours" in out


@pytest.mark.engine
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_in_the_middle_of_a_build(toy_course: Path, folder: Path, number: signal.Signals) -> None:
    write(folder, {"Dockerfile": f"FROM busybox\nRUN echo begun-{os.getpid()}-{number} && sleep 60\n"})
    process = start(toy_course, "check", "01")
    assert process.stderr is not None
    assert "Checking" in process.stderr.readline()
    time.sleep(1.5)
    began = time.monotonic()
    process.send_signal(number)
    status, out, err = finish(process)
    assert (status, out) == (130, "")
    assert err == "Stopped. Nothing was recorded and nothing is left running.\n"
    assert time.monotonic() - began < 15
    assert Progress(toy_course / "work").attempts(TOY) == []


@pytest.mark.engine
def test_in_a_terminal_the_report_takes_the_place_of_the_live_table(toy_course: Path, folder: Path) -> None:
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [*GRADER, "check", "01"],
        env={**clean_environment(), "DRYDOCK_COURSE": str(toy_course), "TERM": "xterm", "COLUMNS": "100", "LINES": "30"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=toy_course,
    )
    os.close(terminal)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([main], [], [], 0.2)[0]:
            try:
                shown += os.read(main, 65536)
            except OSError:  # the other end is closed: the process has ended
                break
    os.close(main)
    assert process.wait(10) == 1
    text = shown.decode()
    assert "● running" in text
    assert "so far; Ctrl-C stops" in text
    assert "1 of 4 points: 2 checks to fix" in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # the cursor is shown again
