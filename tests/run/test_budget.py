"""The budget of a machine: shared by threads and processes, free again after a death, and never a deadlock."""

import pickle
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.run import budget, runner
from grader.run.budget import Budget
from grader.values.errors import Cancelled, Fault
from grader.values.events import EngineOutput, Event
from grader.values.limits import Limits
from grader.values.share import Share
from grader.values.units import GB, MB
from tests import core

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 60  # a deadline for what should happen at once


@pytest.fixture
def small(tmp_path: Path) -> Budget:
    return Budget(containers=4, builds=1, sandboxes=1, memory=1000, folder=tmp_path / "budget")


class Waiter(threading.Thread):
    """Takes a share in a thread of its own; tells when it waits, and when it has it."""

    def __init__(self, budget: Budget, share: Share) -> None:
        super().__init__(daemon=True)
        self._budget, self._share = budget, share
        self.cancelled = threading.Event()
        self.waits, self.has, self.failed = threading.Event(), threading.Event(), threading.Event()
        self.said: list[str] = []
        self.give_back: Callable[[], None] = lambda: None
        self.start()

    def run(self) -> None:
        def waiting(line: str) -> None:
            self.said.append(line)
            self.waits.set()

        try:
            self.give_back = self._budget.take(self._share, self.cancelled, waiting)
            self.has.set()
        except Cancelled:
            self.failed.set()


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "TELL_AFTER_SECONDS", 0.0)


def test_who_comes_later_waits_until_it_is_given_back(small: Budget) -> None:
    give_back = small.take(Share(builds=1))
    waiter = Waiter(small, Share(builds=1))
    assert waiter.waits.wait(SECONDS)
    assert not waiter.has.is_set()
    give_back()
    assert waiter.has.wait(SECONDS)
    waiter.give_back()


def test_what_is_waited_for_is_told_once(small: Budget) -> None:
    give_back = small.take(Share(containers=3, sandboxes=1))
    waiter = Waiter(small, Share(containers=2, sandboxes=1, memory=1))
    assert waiter.waits.wait(SECONDS)
    give_back()
    assert waiter.has.wait(SECONDS)
    assert waiter.said == ["waiting for containers and sandbox engines: other checks are running on this machine"]
    waiter.give_back()


def test_all_of_a_share_is_taken_or_nothing(small: Budget) -> None:
    builds = small.take(Share(builds=1))
    waiter = Waiter(small, Share(builds=1, containers=4))
    assert waiter.waits.wait(SECONDS)
    waiter.cancelled.set()
    assert waiter.failed.wait(SECONDS)
    small.take(Share(containers=4))()
    builds()


def test_who_asks_for_more_than_there_is_goes_alone(small: Budget) -> None:
    some = small.take(Share(memory=1))
    waiter = Waiter(small, Share(memory=5000))
    assert waiter.waits.wait(SECONDS)
    some()
    assert waiter.has.wait(SECONDS)
    waiter.give_back()


def test_nobody_passes_one_who_came_earlier_for_the_same(small: Budget) -> None:
    half = small.take(Share(memory=600))
    large = Waiter(small, Share(memory=900))
    assert large.waits.wait(SECONDS)
    little = Waiter(small, Share(memory=10))  # there is room for it
    assert little.waits.wait(SECONDS)
    small.take(Share(builds=1))()  # another thing altogether
    half()
    assert large.has.wait(SECONDS)
    assert little.has.wait(SECONDS)
    large.give_back()
    little.give_back()


def test_waiting_can_be_cancelled_and_leaves_nothing(small: Budget) -> None:
    give_back = small.take(Share(builds=1))
    waiter = Waiter(small, Share(builds=1))
    assert waiter.waits.wait(SECONDS)
    waiter.cancelled.set()
    assert waiter.failed.wait(SECONDS)
    give_back()
    give_back()  # a second time is no harm
    assert not small.folder.exists()


def test_a_folder_that_cannot_be_made_is_a_fault(small: Budget) -> None:
    small.folder.write_text("a file")
    with pytest.raises(Fault, match="cannot be written"):
        small.take(Share(builds=1))


def _process(code: str, small: Budget) -> subprocess.Popen[str]:
    setting = f"""
        import pickle, sys, time
        from pathlib import Path
        from grader.values.share import Share
        small = pickle.loads({pickle.dumps(small)!r})
    """
    command = [sys.executable, "-c", textwrap.dedent(setting) + textwrap.dedent(code)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_what_a_killed_process_held_is_free_again(small: Budget) -> None:
    with _process("has = small.take(Share(builds=1)); print('has', flush=True); time.sleep(1000)", small) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "has\n"
            waiter = Waiter(small, Share(builds=1))
            assert waiter.waits.wait(SECONDS)
        finally:
            process.kill()
        assert waiter.has.wait(SECONDS)
    waiter.give_back()
    assert not small.folder.exists()


def test_processes_share_it(small: Budget, tmp_path: Path) -> None:
    """Each has the one build while it makes a file that must not be there already."""
    code = """
        for _ in range(20):
            give_back = small.take(Share(builds=1))
            path = small.folder.parent / "one at a time"
            path.open("x").close()
            path.unlink()
            give_back()
    """
    processes = [_process(code, small) for _ in range(3)]
    assert [process.communicate(timeout=SECONDS) and process.returncode for process in processes] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []


def test_many_runs_with_builds_all_come_to_an_end_and_never_have_too_much(small: Budget) -> None:
    lock = threading.Lock()
    used = {"containers": 0, "builds": 0, "memory": 0}

    def add(sign: int, **wanted: int) -> None:
        with lock:
            for name, count in wanted.items():
                used[name] += sign * count
                assert used[name] <= getattr(small, name)

    def run(number: int) -> None:
        wanted = {"containers": 1 + number % 3, "memory": 100 * (1 + number % 7)}
        give_back = small.take(Share(**wanted))
        add(1, **wanted)
        for _ in range(2):
            built = small.take(Share(builds=1))
            add(1, builds=1)
            add(-1, builds=1)
            built()
        add(-1, **wanted)
        give_back()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(run, range(24), timeout=SECONDS))
    assert used == {"containers": 0, "builds": 0, "memory": 0}
    assert not small.folder.exists()


@pytest.mark.engine
@pytest.mark.parametrize("resource", ["containers", "builds"])
def test_a_run_on_the_real_engine_waits_tells_and_gives_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Budget, resource: str
) -> None:
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        give_back = small.take(Share(**{resource: getattr(small, resource)}))
        said: list[str] = []

        def observe(event: Event) -> None:
            if isinstance(event, EngineOutput) and event.line.startswith("waiting for"):
                said.append(event.line)
                give_back()

        folder = core.submission(tmp_path / "work", "FROM busybox\n")
        entry = core.entry(folder, lambda image: image.run("true").expect(exit_code=0))
        assert runner.run(entry, folder, observe=observe, budget=small).full_score
        assert said == [f"waiting for {resource}: other checks are running on this machine"]
        assert not small.folder.exists()


def test_what_a_run_takes() -> None:
    limits = Limits(memory=256 * MB, build_memory=1 * GB)
    assert budget.share_of(limits, at_once=4, sandbox=False) == Share(containers=4, memory=4 * 256 * MB + 1 * GB)
    alone = budget.share_of(limits, at_once=4, sandbox=True)
    assert (alone.containers, alone.sandboxes) == (1, 1)
    assert alone.memory > 2 * GB


def test_the_size_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRYDOCK_ENGINE_BOUNDED", raising=False)
    here = Budget.of_this_machine()
    assert min(here.containers, here.builds, here.sandboxes) >= 1
    assert here.memory > 0
    assert here == Budget.of_this_machine()
    monkeypatch.setenv("DRYDOCK_ENGINE_BOUNDED", "100m")
    bounded = Budget.of_this_machine()
    assert (bounded.memory, bounded.sandboxes) == (75 * 1024**2, 1)
