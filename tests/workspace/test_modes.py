"""Execute bits that an exchange takes away, and who gets them back."""

import os
from pathlib import Path

import pytest

from grader.workspace import modes
from tests import toys


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    folder = toys.write(tmp_path / "starter", {"run.sh": "#!/bin/sh\n", "data.sh": "#!/bin/sh\n", "tool": "binary"})
    (folder / "run.sh").chmod(0o755)
    (folder / "tool").chmod(0o700)
    return folder


def _executable(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o100)


def test_what_the_starter_says_and_scripts_that_were_added(tmp_path: Path, starter: Path) -> None:
    texts = {"run.sh": "changed", "data.sh": "#!/bin/sh\n", "tool": "binary", "bin/own.sh": "#!/bin/sh\n", "notes.txt": "#"}
    folder = toys.write(tmp_path / "mine", texts)
    modes.restore(folder, starter)
    assert _executable(folder) == ["bin/own.sh", "run.sh", "tool"]
    assert (folder / "run.sh").stat().st_mode & 0o777 == 0o755


def test_what_is_not_the_learners_is_left_alone(tmp_path: Path, starter: Path) -> None:
    outside = toys.write(tmp_path / "outside", {"script": "#!/bin/sh\n"})
    folder = toys.write(
        tmp_path / "mine", {".hidden": "#!/bin/sh\n", ".venv/activate": "#!/bin/sh\n", "src/.env": "#!/bin/sh\n"}
    )
    (folder / "link").symlink_to(outside / "script")
    (folder / "folder").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    modes.restore(folder, starter)
    assert _executable(folder) == ["src/.env"]
    assert _executable(outside) == []


def test_without_a_starter_scripts_get_theirs(tmp_path: Path) -> None:
    folder = toys.write(tmp_path / "mine", {"run.sh": "#!/bin/sh\n", "Dockerfile": "FROM busybox\n"})
    modes.restore(folder, tmp_path / "nothing")
    assert _executable(folder) == ["run.sh"]


def _modes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): f"{path.lstat().st_mode & 0o777:o}" for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize("umask", [0o077, 0o027, 0o002])
def test_what_the_course_gave_has_the_modes_of_the_course(tmp_path: Path, starter: Path, umask: int) -> None:
    folder = toys.write(tmp_path / "mine", {"run.sh": "changed", "data.sh": "#!/bin/sh\n", "own/own.txt": "mine"})
    (folder / "run.sh").chmod(0o755 & ~umask)
    (folder / "data.sh").chmod(0o644 & ~umask)
    (folder / "own" / "own.txt").chmod(0o644 & ~umask)
    assert modes.as_given(folder, starter) == ""
    found = _modes(folder)
    assert (found["run.sh"], found["data.sh"]) == ("755", "644")
    assert found["own/own.txt"] == f"{0o644 & ~umask:o}"


def test_an_execute_bit_that_the_learner_set_stays(tmp_path: Path, starter: Path) -> None:
    folder = toys.write(tmp_path / "mine", {"data.sh": "#!/bin/sh\n", "tool": "binary"})
    (folder / "data.sh").chmod(0o700)
    modes.as_given(folder, starter)
    assert _modes(folder) == {"data.sh": "755", "tool": "755"}


def test_a_drive_that_keeps_no_modes_is_told_where_it_matters(tmp_path: Path, starter: Path) -> None:
    folder = toys.write(tmp_path / "mine", {"run.sh": "#!/bin/sh\n", "data.sh": "#!/bin/sh\n"})
    for path in folder.rglob("*"):
        path.chmod(0o777)
    assert modes.as_given(folder, starter) == ""
    assert _modes(folder) == {"run.sh": "755", "data.sh": "644"}
    for path in folder.rglob("*"):
        path.chmod(0o777)
    (folder / "own.txt").touch()
    (folder / "own.txt").chmod(0o777)
    assert "keeps no modes" in modes.as_given(folder, starter)
    assert _modes(folder)["own.txt"] == "777"
