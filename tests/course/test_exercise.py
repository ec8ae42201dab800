from collections.abc import Callable
from typing import Any

import pytest

from grader.course.exercise import Exercise
from grader.values.errors import DefinitionError


@pytest.fixture
def exercise() -> Exercise:
    return Exercise("A toy", learner_files=("Dockerfile",))


def test_a_check_is_its_function(exercise: Exercise) -> None:
    @exercise.check(points=2, hint="Look again.")
    def builds(work: Any) -> None:
        """The image
        builds.

        This is for authors.
        """

    @exercise.check(builds, points=1.5, hint=("a", "b"))
    def runs(image: Any) -> None:
        """It runs."""

    assert list(exercise.checks) == ["builds", "runs"]
    check = exercise.checks["builds"]
    assert (check.id, check.title, check.points, check.needs, check.hints) == (
        "builds",
        "The image builds.",
        2,
        None,
        ("Look again.",),
    )
    assert exercise.checks["runs"].needs == "builds"
    assert exercise.checks["runs"].hints == ("a", "b")
    assert exercise.max_points == 3.5
    assert builds.__name__ == "builds"  # the decorator gives the function back, so that others can name it


def _titled(work: Any) -> None:
    """A title."""


def _untitled(work: Any) -> None:
    pass


def _greedy(work: Any, more: Any) -> None:
    """A title."""


@pytest.mark.parametrize(
    ("function", "options", "words"),
    [
        (_untitled, {"points": 1}, "no docstring"),
        (_titled, {"points": 0}, "must be more than 0"),
        (_titled, {"points": -1}, "must be more than 0"),
        (_titled, {"points": 1, "needs": _untitled}, "not a check defined above it"),
        (_greedy, {"points": 1}, "must take one argument"),
    ],
)
def test_a_definition_that_contradicts_itself(
    exercise: Exercise, function: Callable[..., Any], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(DefinitionError, match=words):
        exercise.check(**options)(function)


def test_two_checks_of_one_name(exercise: Exercise) -> None:
    exercise.check(points=1)(_titled)
    with pytest.raises(DefinitionError, match="Two checks"):
        exercise.check(points=1)(_titled)


def test_an_exercise_has_a_title_and_files() -> None:
    with pytest.raises(DefinitionError, match="title"):
        Exercise(" ", learner_files=("x",))
    with pytest.raises(DefinitionError, match="learner_files"):
        Exercise("A toy", learner_files=())
