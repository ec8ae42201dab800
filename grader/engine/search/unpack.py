"""What is packed inside of bytes, wherever it begins: gzip, zlib, bzip2, xz and members of a zip archive, as they stream by.

No table of contents is read, as it may lie or be cut off: a packed piece is known by how it begins, and is unpacked from there.
Tar archives and the like pack nothing; what is in them stands there as it is.
"""

import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from grader.values import units
from grader.values.errors import LimitReached

BEGINNINGS: Final = {
    "gzip": re.compile(rb"\x1f\x8b\x08"),
    "bzip2": re.compile(rb"BZh[1-9]1AY&SY"),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "zip": re.compile(rb"PK\x03\x04"),
    "zlib": re.compile(rb"x[\x01\x5e\x9c\xda]"),
}
"""Kind -> how bytes that are packed so begin. One pattern of all of them would take ten times as long."""
LONGEST: Final = 10
"""Bytes of the longest beginning."""
PIECE: Final = 1 * units.MB
"""At most so much comes out at once."""
_MEMORY = 128 * units.MB
"""What unpacking xz may take; ``xz -9`` needs 65 MB."""
_HEADER = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 1


class Packed(Protocol):
    """Packed bytes that are unpacked as they come.

    Attributes:
        ended: nothing more comes out, because it ended or because it is not packed at all.
    """

    ended: bool

    def unpacked(self, data: memoryview) -> Iterator[bytes]:
        """What comes out when these bytes go in, piece by piece."""
        ...


def begin(kind: str) -> Packed:
    """Begin to unpack.

    Args:
        kind: one of BEGINNINGS; the bytes that follow begin with what fitted.
    """
    match kind:
        case "gzip":
            return _Zlib(31)
        case "zlib":
            return _Zlib(15)
        case "zip":
            return _ZipMember()
        case "bzip2":
            return _Blocks(bz2.BZ2Decompressor())
        case _:
            return _Blocks(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY))


class _Zlib:
    """What zlib packs; how it is wrapped says ``wbits``, as zlib wants it."""

    def __init__(self, wbits: int) -> None:
        self._stream = zlib.decompressobj(wbits)
        self.ended = False

    def unpacked(self, data: memoryview) -> Iterator[bytes]:
        rest: bytes | memoryview = data
        while rest and not self.ended:
            try:
                piece = self._stream.decompress(rest, PIECE)
            except zlib.error:
                self.ended = True
                return
            rest = self._stream.unconsumed_tail
            self.ended = self._stream.eof
            if piece:
                yield piece


class _Blocks:
    """What bzip2 or xz packs."""

    def __init__(self, stream: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._stream = stream
        self.ended = False

    def unpacked(self, data: memoryview) -> Iterator[bytes]:
        rest: bytes | memoryview = data
        while not self.ended:
            try:
                piece = self._stream.decompress(rest, PIECE)
            except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
                self.ended = True
                if "limit" in str(error).lower():
                    raise LimitReached(
                        "Something in the image needs too much memory to be unpacked.",
                        expected=f"at most {units.size(_MEMORY)}, which xz -9 keeps to",
                        found="more than that",
                    ) from None
                return
            rest = b""
            self.ended = self._stream.eof
            if piece:
                yield piece
            if self._stream.needs_input:
                return


class _ZipMember:
    """One file of a zip archive, from its own header on; the archive's table, at its end, is not needed."""

    def __init__(self) -> None:
        self._before = b""
        self._inside: Packed | None = None
        self.ended = False

    def unpacked(self, data: memoryview) -> Iterator[bytes]:
        if self._inside is None:
            self._before += data
            if len(self._before) < _HEADER.size:
                return
            _magic, _version, flags, method, _time, _date, _crc, _packed, _size, name, extra = _HEADER.unpack_from(self._before)
            start = _HEADER.size + name + extra
            if len(self._before) < start + _LZMA_HEADER:
                return
            self._inside = None if flags & _ENCRYPTED else _member(method)
            if self._inside is None:
                self.ended = True
                return
            if method == _LZMA:
                # The stream of xz's older kind, whose header says in addition how long it is; here: unknown.
                properties = self._before[start + 4 : start + _LZMA_HEADER]
                self._before = properties + b"\xff" * 8 + self._before[start + _LZMA_HEADER :]
                start = 0
            data, self._before = memoryview(self._before)[start:], b""
        yield from self._inside.unpacked(data)
        self.ended = self._inside.ended


_LZMA = 14
_LZMA_HEADER = 9
"""Version, size of the properties, and the properties; what any other member has is longer, together with what follows it."""


def _member(method: int) -> Packed | None:
    """What unpacks a member of a zip archive; None where it is stored as it is, or packed in a way that nobody uses."""
    match method:
        case 8:
            return _Zlib(-15)
        case 12:
            return _Blocks(bz2.BZ2Decompressor())
        case _ if method == _LZMA:
            return _Blocks(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MEMORY))
        case _:
            return None
