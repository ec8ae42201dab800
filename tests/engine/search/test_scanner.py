"""A text is found in whatever it is packed, and what holds no copy of a file is not taken for one."""

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import pytest

from grader.engine.search.scanner import DEPTH, Budget, Scanner
from grader.engine.search.sought import Sought, in_base64
from grader.values.errors import LimitReached

WORD = b"hzq4v8kcx2n7wd3m"
BODY = b"some words before\n" * 30 + WORD + b"\nand some behind\n" * 30
SOUGHT = Sought.text(WORD.decode())
MB = 1 << 20


def zipped(data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive, as a wheel is one, too."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("package/module.py", data)
    return out.getvalue()


def streamed(data: bytes) -> bytes:
    """A zip archive that was written to a pipe: sizes stand behind the members, not before them."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", data)
    return out.getvalue()


def tarred(data: bytes) -> bytes:
    """A tar archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        about = tarfile.TarInfo("f")
        about.size = len(data)
        archive.addfile(about, io.BytesIO(data))
    return out.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zlib, as git keeps objects": zlib.compress,
    "zip": zipped,
    "zip, stored": lambda data: zipped(data, zipfile.ZIP_STORED),
    "zip with bzip2": lambda data: zipped(data, zipfile.ZIP_BZIP2),
    "zip with lzma": lambda data: zipped(data, zipfile.ZIP_LZMA),
    "zip of a pipe": streamed,
    "zip behind a script": lambda data: b"#!/usr/bin/env python\n" + zipped(data),
    "zip without its end": lambda data: zipped(data)[:-30],
    "tar": tarred,
    "base64 in lines": base64.encodebytes,
    "base64 for addresses": base64.urlsafe_b64encode,
    "base64 behind a word": lambda data: b"echo " + base64.b64encode(data) + b" | base64 -d",
    "hex": lambda data: data.hex().encode(),
    "hex in lines": lambda data: data.hex(" ", 30).replace(" ", "\n").upper().encode(),
}


def found(data: bytes, sought: Sought = SOUGHT, *, part: int = MB, budget: Budget | None = None) -> tuple[str, ...] | None:
    scanner = Scanner(sought, budget or Budget())
    for start in range(0, len(data), part):
        scanner.feed(data[start : start + part])
    return scanner.found


@pytest.mark.parametrize("outer", PACKED.values(), ids=list(PACKED))
@pytest.mark.parametrize("inner", PACKED.values(), ids=list(PACKED))
def test_packed_twice(outer: Callable[[bytes], bytes], inner: Callable[[bytes], bytes]) -> None:
    assert found(outer(inner(BODY))) is not None
    assert found(outer(inner(BODY.replace(WORD, b"another")))) is None


@pytest.mark.parametrize("pack", PACKED.values(), ids=list(PACKED))
@pytest.mark.parametrize("part", [977, 7, 1])
def test_it_does_not_matter_in_which_parts_it_is_read(pack: Callable[[bytes], bytes], part: int) -> None:
    assert found(pack(zipped(BODY)), part=part) is not None


@pytest.mark.parametrize(
    ("spelled", "how"),
    {
        "utf-16": (WORD.decode().encode("utf-16"), ()),
        "broken over lines": (b"key: hzq4v8\n     kcx2n7wd3m", ()),
        "backwards": (WORD[::-1], ("backwards",)),
        "rot13": (b"umd4i8xpk2a7jq3z", ("rot13",)),
        "short hex": (b"\\x" + WORD.hex().encode(), ("hex",)),
        "short base32": (base64.b32encode(b"k=" + WORD), ("base32",)),
    }.values(),
)
def test_other_spellings(spelled: bytes, how: tuple[str, ...]) -> None:
    assert found(b"before " + spelled + b" behind") == how


@pytest.mark.parametrize("before", ["", "a", "ab", "abc"])
@pytest.mark.parametrize("behind", ["", "\n", "yz"])
def test_base64_is_found_wherever_it_begins(before: str, behind: str) -> None:
    encoded = base64.b64encode(f"{before}{WORD.decode()}{behind}".encode())
    assert any(one in encoded for one in in_base64(WORD))
    assert found(b"x = '" + encoded + b"'") == ("base64",)


def test_it_is_said_how_it_is_packed() -> None:
    assert found(BODY) == ()
    assert found(zipped(base64.encodebytes(gzip.compress(BODY)))) == ("zip", "base64", "gzip")


SOURCE = """\
/* The sum of some numbers. */
static double sum_of(const double *numbers, int count)
{
    double sum = 0;
    for (int one = 0; one < count; one++)
        sum += numbers[one] * weights[one];
    return sum / total_weight(count);
}
"""
COPY = Sought.copy_of(SOURCE)


@pytest.mark.parametrize(
    ("content", "is_one"),
    {
        "itself": (SOURCE, True),
        "with other line ends": (SOURCE.replace("\n", "\r\n"), True),
        "formatted again": (SOURCE.replace("    ", "\t").replace("(", "( ").replace("\n{", " {"), True),
        "without its comment": ("\n".join(SOURCE.splitlines()[1:]), True),
        "in a heredoc": (f"cat > x.c <<'END'\n{SOURCE}END\n", True),
        "a text that names it": ("sum.c has a function sum_of(const double *numbers, int count).", False),
        "a text that quotes a line": (f"Look at it:\n{SOURCE.splitlines()[1]}\n", False),
        "another program": ("int main(void)\n{\n    double sum = 0;\n    return 0;\n}\n", False),
    }.values(),
)
def test_what_is_a_copy(content: str, is_one: bool) -> None:
    assert (found(content.encode(), COPY) is not None) is is_one
    assert (found(zipped(content.encode()), COPY) is not None) is is_one


def test_what_is_packed_too_often_is_a_limit() -> None:
    data = BODY
    for _ in range(DEPTH):
        data = gzip.compress(data)
    assert found(data) is not None
    with pytest.raises(LimitReached):
        found(gzip.compress(data))


@pytest.mark.parametrize(
    "data",
    {
        "much out of little": gzip.compress(bytes(8 * MB)),
        "the same, packed again": zipped(bz2.compress(bytes(8 * MB))),
        "much in base64": base64.b64encode(bytes(range(256)) * 32 * 1024),
        "what begins and never ends": b"\x1f\x8b\x08\0\0\0\0\0\0\0\0\xff\xff\0\0" * 200,
        "many that begin": b"x\x9c\x00\x00\x00\xff\xff" * 2_000,
        "many that are nothing": b"x\x9c" * 2_000,
    }.values(),
    ids=["gzip", "zip", "base64", "at once", "streams", "none"],
)
def test_a_bomb_is_a_limit(data: bytes) -> None:
    with pytest.raises(LimitReached):
        found(data, budget=Budget(size=4 * MB, begun=1_000))


def test_what_takes_too_much_memory_is_a_limit() -> None:
    wide: list[dict[str, int]] = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 256 * MB}]
    with pytest.raises(LimitReached, match="too much memory"):
        found(lzma.compress(BODY, filters=wide))
