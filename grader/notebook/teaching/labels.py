"""How course platforms name what they give out: whose it is. Pure text."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grader.values import names

# Moodle's folders, Canvas' files, Blackboard's files; whatever else there is names a person by itself.
_PLATFORMS: Final = (
    re.compile(r"(?P<person>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?.*"),
    re.compile(r"(?P<person>[^\W\d_]+)(?:_LATE|_late)?_(?P<number>\d+)_\d+(?:_.*)?"),
    re.compile(r".+?_(?P<person>[^_]+)_attempt_\d{4}-.*"),
)
_EXERCISE: Final = re.compile(r"\d\d-[a-z0-9-]+?--(?P<person>.+)--\d{8}T\d{6}Z")
"""Our own archives' names."""


@dataclass(frozen=True)
class Label:
    """A name that a platform gave.

    Attributes:
        text: as it stands there.
        person: the part of it that names somebody.
    """

    text: str
    person: str


def read(text: str) -> Label:
    """Find the person in a name.

    Args:
        text: of a folder or a file, without its suffix.
    """
    for pattern in (*_PLATFORMS, _EXERCISE):
        if match := pattern.fullmatch(text):
            return Label(text, match["person"].strip())
    return Label(text, text.strip())


def split(file: str, endings: Sequence[str]) -> str | None:
    """What stands before a file's own name, where a platform put somebody's before it; None where nothing does.

    Args:
        file: its name as the platform has it.
        endings: names that learners' files have.
    """
    for one in sorted(endings, key=len, reverse=True):
        if file.endswith(f"_{one}") and len(file) > len(one) + 1:
            return file[: -len(one) - 1]
    return None


def as_id(person: str) -> str:
    """A student id made of a person's name: what fits, with the rest left out; may be empty."""
    plain = "".join(one if re.match(r"[\w .@'-]", one) else " " for one in unicodedata.normalize("NFC", person))
    made = " ".join(plain.split()).strip(" .-_'@")[:64].rstrip(" .")
    return made if names.fits(made) else ""


def first_and_last(person: str) -> tuple[str, str] | None:
    """The two names of somebody, as a gradebook has them; None where there is one word, or an address."""
    words = as_id(person).split()
    return (" ".join(words[:-1]), words[-1]) if len(words) > 1 else None
