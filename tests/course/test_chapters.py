"""Every chapter runs on the real engine and says again what its stored outputs say; nothing of it stays behind."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from tests import reruns
from tests.course.chapters import COURSE, FILES, SANITIZE, code

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(1500)]
SECONDS = 600
WORD = "\nthis was never printed"


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """A chapter's names exist once in the engine: no second run of it at the same time."""
    with (Path(tempfile.gettempdir()) / f"drydock-{file.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            remove_leftovers(file)


def leftovers(file: Path) -> list[str]:
    found = []
    for kind, *every in (("container", "--all"), ("image", "--all"), ("volume",), ("network",)):
        command = ["docker", kind, "ls", "--quiet", *every, "--filter", f"label=drydock.chapter={file.name[:2]}"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.split()
        found += [f"{kind} {name}" for name in listed]
    return found


def remove_leftovers(file: Path) -> None:
    for item in leftovers(file):
        kind, name = item.split()
        subprocess.run(["docker", kind, "rm", "--force", name], check=False, capture_output=True, timeout=60)


def nbval(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run nbval on a notebook in a copy of the course; the result is written to ``folder/result.xml``."""
    (folder / "empty.ini").write_text("[pytest]\n")  # not this project's settings
    command = [sys.executable, "-m", "pytest", "-q", "-c", "empty.ini", "-p", "no:cacheprovider", "--nbval",
               "--nbval-current-env", f"--nbval-sanitize-with={SANITIZE}", "--nbval-cell-timeout=180",
               "--junitxml=result.xml", str(file)]  # fmt: skip
    environment = os.environ | {"IPYTHONDIR": str(folder / "ipython"), "NO_COLOR": "1"}
    with subprocess.Popen(
        command, cwd=folder, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, output)


def copy_course(folder: Path) -> Path:
    return Path(shutil.copytree(COURSE, folder / "course", ignore=shutil.ignore_patterns("work", "__pycache__")))


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
        shutil.rmtree(tmp_path / "course", ignore_errors=True)
        result = nbval(copy_course(tmp_path) / file.name, tmp_path)
        wrong = failed_cells(tmp_path)
        assert (result.returncode == 0) == (not wrong), result.stdout[-6000:]
        assert leftovers(file) == []
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
