"""What is taken of a folder that a stranger handed in."""

import os
from pathlib import Path

import pytest

from grader.workspace import handed_in


@pytest.mark.parametrize(
    "name", ["data café.csv", "Screenshot at 9.41\u202fAM.png", "наука.py", "👩\u200d🔬.txt", "-rf", "a'b\"c<d>"]
)
def test_what_people_call_their_files_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    assert handed_in.look(tmp_path) == handed_in.HandedIn((Path(name),))


@pytest.mark.parametrize(
    "name",
    [b"two\nlines", b"escape\x1b[31m", "evil\u202egnp.exe".encode(), "\u2066x".encode(), b"caf\xe9", "line\u2028end".encode()],
)
@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_name_that_cannot_be_shown_is_refused_and_shown_harmlessly(tmp_path: Path, name: bytes, kind: str) -> None:
    place = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - bytes
    if kind == "file":
        with open(place, "wb"):  # noqa: PTH123 - bytes
            pass
    elif kind == "folder":
        os.mkdir(place)  # noqa: PTH102 - bytes
    else:
        os.symlink("x", place)  # noqa: PTH211 - bytes
    found = handed_in.look(tmp_path)
    assert found.files == ()
    [reason] = found.refused
    assert reason.isprintable()
    reason.encode()


def test_a_path_that_would_not_fit_elsewhere_is_refused(tmp_path: Path) -> None:
    place = tmp_path.joinpath(*["f" * 200] * 5)
    place.mkdir(parents=True)
    (place / "file").write_text("x")
    found = handed_in.look(tmp_path)
    assert found.files == ()
    assert all("lies too deep" in reason for reason in found.refused)


def test_a_folder_that_is_deeper_than_paths_can_say_is_refused(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("f" * 200, dir_fd=descriptor)
        below = os.open("f" * 200, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    assert handed_in.look(tmp_path).refused
    assert handed_in.look(tmp_path).files == ()


@pytest.mark.skipif(os.getuid() == 0, reason="root may look into every folder")
def test_a_folder_that_may_not_be_looked_into_is_refused(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    assert handed_in.look(tmp_path).refused
    (tmp_path / "closed").chmod(0o700)
