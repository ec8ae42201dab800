"""Through the folder that all labs share and back, with *Hand in* and nbgrader's own commands; no engine is needed."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.panel.handing_in import HandingIn
from grader.values.errors import UsageError

from . import toy
from .course import Course
from .test_feedback import graded
from .warm import Nbgrader

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")]


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Course]:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "exchange").mkdir()
    with Nbgrader(tmp_path) as nbgrader:
        yield Course(nbgrader, tmp_path, toy.make(tmp_path / "course"))


def instructor(course: Course, *words: str) -> str:
    done = course.instructor(words[0], *words, DRYDOCK_EXCHANGE=str(course.top / "exchange"))
    assert done.status == 0, done.output
    return done.output


def test_hand_in_collect_and_feedback(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    work = course.top / "lab" / "work"
    mine = work / "exercises" / toy.ID
    variables = {
        "DRYDOCK_WORK": work, "DRYDOCK_EXCHANGE": course.top / "exchange", "DRYDOCK_LEARNER": "", "HOME": course.top / "lab",
        "JUPYTER_DATA_DIR": course.top / "lab" / "data", "JUPYTER_CONFIG_DIR": course.top / "lab" / "config",
        "PYTHONPATH": f"{toy.REPO}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    instructor(course, "generate_assignment", toy.ID)
    shutil.copytree(course.root / "exercises" / toy.ID, mine)
    lab = HandingIn(work)
    lab.sign_up("ada")

    before = lab.hand_in(toy.ID)
    assert (before["exchange"], before["learner"]) == (False, "ada")
    assert "has not released" in before["trouble"]

    instructor(course, "release_assignment", toy.ID)
    (mine / f"{toy.ID}.ipynb").unlink()  # what is handed in are the files
    (mine / "Dockerfile").write_text(toy.REFERENCE)
    (mine / "__pycache__").mkdir()
    (mine / "__pycache__" / "x.pyc").touch()
    said = lab.hand_in(toy.ID)
    assert (said["exchange"], said["trouble"]) == (True, "")
    assert f"{toy.ID}/Dockerfile".encode() in lab.archive(said["checksum"]).content

    instructor(course, "collect", toy.ID)
    collected = course.root / "submitted" / "ada" / toy.ID
    assert (collected / "Dockerfile").read_text() == toy.REFERENCE
    names = {path.relative_to(collected).as_posix() for path in collected.rglob("*") if path.is_file()}
    own = {"Dockerfile", "hello.sh", ".dockerignore", f"{toy.ID}.ipynb"}
    assert names == own | {"timestamp.txt", "submission_secret.txt"}

    with pytest.raises(UsageError, match="There is no feedback yet"):
        lab.feedback(toy.ID)
    # As autograde leaves them: what came through the exchange, and what came as a file.
    graded(
        course,
        "ada",
        {name: (collected / name).read_bytes() for name in ("Dockerfile", "timestamp.txt", "submission_secret.txt")},
    )
    graded(course, "bob", {"Dockerfile": b"FROM busybox\n"})
    (course.root / "submitted" / "bob" / toy.ID).mkdir(parents=True)
    instructor(course, "generate_feedback", toy.ID)
    assert "bob did not hand in through the exchange" in instructor(course, "release_feedback", toy.ID)
    page = lab.feedback(toy.ID)
    assert "canary-of-the-reference" in page
    assert not list(mine.rglob("*.html"))  # it would be copied into images
    assert json.loads((work / ".drydock" / "handed-in" / f"{toy.ID}.json").read_text())["learner"] == "ada"
