"""Every report says where to read about what failed."""

from collections.abc import Callable

import pytest

from grader.report.as_json import as_object, dumps
from grader.report.html import page
from grader.report.junit import junit
from grader.report.text import to_text
from grader.values.outcome import Outcome, Report
from tests.toys import report, result

RENDERERS: dict[str, Callable[[Report], str]] = {
    "text": to_text,
    "html": page,
    "json": lambda one: dumps(as_object(one)),
    "junit": lambda one: junit([one]),
}


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_where_to_read(render: Callable[[Report], str]) -> None:
    assert "chapter 01, “Six words”" in render(report(result("a", Outcome.FAIL)))
    assert "Six words" not in render(report(result("a")))
