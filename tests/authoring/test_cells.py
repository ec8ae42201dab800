import json
from typing import Any

import pytest

from grader import Exercise
from grader.authoring import cells
from grader.values.errors import DefinitionError
from tests.notebook.toy import cell, notebook


def definition(*names: str, points: float = 2) -> Exercise:
    exercise = Exercise("An exercise", learner_files=("Dockerfile",))
    for name in names:

        def check(_: Any) -> None:
            """Something is so."""

        check.__name__ = name
        exercise.check(points=points)(check)
    return exercise


def made(text: str, exercise: Exercise) -> list[dict[str, Any]]:
    done: list[dict[str, Any]] = cells.with_graded_cells(cells.read(text), exercise)["cells"]
    return done


def order(made: list[dict[str, Any]]) -> list[str]:
    return [cells.grade_id(one) or cells.text_of(one) for one in made]


def test_one_cell_for_each_check_with_its_points_and_a_stable_id() -> None:
    last = made(notebook(cell("markdown", "brief")), definition("one", "two", points=1.5))[-1]
    assert last["id"] == "check-two"
    marks = last["metadata"]["nbgrader"]
    assert marks == {
        "grade": True,
        "grade_id": "two",
        "locked": True,
        "points": 1.5,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    assert 'points("two")' in cells.text_of(last)


def test_graded_cells_call_nothing_but_the_grader() -> None:
    source = cells.text_of(made(notebook(), definition("one"))[0])
    assert source.splitlines() == [
        "# Something is so. (2 points)",
        "from grader.notebook import points",
        "",
        'points("one")',
    ]


def test_writing_twice_gives_the_same_bytes() -> None:
    exercise = definition("one", "two")
    once = cells.write(cells.with_graded_cells(cells.read(notebook(cell("markdown", "a\nb"))), exercise))
    assert cells.write(cells.with_graded_cells(cells.read(once), exercise)) == once
    assert once.endswith("}\n")


def test_the_authors_cells_keep_their_place() -> None:
    exercise = definition("one", "three")
    first = made(notebook(cell("markdown", "a"), cell("markdown", "b")), exercise)
    moved = [first[0], first[2], first[1], first[3]]
    assert order(moved) == ["a", "one", "b", "three"]
    again = made(notebook(*moved), definition("one", "two", "three"))
    assert order(again) == ["a", "one", "two", "b", "three"]


def test_a_new_first_check_comes_before_the_others() -> None:
    first = made(notebook(cell("markdown", "a")), definition("two"))
    assert order(made(notebook(*first, cell("markdown", "z")), definition("one", "two"))) == ["a", "one", "two", "z"]


def test_the_cell_of_a_check_that_is_gone_goes() -> None:
    first = made(notebook(cell("markdown", "a")), definition("one", "two"))
    assert order(made(notebook(*first), definition("two"))) == ["a", "two"]


def test_a_copied_graded_cell_is_dropped() -> None:
    first = made(notebook(), definition("one"))
    assert order(made(notebook(*first, *first), definition("one"))) == ["one"]


def test_points_follow_the_definition() -> None:
    first = made(notebook(), definition("one", points=1))
    again = made(notebook(*first), definition("one", points=4))
    assert again[0]["metadata"]["nbgrader"]["points"] == 4
    assert "(4 points)" in cells.text_of(again[0])


def test_nothing_that_varies_is_kept() -> None:
    used = cell("code", "1 + 1", id="sum", metadata={"execution": {"x": 1}, "tags": ["keep"], "scrolled": True})
    used |= {"outputs": [{"output_type": "stream", "name": "stdout", "text": "2"}], "execution_count": 7}
    done = cells.with_graded_cells(cells.read(notebook(used)), definition("one"))
    assert done["cells"][0] == {
        "cell_type": "code",
        "execution_count": None,
        "id": "sum",
        "metadata": {"tags": ["keep"]},
        "outputs": [],
        "source": ["1 + 1"],
    }
    assert done["metadata"]["language_info"] == {"name": "python"}


def test_cells_without_an_id_or_with_the_same_get_a_stable_one() -> None:
    one, two = cell("markdown", "a"), cell("markdown", "b", id="same")
    ids = [one["id"] for one in made(notebook(one, two, two), definition("one"))]
    assert ids == ["text-1", "same", "same-2", "check-one"]


def test_a_long_name_still_gives_a_valid_cell_id() -> None:
    names = ("a" * 80, "a" * 79 + "b")
    ids = [one["id"] for one in made(notebook(), definition(*names))]
    assert len(set(ids)) == 2
    assert all(len(one) <= 64 for one in ids)


@pytest.mark.parametrize("mark", ["### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "=== BEGIN MARK SCHEME ==="])
def test_text_that_the_feedback_would_show_is_refused(mark: str) -> None:
    with pytest.raises(DefinitionError, match=r"BEGIN .*feedback"):
        made(notebook(cell("code", f"{mark}\nsecret = 1")), definition("one"))


def test_manually_graded_answers_are_refused() -> None:
    answer = cell("markdown", "your answer", metadata={"nbgrader": {"solution": True, "grade": False}})
    with pytest.raises(DefinitionError, match="manually graded"):
        made(notebook(answer), definition("one"))


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"nbformat": 3, "worksheets": []})])
def test_what_is_no_notebook_is_said_to_be_none(text: str) -> None:
    with pytest.raises(DefinitionError, match="notebook"):
        cells.read(text)
