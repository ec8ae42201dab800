"""What takes room in an image, and what of that is in vain: the findings of an image that is too large."""

from typing import TYPE_CHECKING

from grader.checks.exec_result import shortened
from grader.engine.dive import Efficiency, Wasted
from grader.engine.layers import MOST
from grader.values import units
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

if TYPE_CHECKING:
    from grader.checks.image import Image

_SHOWN_WASTED = 10
_SHOWN_LAYERS = 6
_MUCH = 20
"""A twentieth of an image is worth a word."""


def too_large(image: "Image", at_most: int) -> CheckFailed:
    """The finding of an image that is larger than it may be.

    Args:
        image: the image.
        at_most: bytes.
    """
    name, below = image.base
    theirs = sum(one.size for one in image.history[:below])
    rows = [row for row in sorted(image.layers()[below:], reverse=True)[:_SHOWN_LAYERS] if row[0]]
    found = units.size(image.size)
    found += f"; {units.size(theirs)} of it is the base image, {name}" if below else ""
    found += f"; the most that {'you add' if below else 'a step adds'} comes from {shortened(rows[0][1])}" if rows else ""
    return CheckFailed(
        "The image is too large.",
        expected=f"at most {units.size(at_most)}",
        found=found,
        evidence=Evidence(
            "what your own steps add, the largest first" if below else "the largest layers",
            "\n".join(f"{units.size(size):>9}  {by[:90]}" for size, by in rows),
        ),
        advice="The base image alone is larger than that." if theirs > at_most else _needless(image),
    )


def _needless(image: "Image") -> str:
    """How much of an image nobody can see, or is there twice; empty where that is little."""
    if image.size > MOST:
        return ""
    deleted, again = image.contents.in_vain()
    parts = []
    if deleted * _MUCH > image.size:
        parts.append(
            f"{units.size(deleted)} of it are files that a later step deletes or moves away: the layer below keeps them."
        )
    if again * _MUCH > image.size:
        parts.append(f"{units.size(again)} of it are there twice: a later step changed these files, if only their owner.")
    return " ".join(parts)


def in_vain(image: "Image", seen: Efficiency, at_least: float) -> CheckFailed:
    """The finding of an image whose layers hold too much in vain.

    Args:
        image: the image.
        seen: what dive says of it.
        at_least: the score that was expected.
    """
    heavy = [one for one in seen.wasted[:_SHOWN_WASTED] if one.size * 100 >= seen.wasted[0].size]
    rows = [f"{units.size(one.size):>9}  in {one.copies} layers  {one.path}" for one in heavy]
    return CheckFailed(
        "Part of the image is wasted: files that a later step deletes or stores again.",
        expected=f"an efficiency of at least {at_least:.0%}, as dive measures it",
        found=f"{int(seen.score * 100)}%; most of the rest is {_touched(image, heavy[0])}",
        evidence=Evidence("what they take in all layers together, deleted ones included", "\n".join(rows)),
    )


def _touched(image: "Image", wasted: Wasted) -> str:
    """A file that is in several layers, and what the last step that touches it does."""
    copies = [one for one in image.contents.files if f"/{one.path}" == wasted.path]
    if copies and not image.contents.is_deleted(copies[-1]):
        return f"{wasted.path}, in {wasted.copies} layers: in the last of them by {image.made_by(copies[-1])}"
    return f"{wasted.path}, which a later step deletes or moves away"
