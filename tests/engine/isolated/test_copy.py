"""Copies of a sparse file."""

import os
from pathlib import Path

import pytest

from grader.engine.isolated.copy import copy

MB = 1 << 20


def test_content_is_the_same_and_holes_stay_holes(tmp_path: Path) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    pieces = {3 * MB: os.urandom(MB), 40 * MB + 17: b"odd", 90 * MB: os.urandom(5000)}
    with source.open("wb") as file:
        file.truncate(100 * MB)
        for place, data in pieces.items():
            file.seek(place)
            file.write(data)
    copy(str(source), str(target))
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_blocks * 512 < 10 * MB
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_a_file_of_nothing_but_a_hole(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(MB)
    copy(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_bytes() == bytes(MB)


def test_what_is_not_there_is_no_copy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        copy(str(tmp_path / "a"), str(tmp_path / "b"))
    assert not (tmp_path / "b").exists()
