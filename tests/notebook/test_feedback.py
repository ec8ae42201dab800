"""The page with the feedback, made by nbgrader's own command from a gradebook and graded files; no engine is needed."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from grader.notebook import verdict
from grader.values.outcome import CheckResult, Finding, Outcome, Report

from . import toy
from .course import Course
from .warm import Nbgrader

# nbgrader's own way with its database.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")]
EVIL = "<script>alert('canary')</script><img src=x onerror=alert(1)>"


def graded(course: Course, student: str, files: dict[str, bytes]) -> None:
    """As autograde leaves it: the second check failed."""
    from nbgrader.api import Gradebook  # noqa: PLC0415 - importing nbgrader takes seconds

    folder = course.root / "autograded" / student / toy.ID
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    book = json.loads((course.root / "solutions" / toy.ID / f"{toy.ID}.ipynb").read_text())
    checks = {id_: 0.0 if id_ == "says_hello" else most for id_, most in toy.MAX.items()}
    for cell in book["cells"]:
        if id_ := cell["metadata"].get("nbgrader", {}).get("grade_id"):
            cell["outputs"] = outputs(id_, checks[id_])
    (folder / f"{toy.ID}.ipynb").write_text(json.dumps(book))
    with Gradebook(f"sqlite:///{course.database}", "drydock") as gradebook:
        write: Any = gradebook.update_or_create_student
        write(student, first_name="Ada", last_name=f"<b>{student}</b>")
        gradebook.update_or_create_submission(toy.ID, student)
        for id_, score in checks.items():
            grade: Any = gradebook.find_grade(id_, toy.ID, toy.ID, student)
            grade.auto_score = score
            if id_ == "is_quiet":
                grade.manual_score = 0.25
        gradebook.db.commit()


def outputs(id_: str, points: float) -> list[dict[str, Any]]:
    finding = None if points else Finding(message=f"It says {EVIL}.", expected="hello", found=EVIL)
    one = CheckResult(
        id=id_, title=f"Sentence of {id_}.", outcome=Outcome.PASS if points else Outcome.FAIL, points=points,
        max_points=toy.MAX[id_], finding=finding,
    )  # fmt: skip
    report = Report(exercise=toy.ID, title="Toy", submission="", checks=(one,), engine="", started_at="", duration_s=0.0)
    return [
        {"output_type": "display_data", "data": verdict.bundle(report, one), "metadata": {}},
        {"output_type": "execute_result", "data": {"text/plain": str(points)}, "metadata": {}, "execution_count": 1},
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    top = tmp_path_factory.mktemp("feedback")
    (top / "elsewhere").mkdir()
    with Nbgrader(top) as nbgrader:
        course = Course(nbgrader, top, toy.make(top / "course"))
        assert course.instructor("generate", "generate_assignment", toy.ID).status == 0, course.done
        dockerfile = f"FROM busybox\n# {EVIL}\n"
        files = {
            "Dockerfile": dockerfile.encode(),
            "hello.sh": toy.SCRIPT.encode(),
            "app/more.py": b"print('\x1b[2J')\n",
            "model.bin": b"\0" * 99,
        }
        graded(course, "ada", files)
        done = course.instructor("feedback", "generate_feedback", toy.ID)
        assert done.status == 0, done.output
        yield (course.root / "feedback" / "ada" / toy.ID / f"{toy.ID}.html").read_text()
    shutil.rmtree(top)


def test_files_and_findings_stand_side_by_side(page: str) -> None:
    files, checks = page.index('class="files"'), page.index('class="checks"')
    assert (
        files
        < page.index("<h3>Dockerfile</h3>")
        < page.index("<h3>app/more.py</h3>")
        < page.index("<h3>model.bin</h3>")
        < checks
    )
    assert "99 bytes, no text." in page
    assert "hello.sh" not in page  # as the course has given it
    for id_ in toy.MAX:
        assert checks < page.index(f"Sentence of {id_}.")
        assert page.count(f"Sentence of {id_}.") == 1


def test_it_says_whose_it_is_what_was_asked_and_what_was_given(page: str) -> None:
    assert "Ada &lt;b&gt;ada&lt;/b&gt;</b> (ada)" in page
    assert page.count("Make the container say hello.") == 1
    assert "1.25 of 4 points" in page
    assert page.count("Your instructor has given 0.25 of 0.5 points for this.") == 1


def test_nothing_of_the_learners_acts(page: str) -> None:
    assert "canary" in page
    for bad in ("<script", "<img", "\x1b", "javascript:"):
        assert bad not in page
    assert "default-src 'none'" in page
    assert "Test cell" not in page
