"""nbgrader's autograde, with an engine of its own for each submission, gives real answers the scores of ``grader check``."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.run import runner
from grader.values.facts import EXAMPLE_LEARNER

from . import toy
from .course import Course
from .warm import Nbgrader

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

SAMPLE = ("02-hello-container", "05-first-dockerfile", "09-first-compose")
"""One with commands, one with a build, one with a stack; the proof of the course has all."""
ENTRIES = {one.id: one for one in catalogue.entries(toy.REPO)}


def answers(entry: Entry) -> dict[str, Path | None]:
    """Learner → what is laid over the starter: the reference, nothing, and the first wrong answer by name."""
    return {EXAMPLE_LEARNER: entry.reference, "untouched": None, "wrong": next(iter(entry.wrong.values()))}


@contextmanager
def workshop(entry: Entry, top: Path) -> Iterator[Course]:
    """A course of this exercise alone, with its submissions."""
    root = top / "course"
    for part in ("images", f"solutions/{entry.id}"):
        shutil.copytree(toy.REPO / part, root / part)
    shutil.copyfile(toy.REPO / "nbgrader_config.py", root / "nbgrader_config.py")
    (top / "elsewhere").mkdir()
    with Nbgrader(top) as nbgrader:
        course = Course(nbgrader, top, root)
        assert course.instructor("generate", "generate_assignment", entry.id).status == 0, course.done
        for student, overlay in answers(entry).items():
            folder = root / "submitted" / student / entry.id
            catalogue.assemble(entry, overlay, folder)
            shutil.copyfile(root / "exercises" / entry.id / f"{entry.id}.ipynb", folder / f"{entry.id}.ipynb")
        yield course


@pytest.mark.parametrize("id_", [pytest.param(id_, marks=() if id_ in SAMPLE else pytest.mark.proof) for id_ in ENTRIES])
def test_the_same_scores(id_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = ENTRIES[id_]
    monkeypatch.setenv("DRYDOCK_FACTS_KEY", "the instructor's")
    with workshop(entry, tmp_path) as course:
        done = course.instructor("autograde", "autograde", id_)
        assert done.status == 0, done.output
        course.note_scores("autograde")
        for student in answers(entry):
            folder = course.root / "submitted" / student / id_
            report = runner.run(entry, folder, learner=student)
            assert course.scores["autograde"][student] == {one.id: one.points for one in report.checks}, (student, done.output)
            assert (report.score == report.max_score) is (student == EXAMPLE_LEARNER)
