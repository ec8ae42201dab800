"""Runs that are stopped, killed, or side by side: nothing is left, and nobody's live run is touched."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checks.image import Image
from grader.engine import cgroups
from grader.engine.session import Session
from grader.run import runner
from grader.values.errors import Cancelled
from grader.values.outcome import Outcome
from tests import core

pytestmark = pytest.mark.engine

SERVE = 'FROM busybox\nVOLUME /data\nCMD ["sleep", "1000"]\n'
HANG = "FROM busybox\nRUN sleep 1000 # {}\n"


@pytest.fixture(autouse=True)
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with core.nothing_left(tmp_path / "runtime", monkeypatch) as name:
        yield name


def _process(tmp_path: Path, dockerfile: str, name: str = "one") -> subprocess.Popen[str]:
    """Another process, in the middle of a run: it has said so on its standard output."""
    folder = core.submission(tmp_path / name, dockerfile)
    code = f"""
        import signal, sys, time
        from pathlib import Path
        from grader.run import runner
        from grader.values.events import EngineOutput
        from tests import core

        def waits(image):
            volume = image.session.client.api.create_volume(labels=image.session.labels)
            image.session.client.api.create_network(image.session.name("n"), labels=image.session.labels)
            with image.start(volumes={{"more": "/more"}}) as container:
                print("begun", flush=True)
                container.expect_running(for_seconds=600)

        def observe(event):
            if isinstance(event, EngineOutput) and "RUN sleep 1000" in event.line:
                print("begun", flush=True)

        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in a shell's background
        folder = Path({str(folder)!r})
        runner.run(core.entry(folder, waits), folder, observe=observe)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != "begun":
        assert process.stderr is not None
        process.kill()
        raise AssertionError(process.stderr.read())
    return process


def _end(process: subprocess.Popen[str], number: int) -> str:
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    return said


@pytest.mark.parametrize("dockerfile", [SERVE, HANG.format("killed")], ids=["a container runs", "a build runs"])
def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path, owner: str, dockerfile: str) -> None:
    _end(_process(tmp_path, dockerfile), signal.SIGKILL)
    assert list((tmp_path / "runtime").iterdir())
    if dockerfile == SERVE:
        assert {one.split()[0] for one in core.left(owner)} == {"container", "network", "volume", "image"}
    with Session() as session:
        assert session.swept
        assert core.left(owner) == []
        assert {one.name for one in (tmp_path / "runtime").iterdir()} == {session.id, f"{session.id}.lock"}
    assert not _commands_left()


def _commands_left() -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "buildx build" in line and "pytest-of-" in line]


def test_ctrl_c_leaves_nothing_at_all(tmp_path: Path, owner: str) -> None:
    process = _process(tmp_path, SERVE)
    begin = time.monotonic()
    assert "KeyboardInterrupt" in _end(process, signal.SIGINT)
    assert time.monotonic() - begin < 15
    assert core.left(owner) == []
    assert list((tmp_path / "runtime").iterdir()) == []


def test_a_live_run_of_another_process_is_not_swept(tmp_path: Path, owner: str) -> None:
    process = _process(tmp_path, SERVE)
    try:
        before = sorted(core.left(owner))
        with Session() as session:
            assert session.swept == []
        assert sorted(core.left(owner)) == before
        assert process.poll() is None
    finally:
        _end(process, signal.SIGINT)


@pytest.mark.parametrize("what", ["build", "wait", "http", "stop", "exec"])
def test_cancelling_ends_a_run_within_seconds(tmp_path: Path, what: str) -> None:
    reached = threading.Event()
    cancelled = threading.Event()

    def check(image: Image) -> None:
        with image.start(publish=8000 if what == "http" else None) as container:
            time.sleep(0.3)
            reached.set()
            if what == "wait":
                container.wait(100)
            elif what == "http":
                container.http("/", timeout=100)
            elif what == "stop":
                container.stop(grace=100)
            else:
                container.exec("sleep", "1000", seconds=100)

    def cancel() -> None:
        if what == "build":
            time.sleep(2)
        else:
            reached.wait(60)
            time.sleep(0.3)
        begun.append(time.monotonic())
        cancelled.set()

    begun: list[float] = []
    threading.Thread(target=cancel).start()
    files: dict[str, str | bytes] = {
        "Dockerfile": HANG.format("cancelled") if what == "build" else "FROM busybox\nCOPY main.sh /\nCMD /main.sh\n",
        "main.sh": "#!/bin/sh\ntrap '' TERM\nnc -ll -p 8000 -e sleep 1000\n",
    }
    folder = core.submission(tmp_path / "work", files)
    with pytest.raises(Cancelled):
        runner.run(core.entry(folder, check), folder, cancelled=cancelled)
    assert time.monotonic() - begun[0] < 10  # most of it is clean-up


def test_two_runs_side_by_side_do_not_disturb_each_other(tmp_path: Path) -> None:
    seen: dict[str, set[str]] = {"a": set(), "b": set()}
    meeting = threading.Barrier(2, timeout=60)
    failed: list[BaseException] = []

    def run(name: str) -> None:
        def check(image: Image) -> None:
            with image.start(publish=8000, volumes={"data": "/data"}) as container:
                meeting.wait()
                container.http("/index.html").expect(contains=f"I am {name}")
                container.exec("sh", "-c", f"test ! -e /data/x && echo {name} > /data/x").expect(exit_code=0)
                seen[name].add(container.id)

        try:
            files: dict[str, str | bytes] = {
                "Dockerfile": "FROM busybox\nCOPY index.html /www/\nCMD httpd -f -p 8000 -h /www\n",
                "index.html": f"I am {name}",
            }
            results = core.run(tmp_path / name, files, check)
            assert results["works"].outcome is Outcome.PASS, core.seen(results["works"])
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=run, args=(name,)) for name in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed
    assert len(seen["a"] | seen["b"]) == 2


def test_builds_have_groups_of_their_own_and_leave_none(monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.access(cgroups.ROOT, os.W_OK):
        pytest.skip("no control groups can be made here")
    monkeypatch.setattr(cgroups, "SLOT", f"{cgroups.SLOT}test-{os.getpid()}-")  # other tests take a group as soon as it is free
    first, second = cgroups.free_slot(), cgroups.free_slot()
    assert first is not None
    assert second is not None
    assert first.name != second.name
    groups = [cgroups.folder("memory", one.name) for one in (first, second)]
    assert all(group.is_dir() for group in groups)
    second.release()
    first.release()
    assert not any(group.exists() for group in groups)


def test_a_second_check_finds_the_first_ones_layers_in_the_cache(tmp_path: Path) -> None:
    def steps(image: Image) -> None:
        cached.append(next(step.cached for step in image.steps if "RUN" in step.name))

    cached: list[bool] = []
    for _ in range(2):
        core.run(tmp_path, f"FROM busybox\nRUN echo {tmp_path.name}{os.getpid()}{time.time_ns() // 10**12} > /x\n", steps)
    assert cached[1]
