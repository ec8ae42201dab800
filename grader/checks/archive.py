"""What is in an archive that a learner made; it is read with bounds, because anything may be in it."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable, Mapping
from typing import Protocol

from grader.checks.sandbox.tree import Inode
from grader.values import units
from grader.values.errors import CheckFailed, LimitReached

MOST = 100 * units.MB
"""The most that an archive may hold, unpacked."""
_CHUNK = 1 << 20
_PACKED: dict[bytes, Callable[[io.BytesIO], "_Readable"]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read(data: bytes, name: str) -> dict[str, Inode]:
    """Everything in a tar archive, compressed or not, by its path without ``./`` in front.

    Args:
        data: the archive.
        name: what the learner calls it.

    Raises:
        CheckFailed: it is none.
        LimitReached: more than MOST bytes come out of it.
    """
    found: dict[str, Inode] = {}
    size = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(data, name)), mode="r:") as archive:
            for one in archive:
                size += one.size + tarfile.BLOCKSIZE
                if size > MOST:  # a file with a hole is larger than what is there of it
                    raise _too_much(name)
                if path := _plain(one.name):
                    found[path] = _inode(archive, one, found)
    except (tarfile.TarError, EOFError, OSError, lzma.LZMAError, ValueError, KeyError) as error:
        raise CheckFailed(
            f"{name} is not an archive, or only a part of one.",
            expected="an archive that tar can read, compressed or not",
            found=str(error)[:200] or "something else",
        ) from None
    return found


def _unpacked(data: bytes, name: str) -> bytes:
    opened: _Readable = next(
        (unpack(io.BytesIO(data)) for magic, unpack in _PACKED.items() if data.startswith(magic)), io.BytesIO(data)
    )
    plain = bytearray()
    while chunk := opened.read(_CHUNK):
        plain += chunk
        if len(plain) > MOST:
            raise _too_much(name)
    return bytes(plain)


def _too_much(name: str) -> LimitReached:
    return LimitReached(f"There is too much in {name}.", expected=f"at most {units.size(MOST)}", found="more than that")


def _plain(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in {"", "."})


def _inode(archive: tarfile.TarFile, one: tarfile.TarInfo, before: Mapping[str, Inode]) -> Inode:
    mode = f"{one.mode & 0o7777:o}"
    if one.issym():
        return Inode("symbolic link", mode, one.uid, one.gid, 0, one.linkname)
    if one.isdir():
        return Inode("directory", mode, one.uid, one.gid, 0, "")
    if one.islnk():  # a further name of a file: an image's programs may be one file with hundreds of them
        first = before[_plain(one.linkname)]
        return Inode(first.kind, mode, one.uid, one.gid, first.size, first.content)
    if (opened := archive.extractfile(one)) is not None:
        content = opened.read()
        return Inode("regular file", mode, one.uid, one.gid, len(content), hashlib.sha256(content).hexdigest())
    return Inode("something else", mode, one.uid, one.gid, 0, "")
