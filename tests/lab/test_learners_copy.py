"""A learner's copy of a chapter shows no answer, and has all that the reader is to see."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.course.chapters import FILES, cells
from tests.lab.checkout import LEARNERS_COPY


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_told_before_a_cell_has_run(file: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(file, tmp_path))
    subprocess.run([sys.executable, LEARNERS_COPY, copy], check=True)
    before, after = cells(file), cells(copy)
    assert [cell.id for cell in after] == [cell.id for cell in before if not cell.for_tests]
    for old, new in zip((cell for cell in before if not cell.for_tests), after, strict=True):
        assert new.source.removeprefix("# Run this cell to compare your prediction with what happened.\n") == old.source
        assert not new.source.startswith("compare("), f"{new.id}: the first line is what JupyterLab shows of a folded cell"
    assert not any(cell.outputs or cell.number or cell.answer or cell.for_tests for cell in after)
    assert [cell.hidden for cell in after] == [cell.hidden for cell in before if not cell.for_tests]


def test_answers_and_test_only_cells_are_left_out(tmp_path: Path) -> None:
    def cell(source: str, **metadata: object) -> dict[str, object]:
        run = {"outputs": [{"output_type": "stream", "name": "stdout", "text": "x"}], "execution_count": 1}
        return {"cell_type": "code", "id": source, "source": source, "metadata": metadata, **run}

    file = tmp_path / "01-x.ipynb"
    listed = [
        cell("a ____", drydock={"answer": "a b"}),
        cell("assert", tags=["test-only"]),
        cell("c", jupyter={"source_hidden": True}),
    ]
    file.write_text(json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    subprocess.run([sys.executable, LEARNERS_COPY, file], check=True)
    text = file.read_text()
    made = json.loads(text)["cells"]
    assert [(one["source"], one["outputs"]) for one in made] == [("a ____", []), ("c", [])]
    assert made[1]["metadata"] == {"jupyter": {"source_hidden": True}}
    assert "a b" not in text
