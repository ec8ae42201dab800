"""Characters that only look like others are named, and those of a text are left alone."""

import pytest

from grader.diagnose import typography


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("RUN\u00a0pip install x\n", "Line 1 of Dockerfile holds a no-break space (U+00A0) where an ordinary space should be"),
        ("a: 1\nb:\u200b 2\n", "Line 2 of Dockerfile holds a zero-width space"),
        ("CMD [\u201cpython\u201d]\n", "a curly quote (U+201C) where a straight quote"),
        ("ports:\n  - \u20188000:8000\u2019\n", "Line 2"),
        ("docker run \u2013name x\n", "a long dash (U+2013) where a hyphen"),
        ("docker run \u2014rm x\n", "a long dash (U+2014)"),
    ],
)
def test_names_the_first(text: str, words: str) -> None:
    assert words in typography.advice(text, name="Dockerfile")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1\n",
        "# it\u2019s \u201cfine\u201d\u00a0here\n",
        "a: 1 # \u2013rm\n",
        "RUN echo 'it\u2019s fine'\n",
        "a: b \u2013 c\n",
    ],
)
def test_a_text_is_left_alone(text: str) -> None:
    assert typography.advice(text) == ""
