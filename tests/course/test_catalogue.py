import json
import os
import py_compile
import sys
from pathlib import Path

import pytest

from grader.course import catalogue
from grader.values.errors import DefinitionError, UsageError

CHECKS = '''
from grader import Exercise
exercise = Exercise("A toy", learner_files=("Dockerfile",))
@exercise.check(points=1)
def builds(work):
    """It builds."""
@exercise.check(points=1)
def is_small(work):
    """It is small."""
'''


def _course(root: Path, *ids: str, checks: str = CHECKS) -> Path:
    for one in ids:
        folder = root / "solutions" / one
        (folder / "starter").mkdir(parents=True)
        (folder / "checks.py").write_text(checks)
        (folder / "starter" / "Dockerfile").write_text("FROM busybox\n")
        (folder / "starter" / "run.sh").write_text("#!/bin/sh\n")
        (folder / "starter" / "run.sh").chmod(0o755)
        (folder / "wrong" / "builds--forgot-the-image").mkdir(parents=True)
        (folder / "wrong" / "builds--forgot-the-image" / "Dockerfile").write_text("FROM\n")
    return root


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DRYDOCK_COURSE", raising=False)
    return _course(tmp_path / "course", "05-first", "06-ml-api", "06-ml-web")


def test_one_folder_is_one_exercise(course: Path) -> None:
    assert [one.id for one in catalogue.entries(course)] == ["05-first", "06-ml-api", "06-ml-web"]
    entry = catalogue.entries(course)[0]
    assert entry.exercise.title == "A toy"
    assert list(entry.wrong) == ["builds--forgot-the-image"]
    assert entry.alternatives == {}


@pytest.mark.parametrize(
    ("wanted", "found"), [("05-first", "05-first"), ("5", "05-first"), ("05", "05-first"), ("06-ml-w", "06-ml-web")]
)
def test_found_by_its_beginning(course: Path, wanted: str, found: str) -> None:
    assert catalogue.find(course, wanted).id == found


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("06", "could be 06-ml-api, 06-ml-web"),
        ("06-ml-apj", "Did you mean 06-ml-api"),
        ("zzz", "There are: 05-first, 06-ml-api, 06-ml-web"),
        ("", "could be"),
        ("../../etc", "There is no exercise"),
    ],
)
def test_not_found_names_what_is_near(course: Path, wanted: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        catalogue.find(course, wanted)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ("syntax error here", "SyntaxError"),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
        ("1/0", "ZeroDivisionError"),
        ("x = 1", "defines no `exercise`"),
        ("from grader import Exercise\nexercise = Exercise('x', learner_files=('y',))", "defines no `exercise` with checks"),
        ("from grader import Exercise\nexercise = Exercise('', learner_files=('y',))", "needs a title"),
        ("import sys; sys.exit(3)", "does not run"),
    ],
)
def test_a_broken_definition_is_for_its_author(tmp_path: Path, checks: str, words: str) -> None:
    course = _course(tmp_path, "05-first", checks=checks)
    with pytest.raises(DefinitionError) as caught:
        catalogue.find(course, "05-first")
    assert words in str(caught.value)


def test_loading_writes_nothing(course: Path) -> None:
    before = sorted(course.rglob("*"))
    catalogue.entries(course)
    assert sorted(course.rglob("*")) == before


def test_loading_changes_nothing_in_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    course = _course(tmp_path, "05-first", checks=f"import sys\nassert not sys.dont_write_bytecode\n{CHECKS}")
    before = set(sys.modules)
    catalogue.find(course, "05")
    assert set(sys.modules) == before
    assert not sys.dont_write_bytecode


def test_byte_code_that_lies_beside_a_definition_is_not_believed(course: Path) -> None:
    checks = course / "solutions" / "05-first" / "checks.py"
    py_compile.compile(str(checks))
    status = checks.stat()
    checks.write_text(CHECKS.replace("A toy", "A boy"))  # as long as before, and saved in the same moment
    os.utime(checks, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert catalogue.find(course, "05").exercise.title == "A boy"


def test_a_folder_that_is_not_called_like_an_exercise(course: Path) -> None:
    _course(course, "Extra")
    with pytest.raises(DefinitionError, match="NN-slug"):
        catalogue.entries(course)


@pytest.mark.parametrize(
    ("name", "checks"),
    [
        ("builds--forgot-the-image", {"builds"}),
        ("builds--runs-as-uid-0", {"builds"}),
        ("builds+is_small--copied-all", {"builds", "is_small"}),
    ],
)
def test_the_name_of_a_wrong_answer_says_what_it_fails(course: Path, name: str, checks: set[str]) -> None:
    assert catalogue.find(course, "05").wrong_checks(name) == checks


@pytest.mark.parametrize("name", ["nothing--copied-all", "builds+nothing--copied-all"])
def test_a_wrong_answer_must_name_checks_that_exist(course: Path, name: str) -> None:
    with pytest.raises(DefinitionError, match="names no check of the exercise with nothing"):
        catalogue.find(course, "05").wrong_checks(name)


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "-2",
        "-copied-all",
        "--copied",
        "--2",
        "--2-3",
        "--copied-2",
        "--Copied-all",
        "--copied_all",
        "--copied--all",
        "--copied-",
        "--",
    ],
)
def test_a_wrong_answer_must_say_what_the_person_did(course: Path, slug: str) -> None:
    with pytest.raises(DefinitionError, match="not named check_id--what-the-person-did"):
        catalogue.find(course, "05").wrong_checks(f"builds{slug}")


@pytest.mark.parametrize("name", ["", "--copied-all", "+builds--copied-all"])
def test_a_wrong_answer_must_name_a_check(course: Path, name: str) -> None:
    with pytest.raises(DefinitionError, match="not named check_id--what-the-person-did"):
        catalogue.find(course, "05").wrong_checks(name)


def test_the_course_is_named_or_the_packages_and_never_where_somebody_stands(
    course: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(course / "solutions" / "05-first" / "starter")
    assert catalogue.course_root() == Path(catalogue.__file__).parents[2]
    monkeypatch.setenv("DRYDOCK_COURSE", str(course))
    assert catalogue.course_root() == course
    monkeypatch.setenv("DRYDOCK_COURSE", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError, match="DRYDOCK_COURSE"):
        catalogue.course_root()


def test_a_submission_is_the_starter_with_a_variant_on_top(course: Path, tmp_path: Path) -> None:
    entry = catalogue.find(course, "05")
    catalogue.assemble(entry, None, tmp_path / "a")
    catalogue.assemble(entry, entry.wrong["builds--forgot-the-image"], tmp_path / "b")
    assert (tmp_path / "a" / "Dockerfile").read_text() == "FROM busybox\n"
    assert (tmp_path / "b" / "Dockerfile").read_text() == "FROM\n"
    assert (tmp_path / "b" / "run.sh").stat().st_mode & 0o111


def test_exercises_come_in_the_order_in_which_their_chapter_names_them(tmp_path: Path) -> None:
    root = _course(tmp_path, "01-alpha", "01-beta", "01-toy", "02-first")
    text = "# 01 · One\n## Exercises\n[a toy](../exercises/01-toy/x.ipynb), [beta](../exercises/01-beta/x.ipynb)"
    (root / "course").mkdir()
    (root / "course" / "01-one.ipynb").write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": text}]}))
    assert [one.id for one in catalogue.entries(root)] == ["01-toy", "01-beta", "01-alpha", "02-first"]
