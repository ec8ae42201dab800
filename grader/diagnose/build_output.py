"""What the image builder says when a build fails."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from grader.diagnose import program_output
from grader.values import units
from grader.values.errors import CheckFailed, ImageUnavailable, LimitReached
from grader.values.events import BuildStep
from grader.values.outcome import Evidence

_LOG_LINES = 15
_METADATA = re.compile(r"load metadata for (?:docker\.io/(?:library/)?)?(?P<image>\S+)")
_STAGE = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*\S+\s+AS\s+(\S+)", re.IGNORECASE | re.MULTILINE)
_FETCH = re.compile(r"\] ADD\b|^(?:https?|git|ssh)://|^git@|^\[.*\] (?:https?|git)://", re.IGNORECASE)
_NAMED = 80
_LONGEST = 200
_LINE = re.compile(r"parse error on line (?P<number>\d+): (?P<what>.*)")
_ENDED = re.compile(r"did not complete successfully: exit code: (?P<code>\d+)")
"""A step's command ran and failed: whatever it said, it was the command that said it."""


def instruction(step: BuildStep) -> str:
    """What the Dockerfile says there, without the builder's count of steps."""
    text = " ".join((step.name.partition("] ")[2] if step.name.startswith("[") else step.name).split())
    return text if len(text) <= _NAMED else f"{text[:_NAMED]}…"


def error_line(text: str) -> str:
    """The last line that says what is wrong, without the builder's prefixes."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("---", " "))]
    return (
        re.sub(r"^(?:ERROR: )?(?:failed to solve: )?(?:rpc error: .*? desc = )?", "", lines[-1]) if lines else "no reason given"
    )


def tail(text: str) -> str:
    """The end of a step's output, without what pip would like to be told as well."""
    lines = [line for line in text.rstrip().splitlines() if not line.startswith("[notice]")]
    return "\n".join(lines[-_LOG_LINES:])


def place(said: str, text: str) -> str:
    """The lines of the Dockerfile that the builder points to.

    Args:
        said: by the builder.
        text: of the Dockerfile.
    """
    rows: Iterator[str] = (line for line in said.splitlines() if re.match(r"^\s*\d+ \|", line))
    return "\n".join(rows) or (text.strip() if len(text) < 400 else "")


def ran(step: BuildStep) -> bool:
    """Whether it was a step's own command that failed: then what it says is the learner's word, not the builder's."""
    return _ENDED.search(step.error) is not None


def step_failed(file: str, text: str, failed: BuildStep, said: str) -> CheckFailed:
    """A step of the build failed, and nobody but the learner's own lines is to blame.

    Args:
        file: name of the Dockerfile.
        text: of the Dockerfile.
        failed: the step.
        said: by the builder.
    """
    log = tail(failed.log)
    found = error_line(failed.error)
    if ended := _ENDED.search(failed.error):
        reason = program_output.reason(failed.log) or log.rpartition("\n")[2].strip()[:_LONGEST]
        found = f"exit code {ended['code']}" + (f": {reason}" if reason else "")
    return CheckFailed(
        f"{file} does not build: it stops at “{instruction(failed)}”.",
        expected="every step of the build ends without an error",
        found=found,
        evidence=(Evidence("output of that step", log), Evidence("in the Dockerfile", place(said, text))),
        advice=program_output.meaning(failed.log),
    )


def unreadable(file: str, said: str) -> CheckFailed:
    """The builder did not get as far as a first step.

    Args:
        file: name of the Dockerfile.
        said: by the builder.
    """
    line = _LINE.search(error_line(said))
    return CheckFailed(
        f"{file} does not build: Docker does not understand line {line['number']}."
        if line
        else f"{file} does not build: the builder cannot read it.",
        expected="a Dockerfile that builds",
        found=line["what"] if line else error_line(said),
        evidence=Evidence("what the builder says", tail(said)),
        advice="Names of images and stages are written in small letters." if "must be lowercase" in said else "",
    )


def too_slow(step: BuildStep | None, text: str, seconds: float) -> LimitReached | CheckFailed | ImageUnavailable:
    """The build did not end in time.

    Args:
        step: that it was still at, where there is one.
        text: of the Dockerfile.
        seconds: that it had.
    """
    allowed = units.seconds(seconds)
    if step is not None and (match := _METADATA.search(step.name)):
        return _misspelt_stage(match["image"], text) or _not_to_be_had(match["image"])
    return LimitReached(
        f"The build took longer than {allowed} and was stopped.",
        expected=f"a build that ends within {allowed}",
        found=f"still at {step.name}" if step else "not ended",
        evidence=Evidence("output of that step", tail(step.log)) if step else (),
    )


def missing_image(failed: BuildStep, said: str, text: str) -> ImageUnavailable | CheckFailed | None:
    """A step failed because an image is not to be had; None when that is not what it is about.

    Args:
        failed: the step.
        said: by the builder.
        text: of the Dockerfile.
    """
    match = _METADATA.search(failed.name)
    if not match:
        return None
    if meant := _misspelt_stage(match["image"], text):
        return meant
    error = f"{failed.error} {said}".lower()
    if "not found" in error or "repository does not exist" in error or "pull access denied" in error:
        return CheckFailed(
            f"There is no image called {match['image']}.",
            expected="a base image that exists",
            found=error_line(failed.error),
            advice="Check the name and the tag after FROM, letter by letter.",
        )
    return _not_to_be_had(match["image"])


def fetches(step: BuildStep) -> bool:
    """Whether a step fetches what an address of the learner's names: what it fails with is that server's, or nobody's."""
    return bool(_FETCH.search(step.name))


def _misspelt_stage(image: str, text: str) -> CheckFailed | None:
    """A name that is nearly one of the Dockerfile's own stages: what is no stage, the builder takes for an image."""
    name = image.removesuffix(":latest")
    stages = _STAGE.findall(text)
    near = get_close_matches(name.lower(), [stage.lower() for stage in stages])
    if not near or re.search(r"[/:@]", name):
        return None
    return CheckFailed(
        f"There is no stage called {name}.",
        expected=f"a stage of this Dockerfile: {', '.join(stages)}",
        found=f"{name}, and no image of that name could be got either",
        advice="Compare the name after --from= or FROM with the one after AS, letter by letter.",
    )


def _not_to_be_had(image: str) -> ImageUnavailable:
    return ImageUnavailable(
        f"The base image {image} is not on this machine and cannot be pulled.",
        "Without a network, use one of the course's base images (`grader doctor` lists them). If it should be a stage of "
        "yours: its name must be the one after AS.",
        named=image,
    )
