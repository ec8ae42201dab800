"""The course's chapters: a notebook each."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

FOLDER: Final = "course"
_NAME: Final = re.compile(r"\d\d-[a-z0-9-]+\.ipynb")
_HEADING: Final = re.compile(r"^(?P<level>#{1,4})\s+(?P<text>.+?)\s*$")
_NUMBER: Final = re.compile(r"^\d\d\s*[·.:-]\s*")
_FENCE: Final = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True)
class Chapter:
    """A chapter's notebook.

    Attributes:
        number: two digits.
        title: its heading, without the number.
        sections: the headings below it, in order, as plain text.
        path: of its notebook.
    """

    number: str
    title: str
    sections: tuple[str, ...]
    path: Path


def chapters(folder: Path) -> list[Chapter]:
    """Return the chapters in a folder, in their order. One that cannot be read has its file's name for a title."""
    found = sorted(one for one in folder.glob("*.ipynb") if _NAME.fullmatch(one.name))
    return [_read(one, one.stat().st_mtime_ns) for one in found]


def chapter(folder: Path, number: str) -> Chapter | None:
    """Return the chapter of a number; None when there is none.

    Args:
        folder: with the chapters.
        number: two digits.
    """
    return next((one for one in chapters(folder) if one.number == number), None)


@lru_cache(maxsize=100)
def _read(path: Path, _changed: int) -> Chapter:
    title, *sections = _headings(path) or [path.stem[3:].replace("-", " ").capitalize()]
    return Chapter(path.name[:2], _NUMBER.sub("", title), tuple(sections), path)


def _headings(path: Path) -> list[str]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    found = []
    for text in texts:
        fenced = False
        for line in text.splitlines():
            fenced ^= bool(_FENCE.match(line))
            if not fenced and (match := _HEADING.match(line)):
                found.append(re.sub(r"[`*]", "", match["text"]))
    return found
