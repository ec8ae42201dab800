"""Make of a course's chapters what a learner begins with; the files are named on the command line, and written in place.

A learner's copy has no outputs, no cells that only a test needs (tag ``test-only``), and no answers to what the reader is to
complete (``drydock.answer`` in a cell's metadata). Of a folded cell JupyterLab shows the first line, so where a prediction is
compared, that line must not tell.
"""

import json
import sys
from pathlib import Path
from typing import Any

FIRST_LINE = "# Run this cell to compare your prediction with what happened."


def learners_copy(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return it; ``notebook`` is what a ``.ipynb`` file holds."""
    return {**notebook, "cells": [_cell(one) for one in notebook["cells"] if "test-only" not in _tags(one)]}


def _tags(cell: dict[str, Any]) -> list[str]:
    tags: list[str] = cell["metadata"].get("tags", [])
    return tags


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in cell["metadata"].items() if name not in {"drydock", "execution"}}
    if cell["cell_type"] != "code":
        return {**cell, "metadata": metadata}
    source = "".join(cell["source"])
    if source.startswith("compare("):
        source = f"{FIRST_LINE}\n{source}"
    return {**cell, "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        made = learners_copy(json.loads(path.read_text(encoding="utf-8")))
        path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
