"""nbgrader's own functions on the outputs that a cell may leave: what they would record, and what the guard does."""

# ruff: noqa: PLC0415 - importing nbgrader takes seconds: only where it is needed

import runpy
from typing import Any

import pytest

from grader.course import catalogue
from grader.notebook.verdict import MIME

from . import toy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def guards() -> Any:
    from grader.notebook import guards as module

    return module


VERDICT = {"output_type": "display_data", "data": {MIME: {"check": "one", "outcome": "pass"}}, "metadata": {}}
STDERR = {"output_type": "stream", "name": "stderr", "text": "noise"}
STDOUT = {"output_type": "stream", "name": "stdout", "text": "noise"}
TIMEOUT = {"output_type": "error", "ename": "CellTimeoutError", "evalue": "", "traceback": []}
FAULT = {"output_type": "error", "ename": "NotGraded", "evalue": "No engine answers.", "traceback": []}


def value(text: str) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def cell(*outputs: dict[str, Any]) -> Any:
    from nbformat import from_dict

    marks = {"grade": True, "grade_id": "one", "locked": True, "points": 2, "schema_version": 3, "solution": False}
    made = toy.cell("code", 'points("one")', id="one", metadata={"nbgrader": marks})
    return from_dict(made | {"outputs": list(outputs)})  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("text", ["0.0", "1.5", "2.0"])
@pytest.mark.parametrize("noise", [[], [STDERR], [STDOUT, STDERR]])
def test_a_verdict_is_recorded_as_it_is(guards: Any, text: str, noise: list[dict[str, Any]]) -> None:
    from nbgrader.utils import determine_grade

    judged, _ = guards.RefuseWhatIsNoVerdict().preprocess_cell(cell(*noise, VERDICT, value(text)), {}, 0)
    assert determine_grade(judged) == (float(text), 2)


@pytest.mark.parametrize(
    ("outputs", "nbgrader_would", "reason"),
    [
        ([], 2, "did not end in a verdict"),
        ([VERDICT], 2, "did not end in a verdict"),
        ([value("2.0")], 2, "did not end in a verdict"),
        ([VERDICT, value("'full'")], 2, "is no number"),
        ([VERDICT, value("nan")], 2, "not between"),
        ([VERDICT, value("-1")], 2, "not between"),
        ([VERDICT, value("3")], ValueError, "not between"),
        ([VERDICT, value("2"), VERDICT], 2, "did not end in a verdict"),
        ([TIMEOUT], 0, "CellTimeoutError"),
        ([FAULT], 0, "NotGraded: No engine answers."),
        ([VERDICT | {"data": {MIME: {"check": "other"}}}, value("2")], 2, "its verdict is about other"),
    ],
)
def test_what_is_no_verdict_is_refused_whatever_nbgrader_would_record(
    guards: Any, outputs: list[dict[str, Any]], nbgrader_would: Any, reason: str
) -> None:
    from nbgrader.utils import determine_grade

    if nbgrader_would is ValueError:
        with pytest.raises(ValueError, match="greater than maximum"):
            determine_grade(cell(*outputs))
    else:
        assert determine_grade(cell(*outputs)) == (nbgrader_would, 2)
    with pytest.raises(guards.NoVerdict, match=reason):
        guards.RefuseWhatIsNoVerdict().preprocess_cell(cell(*outputs), {}, 0)


@pytest.fixture(scope="module")
def settings() -> Any:
    """What nbgrader reads from the course's configuration."""
    from traitlets.config import Config

    config = Config()
    runpy.run_path(str(toy.REPO / "nbgrader_config.py"), init_globals={"get_config": lambda: config})
    return config


def test_trap_4_the_setting_that_works_is_far_above_every_deadline(settings: Any) -> None:
    from grader.notebook.autograde import GradeFiles

    timeout = GradeFiles(config=settings).seconds  # type: ignore[no-untyped-call]
    assert timeout == 1800
    for entry in catalogue.entries(toy.REPO):
        limits = entry.exercise.limits
        assert 2 * (limits.build_seconds + limits.start_seconds * len(entry.exercise.checks)) < timeout


def test_trap_2_nbgraders_own_list_stays(settings: Any) -> None:
    from nbgrader.coursedir import CourseDirectory

    ignored = CourseDirectory(config=settings).ignore
    assert {"starter", "reference", "alternatives", "wrong", "__pycache__", ".ipynb_checkpoints"} <= set(ignored)


def test_the_guards_stand_where_they_must(settings: Any) -> None:
    from nbgrader.converters import Autograde

    autograde = Autograde(config=settings)
    names = [str(getattr(one, "__name__", one)).rsplit(".", 1)[-1] for one in autograde.autograde_preprocessors]
    assert "Execute" not in names  # no kernel
    assert names.index("GradeFiles") < names.index("RefuseWhatIsNoVerdict") < names.index("SaveAutoGrades")


def test_trap_8_the_gradebook_may_be_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    url = "postgresql://drydock@gradebook/drydock"
    monkeypatch.setenv("DRYDOCK_GRADEBOOK", url)
    config = Config()
    runpy.run_path(str(toy.REPO / "nbgrader_config.py"), init_globals={"get_config": lambda: config})
    assert CourseDirectory(config=config).db_url == url
