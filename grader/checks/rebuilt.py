"""What a second build has made again of the first, as far as the steps that ran again tell: times of files can be set back."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from grader.engine.layers import LayerFile
from grader.values.events import BuildStep

if TYPE_CHECKING:
    from grader.checks.image import Image

_STEP = re.compile(r"\[(?:(?P<stage>\S+) )?(?P<number>\d+)/\d+\] (?P<instruction>.*)", re.DOTALL)
_UNNAMED = re.compile(r"stage-(\d+)")
_FROM = re.compile(r"^\s*FROM\s.*$", re.IGNORECASE | re.MULTILINE)
_HAS_A_NAME = re.compile(r"\sAS\s+\S+\s*$", re.IGNORECASE)

Stage = Callable[[str], "Image | None"]
"""Builds a stage of the same Dockerfile, by the name that BuildKit's steps call it by; None where it cannot."""


def named(dockerfile: str, stage: str) -> tuple[str, str]:
    """Give a stage a name, where it has none, so that a build can stop there.

    Args:
        dockerfile: its text.
        stage: what BuildKit's steps call it, ``stage-0`` where it has no name.

    Returns:
        The text, and the name.
    """
    if not (unnamed := _UNNAMED.fullmatch(stage)):
        return dockerfile, stage
    number, name = int(unnamed[1]), f"drydock-{stage}"
    lines = list(_FROM.finditer(dockerfile))
    if number >= len(lines) or _HAS_A_NAME.search(lines[number][0]):
        return dockerfile, stage
    end = lines[number].end()
    return f"{dockerfile[:end]} AS {name}{dockerfile[end:]}", name


def made_again(image: "Image", patterns: Sequence[str], stage: Stage) -> Iterator[tuple[BuildStep, LayerFile]]:
    """Each RUN that did not come from the cache and has brought one of the files, whether in the image or in a stage before.

    Args:
        image: the later one.
        patterns: which files; see ``path_fits``.
        stage: builds one of its stages.
    """
    stages: dict[str, list[tuple[int, BuildStep]]] = {}
    for step in image.steps:
        if (match := _STEP.match(step.name)) and match["instruction"].startswith("RUN "):
            stages.setdefault(match["stage"] or "", []).append((int(match["number"]), step))
    for name, steps in stages.items():
        if all(step.cached for _, step in steps):
            continue
        own = [step for _, step in sorted(steps, key=lambda one: one[0])]
        # The one that the image is made of needs no build: its own steps are at the end of the image's.
        for built in filter(None, (image, stage(name) if name else None)):
            if found := list(_brought(built, own, patterns)):
                yield from found
                break


def _brought(image: "Image", own: Sequence[BuildStep], patterns: Sequence[str]) -> Iterator[tuple[BuildStep, LayerFile]]:
    """Steps of a stage that ran, and a file that each has brought: one that was not there, or was older, in a layer below."""
    runs = [number for number, made in enumerate(image.contents.made_by, 1) if made.startswith("RUN")]
    files = image.files(*patterns)
    for number, step in zip(runs[-len(own) :], own, strict=False):
        below = {(one.path, one.mtime) for one in files if one.layer < number}
        new = next((one for one in files if one.layer == number and (one.path, one.mtime) not in below), None)
        if new is not None and not step.cached:
            yield step, new
