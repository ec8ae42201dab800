"""Texts with places for what was drawn: ``{name}``."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

_SLOT: Final = re.compile(r"\{([a-z_]+)\}")
_GOES_ON: Final = ("-", "_", ":")
"""What follows a name in names that are made of it: a tag, or what compose adds to a project's."""


def fill(text: str, drawn: Mapping[str, str]) -> str:
    """Put what was drawn into a text; other braces stay, as in ``--format {{.State}}``."""
    return _SLOT.sub(lambda match: drawn.get(match[1], match[0]), text)


def slots(text: str) -> list[str]:
    """The names of the places in a text."""
    return _SLOT.findall(text)


def is_made_of(name: str, drawn: Iterable[str]) -> bool:
    """Whether a thing's name is one that was drawn, or goes on from one, as ``{name}-web-1`` and ``{name}:2`` do."""
    return any(name == one or name.startswith(tuple(one + mark for mark in _GOES_ON)) for one in drawn)
