"""Unpacks what a stranger packed: ordinary files into one folder, within bounds; nothing else is written, or believed.

Sizes are counted while they are unpacked: what an archive says of itself is its packer's word.
"""

import bz2
import gzip
import lzma
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from grader.values import units
from grader.values.errors import UsageError
from grader.workspace import handed_in

SUFFIXES: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_PIECE: Final = 1 << 16
_JUNK: Final = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})
"""What file managers add to an archive."""
_BROKEN: Final = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, tarfile.TarError, lzma.LZMAError, zlib.error),
    *(EOFError, ValueError, NotImplementedError),
)


@dataclass(frozen=True)
class Bounds:
    """How much is unpacked.

    Attributes:
        bytes: in all.
        entries: files and folders.
    """

    bytes: int = handed_in.MOST_BYTES
    entries: int = handed_in.MOST_ENTRIES


@dataclass(frozen=True)
class Left:
    """A member that was not unpacked.

    Attributes:
        name: as the archive has it.
        reason: a sentence.
    """

    name: str
    reason: str


class TooLarge(UsageError):
    """There is more in it than is unpacked."""


@dataclass(frozen=True)
class _Member:
    name: str
    kind: int  # as in a file's mode; 0 where the archive does not say
    executable: bool
    encrypted: bool
    open: Callable[[], IO[bytes]]


def is_archive(name: str) -> bool:
    """Whether a file's name says that it is one."""
    return name.lower().endswith(SUFFIXES)


def unpack(archive: Path, target: Path, bounds: Bounds | None = None) -> list[Left]:
    """Unpack an archive.

    Args:
        archive: a file, zip or tar.
        target: an empty folder.
        bounds: how much; by default what a submission may be.

    Returns:
        What was left out, and why: links, devices, paths that lead out of the folder, what is there twice …

    Raises:
        TooLarge: it holds more than the bounds allow.
        UsageError: it is no archive, or a broken one.
    """
    bounds = bounds or Bounds()
    left: list[Left] = []
    room = bounds.bytes
    try:
        with _members(archive, bounds) as members:
            for number, member in enumerate(members, 1):
                if number > bounds.entries:
                    raise TooLarge(f"There are more than {bounds.entries:,} files and folders in it.")
                name = member.name.replace("\\", "/")
                if _JUNK & set(name.split("/")):
                    continue
                if reason := _refusal(name, member):
                    left.append(Left(_shown(name), reason))
                elif member.kind == stat.S_IFDIR:
                    _folder(target / name, name, left)
                else:
                    room -= _write(member, target / name, room, bounds, left)
    except _BROKEN as error:
        raise UsageError(f"It is no archive that can be read ({type(error).__name__}).") from error
    return left


def _refusal(name: str, member: _Member) -> str:
    """Why a member is not unpacked; empty when it is."""
    shown = _shown(name)
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return f"{shown} leads out of the archive's own folder."
    if not name.isprintable() or any(len(part.encode(errors="replace")) > 255 for part in path.parts) or len(path.parts) > 40:
        return f"{shown} is no name that a file can have here."
    if kind := handed_in.KINDS.get(member.kind):
        return f"{shown} is {kind}: only ordinary files and folders can be handed in."
    if member.kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return f"{shown} is neither a file nor a folder."
    return f"{shown} needs a password." if member.encrypted else ""


def _folder(place: Path, name: str, left: list[Left]) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        left.append(Left(_shown(name), f"{_shown(name)} is there twice, as a file and as a folder."))


def _write(member: _Member, place: Path, room: int, bounds: Bounds, left: list[Left]) -> int:
    """Write a file; returns its size."""
    size = 0
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        file = place.open("xb")
    except OSError:
        left.append(Left(_shown(member.name), f"{_shown(member.name)} is there twice."))
        return 0
    with file, member.open() as packed:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > room:
                raise TooLarge(f"It unpacks to more than {units.size(bounds.bytes)}.")
            file.write(piece)
    place.chmod(0o755 if member.executable else 0o644)
    return size


@contextmanager
def _members(archive: Path, bounds: Bounds) -> Iterator[Iterator[_Member]]:
    with ExitStack() as stack:
        if zipfile.is_zipfile(archive):
            yield _in_zip(stack.enter_context(zipfile.ZipFile(archive)))
        else:
            plain = stack.enter_context(_plain(archive, bounds))
            yield _in_tar(stack.enter_context(tarfile.open(fileobj=plain, mode="r:")))


def _in_zip(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for one in archive.infolist():
        mode = one.external_attr >> 16
        kind = stat.S_IFDIR if one.is_dir() else stat.S_IFMT(mode)
        yield _Member(
            name=one.filename.rstrip("/"),
            kind=kind,
            executable=bool(mode & 0o100),
            encrypted=bool(one.flag_bits & 1),
            open=lambda one=one: archive.open(one),  # type: ignore[misc]
        )


def _in_tar(archive: tarfile.TarFile) -> Iterator[_Member]:
    kinds = {
        tarfile.SYMTYPE: stat.S_IFLNK, tarfile.LNKTYPE: stat.S_IFLNK, tarfile.DIRTYPE: stat.S_IFDIR,
        tarfile.FIFOTYPE: stat.S_IFIFO, tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK,
        tarfile.REGTYPE: stat.S_IFREG, tarfile.AREGTYPE: stat.S_IFREG, tarfile.CONTTYPE: stat.S_IFREG,
    }  # fmt: skip
    for one in archive:
        content: Any = archive.extractfile  # None only for what is no file, and that is not opened
        yield _Member(
            name=one.name.removeprefix("./") or ".",
            kind=kinds.get(one.type, stat.S_IFSOCK) if one.name not in {".", "./"} else stat.S_IFDIR,
            executable=bool(one.mode & 0o100),
            encrypted=False,
            open=lambda one=one, content=content: content(one),  # type: ignore[misc]
        )


@contextmanager
def _plain(archive: Path, bounds: Bounds) -> Iterator[IO[bytes]]:
    """A tar without its compression, bounded before anything in it is read: its headers too may be of any size."""
    openers: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
    with archive.open("rb") as file:
        begin = file.read(6)
        file.seek(0)
        opener = next((one for magic, one in openers.items() if begin.startswith(magic)), None)
        if opener is None:
            yield file
            return
        most = bounds.bytes + bounds.entries * 1024
        with tempfile.TemporaryFile() as plain:
            try:
                with opener(file) as packed:
                    while piece := packed.read(_PIECE):
                        plain.write(piece)
                        if plain.tell() > most:
                            raise TooLarge(f"It unpacks to more than {units.size(bounds.bytes)}.")
            except OSError as error:  # gzip's and bz2's word for broken
                raise ValueError(str(error)) from error
            plain.seek(0)
            yield plain


def _shown(name: str) -> str:
    return name.encode("unicode_escape").decode()[:120] if not name.isprintable() else name[:120]
