"""Every chapter runs on the real engine and says again what its stored outputs say; nothing of it stays behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from tests import reruns
from tests.course.chapters import FILES, SANITIZE, code
from tests.course.running import alone, copy_course, environment, leftovers, nameless_images, remove_leftovers

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(2200)]
SECONDS = 1000
WORD = "\nthis was never printed"


def nbval(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run nbval on a notebook in a copy of the course; the result is written to ``folder/result.xml``."""
    (folder / "empty.ini").write_text("[pytest]\n")  # not this project's settings
    command = [sys.executable, "-m", "pytest", "-q", "-c", "empty.ini", "-p", "no:cacheprovider", "--nbval",
               "--nbval-current-env", f"--nbval-sanitize-with={SANITIZE}", "--nbval-cell-timeout=300",
               "--junitxml=result.xml", str(file)]  # fmt: skip
    with subprocess.Popen(
        command, cwd=folder, env=environment(folder), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, output)


def failed_cells(folder: Path) -> dict[str, str]:
    """The cells that nbval's last run in this folder calls wrong, e.g. ``Cell 12``, and what it says of them."""
    found = {}
    for case in ElementTree.parse(folder / "result.xml").iter("testcase"):
        trouble = [*case.iter("failure"), *case.iter("error")]
        if trouble:
            said = "\n".join(one.text or "" for one in trouble)
            found[str(case.get("name")).split("::")[-1]] = re.sub(r"#x1B\[\d*m", "", said)  # colours, as XML can hold them
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_chapter_says_what_it_said_and_leaves_nothing(
    file: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    def run() -> dict[str, str]:
        remove_leftovers(file)
        for earlier in ("course", "work"):
            shutil.rmtree(tmp_path / earlier, ignore_errors=True)
        began = time.time()
        result = nbval(copy_course(tmp_path) / file.name, tmp_path)
        wrong = failed_cells(tmp_path)
        assert (result.returncode == 0) == (not wrong), result.stdout[-6000:]
        assert leftovers(file) == []
        assert nameless_images(file, began) == []
        assert not (tmp_path / "course" / "work").exists(), "the chapter's folder is still there"
        return wrong

    with alone(file):
        reruns.twice(run, partial(record_property, reruns.RERUN))


def test_an_output_that_differs_is_noticed_in_every_cell(tmp_path: Path) -> None:
    """Words are added to each stored output of a chapter: nbval must fail in exactly those cells."""
    file = FILES[0]
    course = copy_course(tmp_path)
    notebook = nbformat.read(course / file.name, as_version=4)  # type: ignore[no-untyped-call]
    changed = set()
    for number, (cell, ours) in enumerate(zip((c for c in notebook.cells if c.cell_type == "code"), code(file), strict=True)):
        for output in cell.outputs:
            if output.output_type == "stream":
                output.text += WORD
            else:
                output.data["text/plain"] += WORD
            if ours.compared:
                changed.add(f"Cell {number}")
    nbformat.write(notebook, course / file.name)  # type: ignore[no-untyped-call]
    assert len(changed) > 10

    with alone(file):
        result = nbval(course / file.name, tmp_path)
    assert result.returncode == 1, result.stdout[-6000:]
    assert set(failed_cells(tmp_path)) == changed
