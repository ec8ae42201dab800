"""What a learner hands in as a file: one archive with the exercise's folder as nbgrader expects it, and what it is."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from grader import settings
from grader.course import layout
from grader.values import names
from grader.values.errors import UsageError
from grader.workspace import handed_in

MANIFEST: Final = "hand-in.json"
TIMESTAMP: Final = "timestamp.txt"
_KIND: Final = "drydock hand-in"
_NOT_THEIRS: Final = settings.NEVER_THE_LEARNERS | {"feedback"}


@dataclass(frozen=True)
class Packed:
    """An archive.

    Attributes:
        name: of the file.
        content: of it.
        checksum: SHA-256 of the content, in hexadecimal digits.
    """

    name: str
    content: bytes
    checksum: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself; the learner's word, like all that is in it.

    Attributes:
        exercise: its id.
        learner: whose it is.
        at: when it was packed, UTC, as nbgrader writes it.
        files: relative path → SHA-256 of the content.
    """

    exercise: str
    learner: str
    at: str
    files: dict[str, str]

    def dumps(self) -> str:
        """Write it as JSON."""
        return json.dumps({"kind": _KIND, "format": 1, **vars(self)}, indent=1)

    @classmethod
    def loads(cls, text: str) -> Self | None:
        """Read one; None where the text is none."""
        try:
            said: Any = json.loads(text)
            parts = [said["exercise"], said["learner"], said["at"]]
            files = {str(name): str(digest) for name, digest in said["files"].items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        fits = said.get("kind") == _KIND and all(isinstance(one, str) and len(one) <= 100 for one in parts)
        return cls(parts[0], parts[1], parts[2], files) if fits else None


def theirs(folder: Path) -> list[Path]:
    """The files of an exercise's folder that are handed in, relative to it.

    Raises:
        UsageError: something in it cannot be handed in.
    """
    found = handed_in.look(folder)
    if reasons := [one for one in found.refused if not _NOT_THEIRS & set(one.split("/"))]:
        raise UsageError(f"This folder cannot be handed in. {reasons[0]}")
    left = layout.released_earlier(folder)
    return [one for one in found.files if not _NOT_THEIRS & set(one.parts) and (left is None or folder / one != left)]


def timestamp(at: datetime) -> str:
    """A moment, in UTC, as nbgrader writes it."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def pack(folder: Path, learner: str, now: datetime | None = None) -> Packed:
    """Pack a learner's folder of an exercise.

    Args:
        folder: its name is the exercise's id.
        learner: whose it is.
        now: when; by default now.

    Raises:
        UsageError: there is no such folder, something in it cannot be handed in, or the name is none.
    """
    if not names.fits(learner):
        raise UsageError(f"“{learner}” cannot be used as a name. {names.RULE}")
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder.name}: nothing can be handed in.")
    now = (now or datetime.now(UTC)).astimezone(UTC)
    at = timestamp(now)
    content = {
        one.as_posix(): (folder / one).read_bytes() for one in theirs(folder) if one.name != TIMESTAMP or len(one.parts) > 1
    }
    manifest = Manifest(folder.name, learner, at, {name: hashlib.sha256(text).hexdigest() for name, text in content.items()})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ((MANIFEST, manifest.dumps().encode()), (f"{folder.name}/{TIMESTAMP}", f"{at}\n".encode())):
            archive.writestr(_info(name, now, 0o644), text)
        for name, text in content.items():
            archive.writestr(_info(f"{folder.name}/{name}", now, (folder / name).stat().st_mode & 0o777), text)
    whole = packed.getvalue()
    return Packed(f"{folder.name}--{learner}--{now:%Y%m%dT%H%M%SZ}.zip", whole, hashlib.sha256(whole).hexdigest())


def _info(name: str, now: datetime, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, now.timetuple()[:6])
    info.create_system, info.external_attr, info.compress_type = 3, (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
    return info
