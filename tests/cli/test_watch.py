"""``grader watch`` in a process of its own, on the real engine."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.progress import Progress
from grader.workspace.saves import Saves
from tests import core, toys

pytestmark = [pytest.mark.engine, pytest.mark.slow]


class Watch:
    """A running ``grader watch``, and what it says, as it says it."""

    def __init__(self, course: Path) -> None:
        # A shell that runs tests in its background lets them inherit an ignored SIGINT.
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from grader.cli import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "watch", toys.TOY, "--work", str(course / "work")],
            cwd=course, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**toys.clean_environment(), "DRYDOCK_COURSE": str(course), "DRYDOCK_RUNTIME": os.environ["DRYDOCK_RUNTIME"]},
        )  # fmt: skip
        self.said: list[str] = []
        self._heard = threading.Condition()
        self._seen = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._heard:
                self.said.append(line)
                self._heard.notify_all()

    def hears(self, words: str) -> None:
        """Wait for a line with these words, behind those that were waited for before."""
        with self._heard:
            found = self._heard.wait_for(lambda: any(words in line for line in self.said[self._seen :]), 90)
            assert found, "".join(self.said)
            self._seen = next(n for n, line in enumerate(self.said) if n >= self._seen and words in line) + 1


@pytest.fixture
def watch(toy_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    toys.write(toy_course / "work" / "exercises" / toys.TOY, toys.VARIANTS["starter"])
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        one = Watch(toy_course)
        try:
            yield one
        finally:
            one.process.kill()
            one.process.wait()
            assert one.process.stdout is not None
            one.process.stdout.close()


def test_each_save_is_checked_and_ctrl_c_leaves_nothing(watch: Watch, toy_course: Path) -> None:
    folder = toy_course / "work" / "exercises" / toys.TOY
    watch.hears("1 of 4 points")
    watch.hears("Waiting for you to save a file")
    toys.write(folder, toys.VARIANTS["reference"])
    watch.hears("4 of 4 points")
    watch.hears("Waiting for you to save a file")
    # As JupyterLab saves by the clock, in the middle of a line; and once more what was checked before.
    saves = Saves(toy_course / "work", toys.TOY)
    for half in (toys.VARIANTS["wrong/is_nobody--never-changed-the-user"], toys.VARIANTS["reference"]):
        toys.write(folder, half)
        saves.by_the_clock()
        time.sleep(1.5)  # it would have begun
    saves.deliberate()
    time.sleep(1.5)
    assert len(Progress(toy_course / "work").attempts(toys.TOY)) == 2
    toys.write(folder, {"Dockerfile": "FROM busybox\nRUN sleep 100\n"})
    watch.hears("Checking")
    toys.write(folder, toys.VARIANTS["wrong/is_nobody--never-changed-the-user"])  # while the build still sleeps
    watch.hears("A file was saved: checking again.")
    watch.hears("3 of 4 points")
    watch.process.send_signal(signal.SIGINT)
    watch.hears("Stopped watching.")
    assert not any("0 of 4" in line for line in watch.said)
    assert "".join(watch.said).count("of 4 points") == 3  # nothing else was checked
    assert watch.process.wait(30) == 0
