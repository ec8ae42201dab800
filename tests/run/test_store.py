"""The store of results: a damaged one, a half written one and one that did not hold are no results."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.run import store
from grader.run.job import Job
from grader.run.store import Store
from grader.values.errors import Cancelled, EngineUnavailable
from grader.values.outcome import Outcome, Report
from tests import toys
from tests.toys import TOY

KEY = "ab" + 62 * "c"
REPORT = toys.report(
    toys.result("builds"), toys.result("works", Outcome.FAIL), toys.result("more", Outcome.LIMIT), notes=("a",)
)
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    made = Store(tmp_path / "results")
    assert made.put(KEY, REPORT)
    return made


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_report_comes_back_as_it_was(kept: Store, tmp_path: Path) -> None:
    assert kept.get(KEY) == REPORT
    assert Store(tmp_path / "results").get(KEY) == REPORT
    assert kept.get("ff" + KEY[2:]) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: content[:200] + bytes([content[200] ^ 1]) + content[201:],
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda content: content + b" ",
        lambda content: b"\xff\xfe",
    ],
    ids=["half of it", "nothing of it", "a byte of the report", "a byte of the digest", "more than it", "no text"],
)
def test_what_is_not_as_it_was_written_is_no_result_and_goes(
    kept: Store, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    (path,) = files(tmp_path / "results")
    path.write_bytes(spoil(path.read_bytes()))
    assert kept.get(KEY) is None
    assert not path.exists()


def test_another_keys_result_is_none(kept: Store, tmp_path: Path) -> None:
    (path,) = files(tmp_path / "results")
    other = "ab" + 62 * "d"
    path.rename(path.with_name(other[2:]))
    assert kept.get(other) is None


def test_a_write_that_is_interrupted_leaves_what_was_there(
    kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert not kept.put(KEY, replace(REPORT, title="another"))
    assert not kept.put("ff" + KEY[2:], REPORT)
    monkeypatch.undo()
    assert kept.get(KEY) == REPORT
    assert kept.get("ff" + KEY[2:]) is None
    assert len(files(tmp_path / "results")) == 1


def test_a_process_that_is_killed_while_it_writes_leaves_no_result(tmp_path: Path) -> None:
    code = f"""
        import os, time
        from pathlib import Path
        from grader.run.store import Store
        from tests.run.test_store import KEY, REPORT

        def hang(file):
            print("writing", flush=True)
            time.sleep(1000)

        os.fsync = hang
        Store(Path({str(tmp_path)!r})).put(KEY, REPORT)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
    assert Store(tmp_path).get(KEY) is None
    (left,) = files(tmp_path)
    long_ago = time.time() - store.KEPT_SECONDS - 1
    os.utime(left, (long_ago, long_ago))
    assert Store(tmp_path).put(KEY, REPORT)
    assert len(files(tmp_path)) == 1


def test_a_result_that_is_asked_for_stays_and_others_go_in_time(tmp_path: Path) -> None:
    old, asked = "aa" + KEY[2:], "bb" + KEY[2:]
    for key in (old, asked):
        Store(tmp_path).put(key, REPORT)
    long_ago = time.time() - store.KEPT_SECONDS - 1
    for path in files(tmp_path):
        os.utime(path, (long_ago, long_ago))
    assert Store(tmp_path).get(asked)
    Store(tmp_path).put(KEY, REPORT)
    assert Store(tmp_path).get(asked)
    assert Store(tmp_path).get(old) is None


def test_a_run_that_failed_to_grade_is_no_result(tmp_path: Path) -> None:
    assert not Store(tmp_path).put(KEY, toys.report(toys.result("builds", Outcome.ERROR)))
    assert files(tmp_path) == []


def test_a_folder_that_cannot_be_written_costs_runs_only(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    assert not Store(tmp_path / "results").put(KEY, REPORT)
    assert Store(tmp_path / "results").get(KEY) is None


# Asking before a run


class Runs:
    """Counts the runs that were needed."""

    def __init__(self, report: Report = REPORT, during: Callable[[], object] = lambda: None) -> None:
        self.count, self.report, self.during = 0, report, during

    def __call__(self) -> Report:
        self.count += 1
        self.during()
        return self.report


@pytest.fixture
def job(tmp_path: Path) -> Job:
    course = toys.course(tmp_path / "course")
    return Job(course, TOY, course / "solutions" / TOY / "reference", "ada")


def test_what_was_kept_is_not_run_again_and_says_so(job: Job, tmp_path: Path) -> None:
    run = Runs()
    first = toys.results(tmp_path / "kept").ask(job, run)
    first.keep()
    second = toys.results(tmp_path / "kept").ask(job, run)
    assert (first.earlier, second.earlier, run.count) == (False, True, 1)
    assert second.report == replace(REPORT, submission=str(job.submission))


def test_what_was_not_kept_is_run_again(job: Job, tmp_path: Path) -> None:
    run = Runs()
    for _ in range(2):
        assert not toys.results(tmp_path / "kept").ask(job, run).earlier
    assert run.count == 2


def test_a_repetition_is_a_run_of_its_own(job: Job, tmp_path: Path) -> None:
    run, results = Runs(), toys.results(tmp_path / "kept")
    for _ in range(2):
        for number in (1, 2):
            results.ask(job, run, number=number).keep()
    assert run.count == 2


def test_fresh_runs_all_and_keeps_what_it_finds(job: Job, tmp_path: Path) -> None:
    run = Runs()
    toys.results(tmp_path / "kept").ask(job, run).keep()
    newer = Runs(replace(REPORT, title="newer"))
    asked = toys.results(tmp_path / "kept", fresh=True).ask(job, newer)
    asked.keep()
    assert (asked.earlier, newer.count) == (False, 1)
    assert toys.results(tmp_path / "kept").ask(job, run).report.title == "newer"
    toys.results(tmp_path / "kept").afresh().ask(job, newer).keep()
    assert newer.count == 2


def test_another_base_image_is_another_result(job: Job, tmp_path: Path) -> None:
    run = Runs()
    for identity in ("sha256:1", "sha256:2", "sha256:1"):
        toys.results(tmp_path / "kept", images={"busybox:latest": identity}).ask(job, run).keep()
    assert run.count == 2


def test_what_changed_while_it_ran_is_nobodys_result(job: Job, tmp_path: Path) -> None:
    file = job.submission / "Dockerfile"
    before = file.read_text()
    run = Runs(during=lambda: file.write_text(before + "# saved meanwhile\n"))
    toys.results(tmp_path / "kept").ask(job, run).keep()
    assert not toys.results(tmp_path / "kept").ask(job, run).earlier
    file.write_text(before)
    assert not toys.results(tmp_path / "kept").ask(job, run).earlier


@pytest.mark.parametrize("error", [Cancelled(), EngineUnavailable("It went away.")])
def test_a_run_that_came_to_no_end_leaves_nothing(job: Job, tmp_path: Path, error: Exception) -> None:
    def stops() -> None:
        raise error

    with pytest.raises(type(error)):
        toys.results(tmp_path / "kept").ask(job, Runs(during=stops))
    assert files(tmp_path / "kept") == []


def test_many_at_once_write_the_same_result(tmp_path: Path) -> None:
    threads = [threading.Thread(target=Store(tmp_path).put, args=(KEY, REPORT)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Store(tmp_path).get(KEY) == REPORT
    assert len(files(tmp_path)) == 1
