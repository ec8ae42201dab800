"""Long runs of base64 or hex in text, turned back into the bytes that they stand for, as they stream by."""

import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final

SHORTEST: Final = 64
"""What is shorter holds nothing that is packed; a text that stands in it is found in its spelling."""
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_IN, _OUT = b"\1", b"\0"
_MARKS = bytes(1 if byte in _LETTERS else 0 for byte in range(256))
_HEX = b"0123456789abcdefABCDEF"
_KINDS = (re.compile(rb"[A-Z]"), re.compile(rb"[a-z]"), re.compile(rb"[0-9]"))
"""Of 64 letters of base64 some are of each kind, one time in 50,000 aside."""
_FOR_FILES = bytes.maketrans(b"-_", b"+/")


class Decoded:
    """One run, decoded from one of the places where it may begin.

    Args:
        how: the spelling, in a word.
        skip: letters in front that do not belong to it.
        decode: turns letters into bytes; ValueError where they are others.
        group: so many letters belong together.
    """

    def __init__(self, how: str, skip: int, decode: Callable[[bytes], bytes], group: int) -> None:
        self.how = how
        self._skip = skip
        self._decode = decode
        self._group = group
        self._rest = b""
        self.ended = False

    def decoded(self, letters: bytes) -> bytes:
        """The bytes that more of the run stand for."""
        skipped = min(self._skip, len(letters))
        self._skip -= skipped
        letters = self._rest + letters[skipped:]
        whole = len(letters) // self._group * self._group
        self._rest = letters[whole:]
        try:
            return self._decode(letters[:whole])
        except ValueError:
            self.ended = True
            return b""


class Runs:
    """Finds the runs in text that comes without its white space.

    Letters that stood before a run, with nothing but space between, belong to it as far as anybody can see: so each is decoded
    from each of the places where it may begin.
    """

    def __init__(self) -> None:
        self._before = b""
        self._open = False

    def found_in(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """The parts of runs in what comes next, each with whether it begins a run."""
        data = self._before + data
        self._before = b""
        marks = data.translate(_MARKS)
        at = 0
        if self._open:
            at = _end(marks, 0)
            yield False, data[:at]
            self._open = at == len(data)
        while (start := marks.find(_IN * SHORTEST, at)) >= 0:
            at = _end(marks, start)
            yield True, data[start:at]
            self._open = at == len(data)
        if not self._open:
            self._before = data[max(at, marks.rfind(_OUT) + 1) :]


def decoders(letters: bytes) -> list[Decoded]:
    """What a run may be, by how it begins; nothing for words that stand without space between.

    Args:
        letters: the first part of it, with what may stand before it.
    """
    before = len(letters.rstrip(_HEX))
    if len(letters) - before >= SHORTEST // 2:
        return [Decoded("hex", before + skip, binascii.unhexlify, 2) for skip in range(2)]
    if all(kind.search(letters) for kind in _KINDS):
        return [Decoded("base64", skip, _from_base64, 4) for skip in range(4)]
    return []


def _end(marks: bytes, start: int) -> int:
    end = marks.find(_OUT, start)
    return len(marks) if end < 0 else end


def _from_base64(letters: bytes) -> bytes:
    return binascii.a2b_base64(letters.translate(_FOR_FILES))
