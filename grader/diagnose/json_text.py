"""Where a text stops being JSON, and what that means to somebody who has typed it."""

import json
import re
from dataclasses import dataclass

_SHOWN_CHARACTERS = 30
_LONGEST = 200


@dataclass(frozen=True)
class Break:
    """Where it stops.

    Attributes:
        line: its number, from 1.
        found: what is there, in words.
        advice: what to make of it; empty where that cannot be told.
    """

    line: int
    found: str
    advice: str = ""


def breaks_at(text: str, error: Exception) -> Break:
    """Say where a text stops being JSON.

    Args:
        text: it.
        error: what reading it has raised: a ``JSONDecodeError``, or a ``RecursionError``.
    """
    place, line = (error.pos, error.lineno) if isinstance(error, json.JSONDecodeError) else (0, 1)
    said = str(error)
    rest, before = text[place:].lstrip(), text[:place].rstrip()
    if re.search(r",\s*[}\]]$", f"{before}{rest[:1]}") or re.match(r",\s*[}\]]", rest):
        line = before.count("\n") + 1
        return Break(line, "a comma, and nothing after it", "Put a comma between two values, and none after the last.")
    if rest.startswith(("'", "“", "”", "„")):
        return Break(line, f"a quote of another kind: {rest[0]}", 'JSON knows only one kind of quote: "')
    if "',' delimiter" in said and rest:
        advice = "Put a comma between two values: look at what comes before."
        return Break(line, "something new where a comma was expected", advice)
    if "':' delimiter" in said:
        return Break(line, "no colon after a name", "Put a colon between a name and its value.")
    if "nterminated" in said or "control character" in said:
        return Break(line, "a word that does not end", "A quote that is opened has to be closed, in the same line.")
    if rest and isinstance(error, json.JSONDecodeError):
        advice = "Put a word between double quotes." if rest[0].isalpha() else ""
        return Break(line, f"{rest.split()[0][:_SHOWN_CHARACTERS]}, which JSON cannot read there", advice)
    if rest:
        return Break(line, "a bracket in a bracket in a bracket, without an end", "Look for a bracket that is never closed.")
    return Break(line, "the end of the file, too early", "Is there a } for each {?")


def around(text: str, line: int) -> str:
    """A line of a text and those beside it, with their numbers."""
    numbered = enumerate(text.splitlines(), 1)
    return "\n".join(f"{number}: {one[:_LONGEST]}" for number, one in numbered if abs(number - line) <= 1)
