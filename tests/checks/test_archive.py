"""What a learner packed: read with everything that belongs to it, and with bounds."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable

import pytest

from grader.checks import archive
from grader.checks.sandbox.tree import Inode
from grader.values.errors import CheckFailed, LimitReached


def _packed(*members: tuple[str, bytes, str], data: bytes = b"hello\n") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind, link in members:
            one = tarfile.TarInfo(name)
            one.type, one.linkname, one.mode, one.uid, one.gid = kind, link, 0o2640, 1000, 1001
            one.size = len(data) if kind == tarfile.REGTYPE else 0
            tar.addfile(one, io.BytesIO(data))
    return buffer.getvalue()


PLAIN = _packed(
    ("./", tarfile.DIRTYPE, ""),
    ("./a/", tarfile.DIRTYPE, ""),
    ("./a/file", tarfile.REGTYPE, ""),
    ("./a/link", tarfile.SYMTYPE, "file"),
    ("./a/second", tarfile.LNKTYPE, "./a/file"),
    ("./a/pipe", tarfile.FIFOTYPE, ""),
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress], ids=["plain", "gzip", "bzip2", "xz"])
def test_everything_in_it_is_told_compressed_or_not(pack: Callable[[bytes], bytes]) -> None:
    found = archive.read(pack(PLAIN), "x.tar")
    file = Inode("regular file", "2640", 1000, 1001, 6, hashlib.sha256(b"hello\n").hexdigest())
    assert found == {
        "a": Inode("directory", "2640", 1000, 1001, 0, ""),
        "a/file": file,
        "a/link": Inode("symbolic link", "2640", 1000, 1001, 0, "file"),
        "a/second": file,
        "a/pipe": Inode("something else", "2640", 1000, 1001, 0, ""),
    }


BROKEN = {
    "text": b"docker run busybox\n" * 100,
    "cut off": gzip.compress(PLAIN)[:-20],
    "not what it says": b"\x1f\x8bnothing",
    "a link to nothing": _packed(("second", tarfile.LNKTYPE, "first")),
    "a zip file": b"PK\x03\x04" + b"x" * 2000,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_archive_is_the_learners_mistake(data: bytes) -> None:
    with pytest.raises(CheckFailed, match=r"x\.tar is not an archive"):
        archive.read(data, "x.tar")


def _hole() -> bytes:
    one = tarfile.TarInfo("hole")
    one.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(archive.MOST * 1000)}
    data = b"0\n".ljust(tarfile.BLOCKSIZE, b"\0")
    one.size = len(data)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(one, io.BytesIO(data))
    return buffer.getvalue()


BOMBS = {
    "it unpacks to more than it may": gzip.compress(bytes(archive.MOST + 1)),
    "a file with a hole": _hole(),
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=list(BOMBS))
def test_a_bomb_meets_a_bound(data: bytes) -> None:
    with pytest.raises(LimitReached, match=r"too much in x\.tar"):
        archive.read(data, "x.tar")


def test_many_names_of_one_file_are_no_bomb() -> None:
    names = [(f"link {number}", tarfile.LNKTYPE, "./first") for number in range(200)]
    found = archive.read(_packed(("first", tarfile.REGTYPE, ""), *names, data=bytes(1 << 20)), "x.tar")
    assert len(found) == 201
    assert found["first"] == found["link 199"]
