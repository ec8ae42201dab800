"""Where a text stops being JSON, told to somebody who has typed it."""

import json

import pytest

from grader.diagnose import json_text

BROKEN: dict[str, tuple[str, int, str, str]] = {
    "a comma behind the last": ('{\n "a": 1,\n "b": 2,\n}', 3, "a comma, and nothing after it", "none after the last"),
    "a comma behind the last, in a list": ("[\n1,\n]", 2, "a comma, and nothing after it", "none after the last"),
    "no comma": ('{\n "a": 1\n "b": 2\n}', 3, "something new where a comma was expected", "look at what comes before"),
    "no colon": ('{"a" 1}', 1, "no colon after a name", "colon between"),
    "single quotes": ("{'a': 1}", 1, "a quote of another kind: '", "only one kind of quote"),
    "typographic quotes": ("{“a”: 1}", 1, "a quote of another kind: “", "only one kind of quote"),
    "no quotes": ('{"a": word}', 1, "word}, which JSON cannot read there", "between double quotes"),
    "a quote that is not closed": ('{"a": "word\n}', 1, "a word that does not end", "has to be closed"),
    "cut off": ('{"a": 1', 1, "the end of the file, too early", "a } for each {"),
    "commands": ("docker ps\n", 1, "docker, which JSON cannot read there", "between double quotes"),
    "brackets without end": ("[" * 100_000, 1, "a bracket in a bracket in a bracket, without an end", "never closed"),
}


@pytest.mark.parametrize(("text", "line", "found", "advice"), BROKEN.values(), ids=list(BROKEN))
def test_where_it_breaks_and_why(text: str, line: int, found: str, advice: str) -> None:
    with pytest.raises((ValueError, RecursionError)) as failure:
        json.loads(text)
    seen = json_text.breaks_at(text, failure.value)
    assert (seen.line, seen.found) == (line, found)
    assert advice in seen.advice


def test_a_line_is_shown_among_its_neighbours() -> None:
    text = "\n".join([*"abcd", "e" * 1000])
    assert json_text.around(text, 2) == "1: a\n2: b\n3: c"
    assert len(json_text.around(text, 5)) < 300
