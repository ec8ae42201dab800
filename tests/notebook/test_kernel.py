"""A released notebook in a real kernel on the real engine, as JupyterLab runs it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.course import catalogue
from grader.notebook.verdict import MIME

from . import toy

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a learner works in, as a release makes it."""
    top = tmp_path_factory.mktemp("kernel")
    entry = catalogue.find(toy.make(top / "course"), toy.ID)
    folder = top / "home" / "exercises" / toy.ID
    catalogue.assemble(entry, entry.wrong["is_quiet--said-goodbye-too"], folder)
    shutil.copyfile(entry.folder / f"{toy.ID}.ipynb", folder / f"{toy.ID}.ipynb")
    notebook = json.loads((folder / f"{toy.ID}.ipynb").read_text())
    notebook["cells"] = [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    (folder / f"{toy.ID}.ipynb").write_text(json.dumps(notebook))
    return folder


def outputs(folder: Path, **env: str) -> list[list[dict[str, Any]]]:
    command = [sys.executable, "-W", "ignore", "-m", "nbconvert", "--to=notebook", "--execute", "--allow-errors", "--stdout"]
    done = subprocess.run(
        [*command, f"{toy.ID}.ipynb"],
        cwd=folder,
        env=os.environ
        | {"IPYTHONDIR": str(folder.parent.parent / ".ipython"), "DRYDOCK_COURSE": str(folder.parents[2] / "course")}
        | env,
        capture_output=True,
        text=True,
        check=True,
    )
    return [cell["outputs"] for cell in json.loads(done.stdout)["cells"]]


def test_each_cell_shows_one_verdict_and_its_points(released: Path) -> None:
    cells = outputs(released)
    assert [[one["output_type"] for one in cell] for cell in cells] == [["display_data", "execute_result"]] * 3
    assert [cell[0]["data"][MIME] for cell in cells] == [
        {"check": "builds", "outcome": "pass"},
        {"check": "says_hello", "outcome": "pass"},
        {"check": "is_quiet", "outcome": "fail"},
    ]
    assert [float("".join(cell[1]["data"]["text/plain"])) for cell in cells] == [1.0, 2.5, 0.0]
    assert "and bye" in "".join(cells[2][0]["data"]["text/html"])
    assert (released.parent.parent / ".drydock" / "progress.sqlite").is_file()
    assert sorted(path.name for path in released.iterdir()) == sorted(
        [".dockerignore", f"{toy.ID}.ipynb", "Dockerfile", "hello.sh"]
    )


def test_without_an_engine_there_is_one_sentence_and_no_traceback(released: Path) -> None:
    for cell in outputs(released, DOCKER_HOST="unix:///nowhere/docker.sock"):
        assert [one["output_type"] for one in cell] == ["error"]
        [line] = cell[0]["traceback"]
        assert line.startswith("Not graded. ")
        assert "Traceback" not in line
        assert "File " not in line
