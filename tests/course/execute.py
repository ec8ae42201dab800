"""Run chapters as a reader who completes every cell, and store their outputs: ``python -m tests.course.execute 01 05``.

Each runs once from the top, in a copy of the course; then outputs and execution counts are written into its notebook, and
nothing else of it is changed. A chapter that fails is left as it is. A cell with ``drydock.not_stored_because`` in its
metadata gets no output: what it prints names hosts, or paths of the machine that it ran on.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.course.chapters import FILES
from tests.course.running import alone, copy_course, environment, leftovers, remove_leftovers

FOLDER = "drydock-chapter-"
"""What the name of a run's folder begins with: no stored output may name it."""


def execute(file: Path) -> list[str]:
    """Run a chapter and store its outputs; return what is wrong with them, a line each."""
    with tempfile.TemporaryDirectory(prefix=FOLDER) as top, alone(file):
        remove_leftovers(file)
        os.environ.update(environment(Path(top)))
        course = copy_course(Path(top))
        run = nbformat.read(course / file.name, as_version=4)  # type: ignore[no-untyped-call]
        if failed := run_cells(run, course):
            return [failed]
        wrong = [f"left in the engine: {one}" for one in leftovers(file)]
    notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
    for cell, done in zip(notebook.cells, run.cells, strict=True):
        if cell.cell_type == "code":
            stored = "not_stored_because" not in cell.metadata.get("drydock", {})
            cell.outputs, cell.execution_count = done.outputs if stored else [], done.execution_count
            wrong += [f"cell {cell.id} wrote to stderr: {one.text}" for one in done.outputs if one.get("name") == "stderr"]
    nbformat.write(notebook, file)  # type: ignore[no-untyped-call]
    return wrong


def run_cells(notebook: nbformat.NotebookNode, folder: Path) -> str:
    """Run a notebook's cells in a folder, and keep their outputs in it; return which cell failed, and how, or nothing."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None  # or an earlier run's would pass for this one's
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", coalesce_streams=True, record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )  # fmt: skip
    try:
        client.execute()
    except CellExecutionError as error:
        place = next(place for place, cell in reversed(list(enumerate(notebook.cells))) if cell.get("execution_count"))
        said = "".join(one.get("text", "") for one in notebook.cells[place].outputs)
        return f"cell {notebook.cells[place].id} failed; nothing was stored\n{said}{error.ename}: {error.evalue}"
    return ""


def main(numbers: list[str]) -> int:
    """Run the chapters of these numbers."""
    status = 0
    for number in numbers:
        (file,) = (one for one in FILES if one.name.startswith(f"{number}-"))
        for line in (wrong := execute(file)):
            print(f"{file.name}: {line}")
        print(f"{file.name}: {'see above' if wrong else 'stored'}")
        status |= bool(wrong)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
