"""The course's chapters: a notebook each."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"\d\d-[a-z0-9-]+\.ipynb")
_HEADING: Final = re.compile(r"^#{1,4}\s+(.+?)\s*$")
_NUMBER: Final = re.compile(r"^\d\d\s*[·.:-]\s*")
_LINK: Final = re.compile(r"\]\(\.\./exercises/([^/)]+)/")
_EXERCISES: Final = "Exercises"
_ABOUT: Final = re.compile(r"^- (.+(?:\n +.+)*)", re.MULTILINE)
_MINUTES: Final = re.compile(r"\*\*Time:\*\* about (\d+) minutes")
_NEED: Final = re.compile(r"\*\*You need:\*\*((?:.+\n)+)")
_FENCE: Final = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True)
class Chapter:
    """A chapter's notebook.

    Attributes:
        number: two digits.
        title: its heading, without the number.
        sections: the headings below it, in order, as plain text.
        exercises: ids of those that its section “Exercises” links to, in order.
        path: of its notebook.
        about: what it teaches, in a line: the first thing that a reader can do after it.
        minutes: that it takes, as it says itself; None where it does not say.
        needs_network: whether it does not say that it needs none.
    """

    number: str
    title: str
    sections: tuple[str, ...]
    exercises: tuple[str, ...]
    path: Path
    about: str = ""
    minutes: int | None = None
    needs_network: bool = False


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
    sections: list[str] = []
    exercises: dict[str, None] = {}
    opening = ""
    for line, heading in _lines(path):
        if len(sections) == 1 and not heading:
            opening += f"{line}\n"
        if heading:
            sections.append(heading)
        elif sections and sections[-1] == _EXERCISES:
            exercises |= dict.fromkeys(_LINK.findall(line))
    title, *sections = sections or [path.stem[3:].replace("-", " ").capitalize()]
    about, minutes, need = _ABOUT.search(opening), _MINUTES.search(opening), _NEED.search(opening)
    return Chapter(
        number=path.name[:2],
        title=_NUMBER.sub("", title),
        sections=tuple(sections),
        exercises=tuple(exercises),
        path=path,
        about=_one_line(about[1]) if about else "",
        minutes=int(minutes[1]) if minutes else None,
        needs_network=need is not None and "no network" not in need[1].lower(),
    )


def _one_line(markdown: str) -> str:
    text = " ".join(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown).split())
    text = re.sub(r"[`*]", "", text).rstrip(";.")
    return text[:1].upper() + text[1:] + "."


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Each line of its text, and the heading that it is, as plain text; empty for one that is none."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (OSError, ValueError, LookupError, TypeError):
        return
    for text in texts:
        fenced = False
        for line in text.splitlines():
            fenced ^= bool(_FENCE.match(line))
            match = None if fenced else _HEADING.match(line)
            yield line, re.sub(r"[`*]", "", match[1]) if match else ""
