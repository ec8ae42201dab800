"""`list`, `hint` and `solution`: what a learner is shown, and when."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.kit import F, FakeRun, P, S, grader, object_of
from tests.toys import TOY, VARIANTS, write


def attempt(mine: Path, number: int) -> None:
    write(mine, {"Dockerfile": f"FROM busybox\n# {number}\n"})
    grader("check", "01")


def rows(course: Path, query: str) -> list[tuple[object, ...]]:
    base = sqlite3.connect(course / "work" / ".drydock" / "progress.sqlite")
    try:
        return base.execute(query).fetchall()
    finally:
        base.close()


def test_list_before_and_after(mine: Path, run: FakeRun, toy_course: Path) -> None:
    (toy_course / "work" / "exercises").rename(toy_course / "kept")
    before = grader("list").stdout
    assert "new" in before
    assert "grader reset 01-toy" in before
    (toy_course / "kept").rename(toy_course / "work" / "exercises")
    run.outcomes = (P, F, P)
    grader("check", "01")
    text = grader("list").stdout
    assert "begun, 1 attempt" in text
    assert "0 of 1 exercise done, 2 of 4 points" in text
    run.outcomes = (P, P, P)
    write(mine, {"Dockerfile": "FROM busybox\n# better\n"})
    grader("check", "01")
    (one,) = object_of(grader("list", "--json"))["exercises"]
    assert one == {
        "id": TOY,
        "title": "A toy",
        "points": 4,
        "score": 3,
        "attempts": 2,
        "state": "done",
        "solution_opened": False,
    }


def test_list_changes_nothing(toy_course: Path) -> None:
    assert grader("list").exit_code == 0
    assert list(toy_course.iterdir()) == [toy_course / "solutions"]


def test_list_of_a_broken_course(toy_course: Path) -> None:
    write(toy_course / "solutions" / TOY, {"checks.py": "1/0"})
    result = grader("list", "--json")
    assert result.exit_code == 2
    assert "ZeroDivisionError" in object_of(result)["error"]


def test_no_hint_before_anything_was_seen(mine: Path, run: FakeRun) -> None:
    assert "No check of 01-toy has failed so far" in grader("hint", "01").stdout
    assert "has not failed so far" in grader("hint", "01", "builds").stdout


def test_hints_open_one_by_one(mine: Path, run: FakeRun, toy_course: Path) -> None:
    run.outcomes = (F, S, S)
    grader("check", "01")
    text = grader("hint", "01").stdout
    assert "Read the first line" not in text
    assert "The first hint opens when you have changed something" in text
    attempt(mine, 1)
    text = grader("hint", "01", "builds").stdout
    assert "hint 1 of 2: Read the first line." in text
    assert "1 more hint; the next opens when" in text
    assert "FROM comes first" not in text
    grader("check", "01")  # nothing changed: no new rung
    assert "FROM comes first" not in grader("hint", "01").stdout
    attempt(mine, 2)
    text = grader("hint", "01").stdout
    assert "hint 2 of 2: FROM comes first." in text
    assert "These are all of them" in text
    assert rows(toy_course, "SELECT check_id, rung FROM hint_opened") == [("builds", 1), ("builds", 2)]


def test_hint_takes_a_beginning_and_names_the_checks(mine: Path, run: FakeRun) -> None:
    assert grader("hint", "01", "is").stdout.startswith("is_nobody: It does not run as root.")
    result = grader("hint", "01", "nonsense")
    assert result.exit_code == 2
    assert "builds, says_hello, is_nobody" in result.stderr


def test_the_solution_opens_after_enough_honest_attempts(mine: Path, run: FakeRun, toy_course: Path) -> None:
    run.outcomes = (P, F, P)
    grader("check", "01")
    for number, told in ((0, "3 more attempts"), (1, "2 more attempts"), (2, "1 more attempt ")):
        result = grader("solution", "01")
        assert result.exit_code == 1
        assert told in result.stdout
        assert "words.txt /" not in result.stdout
        attempt(mine, number)
    result = grader("solution", "01")
    assert result.exit_code == 0
    assert VARIANTS["reference"]["Dockerfile"] in result.stdout
    assert "echo, shell" in result.stdout
    assert rows(toy_course, "SELECT exercise, after_full_score FROM solution_opened") == [(TOY, 0)]
    assert object_of(grader("list", "--json"))["exercises"][0]["solution_opened"]


def test_the_solution_opens_after_a_full_score(mine: Path, run: FakeRun, toy_course: Path) -> None:
    grader("check", "01")
    result = grader("solution", "01", "--diff")
    assert result.exit_code == 0
    assert "+USER nobody" in result.stdout
    assert " FROM busybox" in result.stdout
    assert rows(toy_course, "SELECT exercise, after_full_score FROM solution_opened") == [(TOY, 1)]
    write(mine, VARIANTS["reference"])
    assert "the same as yours" in grader("solution", "01", "--diff").stdout


@pytest.mark.parametrize("content", [b"\xff\xfe\x00binary", b"\x1b[2Jrepaint"])
def test_a_diff_with_anything(mine: Path, run: FakeRun, content: bytes) -> None:
    grader("check", "01")
    (mine / "Dockerfile").write_bytes(content)
    result = grader("solution", "01", "--diff")
    assert result.exit_code == 0
    assert "\x1b[2J" not in result.stdout
