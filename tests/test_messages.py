"""The keeping of messages: a change in wording is noticed, what varies is not; and no two wrong answers are told the same."""

import pytest

from grader.authoring.self_test import SelfTestResult
from grader.values.outcome import Finding, Outcome
from tests import messages, toys


def proved(text: str, found: str = "3 rows") -> SelfTestResult:
    report = toys.report(toys.result("a", Outcome.FAIL, finding=Finding(text, "4 rows", found)), toys.result("b"))
    return SelfTestResult(exercise=toys.TOY, variant="wrong/a", expected="", found="", holds=True, reports=(report,))


def test_what_varies_from_run_to_run_does_not_count() -> None:
    first, second = (messages.said(proved(f"Port {n} of k3x9w7q{n} is closed.")) for n in (80, 8080))
    assert first == second == {"a": {"message": "Port # of # is closed.", "expected": "# rows", "found": "# rows"}}
    assert messages.said(proved("The build does not find penguins.py.")) == messages.said(proved("The build does not find x."))


def test_a_change_in_wording_is_noticed() -> None:
    assert messages.known({})
    lines = next(lines for alts in messages.kept("05-first-dockerfile").values() for one in alts for lines in one.values())
    assert messages.known({"builds": lines})
    assert not messages.known({"builds": {**lines, "message": f"{lines['message']} Or so."}})
    assert messages.known({"builds": {**lines, "found": "in the words of another engine"}})


def test_two_that_are_told_the_same_are_noticed() -> None:
    one, other = messages.said(proved("It is red.", "red")), messages.said(proved("It is red.", "as red as fire"))
    assert list(messages.told_alike({"wrong/a--x": [one], "wrong/a--y": [other]})) == []
    assert list(messages.told_alike({"wrong/a--x": [other, one], "wrong/a--y": [one]})) == [("wrong/a--x", "wrong/a--y")]
    assert list(messages.told_alike({"wrong/a--x": [one], "wrong/a+b--y": [{**one, "b": one["a"]}]})) == []


@pytest.mark.parametrize("exercise", sorted(path.stem for path in messages.FOLDER.glob("*.json")))
def test_wrong_answers_are_told_apart(exercise: str) -> None:
    """Two that are told one and the same are one wrong answer, or the message says too little."""
    assert list(messages.told_alike(messages.kept(exercise))) == []
