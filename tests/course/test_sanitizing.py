"""The comparison of outputs hides numbers that must vary, and nothing else."""

import re
from pathlib import Path

import pytest
from nbval.plugin import get_sanitize_patterns

from tests.course.chapters import FILES, SANITIZE, code

PATTERNS: dict[str, str] = dict(get_sanitize_patterns(SANITIZE.read_text()))  # type: ignore[no-untyped-call]


def sanitize(text: str) -> str:
    """What nbval compares."""
    for regex, replacement in PATTERNS.items():
        text = re.sub(regex, replacement, text)
    return text


def test_there_are_patterns() -> None:
    assert len(PATTERNS) == SANITIZE.read_text().count("regex:")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_for_an_output_that_there_is(pattern: str) -> None:
    assert any(re.search(pattern, text) for file in FILES for cell in code(file) if cell.compared for text in cell.texts)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_word_of_an_output_is_hidden(file: Path) -> None:
    checked = 0
    for cell in code(file):
        for text in cell.texts if cell.compared else ():
            for word in re.finditer(r"[^\W\d_]{3,}", text):
                changed = text[: word.start()] + "qqqq" + text[word.end() :]
                assert sanitize(changed) != sanitize(text), f"{cell.id}: “{word[0]}” could be anything"
                checked += 1
    assert checked > 20


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_cell_that_is_not_compared_says_why(file: Path) -> None:
    for cell in code(file):
        assert cell.compared or cell.reason, f"{cell.id} is not compared, and does not say why"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("exit code 137", "exit code 0"),
        ("shell form: exit code 137", "shell form: exit code 143"),
        ("    RUN dd if=/dev/zero of=/big bs=1M count=30         31.5 MB", "    RUN dd if=/dev/zero of=/big bs=1M count=30          0.0 MB"),  # noqa: E501
        ("8000/tcp published", "8000/tcp not published"),
        ("67108864", "134217728"),
        (f"sha256:{'0a' * 32}", "sha256:"),
    ],
)  # fmt: skip
def test_a_claim_that_changed_is_seen(one: str, other: str) -> None:
    assert sanitize(one) != sanitize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("    a process: true                                     1.2 ms", "    a process: true          11.7 ms"),
        ("    FROM python:3.13-slim            122.9 MB", "    FROM python:3.13-slim     98.1 MB"),
        (f"sha256:{'0a' * 32}", f"sha256:{'1b' * 32}"),
    ],
)
def test_what_must_vary_does_not_matter(one: str, other: str) -> None:
    assert sanitize(one) == sanitize(other)
