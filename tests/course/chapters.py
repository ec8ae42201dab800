"""The course's notebooks, for the tests of this folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "course"
SANITIZE = Path(__file__).with_name("sanitize.cfg")
FILES = sorted(COURSE.glob("[0-9][0-9]-*.ipynb"))
IGNORE = "nbval-ignore-output"
TEST_ONLY = "test-only"
BLANK = "____"


@dataclass(frozen=True)
class Cell:
    """A cell: what the tests need of it."""

    id: str
    kind: str
    source: str
    tags: frozenset[str]
    reason: str
    outputs: tuple[dict[str, object], ...]
    number: int | None
    answer: str
    hidden: bool

    @property
    def compared(self) -> bool:
        """Whether nbval compares its output."""
        return self.kind == "code" and IGNORE not in self.tags

    @property
    def completed(self) -> str:
        """Its source as a test runs it: with the reader's part filled in."""
        return self.answer or self.source

    @property
    def for_tests(self) -> bool:
        """Whether it only asserts: a learner's copy does not have it."""
        return TEST_ONLY in self.tags

    @property
    def texts(self) -> tuple[str, ...]:
        """Its output, as text: streams, and the text beside a picture."""
        found = []
        for output in self.outputs:
            data = output.get("data", {})
            assert isinstance(data, dict)
            found += [str(text) for text in (output.get("text"), data.get("text/plain")) if text]
        return tuple(found)


def cells(file: Path) -> list[Cell]:
    """All cells of a notebook."""
    return [
        Cell(
            id=cell.id,
            kind=cell.cell_type,
            source=cell.source,
            tags=frozenset(cell.metadata.get("tags", ())),
            reason=cell.metadata.get("drydock", {}).get("not_compared_because", ""),
            outputs=tuple(cell.get("outputs", ())),
            number=cell.get("execution_count"),
            answer=answer(cell),
            hidden=cell.metadata.get("jupyter", {}).get("source_hidden", False),
        )
        for cell in nbformat.read(file, as_version=4).cells  # type: ignore[no-untyped-call]
    ]


def answer(cell: Any) -> str:
    """The whole source of a notebook's cell, completed, where the reader is to complete it."""
    found: str = cell.metadata.get("drydock", {}).get("answer", "")
    return found


def code(file: Path) -> list[Cell]:
    """Its code cells."""
    return [cell for cell in cells(file) if cell.kind == "code"]
