from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.html import fragment, page
from grader.report.words import WORD
from grader.values.outcome import Evidence, Finding, Outcome, Report
from tests.toys import report, result

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "section", "h1", "h2", "h3", "small", "p", "span", "time"),
    *("ol", "ul", "li", "div", "dl", "dt", "dd", "details", "summary", "pre", "b"),
}
VOID = {"meta"}


class Reader(HTMLParser):
    """Collects tags and checks that each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(document: str) -> Reader:
    reader = Reader()
    reader.feed(document)
    reader.close()
    assert not reader.open
    return reader


def hostile(text: str) -> Report:
    finding = Finding(text, text, text, (Evidence(text, text), Evidence("x", text)), text)
    return report(result("a", Outcome.FAIL, finding=finding), notes=(text,))


@given(st.text(alphabet=st.one_of(st.characters(exclude_categories=[]), st.sampled_from("<>&\"'{}%/="))))
def test_no_text_becomes_a_tag_or_an_attribute(text: str) -> None:
    for document in (page(hostile(text), {"a": [text]}), fragment(hostile(text), {"a": [text]})):
        reader = read(document)
        assert set(reader.tags) <= TAGS
        assert not [name for name, _ in reader.attributes if name.startswith("on") or name in {"src", "href"}]


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "]]>"])
def test_attacks_are_shown_as_text(attack: str) -> None:
    assert "".join(read(page(hostile(attack))).text).count(attack) >= 6


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    document = page(report(result("a")))
    assert "default-src 'none'" in document
    assert "<script" not in document
    assert "http://" not in document
    assert "https://" not in document
    assert 'lang="en"' in document


def test_headings_go_down_one_level_at_a_time() -> None:
    assert [tag for tag in read(page(report(result("a"), result("b")))).tags if tag[0] == "h" and tag[1:].isdigit()] == [
        "h1",
        "h2",
        "h2",
    ]
    assert "h1" not in read(fragment(report(result("a")))).tags


@pytest.mark.parametrize(("outcome", "word"), list(WORD.items()))
def test_every_outcome_is_a_word(outcome: Outcome, word: str) -> None:
    assert f"</span> {word}</span>" in page(report(result("a", outcome)))


def test_only_open_hints_are_in_the_file() -> None:
    document = page(report(result("a", Outcome.FAIL)), {"a": ["first hint"]})
    assert "first hint" in document
    assert "second hint" not in document
