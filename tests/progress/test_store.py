"""Progress survives what happens to files on learners' machines."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.progress import Best, Progress, fingerprint
from grader.progress.ladder import climb
from grader.progress.store import VERSION
from grader.values.errors import Fault
from grader.values.outcome import Outcome
from tests.toys import TOY, report, result, write

STARTER = "starter"
FAILED = report(result("a"), result("b", Outcome.FAIL, points=2))
FULL = report(result("a"), result("b", points=2))


def test_an_attempt_is_kept_with_each_check(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    attempt = progress.record(FAILED, "one", STARTER)
    assert attempt is not None
    assert (attempt.score, attempt.max_score, attempt.full, attempt.honest) == (1, 3, False, True)
    assert Progress(tmp_path).attempts(TOY) == [attempt]
    with sqlite3.connect(progress.path) as base:
        rows = base.execute("SELECT check_id, outcome, points FROM check_outcome ORDER BY check_id").fetchall()
    base.close()
    assert rows == [("a", "pass", 1), ("b", "fail", 0)]


def test_a_run_that_failed_through_no_fault_of_the_learner_is_no_attempt(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    assert progress.record(report(result("a"), result("b", Outcome.ERROR)), "one", STARTER) is None
    assert progress.attempts(TOY) == []
    assert not progress.path.exists()


def test_honest_is_what_differs_from_the_starter(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for prints in (STARTER, "one", "two", STARTER, "one"):
        progress.record(FAILED, prints, STARTER)
    assert [one.honest for one in progress.attempts(TOY)] == [False, True, True, False, True]


def test_unchanged_files_are_the_same_attempt_and_keep_their_better_score(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for one in (FAILED, FULL, FAILED, FULL):  # some checks are right by chance
        progress.record(one, "one", STARTER)
    (attempt,) = progress.attempts(TOY)
    assert (attempt.score, attempt.full, attempt.honest) == (3, True, True)
    assert progress.best() == {TOY: Best(attempts=1, honest=1, score=3, max_score=3, full=True)}
    with sqlite3.connect(progress.path) as base:
        assert base.execute("SELECT check_id, outcome FROM check_outcome").fetchall() == [("a", "pass"), ("b", "pass")]
    base.close()
    progress.record(FAILED, "two", STARTER)
    progress.record(FAILED, "one", STARTER)  # not those of the attempt before
    assert [one.score for one in progress.attempts(TOY)] == [3, 1, 1]


def test_a_chapter_is_read_until_somebody_says_otherwise(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    assert progress.chapters_read() == set()
    assert not progress.path.exists()
    for number in ("02", "01", "02"):
        progress.chapter_read(number, read=True)
    assert Progress(tmp_path).chapters_read() == {"01", "02"}
    progress.chapter_read("01", read=False)
    assert progress.chapters_read() == {"02"}


def test_an_older_graders_file_is_read_as_it_is_and_grows_when_it_is_written(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.record(FAILED, "one", STARTER)
    with sqlite3.connect(progress.path) as base:
        base.execute("DROP TABLE chapter_read")
        for later in ("prediction", "drill_begun", "drill_done"):
            base.execute(f"DROP TABLE {later}")
        base.execute("PRAGMA user_version = 1")
    base.close()
    before = progress.path.read_bytes()
    assert progress.chapters_read() == set()
    assert len(progress.attempts(TOY)) == 1
    assert progress.path.read_bytes() == before
    progress.chapter_read("01", read=True)
    assert progress.chapters_read() == {"01"}
    assert len(progress.attempts(TOY)) == 1


def test_whether_it_can_be_written_is_found_out_by_writing(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.prove_writable()
    assert not progress.path.exists()
    progress.record(FAILED, "one", STARTER)
    progress.prove_writable()
    assert len(progress.attempts(TOY)) == 1
    progress.path.with_name("progress.sqlite-journal").mkdir()  # a mode would not stop root, who may run this
    with pytest.raises(Fault, match="could not be written"):
        progress.prove_writable()


def test_best_is_the_best_of_all_attempts(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    assert progress.best() == {}
    for number, one in enumerate((FAILED, FULL, FAILED)):
        progress.record(one, str(number), STARTER)
    assert progress.best() == {TOY: Best(attempts=3, honest=3, score=3, max_score=3, full=True)}
    progress.solution_read(TOY, after_full_score=True)
    progress.solution_read("02-other", after_full_score=False)
    assert progress.best()[TOY].solution_opened
    assert progress.best()["02-other"] == Best(solution_opened=True)


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.best()
    progress.attempts(TOY)
    progress.ladder(TOY, "a", ("hint",))
    assert list(tmp_path.iterdir()) == []


F, P, L, S = Outcome.FAIL, Outcome.PASS, Outcome.LIMIT, Outcome.SKIP


@pytest.mark.parametrize(
    ("attempts", "opened", "seen"),
    [
        ([], 0, False),
        ([(False, F)], 0, True),
        ([(True, F)], 0, True),
        ([(False, F), (True, F)], 1, True),
        ([(True, F), (False, F), (False, F)], 0, True),
        ([(True, F), (True, L), (True, F)], 2, True),
        ([(True, F)] * 9, 3, True),
        ([(True, S), (True, S), (True, P)], 0, False),
        ([(True, F), (True, F), (True, P), (True, F)], 2, True),
    ],
)
def test_the_ladder(attempts: list[tuple[bool, Outcome]], opened: int, seen: bool) -> None:
    ladder = climb(("one", "two", "three"), attempts)
    assert (ladder.opened, ladder.seen) == (opened, seen)
    assert ladder.readable == ("one", "two", "three")[:opened]
    assert ladder.closed == 3 - opened


def test_the_ladder_follows_the_attempts(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for prints in (STARTER, "one", "one", "two"):
        progress.record(FAILED, prints, STARTER)
    assert progress.ladder(TOY, "b", ("x", "y", "z")).readable == ("x", "y")
    assert not progress.ladder(TOY, "a", ("x",)).seen
    progress.hints_read(TOY, "b", (1, 2))
    progress.hints_read(TOY, "b", (1, 2))
    with sqlite3.connect(progress.path) as base:
        assert base.execute("SELECT check_id, rung FROM hint_opened").fetchall() == [("b", 1), ("b", 2)]
    base.close()


@pytest.mark.parametrize("harm", ["no database", "cut short", "torn page"])
def test_a_damaged_file_is_moved_aside_and_said_so(tmp_path: Path, harm: str) -> None:
    progress = Progress(tmp_path)
    for number in range(30):
        progress.record(FAILED, str(number), STARTER)
    content = progress.path.read_bytes()
    damaged = {
        "no database": b"not a database at all, but long enough to be looked at" * 40,
        "cut short": content[: len(content) // 2],
        "torn page": content[:4096] + os.urandom(4096) + content[8192:],
    }[harm]
    progress.path.write_bytes(damaged)
    again = Progress(tmp_path)
    assert again.record(FULL, "x", STARTER)
    assert "damaged" in again.notice
    (kept,) = progress.path.parent.glob("progress.damaged-*.sqlite")
    assert kept.read_bytes() == damaged
    assert kept.name in again.notice
    assert len(again.attempts(TOY)) == 1


def test_damage_found_by_many_at_once_is_moved_once(tmp_path: Path) -> None:
    (tmp_path / ".drydock").mkdir()
    (tmp_path / ".drydock" / "progress.sqlite").write_bytes(b"broken" * 1000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: Progress(tmp_path).record(FAILED, str(n), STARTER), range(16)))
    assert len(list((tmp_path / ".drydock").glob("progress.damaged-*"))) == 1
    assert len(Progress(tmp_path).attempts(TOY)) == 16


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    progress.record(FAILED, "one", STARTER)
    with sqlite3.connect(progress.path) as base:
        base.execute(f"PRAGMA user_version = {VERSION + 1}")
    base.close()
    before = progress.path.read_bytes()
    with pytest.raises(Fault, match="newer grader"):
        progress.record(FULL, "two", STARTER)
    assert progress.path.read_bytes() == before


def test_a_file_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".drydock" / "progress.sqlite").mkdir(parents=True)
    with pytest.raises(Fault, match=r"could not be written"):
        Progress(tmp_path).record(FAILED, "one", STARTER)
    (tmp_path / "file").write_text("")
    with pytest.raises(Fault):
        Progress(tmp_path / "file").record(FAILED, "one", STARTER)


RECORD = """
import sys
from pathlib import Path
from grader.progress import Progress
from grader.values.outcome import *
who, work = sys.argv[1], Path(sys.argv[2])
checks = tuple(CheckResult(id=f"c{n}", title="t", outcome=Outcome.PASS, points=1, max_points=1) for n in range(20))
report = Report(exercise=who, title="t", submission="s", checks=checks, engine="e", started_at="now", duration_s=1)
print("ready", flush=True)
number = 0
while len(sys.argv) < 4 or number < int(sys.argv[3]):
    Progress(work).record(report, f"{who}{number}", "starter")
    number += 1
"""


def test_two_processes_write_together(tmp_path: Path) -> None:
    both = [subprocess.Popen([sys.executable, "-c", RECORD, who, str(tmp_path), "25"]) for who in ("01-a", "02-b")]
    assert [one.wait(60) for one in both] == [0, 0]
    best = Progress(tmp_path).best()
    assert (best["01-a"].attempts, best["02-b"].attempts) == (25, 25)


def test_a_kill_in_the_middle_leaves_whole_attempts(tmp_path: Path) -> None:
    for round_ in range(5):
        process = subprocess.Popen([sys.executable, "-c", RECORD, "01-a", str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        threading.Event().wait(0.05 + 0.03 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    progress = Progress(tmp_path)
    attempts = progress.attempts("01-a")
    assert attempts
    assert progress.notice == ""
    with sqlite3.connect(progress.path) as base:
        (outcomes,) = base.execute("SELECT count(*) FROM check_outcome").fetchone()
    base.close()
    assert outcomes == 20 * len(attempts)


def test_fingerprint_is_of_the_learners_files_only(tmp_path: Path) -> None:
    folder = write(tmp_path, {"Dockerfile": "FROM a\n", "app/x.py": "1", "other": "x"})
    files = ("Dockerfile", "app", "missing")
    first = fingerprint(folder, files)
    write(folder, {"other": "y"})
    assert fingerprint(folder, files) == first == fingerprint(folder, reversed(files))
    changes: list[tuple[str, str]] = [("Dockerfile", "FROM b\n"), ("app/x.py", "2"), ("app/y.py", ""), ("missing", "")]
    seen = {first}
    for name, text in changes:
        write(folder, {name: text})
        seen.add(fingerprint(folder, files))
    (folder / "Dockerfile").chmod(0o755)
    seen.add(fingerprint(folder, files))
    assert len(seen) == 6


def test_fingerprint_neither_follows_links_nor_waits_for_pipes(tmp_path: Path) -> None:
    secret = write(tmp_path / "outside", {"secret": "1"})
    folder = write(tmp_path / "inside", {"x": ""})
    (folder / "Dockerfile").symlink_to(secret / "secret")
    (folder / "app").symlink_to(secret)
    os.mkfifo(folder / "pipe")
    files = ("Dockerfile", "app", "pipe")
    before = fingerprint(folder, files)
    write(secret, {"secret": "2"})
    assert fingerprint(folder, files) == before
