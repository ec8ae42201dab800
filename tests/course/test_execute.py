"""A chapter that fails while its outputs are made: which cell it was."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.course.execute import run_cells


def notebook(*sources: str) -> nbformat.NotebookNode:
    """Cells that have all run before, and said so."""
    cells = [
        new_code_cell(source, id=f"cell-{number}", execution_count=number, outputs=[new_output("stream", text="old")])  # type: ignore[no-untyped-call]
        for number, source in enumerate(sources, 1)
    ]
    made: nbformat.NotebookNode = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    return made


def test_the_cell_that_failed_is_named_and_not_the_last_of_an_earlier_run(tmp_path: Path) -> None:
    failed = run_cells(notebook("1", "print('so far'); 1 / 0", "2"), tmp_path)
    assert failed.startswith("cell cell-2 failed")
    assert "so far\n" in failed
    assert "old" not in failed
    assert "ZeroDivisionError" in failed
