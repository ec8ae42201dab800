"""docs/coverage.md says where each part of the two tutorials lives; what it says is there."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMPLETE = {"01", "02", "03", "04", "05", "06", "07", "08", "09", "10"}
"""Chapters in which nothing of the tutorials is missing: add a chapter when its last row has a place."""
NOT_HERE = "Cannot run in a cell"


@dataclass(frozen=True)
class Row:
    """A row of the table: a part of a tutorial."""

    tutorial: str
    first: int
    last: int
    what: str
    chapter: str
    status: str
    places: tuple[str, ...]
    instead: str

    def __str__(self) -> str:
        return f"{self.tutorial} {self.first}: {self.what}"


def read() -> list[Row]:
    """All rows, in the file's order."""
    rows, tutorial = [], ""
    for line in (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"## ([AB]): ", line):
            tutorial = match[1]
        elif re.match(r"\| \d", line):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            assert len(cells) == 6, f"six columns, please: {line}"
            lines, what, chapter, status, where, instead = cells
            first, _, last = lines.partition("-")
            places = tuple(re.findall(r"`([^`]+)`", where))
            rows.append(Row(tutorial, int(first), int(last or first), what, chapter, status, places, instead))
    return rows


ROWS = read()


@cache
def cells(notebook: str) -> dict[str, tuple[str, str]]:
    """Kind and source of each cell of a chapter, completed where the reader is to complete it, by its name."""
    listed = json.loads((ROOT / notebook).read_text(encoding="utf-8"))["cells"]
    completed = {cell["id"]: cell["metadata"].get("drydock", {}).get("answer") for cell in listed}
    return {cell["id"]: (cell["cell_type"], completed[cell["id"]] or "".join(cell["source"])) for cell in listed}


def sources(row: Row) -> list[str]:
    """The code cells that a row names."""
    named = [cells(notebook)[cell] for notebook, _, cell in (place.partition("#") for place in row.places) if cell]
    return [source for kind, source in named if kind == "code"]


def commands(row: Row) -> list[str]:
    """The docker commands that a row is about, without their options."""
    found = []
    for text in re.findall(r"`(docker [^`]+)`", row.what):
        words = text.split()
        found.append(" ".join(words[: 3 if words[1] in {"container", "image", "network", "system", "volume"} else 2]))
    return found


def test_both_tutorials_are_walked_in_order() -> None:
    for tutorial in "AB":
        rows = [row for row in ROWS if row.tutorial == tutorial]
        assert len(rows) > 90
        end = 0
        for row in rows:
            assert end < row.first <= row.last, str(row)
            assert row.first - end < 8, f"{row}: what became of the lines before it?"
            end = row.last


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_place_that_is_named_exists(row: Row) -> None:
    for place in row.places:
        file, _, cell = place.partition("#")
        if cell:
            assert (ROOT / file).is_file(), f"{row}: there is no {file}"
            assert cell in cells(file), f"{row}: {file} has no cell {cell}"
        else:
            assert re.fullmatch(r"exercises/\d\d-[a-z0-9-]+", file), f"{row}: a cell, or an exercise: {place}"
            assert (ROOT / file).is_dir(), f"{row}: there is no {file}"


def test_a_cell_that_is_named_anywhere_exists() -> None:
    """Also where the course has more than the tutorials."""
    named = re.findall(r"`(course/[^`#]+)#([^`]+)`", (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8"))
    assert not [f"{file}#{cell}" for file, cell in named if not cell.endswith("cell-id") and cell not in cells(file)]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_is_done_or_later(row: Row) -> None:
    assert re.fullmatch(r"0[1-9]|1\d", row.chapter), str(row)
    assert row.status == ("done" if row.places else "later"), f"{row}: done with a place, later without one"
    assert row.places or row.chapter not in COMPLETE, f"{row}: chapter {row.chapter} is complete, and this is nowhere"


@pytest.mark.parametrize("row", [row for row in ROWS if row.places and commands(row)], ids=str)
def test_a_command_is_run_and_not_only_named(row: Row) -> None:
    if any("#" not in place for place in row.places):
        return  # an exercise: the learner runs it
    for command in commands(row):
        if NOT_HERE not in row.instead:
            assert any(command in source for source in sources(row)), f"{row}: no cell that it names runs {command}"
