from dataclasses import replace
from typing import Any

import pytest

from grader.checks.exec_result import ExecResult, shortened, tail
from grader.values.errors import CheckFailed, LimitReached

DONE = ExecResult(what="the container", exit_code=3, stdout="a\r\n12 penguins\n", stderr="warning\n", duration_s=2.0)

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
    ({"output": "a"}, "did not print what was expected"),
    ({"contains": "13 penguins"}, "did not print what was expected"),
    ({"lacks": "warning"}, "printed what it should not"),
    ({"matches": r"^penguins"}, "did not print what was expected"),
    ({"line": "12"}, "did not print what was expected"),
    ({"within": 1}, "took too long"),
    ({"line": "12", "message": "There are other penguins."}, r"^There are other penguins\.$"),
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
        ExecResult(what="it", exit_code=0, stdout="", stderr="", duration_s=0).expect(contains="x")
    assert caught.value.finding.found == "nothing at all"


def test_the_reason_is_read_out_of_the_output() -> None:
    said = "starting\nTraceback (most recent call last):\n  File \"x.py\"\nModuleNotFoundError: No module named 'numpy'\n"
    with pytest.raises(CheckFailed) as caught:
        ExecResult(what="it", exit_code=1, stdout="", stderr=said, duration_s=0).expect(exit_code=0)
    finding = caught.value.finding
    assert finding.found == "exit code 1: ModuleNotFoundError: No module named 'numpy'"
    assert finding.advice.startswith("Python did not find numpy.")


def test_whose_exit_code_it_is() -> None:
    ended = ExecResult(what="it", exit_code=0, stdout="", stderr="", duration_s=0, command="sh -c 'python x.py | tee log'")
    with pytest.raises(CheckFailed) as caught:
        ended.expect(exit_code=3)
    assert caught.value.finding.advice == "A container ends as its first process does: “sh -c 'python x.py | tee log'”."


def test_a_long_command_is_shortened() -> None:
    assert shortened("sh -c 'a\n  b'") == "“sh -c 'a b'”"
    assert shortened("x" * 100) == f"“{'x' * 90}…”"


@pytest.mark.parametrize("expected", [{"exit_code": 0}, {"within": 60.0}])
def test_what_had_to_be_killed_did_not_end(expected: dict[str, Any]) -> None:
    killed = ExecResult(
        what="the container",
        exit_code=137,
        stdout="working\n",
        stderr="",
        duration_s=4.1,
        asked="SIGTERM",
        command="sh -c 'python x.py'",
        killed_after=4,
    )
    with pytest.raises(CheckFailed, match="did not end when it was asked to, and was killed") as caught:
        killed.expect(**expected)
    assert "SIGTERM" in caught.value.finding.expected
    assert caught.value.finding.found == "it still ran 4 s later; its first process is “sh -c 'python x.py'”"
    assert caught.value.finding.evidence[0].text == "sh -c 'python x.py'"
    killed.expect(contains="working")


def test_the_end_of_a_log_is_bounded_in_both_directions() -> None:
    shown = tail("x\n" * 10_000 + "y" * 10_000)
    assert len(shown.splitlines()) == 15
    assert len(shown) < 1000


LIMIT = LimitReached("Too many processes.")
OUTPUT_LIMIT = LimitReached("Too much output.")


def test_a_limit_is_told_in_place_of_what_it_led_to() -> None:
    limited = replace(DONE, limit=LIMIT)
    limited.expect(exit_code=3, contains="penguins", lacks="whales")  # all is as it should be: then it does not matter
    for wrong in ({"exit_code": 0}, {"contains": "whales"}):
        with pytest.raises(LimitReached, match="Too many processes"):
            limited.expect(**wrong)


def test_nobody_can_say_what_an_output_lacks_whose_beginning_is_lost() -> None:
    cut = replace(DONE, output_limit=OUTPUT_LIMIT)
    cut.expect(exit_code=3, contains="penguins")
    for unknown in ({"contains": "whales"}, {"lacks": "whales"}, {"output": "a"}):
        with pytest.raises(LimitReached, match="Too much output"):
            cut.expect(**unknown)  # type: ignore[arg-type]
    with pytest.raises(CheckFailed):
        cut.expect(exit_code=0)
    with pytest.raises(LimitReached, match="Too many processes"):
        replace(cut, limit=LIMIT).expect(contains="whales")
