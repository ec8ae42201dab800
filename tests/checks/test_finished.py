from typing import Any

import pytest

from grader.checks.finished import Finished, exit_code_in_words, tail
from grader.values.errors import CheckFailed

DONE = Finished(what="the container", exit_code=3, stdout="a\r\n12 penguins\n", stderr="warning\n", duration_s=2.0)

GOOD: list[dict[str, Any]] = [
    {"exit_code": 3},
    {"not_exit_code": 0},
    {"output": "a\n12 penguins"},
    {"contains": "12 penguins"},
    {"contains": "a\n12"},
    {"contains": "warning"},
    {"lacks": "error"},
    {"matches": r"^\d+ penguins$"},
    {"line": "12 penguins"},
    {"within": 2.5},
    {},
]
BAD: list[tuple[dict[str, Any], str]] = [
    ({"exit_code": 0}, "ended with exit code 3"),
    ({"not_exit_code": 3}, "as if nothing were wrong"),
    ({"output": "a"}, "did not write what it should"),
    ({"contains": "13 penguins"}, "did not write what it should"),
    ({"lacks": "warning"}, "did not write what it should"),
    ({"matches": r"^penguins"}, "did not write what it should"),
    ({"line": "12"}, "did not write what it should"),
    ({"within": 1}, "took too long"),
]


@pytest.mark.parametrize("expected", GOOD)
def test_what_holds(expected: dict[str, Any]) -> None:
    assert DONE.expect(**expected) is DONE


@pytest.mark.parametrize(("expected", "words"), BAD)
def test_what_does_not(expected: dict[str, Any], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        DONE.expect(**expected)


def test_silence_is_told() -> None:
    with pytest.raises(CheckFailed) as caught:
        Finished(what="it", exit_code=0, stdout="", stderr="", duration_s=0).expect(contains="x")
    assert caught.value.finding.found == "nothing at all"


def test_exit_codes_have_meanings() -> None:
    assert exit_code_in_words(127) == "exit code 127 (the command was not found)"
    assert exit_code_in_words(4) == "exit code 4"


def test_the_end_of_a_log_is_bounded_in_both_directions() -> None:
    shown = tail("x\n" * 10_000 + "y" * 10_000)
    assert len(shown.splitlines()) == 15
    assert len(shown) < 1000
