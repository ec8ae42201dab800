"""Make of a course's chapters what a learner begins with; the files are named on the command line, and written in place.

A learner's copy has no outputs, no cells that only a test needs (tag ``test-only``), and no answers to what the reader is to
complete (``drydock.answer`` in a cell's metadata).
"""

import json
import sys
from pathlib import Path
from typing import Any


def learners_copy(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return it; ``notebook`` is what a ``.ipynb`` file holds."""
    return {**notebook, "cells": [_cell(one) for one in notebook["cells"] if "test-only" not in _tags(one)]}


def _tags(cell: dict[str, Any]) -> list[str]:
    tags: list[str] = cell["metadata"].get("tags", [])
    return tags


def _cell(cell: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in cell["metadata"].items() if name not in {"drydock", "execution"}}
    emptied = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return {**cell, "metadata": metadata, **emptied}


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        made = learners_copy(json.loads(path.read_text(encoding="utf-8")))
        path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
