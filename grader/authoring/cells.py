"""The graded cells of an exercise's master notebook, made from its checks.

Points, ids and sentences come from ``checks.py`` and from nowhere else, so that they never disagree. The author's own
cells stay as they are and where they are. What varies from one save to the next (outputs, execution counts, the version
of a kernel) is dropped, so that a difference in git is a difference in the text.
"""

import hashlib
import json
from typing import Any, Final

from grader.course import layout
from grader.course.catalogue import Entry
from grader.course.exercise import Check, Exercise
from grader.values.errors import DefinitionError

Cell = dict[str, Any]
Notebook = dict[str, Any]

_METADATA: Final = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_VOLATILE: Final = ("collapsed", "execution", "jupyter", "scrolled", "trusted", "ExecuteTime")
"""Cell metadata that editors write while a notebook is used."""
_REGIONS: Final = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME", "### AUTOTEST", "### HASHED")
"""nbgrader's marks for text that it cuts out on release; its feedback page shows that text again to the learner."""
_LONGEST_ID: Final = 64


def master(entry: Entry) -> str:
    """The text of an exercise's master notebook with its graded cells up to date.

    Args:
        entry: the exercise.

    Raises:
        DefinitionError: the notebook is missing, unreadable, or holds what must not be released.
    """
    path = layout.notebook_of(entry.folder)
    try:
        notebook = read(path.read_text(encoding="utf-8"))
        return write(with_graded_cells(notebook, entry.exercise))
    except FileNotFoundError:
        raise DefinitionError(f"{entry.id} has no notebook {path.name}.") from None
    except (DefinitionError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path.name}: {error}") from error


def read(text: str) -> Notebook:
    """Parse a notebook.

    Args:
        text: the file's content.

    Raises:
        DefinitionError: it is no notebook of format 4.
    """
    try:
        notebook = json.loads(text)
        if notebook["nbformat"] != 4:
            raise DefinitionError(f"The notebook has format {notebook['nbformat']}; format 4 is needed.")
        notebook["cells"], notebook["metadata"]
    except (ValueError, TypeError, KeyError) as error:
        raise DefinitionError(f"The notebook cannot be read: {type(error).__name__} {error}.") from error
    return dict(notebook)


def write(notebook: Notebook) -> str:
    """Write a notebook the way Jupyter saves it: one space of indent, sorted keys, a line break at the end."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": ")) + "\n"


def text_of(cell: Cell) -> str:
    """The cell's source as one string, whichever of the two forms of the format it is stored in."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def grade_id(cell: Cell) -> str | None:
    """The id under which nbgrader grades the cell; None for the author's own cells."""
    marks = cell.get("metadata", {}).get("nbgrader", {})
    return str(marks["grade_id"]) if marks.get("grade") else None


def graded_cell(check: Check) -> Cell:
    """The cell that a learner runs, and that nbgrader grades, for one check."""
    title = " ".join(check.title.split())
    source = (
        f"# {title} ({check.points:g} {'point' if check.points == 1 else 'points'})\n"
        "from grader.notebook import points\n\n"
        f'points("{check.id}")'
    )
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _fit(f"check-{check.id}"),
        "metadata": {
            "nbgrader": {
                "grade": True,
                "grade_id": check.id,
                "locked": True,
                "points": int(check.points) if check.points.is_integer() else check.points,
                "schema_version": 3,
                "solution": False,
                "task": False,
            }
        },
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def with_graded_cells(notebook: Notebook, exercise: Exercise) -> Notebook:
    """The notebook with exactly one graded cell for each check.

    A graded cell that is there already keeps its place between the author's cells. A new one follows the cell of the
    check before it in the definition, or comes to the end. Cells of checks that are gone go, too.

    Args:
        notebook: the master as it is now.
        exercise: its definition.

    Raises:
        DefinitionError: the author's cells hold text that nbgrader would cut out, or answers that it would grade.
    """
    cells: list[Cell] = []
    placed: set[str] = set()
    for cell in notebook["cells"]:
        identity = grade_id(cell)
        if identity is None:
            cells.append(_authors(cell, f"text-{len(cells) + 1}"))
        elif identity in exercise.checks and identity not in placed:
            cells.append(graded_cell(exercise.checks[identity]))
            placed.add(identity)
    before: str | None = None
    for identity, check in exercise.checks.items():
        if identity not in placed:
            cells.insert(_after(cells, before), graded_cell(check))
        before = identity
    _tell_apart(cells)
    return {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}


def _authors(cell: Cell, identity: str) -> Cell:
    text = text_of(cell)
    for mark in _REGIONS:
        if mark in text:
            raise DefinitionError(
                f"A cell of the notebook has “{mark}”: what nbgrader hides on release it shows in the feedback.",
                "Hidden checks belong into checks.py.",
            )
    marks = cell.get("metadata", {}).get("nbgrader", {})
    if marks.get("solution") or marks.get("task"):
        raise DefinitionError("A cell of the notebook is a manually graded answer; only checks give points.")
    kept: Cell = {
        "cell_type": cell["cell_type"],
        "id": _fit(str(cell.get("id", identity))),
        "metadata": {key: value for key, value in cell.get("metadata", {}).items() if key not in _VOLATILE},
        "source": text.splitlines(keepends=True),
    }
    if cell["cell_type"] == "code":
        kept |= {"execution_count": None, "outputs": []}
    if "attachments" in cell:
        kept["attachments"] = cell["attachments"]
    return kept


def _after(cells: list[Cell], identity: str | None) -> int:
    graded = [grade_id(cell) for cell in cells]
    if identity is not None:
        return graded.index(identity) + 1
    first = next((place for place, one in enumerate(graded) if one), None)
    return len(cells) if first is None else first


def _tell_apart(cells: list[Cell]) -> None:
    """Give each cell an id of its own: graded cells keep theirs, a copied cell gets a number."""
    taken = {str(cell["id"]) for cell in cells if grade_id(cell)}
    for cell in cells:
        if grade_id(cell):
            continue
        wanted, number = str(cell["id"]), 1
        while cell["id"] in taken:
            number += 1
            cell["id"] = _fit(f"{wanted}-{number}")
        taken.add(str(cell["id"]))


def _fit(identity: str) -> str:
    """An id that the notebook format takes: 64 characters at most."""
    if len(identity) <= _LONGEST_ID:
        return identity
    return f"{identity[: _LONGEST_ID - 9]}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
