"""Measures the reader's own engine and draws what it found: each chart with its numbers in a table above it.

The charts are those of the panel (``grader/pictures``), so that what is read in a chapter is read in an exercise.
"""

import json
import logging
import os
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from IPython.display import display

from grader import pictures
from grader.values.events import BuildStep, ImageBuilt, Layer

logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # "building the font cache", on the first run

_STEP = re.compile(r"#(\d+) \[(?:(\S+) +)?(\d+)/\d+\] (?!FROM )(.+)")
_DONE = re.compile(r"#(\d+) DONE ([\d.]+)s")
_CACHED = re.compile(r"#(\d+) CACHED")
_FILES = ("RUN ", "COPY ", "ADD ", "WORKDIR ")


class BuildError(Exception):
    """A build that a chapter relies on failed; the reader sees its last lines."""

    def _render_traceback_(self) -> list[str]:  # IPython's own hook
        return [str(self)]


@dataclass
class Step:
    """One line of a Dockerfile as a build carried it out.

    Attributes:
        name: the line.
        place: its stage and its number therein.
        begin: seconds from the build's start.
        seconds: how long it took.
        cached: whether its result was taken from the cache.
    """

    name: str
    place: tuple[str, int] = ("", 0)
    begin: float = 0.0
    seconds: float = 0.0
    cached: bool = False


@dataclass
class Build:
    """A build that was measured: how long it took, in seconds, and its steps in the Dockerfile's order.

    FROM is left out: the base image is in the engine, and whether that counts as cached or done is chance.
    """

    seconds: float = 0.0
    steps: list[Step] = field(default_factory=list)


def build(*args: str) -> Build:
    """Run ``docker build`` with these arguments and the chapter's label, and time each step.

    Raises:
        BuildError: the build failed; the message is the end of its log.
    """
    started = time.monotonic()
    command = ["docker", "build", os.environ["MARK"], "--progress=plain", *args]
    steps: dict[str, Step] = {}
    log: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            log.append(line.rstrip())
            _note(line, time.monotonic() - started, steps)
    if process.returncode:
        raise BuildError("The build failed:\n" + "\n".join(log[-12:]))
    return Build(time.monotonic() - started, sorted(steps.values(), key=lambda step: step.place))


def _note(line: str, now: float, steps: dict[str, Step]) -> None:
    if match := _STEP.match(line):
        steps.setdefault(match[1], Step(_shorten(match[4]), (match[2] or "", int(match[3])), now))
    elif (match := _DONE.match(line)) and match[1] in steps:
        steps[match[1]].seconds = float(match[2])
        steps[match[1]].begin = max(0.0, now - float(match[2]))
    elif (match := _CACHED.match(line)) and match[1] in steps:
        steps[match[1]].cached = True


def _shorten(name: str, width: int = 44) -> str:
    name = " ".join(re.sub(r"^RUN( --\S+)+", "RUN", name).split())  # flags, such as mounts, are not the point
    return name if len(name) <= width else name[: width - 1] + "…"


def timeline(builds: Mapping[str, Build]) -> None:
    """Show builds one below the other on one time axis: which steps ran, for how long, and which came from the cache."""
    for title, build in builds.items():
        print(f"{title}: {build.seconds:.1f} s")
        for step in build.steps:
            print(f"    {step.name:<46}{'cached' if step.cached else f'{step.seconds:.1f} s':>8}")
    drawn = {title: [_as_builders(step, build) for step in build.steps] for title, build in builds.items()}
    took = {title: build.seconds for title, build in builds.items()}
    _draw(pictures.timeline(drawn, took=took), "Chart: a timeline of the builds above")


def _as_builders(step: Step, build: Build) -> BuildStep:
    stage, number = step.place
    last = max(other.place[1] for other in build.steps if other.place[0] == stage)
    place = f"[{stage and f'{stage} '}{number}/{last}] " if number else ""
    return BuildStep(name=f"{place}{step.name}", cached=step.cached, started_s=step.begin, duration_s=step.seconds)


def bars(title: str, values: Mapping[str, float], unit: str) -> None:
    """Show numbers as a table and as horizontal bars, in the order given, with the unit on each.

    Args:
        title: what is shown.
        values: a number for each name.
        unit: "MB", "ms" …
    """
    _table(title, values, unit)
    _draw(pictures.bars(title, values, unit), f"Chart: {title}, as bars")


def _table(title: str, values: Mapping[str, float], unit: str) -> None:
    print(title)
    for name, value in values.items():
        print(f"    {name:<46}{value:>9.1f} {unit}")


def layers(image: str, title: str | None = None, *, base: str, notes: bool = True) -> None:
    """Show an image's layers, oldest first, with their sizes in MB (10⁶ bytes).

    Args:
        image: name of an image in the engine.
        title: what to write above; by default the image's name.
        base: the image that it was built from: its layers are one bar, whoever made it and in how many steps.
        notes: whether to list instructions that only write to the image's description too.
    """
    below, lines = _history(base), _history(image)
    title = title or f"Layers of {image}"
    found = {f"FROM {base}": sum(size for size, _ in below) / 1e6}
    own = []
    for size, made_by in lines[len(below) :]:
        name = _shorten(_plain(made_by))
        if not notes and not name.startswith(_FILES):
            continue
        own.append(Layer(command=name, size=size))
        while name in found:
            name += " "  # the same line twice in a Dockerfile
        found[name] = size / 1e6
    _table(title, found, "MB")
    all_ = (*(Layer(command="", size=size) for size, _ in below), *own)
    built = ImageBuilt(file="", layers=all_, size=sum(one.size for one in all_), base=base, base_layers=len(below))
    _draw(pictures.layers(built), f"Chart: {title}, as bars")


def weight(image: str, *, base: str | None = None) -> float:
    """Return the MB (10⁶ bytes) of an image's layers; with a base, what they add to those of that image."""
    return sum(size for size, _ in _history(image)[len(_history(base)) if base else 0 :]) / 1e6


def _history(image: str) -> list[tuple[int, str]]:
    """Size in bytes and origin of each layer, oldest first."""
    form = "{{.Size}}\t{{.CreatedBy}}"
    command = ["docker", "history", "--human=false", "--no-trunc", "--format", form, image]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [(int(size), made_by) for size, made_by in (line.split("\t", 1) for line in reversed(lines))]


def _plain(made_by: str) -> str:
    """What the Dockerfile said, from what the image's history made of it."""
    text = re.sub(r"^(RUN )?(\|\d+ (\S+=\S* )+)?/bin/(ba)?sh -c (#\(nop\) +)?", r"\1", made_by)
    return text.replace("# buildkit", "").strip() or "(imported files)"


def _draw(picture: pictures.Picture, description: str) -> None:
    # IPython wants raw bytes for a PNG, and the text is what a reader without the picture gets.
    shown = {"image/png": picture.png(), "text/plain": description}
    display(shown, metadata={"image/png": {"width": int(picture.canvas.width)}}, raw=True)  # type: ignore[no-untyped-call]


def health(container: str) -> str:
    """Return what Docker says of a container's health: "starting", "healthy" or "unhealthy"."""
    return str(_checks(container)["Status"])


def checked(*containers: str, times: int = 3, seconds: float = 150) -> None:
    """Wait until the health of each container has been checked so often from now on: what it says then is of now.

    Raises:
        TimeoutError: that took longer than so many seconds.
    """
    seen = {name: {check["Start"] for check in _checks(name)["Log"] or ()} for name in containers}
    new: dict[str, set[str]] = {name: set() for name in containers}
    deadline = time.monotonic() + seconds
    while any(len(starts) < times for starts in new.values()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:.0f} seconds not all of {', '.join(containers)} had been checked {times} times")
        time.sleep(0.3)
        for name in containers:
            new[name] |= {check["Start"] for check in _checks(name)["Log"] or ()} - seen[name]


def _checks(container: str) -> Any:
    command = ["docker", "inspect", "--format", "{{json .State.Health}}", container]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
