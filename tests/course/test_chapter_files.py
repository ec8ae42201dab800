"""The chapters of a course."""

import json
from pathlib import Path

from grader.course.chapters import chapter, chapters
from tests import toys

TEXT = """# 01 · The first

## What `docker run` does
```
# a comment in a command
```
### Deeper, *and* deeper

See [another](../exercises/01-elsewhere/x.ipynb).

## Exercises

First [this](../exercises/01-b/01-b.ipynb), then [that](../exercises/01-a/01-a.ipynb); [this](../exercises/01-b/app.py) again.

## Where to read on
"""


def test_chapters_and_their_sections(tmp_path: Path) -> None:
    cells = [{"cell_type": "markdown", "source": TEXT}, {"cell_type": "code", "source": "# no heading"}]
    toys.write(tmp_path, {"01-first.ipynb": json.dumps({"cells": cells}), "02-second.ipynb": "{", "x.ipynb": "{}"})
    found = chapters(tmp_path)
    assert [(one.number, one.title) for one in found] == [("01", "The first"), ("02", "Second")]
    assert found[0].sections == ("What docker run does", "Deeper, and deeper", "Exercises", "Where to read on")
    assert found[0].exercises == ("01-b", "01-a")
    assert chapter(tmp_path, "02") == found[1]
    assert chapter(tmp_path, "03") is None
    assert chapters(tmp_path / "nowhere") == []


def test_a_chapter_that_was_changed_is_read_again(tmp_path: Path) -> None:
    for title in ("One", "Another"):
        cells = [{"cell_type": "markdown", "source": [f"# 01 · {title}"]}]
        toys.write(tmp_path, {"01-first.ipynb": json.dumps({"cells": cells})})
        assert chapters(tmp_path)[0].title == title
