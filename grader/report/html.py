"""A run as HTML: a page of its own for a file, or a fragment for a notebook."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from grader.report.clean import clean_report
from grader.report.words import MARK, WORD, points, section, summary
from grader.values.outcome import Report
from grader.values.units import seconds

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""What the browser is told of a page that shows learners' texts: it loads nothing, and no script of it runs."""
SERVED: Final = f"sandbox; {POLICY}"
"""The same, as a header: the page has no origin either, so it gets nothing of the server's."""


def page(report: Report, hints: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return a whole document: one file, nothing loaded from anywhere, no scripts, light and dark.

    Args:
        report: any report; its texts are cleaned and escaped here.
        hints: check id -> the hints that the reader may read.
    """
    return _render("page.html", report, hints)


def fragment(report: Report, hints: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return one ``<section>`` with its own style, in the colours of the notebook that it is put into."""
    return _render("fragment.html", report, hints)


def checks(report: Report, hints: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return the checks alone, without title and score: for a notebook's cell that shows one of them."""
    return _render("checks.html", report, hints)


def _render(template: str, report: Report, hints: Mapping[str, Sequence[str]] | None) -> str:
    report = clean_report(report)
    values: dict[str, Any] = {"report": report, "hints": hints or {}, "summary": summary(report)}
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(points=points, seconds=seconds, section=section)
    environment.globals.update(MARK=MARK, WORD=WORD, POLICY=POLICY)
    return environment
