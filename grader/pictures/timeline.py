"""The steps of builds on an axis of time: which ran, for how long, and which came from the cache."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from grader.pictures.canvas import COLUMN, MARGIN, WIDTH, Canvas, Theme
from grader.pictures.picture import Picture, cut, listed
from grader.report.clean import sentence
from grader.report.words import count
from grader.values.events import BuildStep, ImageBuilt
from grader.values.units import seconds

TITLE: Final = "What the build spent its time on"
_PLACE = re.compile(r"\[(?:(?P<stage>\S+) +)?(?P<number>\d+)/\d+\] ")
_INTERNAL = re.compile(r"\[[^\]]*internal\] ")
_HOST = re.compile(r"(\] FROM )(?:docker\.io/(?:library/)?)")
_BRIEF = 0.1
_ROW = 34.0
_HEAD = 26.0
_LETTERS = int((WIDTH - 2 * MARGIN) / COLUMN)
_LABEL = 130.0
"""Room behind the last bar, for its words."""
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


def builds(images: Iterable[ImageBuilt]) -> dict[str, Sequence[BuildStep]]:
    """Return what ``timeline`` takes: the steps of each build, under a title that says what was built.

    Args:
        images: in the order in which they were built.
    """
    found: dict[str, Sequence[BuildStep]] = {}
    for one in images:
        name = one.file
        if one.changed:
            shown = [*one.changed[:3], *([count(len(one.changed) - 3, "other file")] if len(one.changed) > 3 else ())]
            name += f", after a change of {listed(shown)}"
        title, number = name, 1
        while title in found:
            number += 1
            title = f"{name} ({number})"
        found[title] = one.steps
    return found


def timeline(
    steps: Mapping[str, Sequence[BuildStep]] | Sequence[BuildStep],
    *,
    took: Mapping[str, float] | None = None,
    theme: Theme = "light",
) -> Picture:
    """Draw builds, one below the other.

    What a builder does for itself is left out where it took less than 0.1 s.

    Args:
        steps: of one build, or those of several, each under its title.
        took: seconds of each whole build, by its title, where more is known of it than its steps.
        theme: of the page.
    """
    several = steps if isinstance(steps, Mapping) else {"": steps}
    shown = {title: _in_order(those) for title, those in several.items()}
    whole = {title: _end(those) for title, those in shown.items()} | dict(took or {})
    heads = sum(bool(title) for title in shown)
    height = sum(len(those) for those in shown.values()) * _ROW + heads * _HEAD + 44
    canvas = Canvas(height, theme)
    palette = canvas.palette
    end = max((step.started_s + step.duration_s for those in shown.values() for step in those), default=0.0) or 1.0
    scale = (WIDTH - 2 * MARGIN - _LABEL) / end
    bottom = height - 36
    tick = next((one for one in _TICKS if end / one <= 5), 7200)
    grid = [MARGIN + number * tick * scale for number in range(int(end / tick) + 1)]
    canvas.line([(MARGIN, bottom), (WIDTH - MARGIN - _LABEL, bottom)], palette.line)
    for number, x in enumerate(grid):
        canvas.line([(x, bottom), (x, bottom + 4)], palette.line)
        canvas.text(x, bottom + 15, f"{number * tick:g}", colour=palette.faint, align="center" if number else "left", size=11)
    canvas.text(MARGIN, bottom + 31, "seconds since the build began", colour=palette.faint, size=11)
    canvas.text(WIDTH - MARGIN, bottom + 31, "◆ from the cache · ✘ failed", colour=palette.faint, align="right", size=11)
    y = 0.0
    for title, those in shown.items():
        if title:
            canvas.text(MARGIN, y + 18, f"{cut(title, _LETTERS - 10)}: {seconds(whole[title])}", bold=True)
            y += _HEAD
        for step in those:
            for x in grid:  # beside the bars only: not through the text
                canvas.line([(x, y + 17), (x, y + 29)], palette.grid, width=0.8)
            _draw(canvas, step, y, scale)
            y += _ROW
    summary = _summary(shown, whole)
    return Picture(
        title=TITLE,
        summary=summary,
        canvas=canvas,
        head=(*(("build",) if heads else ()), "step", "began after", "took"),
        rows=tuple(
            (*((sentence(title),) if heads else ()), _name(step), f"{step.started_s:.1f} s", _took(step))
            for title, those in shown.items()
            for step in those
        ),
    )


def _draw(canvas: Canvas, step: BuildStep, y: float, scale: float) -> None:
    palette = canvas.palette
    canvas.text(MARGIN, y + 13, cut(_name(step), _LETTERS), mono=True)
    begin, long = MARGIN + step.started_s * scale, step.duration_s * scale
    if step.cached:
        canvas.line([(begin + 4, y + 23)], palette.wait, marker="D", size=7, joined=False)
        canvas.text(begin + 13, y + 27, _took(step), colour=palette.wait, size=11)
    elif step.error:
        canvas.bar(begin, y + 18, max(long, 1.5), 10, palette.bad, hatch="xxx")
        canvas.text(begin + max(long, 1.5) + 5, y + 27, f"✘ {_took(step)}", colour=palette.bad, size=11)
    else:
        canvas.bar(begin, y + 18, max(long, 1.5), 10, palette.own)
        canvas.text(begin + max(long, 1.5) + 5, y + 27, _took(step), size=11)


def _name(step: BuildStep) -> str:
    """As the builder says it, with images as the Dockerfile names them."""
    return sentence(_HOST.sub(r"\1", step.name))


def _took(step: BuildStep) -> str:
    if step.cached:
        return "from the cache"
    return f"failed after {step.duration_s:.1f} s" if step.error else f"{step.duration_s:.1f} s"


@dataclass
class _Stage:
    begin: float
    steps: list[tuple[int, BuildStep]]


def _in_order(steps: Sequence[BuildStep]) -> list[BuildStep]:
    """As the Dockerfile has them, stage by stage; a builder begins them in an order of its own."""
    before: list[BuildStep] = []
    after: list[BuildStep] = []
    stages: dict[str, _Stage] = {}
    for step in sorted(steps, key=lambda one: one.started_s):
        place = _PLACE.match(step.name)
        if place:
            stage = stages.setdefault(place["stage"] or "", _Stage(step.started_s, []))
            stage.steps.append((int(place["number"]), step))
        elif _INTERNAL.match(step.name) and not step.error:
            if step.duration_s >= _BRIEF:
                before.append(step)
        else:
            after.append(step)
    inside = [step for stage in stages.values() for _, step in sorted(stage.steps, key=lambda one: one[0])]
    return [*before, *inside, *after]


def _end(steps: Sequence[BuildStep]) -> float:
    return max((step.started_s + step.duration_s for step in steps), default=0.0)


def _summary(shown: Mapping[str, Sequence[BuildStep]], whole: Mapping[str, float]) -> str:
    said = [_sentence_part(title, steps, whole[title]) for title, steps in shown.items()]
    text = "; ".join(said) or "nothing was built"
    return text[0].upper() + text[1:] + "."


def _sentence_part(title: str, steps: Sequence[BuildStep], whole: float) -> str:
    cached = sum(step.cached for step in steps)
    ran = [step for step in steps if not step.cached]
    text = f"{cut(title, 100)}: " if title else ""
    text += f"the build took {seconds(whole)}; {cached} of {count(len(steps), 'step')} came from the cache"
    if failed := next((step for step in steps if step.error), None):
        return f"{text}, and “{cut(_name(failed), 60)}” failed"
    slowest = max(ran, key=lambda step: step.duration_s, default=None)
    if slowest is not None and slowest.duration_s >= _BRIEF:
        text += f", and the longest was “{cut(_name(slowest), 60)}” with {seconds(slowest.duration_s)}"
    return text
