import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.text import to_text
from grader.report.words import summary
from grader.values.outcome import Evidence, Finding, Outcome
from tests.toys import report, result


def test_says_expected_found_evidence_and_where_to_look() -> None:
    text = to_text(report(result("a"), result("b", Outcome.FAIL, points=2)), {"b": "hint: 1 of 2 open"})
    for part in ("b went wrong", "expected  this", "found     that", "line 2", "next: Look again.", "hint: 1 of 2 open"):
        assert part in text


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (Outcome.PASS, "✔ passed"),
        (Outcome.FAIL, "✘ failed"),
        (Outcome.SKIP, "- skipped"),
        (Outcome.LIMIT, "▲ limit"),
        (Outcome.ERROR, "! error"),
    ],
)
def test_no_outcome_is_told_by_colour_alone(outcome: Outcome, word: str) -> None:
    assert word in to_text(report(result("a", outcome)))


def test_markup_in_a_log_is_text() -> None:
    finding = Finding("[bold]x[/bold] [/red]", "[link=x]y", "", (Evidence("[red]t[/red]", "[blink]l[/blink] :smile:"),))
    text = to_text(report(result("a", Outcome.FAIL, finding=finding)))
    for part in ("[bold]x[/bold] [/red]", "[link=x]y", "[red]t[/red]", "[blink]l[/blink] :smile:"):
        assert part in text


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_no_log_reaches_the_terminal_as_control(text: str) -> None:
    shown = to_text(report(result("a", Outcome.FAIL, finding=Finding(text, text, text, (Evidence(text, text),), text))))
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert "\x9b" not in shown


def test_summaries() -> None:
    assert summary(report(result("a", points=2.5))) == "2.5 of 2.5 points: every check passed."
    mixed = report(result("a"), result("b", Outcome.LIMIT), result("c", Outcome.SKIP))
    assert summary(mixed) == "1 of 3 points: 1 check to fix, 1 more could not be tried yet."
    assert summary(report(result("a"), result("b", Outcome.ERROR))).startswith("No score")


def test_fits_the_width_asked_for() -> None:
    finding = Finding("word " * 60, "x" * 300, "y" * 300, (Evidence("log", "z" * 500),), "advice " * 40)
    lines = to_text(report(result("a", Outcome.FAIL, finding=finding)), width=60).splitlines()
    assert max(map(len, lines)) <= 60


def test_the_same_trouble_is_told_once() -> None:
    trouble = Finding("The engine went away.", advice="Start it.")
    text = to_text(report(*(result(id_, Outcome.ERROR, finding=trouble) for id_ in "abc")))
    assert text.count("The engine went away.") == 1
    assert text.count("! error") == 3
