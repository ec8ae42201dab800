"""An archive of a stranger's is unpacked within bounds and within its folder, whatever it says of itself."""

import gzip
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.values.errors import UsageError
from grader.workspace.archives import Bounds, TooLarge, unpack

SMALL = Bounds(bytes=100_000, entries=50)


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


def special(name: str, kind: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def tarred(path: Path, *members: tarfile.TarInfo, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for one in members:
            archive.addfile(one, io.BytesIO(b"x" * one.size) if one.isreg() else None)
    return path


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for attribute, value in more.items():
        setattr(info, attribute, value)
    return info


def inside(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_ordinary_files_come_out_with_their_execute_bits(tmp_path: Path) -> None:
    script = special("01-toy/run.sh", stat.S_IFREG)
    archive = zipped(
        tmp_path / "a.zip", ("01-toy/Dockerfile", b"FROM busybox\n"), (script, b"#!/bin/sh\n"), ("__MACOSX/x", b"junk")
    )
    assert unpack(archive, tmp_path / "out") == []
    assert inside(tmp_path / "out") == ["01-toy/Dockerfile", "01-toy/run.sh"]
    assert (tmp_path / "out/01-toy/run.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out/01-toy/Dockerfile").stat().st_mode & 0o777 == 0o644


def test_names_with_backslashes_are_folders(tmp_path: Path) -> None:
    assert unpack(zipped(tmp_path / "a.zip", ("01-toy\\Dockerfile", b"x")), tmp_path / "out") == []
    assert inside(tmp_path / "out") == ["01-toy/Dockerfile"]


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/etc/out.txt", "..\\out.txt", "C:/out.txt", "C:\\out.txt"])
def test_nothing_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    for number, archive in enumerate(
        (zipped(tmp_path / "a.zip", (name, b"x")), tarred(tmp_path / "a.tgz", tar_member(name, size=1)))
    ):
        [left] = unpack(archive, tmp_path / "deep" / str(number))
        assert "leads out of the archive's own folder" in left.reason
    assert not list(tmp_path.rglob("out.txt"))


@pytest.mark.parametrize(
    ("kind", "in_tar", "word"),
    [
        (stat.S_IFLNK, tarfile.SYMTYPE, "a symbolic link"),
        (stat.S_IFIFO, tarfile.FIFOTYPE, "a pipe"),
        (stat.S_IFCHR, tarfile.CHRTYPE, "a device"),
        (stat.S_IFBLK, tarfile.BLKTYPE, "a device"),
        (None, tarfile.LNKTYPE, "a symbolic link"),
    ],
)
def test_links_pipes_and_devices_are_left_out_with_a_sentence(
    tmp_path: Path, kind: int | None, in_tar: bytes, word: str
) -> None:
    archives = [tarred(tmp_path / "a.tar", tar_member("leak", in_tar, linkname="/etc/passwd"), mode="w")]
    if kind is not None:
        archives.append(zipped(tmp_path / "a.zip", (special("leak", kind), b"/etc/passwd")))
    for number, archive in enumerate(archives):
        [left] = unpack(archive, tmp_path / str(number))
        assert left.reason == f"leak is {word}: only ordinary files and folders can be handed in."
        assert inside(tmp_path / str(number)) == []


def test_a_second_file_of_a_name_does_not_replace_the_first(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = zipped(tmp_path / "a.zip", ("Dockerfile", b"first"), ("Dockerfile", b"second"))
    [left] = unpack(archive, tmp_path / "out")
    assert left.reason == "Dockerfile is there twice."
    assert (tmp_path / "out/Dockerfile").read_bytes() == b"first"


def bomb(path: Path) -> Path:
    return zipped(path, ("zeros", bytes(10_000_000)))


def liar(path: Path) -> Path:
    """Says that its file is small, in both places where it says it."""
    size = 10_000_000
    whole = bomb(path).read_bytes().replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(whole)
    return path


def tar_bomb(path: Path) -> Path:
    return tarred(path, tar_member("zeros", size=10_000_000))


def long_header(path: Path) -> Path:
    """A header of many megabytes, which tarfile reads at once, in a few kilobytes."""
    with gzip.open(path, "wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tar_member("x", pax_headers={"comment": "0" * 10_000_000}))
    return path


def many(path: Path) -> Path:
    return zipped(path, *((f"empty-{number}", b"") for number in range(60)))


@pytest.mark.parametrize("make", [bomb, tar_bomb, long_header, many])
def test_more_than_the_bounds_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    archive = make(tmp_path / "bomb")
    assert archive.stat().st_size < 100_000
    with pytest.raises(TooLarge, match=r"unpacks to more than 100 kB|more than 50 files and folders"):
        unpack(archive, tmp_path / "out", SMALL)
    assert sum(path.stat().st_size for path in (tmp_path / "out").rglob("*")) <= SMALL.bytes


def test_what_an_archive_says_of_its_sizes_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        unpack(liar(tmp_path / "a.zip"), tmp_path / "out", SMALL)
    assert sum(path.stat().st_size for path in (tmp_path / "out").rglob("*")) <= SMALL.bytes


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(100), b"\x1f\x8b" + bytes(50), b"BZh9" + bytes(50)])
def test_what_is_no_archive_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UsageError, match="It is no archive that can be read"):
        unpack(tmp_path / "a.zip", tmp_path / "out")
