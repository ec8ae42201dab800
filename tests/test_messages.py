"""The keeping of messages: a change in wording is noticed, what varies is not."""

from grader.authoring.self_test import SelfTestResult
from grader.values.outcome import Finding, Outcome
from tests import messages, toys


def proved(text: str) -> SelfTestResult:
    report = toys.report(toys.result("a", Outcome.FAIL, finding=Finding(text, "4 rows", "3 rows")), toys.result("b"))
    return SelfTestResult(exercise=toys.TOY, variant="wrong/a", expected="", found="", holds=True, reports=(report,))


def test_what_varies_from_run_to_run_does_not_count() -> None:
    first, second = (messages.said(proved(f"Port {n} of k3x9w7q{n} is closed.")) for n in (80, 8080))
    assert first == second == {"a": ["Port # of # is closed.", "# rows", ""]}
    assert messages.said(proved("The build does not find penguins.py.")) == messages.said(proved("The build does not find x."))


def test_a_change_in_wording_is_noticed() -> None:
    assert messages.known({})
    text = next(text for alts in messages.kept("05-first-dockerfile").values() for one in alts for text in one.values())
    assert messages.known({"builds": text})
    assert not messages.known({"builds": [f"{text[0]} Or so.", *text[1:]]})
