"""Texts with places for what was drawn: ``{name}``."""

import re
from collections.abc import Mapping
from typing import Final

_SLOT: Final = re.compile(r"\{([a-z_]+)\}")


def fill(text: str, drawn: Mapping[str, str]) -> str:
    """Put what was drawn into a text; other braces stay, as in ``--format {{.State}}``."""
    return _SLOT.sub(lambda match: drawn.get(match[1], match[0]), text)


def slots(text: str) -> list[str]:
    """The names of the places in a text."""
    return _SLOT.findall(text)
