"""Archives with all their files empty."""

import io
import tarfile

import pytest

from grader.engine.isolated.listing import emptied

ODD = b"caf\xe9".decode("utf-8", "surrogateescape")
CAPABILITY = b"\x01\x00\x00\x02\x00\x04\x00\x00\xff\x00\x00\x00".decode("utf-8", "surrogateescape")
LARGEST = 9 << 30
"""More than a header's own field can say."""


class _Holes(io.RawIOBase):
    """Some bytes, zeros, and some more."""

    def __init__(self, head: bytes, zeros: int, tail: bytes) -> None:
        self._parts: list[bytes | int] = [head, zeros, tail]

    def read(self, size: int = -1) -> bytes:
        """Give a piece; zeros are made as they are asked for."""
        while self._parts:
            part = self._parts[0]
            if isinstance(part, int):
                count = min(part, size)
                self._parts[0] = part - count
                data = bytes(count)
            else:
                data, self._parts[0] = part[:size], part[size:]
            if data:
                return data
            self._parts.pop(0)
        return b""


def _member(name: str, **about: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    for key, value in about.items():
        setattr(made, key, value)
    return made


def _written(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    place = io.BytesIO()
    with tarfile.open(fileobj=place, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return place.getvalue()


def _emptied(archive: io.RawIOBase | io.BytesIO) -> list[tarfile.TarInfo]:
    pieces: list[bytes] = []
    emptied(archive, pieces.append)  # type: ignore[arg-type]
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces)), errors="surrogateescape") as made:
        return made.getmembers()


def test_all_is_there_but_content() -> None:
    pax = {"SCHILY.xattr.security.capability": CAPABILITY}
    found = _emptied(
        io.BytesIO(
            _written(
                (_member("etc", type=tarfile.DIRTYPE, mode=0o1777), b""),
                (_member("etc/program", mode=0o4755, uid=12, gid=1 << 22, pax_headers=pax), b"x" * 5000),
                (_member("n" * 300), b"y" * 513),
                (_member(ODD), b"z"),
                (_member("soft", type=tarfile.SYMTYPE, linkname="/etc/" + "l" * 200), b""),
                (_member("hard", type=tarfile.LNKTYPE, linkname="etc/program"), b""),
                (_member("pipe", type=tarfile.FIFOTYPE), b""),
            )
        )
    )
    assert [one.name for one in found] == ["etc", "etc/program", "n" * 300, ODD, "soft", "hard", "pipe"]
    assert not any(one.size for one in found)
    program = found[1]
    assert (program.mode, program.uid, program.gid) == (0o4755, 12, 1 << 22)
    assert program.pax_headers["SCHILY.xattr.security.capability"] == CAPABILITY
    assert found[0].isdir()
    assert found[0].mode == 0o1777
    assert found[4].linkname == "/etc/" + "l" * 200
    assert found[5].islnk()
    assert found[6].isfifo()


def test_a_file_that_is_larger_than_a_header_can_say() -> None:
    """It is sparse on its disk; its export is not."""
    large = _member("large", size=LARGEST).tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
    found = _emptied(_Holes(large, LARGEST, _written((_member("behind"), b"it"))))
    assert [(one.name, one.size) for one in found] == [("large", 0), ("behind", 0)]


def test_what_is_no_archive() -> None:
    with pytest.raises(tarfile.TarError):
        _emptied(io.BytesIO(b"no archive at all" * 100))
