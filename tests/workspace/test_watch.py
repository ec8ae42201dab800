"""Seeing that a learner saved something."""

import threading
import time
from pathlib import Path

import pytest

from grader.values.errors import Cancelled
from grader.workspace.watch import look, wait_for_change


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "05-first"
    (folder / "data").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM busybox\n")
    (folder / "data" / "rows.csv").write_text("1\n")
    return folder


def test_what_a_learner_does_is_seen(folder: Path) -> None:
    before = look(folder)
    assert look(folder) == before
    for change in (
        lambda: (folder / "Dockerfile").write_text("FROM debian\n"),
        lambda: (folder / "data" / "rows.csv").chmod(0o700),
        (folder / "new").mkdir,
        (folder / "data" / "rows.csv").unlink,
    ):
        change()
        assert look(folder) != before
        before = look(folder)


def test_what_jupyter_and_the_grader_do_is_not(folder: Path) -> None:
    before = look(folder)
    (folder / f"{folder.name}.ipynb").write_text("{}")
    for name in (".ipynb_checkpoints", ".drydock", "__pycache__"):
        (folder / name).mkdir()
        (folder / name / "x").write_text("x")
    assert look(folder) == before


@pytest.mark.parametrize("name", [".Dockerfile.swp", ".Dockerfile.swx", "4913", ".#app.py", "#app.py#", "Dockerfile~"])
def test_what_an_editor_keeps_for_itself_is_not(folder: Path, name: str) -> None:
    before = look(folder)
    (folder / "data" / name).write_text("x")
    assert look(folder) == before


def test_a_save_in_several_steps_is_one_change(folder: Path) -> None:
    before = look(folder)

    def save() -> None:
        for number in range(4):
            (folder / "Dockerfile").write_text("FROM busybox\n" * number)
            time.sleep(0.05)
        (folder / "Dockerfile").write_text("FROM final\n")

    writer = threading.Thread(target=save)
    writer.start()
    after = wait_for_change(folder, before, threading.Event(), every=0.3)
    writer.join()
    assert after == look(folder)
    assert (folder / "Dockerfile").read_text() == "FROM final\n"


def test_the_wait_can_be_ended(folder: Path) -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Cancelled):
        wait_for_change(folder, look(folder), stop)
