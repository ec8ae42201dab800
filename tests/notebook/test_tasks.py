"""Commands that the instructor's page starts: how far they are, how they are stopped, and what is said of their end.

In nbgrader's place stands a program that says what nbgrader would and takes as long as it is told; the real one is in
test_teaching.py and tests/lab/test_instructor.py.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.notebook.teaching.tasks import Task, Tasks
from grader.values.errors import UsageError

PROGRAM = """
import json, os, signal, sys, time
print(json.dumps({"total": 2}), flush=True)
signal.signal(signal.SIGTERM, signal.default_int_handler)
try:
    print(json.dumps({"student": "ada", "state": "running"}), flush=True)
    print("[AutogradeApp | INFO] words:", *sys.argv[1:], file=sys.stderr, flush=True)
    time.sleep(float(os.environ["STUB_SECONDS"]))
except KeyboardInterrupt:
    print("stopped well", file=sys.stderr, flush=True)
    sys.exit(130)
print(json.dumps({"student": "ada", "state": os.environ.get("STUB_STATE", "graded")}), flush=True)
print("[AutogradeApp | ERROR] The engine is away.", file=sys.stderr)
print("[AutogradeApp | ERROR] Please see the the above traceback for details.", file=sys.stderr)
sys.exit(int(os.environ.get("STUB_STATUS", "0")))
"""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tasks]:
    package = tmp_path / "stub" / "nbgrader"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'stub'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("STUB_SECONDS", "0")
    for student in ("ada", "bob", "cleo"):
        (tmp_path / "course" / "submitted" / student).mkdir(parents=True)
    made = Tasks(tmp_path / "course")
    yield made
    made.close()


def until_over(task: Task) -> None:
    deadline = time.monotonic() + 60
    while not task.over:
        assert time.monotonic() < deadline, task
        time.sleep(0.02)


def until_running(task: Task) -> None:
    deadline = time.monotonic() + 60
    while "ada" not in task.of or not task.log:
        assert time.monotonic() < deadline, task
        time.sleep(0.02)


def test_it_tells_how_far_it_is_and_that_it_is_done(tasks: Tasks) -> None:
    ended: list[Task] = []
    task = tasks.begin("autograde", "01-toy", ended=ended.append)
    until_over(task)
    assert (task.state, task.total, task.of, task.reason) == ("done", 2, {"ada": "graded"}, "")
    assert any(line.endswith("words: autograde 01-toy") for line in task.log)
    [shown] = tasks.shown()
    assert shown["what"] == "autograde"


def test_some_students_and_once_more(tasks: Tasks) -> None:
    for students, words in (
        (("ada",), "--force --student=ada"),
        (("ada", "bob"), "--force --CourseDirectory.student_id_exclude=cleo"),
    ):
        task = tasks.begin("autograde", "01-toy", students, again=True)
        until_over(task)
        assert any(line.endswith(f"01-toy {words}") for line in task.log)


def test_why_it_failed_is_one_sentence_of_its_own(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_STATUS", "1")
    task = tasks.begin("feedback", "01-toy")
    until_over(task)
    assert (task.state, task.reason) == ("failed", "The engine is away.")
    monkeypatch.setenv("STUB_STATE", "failed")
    graded = tasks.begin("autograde", "01-toy")
    until_over(graded)
    assert graded.reason == "1 could not be graded; the table says why."


def test_stopping_lets_it_clean_up(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_SECONDS", "600")
    task = tasks.begin("autograde", "01-toy")
    until_running(task)
    tasks.cancel(task.number)
    deadline = time.monotonic() + 120
    while "stopped well" not in task.log:
        assert time.monotonic() < deadline, task
        time.sleep(0.02)
    tasks.close()
    assert (task.state, task.of) == ("cancelled", {"ada": "stopped"})


def test_the_same_does_not_go_on_twice(tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_SECONDS", "60")
    first = tasks.begin("autograde", "01-toy", ["ada"])
    for students in ([], ["ada"], ["bob", "ada"]):
        with pytest.raises(UsageError, match="going on already"):
            tasks.begin("autograde", "01-toy", students)
    tasks.begin("autograde", "01-toy", ["bob"])
    tasks.begin("autograde", "02-other", ["ada"])
    until_running(first)
    tasks.close()
    assert all(one["state"] == "cancelled" for one in tasks.shown())
