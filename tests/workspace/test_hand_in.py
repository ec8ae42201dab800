"""What a learner hands in as a file: their folder, what it is, and nothing that is kept of them."""

import hashlib
import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.values import names
from grader.values.errors import UsageError
from grader.workspace import hand_in
from grader.workspace.hand_in import MANIFEST, Manifest

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "work" / "exercises" / "01-toy"
    files = ("Dockerfile", "01-toy.ipynb", ".dockerignore", "app/main.py")
    beside = ("__pycache__/x.pyc", ".ipynb_checkpoints/y", "feedback/z.html", ".drydock/progress.sqlite", "timestamp.txt")
    for name in (*files, *beside):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(f"this is {name}")
    (place / "app" / "main.py").chmod(0o755)
    return place


def test_the_archive_holds_the_folder_as_nbgrader_expects_it_and_no_more(folder: Path) -> None:
    packed = hand_in.pack(folder, "alice", NOW)
    assert packed.name == "01-toy--alice--20300102T030405Z.zip"
    assert packed.checksum == hashlib.sha256(packed.content).hexdigest()
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        mine = {"01-toy/Dockerfile", "01-toy/01-toy.ipynb", "01-toy/.dockerignore", "01-toy/app/main.py"}
        assert set(archive.namelist()) == {MANIFEST, "01-toy/timestamp.txt"} | mine
        assert archive.read("01-toy/timestamp.txt") == b"2030-01-02 03:04:05 UTC\n"
        assert archive.getinfo("01-toy/app/main.py").external_attr >> 16 & 0o777 == 0o755
        manifest = Manifest.loads(archive.read(MANIFEST).decode())
        assert manifest is not None
        assert (manifest.exercise, manifest.learner, manifest.at) == ("01-toy", "alice", "2030-01-02 03:04:05 UTC")
        for name, digest in manifest.files.items():
            assert hashlib.sha256(archive.read(f"01-toy/{name}")).hexdigest() == digest
        assert {f"01-toy/{name}" for name in manifest.files} == mine


def test_the_same_files_at_the_same_time_are_the_same_archive(folder: Path) -> None:
    first = hand_in.pack(folder, "alice", NOW)
    assert hand_in.pack(folder, "alice", NOW).checksum == first.checksum
    (folder / "Dockerfile").write_text("other")
    assert hand_in.pack(folder, "alice", NOW).checksum != first.checksum


def test_a_link_is_said_before_it_is_handed_in(folder: Path) -> None:
    (folder / "data").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="data is a symbolic link"):
        hand_in.pack(folder, "alice", NOW)
    (folder / "data").unlink()
    os.mkfifo(folder / "__pycache__" / "pipe")  # nobody's
    hand_in.pack(folder, "alice", NOW)


@pytest.mark.parametrize("name", ["alice", "Ada Lovelace", "o'brien-2", "ada.l@example.org", "Żółć", "007"])
def test_names_of_people_and_platforms_fit(name: str) -> None:
    assert names.fits(name)


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "../x", "a/b", "a\\b", "-x", "a+b", "a*", "[a]", "a\n", "a,b", "a.", "x" * 65, "=1"]
)
def test_what_is_no_folders_name_or_another_programs_pattern_does_not(name: str, folder: Path) -> None:
    assert not names.fits(name)
    with pytest.raises(UsageError, match="cannot be used as a name"):
        hand_in.pack(folder, name, NOW)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"kind": "drydock hand-in"}', '{"kind": "x", "exercise": "a", "learner": 1, "at": 2}', "[" * 9999],
)
def test_what_is_no_manifest_is_none(text: str) -> None:
    assert Manifest.loads(text) is None
