"""Nothing that a learner's log holds may act on the reader's side."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.clean import clean, sentence

HOSTILE = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("\x1b\x9b\x9d\x07\r\n[]m;?\\\u202e\u2066\x00\ud800\ufffe"))
)


@given(HOSTILE)
def test_no_control_character_is_left(text: str) -> None:
    shown = clean(text)
    assert all(one in "\n\t" or unicodedata.category(one) not in {"Cc", "Cs"} for one in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")
    shown.encode("utf-8")


@given(HOSTILE)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(HOSTILE, st.integers(1, 50), st.integers(1, 10))
def test_length_is_bounded(text: str, chars: int, lines: int) -> None:
    shown = clean(text, chars=chars, lines=lines)
    assert len(shown) <= chars + 60
    assert shown.count("\n") <= lines


@given(HOSTILE)
def test_a_sentence_is_one_bounded_line(text: str) -> None:
    line = sentence(text)
    assert "\n" not in line
    assert len(line) <= 1000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2J\x1b[Hrepainted", "repainted"),
        ("\x9b31mred", "red"),
        ("\x1bPq#0;2;0;0;0\x1b\\sixel", "sixel"),
        ("10%\r20%\r100%", "10%\n20%\n100%"),
        ("windows\r\nline", "windows\nline"),
        ("\x1b]0;never closed\nnext line", "\nnext line"),
        ("a\x00b", "a\N{REPLACEMENT CHARACTER}b"),
        ("plain, tab\tand ünïcödé", "plain, tab\tand ünïcödé"),
    ],
)
def test_what_terminals_act_on_is_removed(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_the_end_of_a_log_is_kept() -> None:
    shown = clean("\n".join(f"line {n}" for n in range(1000)), lines=3)
    assert shown == "… (997 lines before)\nline 997\nline 998\nline 999"


def test_a_huge_text_costs_little() -> None:
    assert len(clean("x" * 50_000_000)) < 30_000
    assert len(clean("\x1b[" * 5_000_000)) < 30_000
