"""What is told of an exercise without running it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.authoring import static_checks
from grader.course import catalogue
from tests import toys
from tests.toys import CHECKS, TOY, VARIANTS


def test_a_sound_exercise(toy_course: Path) -> None:
    assert static_checks.broken(catalogue.find(toy_course, TOY)) == []


def told_of(
    tmp_path: Path, *, checks: str = CHECKS, without: str = "", more: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    variants = {name: files for name, files in VARIANTS.items() if name != without}
    root = toys.course(tmp_path / "course", checks=checks, variants={**variants, **(more or {})})
    return "\n".join(one.message for one in static_checks.broken(catalogue.find(root, TOY)))


def test_checks(tmp_path: Path) -> None:
    told = told_of(tmp_path, checks=CHECKS.replace(', hint="Who runs it?"', "").replace("says hello.", "says hello"))
    assert "check is_nobody has no hint" in told
    assert "title of check says_hello is not a sentence" in told


@pytest.mark.parametrize(
    ("without", "told"),
    [
        ("starter", "it has no starter"),
        ("reference", "it has no reference"),
        ("alternatives/echo", "it has 1 alternatives; at least 2"),
        ("wrong/builds--copied-what-is-not-there", "no wrong answer fails check builds"),
        ("wrong/is_nobody--never-changed-the-user", "it has 2 wrong answers; at least 3"),
    ],
)
def test_what_must_be_there(tmp_path: Path, without: str, told: str) -> None:
    assert told in told_of(tmp_path, without=without)


def test_files(tmp_path: Path) -> None:
    told = told_of(
        tmp_path,
        more={
            "wrong/nonsense--wrote-nonsense": {"Dockerfile": "FROM x\n"},
            "wrong/builds--2": {"Dockerfile": "FROM z\n"},
            "wrong/builds+says_hello--wrote-another-base": {"Dockerfile": "FROM y\n"},
            "wrong/is_nobody--never-changed-the-user": {"Dockerfile": "FROM busybox\n", "words.txt": "changed\n"},
            "alternatives/empty": {},
        },
    )
    assert "wrong/nonsense--wrote-nonsense names no check of the exercise with nonsense" in told
    assert "wrong/builds--2 is not named check_id--what-the-person-did" in told
    assert "wrong/builds+says_hello--wrote-another-base cannot fail says_hello" in told
    assert "wrong/is_nobody--never-changed-the-user/Dockerfile is the same as the starter's" in told
    assert "wrong/is_nobody--never-changed-the-user/words.txt changes a file that is not the learner's" in told
    assert "alternatives/empty is empty" in told


def test_learner_files(tmp_path: Path) -> None:
    told = told_of(tmp_path, checks=CHECKS.replace('("Dockerfile",)', '("Dockerfile", "nowhere")'))
    assert told == "nowhere is one of the learner's files, but neither the starter nor any variant has it."


def test_where_to_read(tmp_path: Path) -> None:
    text = "# 01 · One\n## Who `runs` it?\n## Exercises\n"
    chapter = {"cells": [{"cell_type": "markdown", "source": text}]}
    toys.write(tmp_path / "course" / "course", {"01-one.ipynb": json.dumps(chapter)})
    reads = CHECKS.replace('hint="Who runs it?"', 'hint="Who runs it?", read="Who runs it?"')
    reads = reads.replace('hint="What does a container run?"', 'hint="What does a container run?", read="01: Who runs it not?"')
    assert told_of(tmp_path, checks=reads).splitlines() == [
        "chapter 01 does not link to it in its section “Exercises”.",
        "check builds does not say where to read: read=…, a heading of chapter 01.",
        "check says_hello sends learners to “Who runs it not?”, which chapter 01 does not have.",
    ]
    assert "chapter 02, which is not there" in told_of(tmp_path, checks=reads.replace("01: Who", "02: Who"))
