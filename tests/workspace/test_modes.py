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
