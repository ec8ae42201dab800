"""What the home page shows."""

import dataclasses
import json
import shutil
from pathlib import Path

from grader.course import catalogue
from grader.panel.home import following, home
from grader.progress import Progress
from grader.values.outcome import Outcome
from tests import toys

FAILED = toys.report(toys.result("builds"), toys.result("says_hello", Outcome.FAIL, points=2))
FULL = toys.report(toys.result("builds"), toys.result("says_hello", points=2))


def notebook(title: str) -> str:
    return json.dumps({"cells": [{"cell_type": "markdown", "source": [f"# {title}\n", "\n", "Words."]}]})


def shown(tmp_path: Path) -> dict[str, object]:
    root = tmp_path / "course-root"
    if not root.is_dir():
        toys.course(root)
        toys.write(tmp_path / "course", {"01-first.ipynb": notebook("01 · The first"), "02-second.ipynb": "{", "x.ipynb": "{}"})
    return home(catalogue.entries(root), tmp_path / "course", tmp_path, lambda path: path.relative_to(tmp_path).as_posix())


def test_a_newcomer_begins_with_the_first_chapter(tmp_path: Path) -> None:
    value = shown(tmp_path)
    assert value["next"] == {"kind": "chapter", "title": "The first", "path": "course/01-first.ipynb", "why": "Begin here."}
    assert value["score"] == {"points": 0, "max": 4, "solved": 0, "exercises": 1}
    assert not (tmp_path / ".drydock").exists()


def test_what_was_begun_comes_next_and_what_is_done_counts(tmp_path: Path) -> None:
    shown(tmp_path)
    progress = Progress(tmp_path)
    progress.record(FAILED, "one", "starter")
    value = shown(tmp_path)
    assert isinstance(value["next"], dict)
    assert value["next"]["path"] == f"exercises/{toys.TOY}/{toys.TOY}.ipynb"
    assert value["next"]["why"] == "You have begun it: 1 attempt, 1 of 4 points so far."
    progress.record(dataclasses.replace(FULL, started_at="2026-11-22T02:08:04+00:00"), "two", "starter")
    value = shown(tmp_path)
    assert value["next"] is None
    assert value["score"] == {"points": 3, "max": 4, "solved": 1, "exercises": 1}
    assert value["time"]["seconds"] == 302  # type: ignore[index]  # five minutes, and the first attempt


def test_a_new_chapter_comes_before_its_exercises(tmp_path: Path) -> None:
    shown(tmp_path)
    solutions = tmp_path / "course-root" / "solutions"
    for name in ("02-one", "02-two"):
        shutil.copytree(solutions / toys.TOY, solutions / name)
    toys.write(tmp_path / "course", {"02-second.ipynb": notebook("02 · The second")})
    progress = Progress(tmp_path)
    progress.record(FULL, "one", "starter")
    progress.record(dataclasses.replace(FULL, checks=(FULL.checks[0], toys.result("says_hello", points=3))), "two", "starter")
    following = {"kind": "chapter", "title": "The second", "path": "course/02-second.ipynb"}
    assert shown(tmp_path)["next"] == {**following, "why": "The next chapter. It has 2 exercises."}
    progress.record(dataclasses.replace(FULL, exercise="02-one"), "one", "starter")
    assert isinstance(value := shown(tmp_path)["next"], dict)
    assert value["path"] == "exercises/02-two/02-two.ipynb"


def test_exercises_without_a_chapter_are_shown_all_the_same(tmp_path: Path) -> None:
    shown(tmp_path)
    (tmp_path / "course" / "01-first.ipynb").unlink()
    listed = shown(tmp_path)["chapters"]
    assert isinstance(listed, list)
    assert [(one["number"], one["title"], one["path"]) for one in listed] == [
        ("01", "More exercises", None),
        ("02", "Second", "course/02-second.ipynb"),
    ]


def test_a_chapter_says_how_long_it_takes_and_what_it_is_about(tmp_path: Path) -> None:
    shown(tmp_path)
    opening = """# 02 · The second

**After this chapter you can**

- tell `docker` from the [engine](01-first.ipynb)
  behind it;
- more.

**Time:** about 40 minutes. Not more.

**You need:** the lab, and a network.
"""
    cells = [{"cell_type": "markdown", "source": opening}]
    toys.write(tmp_path / "course", {"02-second.ipynb": json.dumps({"cells": cells})})
    chapters = shown(tmp_path)["chapters"]
    assert isinstance(chapters, list)
    first, second = chapters
    assert (second["minutes"], second["network"], second["read"]) == (40, True, False)
    assert second["about"] == "Tell docker from the engine behind it."
    assert (first["minutes"], first["network"], first["about"]) == (None, False, "")


def test_after_an_exercise_comes_the_next_that_is_not_done(tmp_path: Path) -> None:
    shown(tmp_path)
    root = tmp_path / "course-root"
    for name in ("01-two", "02-one"):
        shutil.copytree(root / "solutions" / toys.TOY, root / "solutions" / name)
    toys.write(tmp_path / "course", {"02-second.ipynb": notebook("02 · The second")})

    def after(exercise: str) -> str:
        found = following(exercise, catalogue.entries(root), tmp_path / "course", tmp_path, lambda path: path.name)
        return found["path"] if found else ""

    assert after(toys.TOY) == "01-two.ipynb"
    turned = following("01-two", [*catalogue.entries(root)][::-1], tmp_path / "course", tmp_path, lambda path: path.name)
    assert turned is not None
    assert turned["path"] == f"{toys.TOY}.ipynb"  # in the order of the map, not of the ids
    assert after("01-two") == "02-second.ipynb"  # the chapter before its exercises
    progress = Progress(tmp_path)
    progress.chapter_read("02", read=True)
    assert after("01-two") == "02-one.ipynb"
    full = dataclasses.replace(FULL, checks=(FULL.checks[0], toys.result("says_hello", points=3)))
    progress.record(dataclasses.replace(full, exercise="01-two"), "one", "starter")
    assert after(toys.TOY) == "02-one.ipynb"
    assert after("02-one") == f"{toys.TOY}.ipynb"  # what was left out
    progress.record(dataclasses.replace(full, exercise=toys.TOY), "one", "starter")
    progress.record(dataclasses.replace(full, exercise="02-one"), "one", "starter")
    assert after("02-one") == ""


def test_a_progress_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    shown(tmp_path)
    (tmp_path / ".drydock" / "progress.sqlite").mkdir(parents=True)
    assert "could not be read" in str(shown(tmp_path)["notice"])
