"""The base images that the course uses: what its learners may build on, with a network or without."""

import re
from pathlib import Path
from typing import Final

from grader import settings

RECIPES: Final = "images"
"""Folder of a course with a recipe for each, and its names in ``image.env``."""
_VARIABLE: Final = re.compile(r"^(IMAGE|TAGS)=[\"']?([^\"'\n]*)", re.MULTILINE)


def names(course: Path) -> tuple[str, ...]:
    """Every name of every base image, with its tag, sorted.

    Args:
        course: the folder that holds ``solutions/``; one without recipes uses those of $DRYDOCK_COURSE, as in an instructor's
            lab, or those that come with the grader.
    """
    for root in (course, settings.course(), settings.installed_course()):
        if root and (found := sorted((root / RECIPES).glob("*/image.env"))):
            return tuple(sorted(name for one in found for name in _names(one.read_text(encoding="utf-8"))))
    return ()


def _names(text: str) -> list[str]:
    said = dict(_VARIABLE.findall(text))
    return [f"{said['IMAGE']}:{tag}" for tag in said.get("TAGS", "").split()] if said.get("IMAGE") else []
