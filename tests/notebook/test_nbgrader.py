"""The instructor's whole workflow with nbgrader's own commands on the real engine, and every trap on the way.

One course: alice is right, bob is nearly right, mallory is as wrong as bob and cheats. The others are honest and right, and
have done something to the notebook: carol deleted hers, erin duplicated a graded cell, dave handed in files only.
"""

import csv
import html
import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.course import catalogue
from grader.run import runner

from . import toy
from .course import Course
from .warm import Nbgrader

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("nbgrader")]

STUDENTS = ("alice", "bob", "carol", "erin", "mallory")
RIGHT = {"alice", "carol", "dave", "erin"}
NEARLY = {"builds": 1.0, "says_hello": 2.5, "is_quiet": 0.0}


def hand_in(course: Course, student: str) -> None:
    """Fetch, edit, submit."""
    folder = course.home(student) / toy.ID
    folder.parent.mkdir(parents=True)
    fetched = course.student(student, "fetch_assignment", toy.ID)
    assert fetched.status == 0, fetched.output
    (folder / "Dockerfile").write_text(toy.REFERENCE if student in RIGHT else toy.WRONG)
    path = folder / f"{toy.ID}.ipynb"
    if student == "mallory":
        cheat(folder)
    elif student == "carol":
        path.unlink()
    elif student == "erin":
        book = json.loads(path.read_text())
        graded = next(cell for cell in book["cells"] if cell["metadata"].get("nbgrader"))
        path.write_text(json.dumps(book | {"cells": [*book["cells"], graded]}))
    submitted = course.student(student, "submit", toy.ID, f"--student={student}")
    assert submitted.status == 0, submitted.output


def hand_in_files_only(course: Course) -> None:
    """Neither a notebook nor a readable time."""
    folder = course.root / "submitted" / "dave" / toy.ID
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(toy.REFERENCE)
    (folder / "hello.sh").write_text(toy.SCRIPT)
    (folder / "timestamp.txt").write_text("this morning\n")


def cheat(folder: Path) -> None:
    """Every trick that a notebook and a folder of files offer."""
    path = folder / f"{toy.ID}.ipynb"
    notebook = json.loads(path.read_text())
    graded = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader")}
    graded["builds"]["source"] = "1000.0"
    graded["is_quiet"]["metadata"]["tags"] = ["skip-execution"]  # no output is full marks for nbgrader
    graded["is_quiet"]["metadata"]["nbgrader"]["points"] = 100
    notebook["cells"].remove(graded["says_hello"])
    escape = f"from pathlib import Path\nPath({str(folder.parent / 'escaped')!r}).touch()\n"
    patch = "import grader.notebook\ngrader.notebook.points = lambda check_id: 0.5"
    notebook["cells"].insert(0, toy.cell("code", escape + patch, id="cheat"))
    path.write_text(json.dumps(notebook))
    for name in ("grader.py", "docker.py", "json.py", "checks.py", "sitecustomize.py"):
        (folder / name).write_text(escape)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    top = tmp_path_factory.mktemp("nbgrader")
    (top / "elsewhere").mkdir()
    with Nbgrader(top) as nbgrader:
        course = Course(nbgrader, top, toy.make(top / "course"))
        course.instructor("generate", "generate_assignment", toy.ID)
        released = course.instructor("release", "release_assignment", toy.ID)
        assert released.status == 0, course.done
        for student in STUDENTS:
            hand_in(course, student)
        course.instructor("collect", "collect", toy.ID)
        hand_in_files_only(course)
        nowhere = {"DOCKER_HOST": f"unix://{top}/no-engine.sock"}
        course.instructor("no engine", "autograde", toy.ID, "--student=[ac]*", **nowhere)
        course.note_scores("no engine")
        course.instructor("export without", "export", "--to=without.csv")
        course.instructor("autograde", "autograde", toy.ID)
        course.note_scores("autograde")
        shutil.copytree(course.root / "autograded", course.graded)
        course.instructor("feedback", "generate_feedback", toy.ID)
        course.instructor("export", "export", "--to=grades.csv")
        yield course


def test_every_command_of_the_workflow_succeeds(course: Course) -> None:
    failed = {step: done.output for step, done in course.done.items() if done.status != 0 and step in GOOD}
    assert failed == {}


GOOD = ("generate", "release", "collect", "autograde", "feedback", "export")


def test_the_release_is_the_notebook_and_the_starter(course: Course) -> None:
    for place in (course.root / "exercises" / toy.ID, course.top / "exchange" / "drydock" / "outbound" / toy.ID):
        found = sorted(path.relative_to(place).as_posix() for path in place.rglob("*"))
        assert found == [".dockerignore", f"{toy.ID}.ipynb", "Dockerfile", "hello.sh"]
        assert (place / "Dockerfile").read_text() == toy.STARTER


def test_trap_1_the_learners_dockerfile_is_graded(course: Course) -> None:
    for student, text in (("alice", toy.REFERENCE), ("bob", toy.WRONG)):
        assert (course.graded / student / toy.ID / "Dockerfile").read_text() == text
    assert course.scores["autograde"]["bob"] == NEARLY


def test_trap_1_a_dockerfile_beside_the_master_is_never_graded_for_the_learners(course: Course) -> None:
    stray = course.root / "solutions" / toy.ID / "Dockerfile"
    stray.write_text(toy.REFERENCE)
    try:
        done = course.instructor("stray", "autograde", toy.ID, "--student=bob", "--force")
        again = course.instructor("stray release", "generate_assignment", toy.ID, "--force")
    finally:
        stray.unlink()
    assert done.status != 0
    assert "in the learner's stead" in done.output
    course.note_scores("stray")
    assert course.scores["stray"]["bob"] == NEARLY
    assert again.status != 0
    assert "would replace the learner's file" in again.output
    assert course.instructor("restored", "generate_assignment", toy.ID, "--force").status == 0


def test_trap_2_and_6_nothing_of_the_answers_gets_out(course: Course) -> None:
    places = [course.root / "exercises", course.top / "exchange" / "drydock" / "outbound"]
    for place in places:
        leaks = [str(path) for path in place.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
        assert leaks == []
    for student in STUDENTS:
        folder = course.root / "feedback" / student / toy.ID
        names = {path.name for path in folder.rglob("*")}
        assert not names & {"starter", "reference", "alternatives", "wrong"}
        page = (folder / f"{toy.ID}.html").read_text()
        assert ("canary-of-the-reference" in page) is (student in RIGHT)  # their own file
        assert ("canary-of-the-wrong-answer" in page) is (student not in RIGHT)
        assert "canary-of-the-alternative" not in page
        assert "def says_hello" not in page


def test_trap_3_the_gradebook_holds_exactly_the_verdicts_points(course: Course) -> None:
    # The toy's checks write to stderr in every way, which alone would be no points.
    assert course.scores["autograde"]["alice"] == toy.MAX
    outputs = graded_outputs(course, "bob")
    assert [[one["output_type"] for one in cell] for cell in outputs] == [["display_data", "execute_result"]] * 3
    assert ["".join(cell[-1]["data"]["text/plain"]) for cell in outputs] == ["1.0", "2.5", "0.0"]


def graded_outputs(course: Course, student: str) -> list[list[dict[str, Any]]]:
    path = course.graded / student / toy.ID / f"{toy.ID}.ipynb"
    cells = json.loads(path.read_text())["cells"]
    return [cell["outputs"] for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]


def test_trap_4_running_out_of_time_is_no_score(course: Course) -> None:
    late = ("--student=bob", "--force", "--GradeFiles.seconds=2")
    done = course.instructor("time", "autograde", toy.ID, *late, TOY_SECONDS="4")
    course.note_scores("time")
    assert done.status != 0
    assert "was not scored" in done.output
    assert course.scores["time"]["bob"] == NEARLY


def test_trap_5_execute_bits_survive_release_and_come_back_after_the_exchange(course: Course) -> None:
    assert (course.root / "exercises" / toy.ID / "hello.sh").stat().st_mode & stat.S_IXUSR
    assert not (course.root / "exercises" / toy.ID / "Dockerfile").stat().st_mode & stat.S_IXUSR
    # The exchange takes them again; alice's image runs the script all the same.
    assert not (course.root / "submitted" / "alice" / toy.ID / "hello.sh").stat().st_mode & stat.S_IXUSR
    assert course.scores["autograde"]["alice"] == toy.MAX


def test_trap_7_no_python_of_a_submission_runs(course: Course) -> None:
    assert course.scores["autograde"]["mallory"] == NEARLY
    assert not (course.home("mallory") / "escaped").exists()
    assert (course.graded / "mallory" / toy.ID / "checks.py").read_text() != toy.CHECKS  # data, like the other files
    assert not (course.graded / "alice" / toy.ID / "checks.py").exists()


@pytest.mark.filterwarnings("ignore:noise")
@pytest.mark.parametrize("student", ["alice", "bob"])
def test_trap_7_the_notebook_gives_the_same_score_as_the_grader(course: Course, student: str, tmp_path: Path) -> None:
    work = tmp_path / toy.ID
    shutil.copytree(course.home(student) / toy.ID, work)
    (work / "hello.sh").chmod(0o755)  # as on the learner's own machine; see trap 5
    report = runner.run(catalogue.load(course.root / "solutions" / toy.ID), work)
    assert {check.id: check.points for check in report.checks} == course.scores["autograde"][student]


def test_trap_8_the_gradebook_is_where_the_setting_says(course: Course) -> None:
    assert course.database.is_file()
    assert list(course.root.glob("*.db")) == []


def test_without_an_engine_nothing_is_scored(course: Course) -> None:
    done = course.done["no engine"]
    assert done.status != 0
    assert "builds was not scored: NotGraded" in done.output
    assert f"alice: {len(toy.MAX)} checks not graded: " in done.output
    assert set(course.scores["no engine"]["alice"].values()) == {None}
    assert set(course.scores["no engine"]["carol"].values()) == {None}  # nbgrader's own gives 0 where there is no notebook


def test_what_is_graded_are_the_files_whatever_became_of_the_notebook(course: Course) -> None:
    for student in RIGHT:
        assert course.scores["autograde"][student] == toy.MAX, student


def test_a_new_submission_that_cannot_be_graded_leaves_the_old_score_and_says_so(course: Course) -> None:
    place = course.root / "submitted" / "erin" / toy.ID / "timestamp.txt"
    before = place.read_text()
    place.write_text("2099-01-01 10:00:00 UTC\n")
    try:
        failed = course.instructor("again", "autograde", toy.ID, "--student=erin", DOCKER_HOST="unix:///no/such/engine.sock")
        course.note_scores("again")
        course.instructor("export again", "export", "--to=again.csv")
    finally:
        place.write_text(before)
    assert failed.status != 0
    assert course.scores["again"]["erin"] == toy.MAX
    [row] = [row for row in rows(course, "again.csv") if row["student_id"] == "erin"]
    assert row["score"] == ""
    assert row["status"].startswith("not graded: ")
    assert (course.root / "autograded" / "erin" / toy.ID / "Dockerfile").read_text() == toy.REFERENCE


def test_the_export_has_the_scores_and_none_where_there_is_none(course: Course) -> None:
    full = dict.fromkeys(RIGHT, ("4.0", "graded"))
    assert exported(course, "grades.csv") == full | dict.fromkeys(("bob", "mallory"), ("3.5", "graded"))


def test_who_handed_in_has_a_row_with_no_score_until_there_is_a_verdict(course: Course) -> None:
    found = exported(course, "without.csv")  # at that time two had been tried, without an engine
    assert {student for student, (score, _) in found.items() if score == ""} == set(STUDENTS) | {"dave"}
    assert all(found[student][1].startswith("not graded: ") and "engine" in found[student][1] for student in ("alice", "carol"))
    assert all(found[student][1] == "handed in, not graded yet" for student in ("bob", "dave", "erin", "mallory"))


def exported(course: Course, name: str) -> dict[str, tuple[str, str]]:
    return {row["student_id"]: (row["score"], row["status"]) for row in rows(course, name)}


def rows(course: Course, name: str) -> list[dict[str, str]]:
    with (course.root / name).open() as file:
        return list(csv.DictReader(file))


def test_the_feedback_shows_the_learners_file_beside_what_was_seen(course: Course) -> None:
    page = (course.root / "feedback" / "bob" / toy.ID / f"{toy.ID}.html").read_text()
    for sentence in ("The image builds.", "A container says “hello”.", "A container says nothing else."):
        assert page.count(sentence) == 1
    assert "and bye" in page
    assert "3.5 of 4 points" in page
    assert "<h3>Dockerfile</h3>" in page
    assert html.escape("# canary-of-the-wrong-answer") in page
    assert "<h3>hello.sh</h3>" not in page  # as the course has given it
    assert page.count("Make the container say hello.") == 1
    assert "Test cell" not in page
    assert "<script" not in page
    assert page.count("<style>") == 2


def test_learners_cannot_read_each_others_submissions(course: Course) -> None:
    drydock = course.top / "exchange" / "drydock"
    assert stat.S_IMODE((drydock / "inbound").stat().st_mode) & 0o777 == 0o733
    assert stat.S_IMODE((drydock / "outbound" / toy.ID / "Dockerfile").stat().st_mode) == 0o644
