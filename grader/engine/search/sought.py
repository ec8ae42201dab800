"""What is looked for in bytes: texts, in the spellings that they may take there."""

import base64
import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

_SPACE = b"\0\t\n\v\f\r "
_TELLING = 12
"""A line that is shorter, without its white space, may stand in any file."""
_LEAST = 8
"""A spelling that is shorter is found anywhere by chance."""
PLAIN = ""


def flat(data: bytes) -> bytes:
    """Bytes without white space and zeros, so that line breaks, indentation and UTF-16 make no difference."""
    return data.translate(None, _SPACE)


@dataclass(frozen=True)
class Needle:
    """One spelling of one text.

    Attributes:
        of: which of the texts it is.
        how: the spelling, in a word; PLAIN for the text as it is.
        data: as it stands in what ``flat`` gives.
    """

    of: int
    how: str
    data: bytes


@dataclass(frozen=True)
class Sought:
    """What is looked for.

    Attributes:
        needles: all spellings of all texts.
        enough: so many of the texts in one content are a find.
    """

    needles: tuple[Needle, ...] = field(repr=False)
    enough: int = 1

    @classmethod
    def text(cls, *texts: str) -> Self:
        """A text, e.g. a password, in any spelling; several: any of them."""
        return cls(tuple(needle for number, text in enumerate(texts) for needle in _spellings(number, text)))

    @classmethod
    def copy_of(cls, lines: str) -> Self:
        """A file, by its lines: content that holds at least half of them is a copy, content that quotes one is not.

        Args:
            lines: those of the file, or some that are its own; indentation, line breaks and short lines do not count.
        """
        telling = dict.fromkeys(one for line in lines.splitlines() if len(one := flat(line.encode())) >= _TELLING)
        return cls(tuple(Needle(number, PLAIN, one) for number, one in enumerate(telling)), max(1, (len(telling) + 1) // 2))

    @cached_property
    def overlap(self) -> int:
        """So many bytes of what was searched must be searched again together with what follows."""
        return max(len(one.data) for one in self.needles) - 1

    def found_in(self, data: bytes) -> str | None:
        """The spelling in which something short holds it; None where it does not.

        Args:
            data: a path, say, or a value; nothing in it is unpacked.
        """
        there = [one for one in self.needles if one.data in flat(data)]
        return there[0].how if len({one.of for one in there}) >= self.enough else None


def strings(document: bytes) -> Iterator[str]:
    """All keys and values that are texts of a JSON document; the whole of it where it is none."""
    try:
        todo = [json.loads(document)]
    except ValueError:
        yield document.decode(errors="replace")
        return
    while todo:
        match todo.pop():
            case str() as text:
                yield text
            case dict() as some:
                todo += [*some, *some.values()]
            case list() as some:
                todo += some


def _spellings(of: int, text: str) -> Iterator[Needle]:
    plain = text.encode()
    spelled = {
        PLAIN: [flat(plain)],
        "backwards": [flat(plain)[::-1]],
        "rot13": [flat(codecs.encode(text, "rot13").encode())],
        "hex": [plain.hex().encode(), plain.hex().upper().encode()],
        "base64": [form for one in in_base64(plain) for form in (one, one.translate(bytes.maketrans(b"+/", b"-_")))],
        "base32": in_base32(plain),
    }
    yield Needle(of, PLAIN, flat(plain))
    for how, forms in spelled.items():
        yield from (Needle(of, how, one) for one in dict.fromkeys(forms) if how and len(one) >= _LEAST and one != flat(plain))


def in_base64(data: bytes) -> list[bytes]:
    """Bytes in base64, as they may stand in longer ones: without the letters that depend on what is around them."""
    return [base64.b64encode(data[first : first + (len(data) - first) // 3 * 3]) for first in range(3)]


def in_base32(data: bytes) -> list[bytes]:
    """Bytes in base32, as they may stand in longer ones."""
    return [base64.b32encode(data[first : first + (len(data) - first) // 5 * 5]) for first in range(5)]
