"""What compose makes of a learner's file: ``docker compose config``, and its complaints in plain words with their line."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.diagnose import compose_output
from grader.engine.compose import read_files
from grader.engine.compose.plan import Vet
from grader.engine.compose.reading import HOME, Reading, Said, read, seen_as
from grader.engine.compose.service import RULES
from grader.engine.compose.source import Source, refused
from grader.engine.session import Session
from grader.values.errors import CheckFailed

_WARNING = re.compile(r'^time="[^"]*" level=(?P<level>\w+) msg="(?P<text>(?:[^"\\]|\\.)*)".*$')
_OF_A_FILE = re.compile(r"\b(?:read|parse|validating|file) (\S+?):? (?:not found)?")


@dataclass(frozen=True)
class Config:
    """A stack as compose understands it.

    Attributes:
        model: the object that ``docker compose config --format json`` prints, with ``$$`` turned back into ``$``.
        written: likewise, with every service of every profile, variables left as they are, and the names of env files.
        seen: where compose saw the submission's folder: paths begin with it.
        left_out: files of the submission that it could not see.
        warnings: what it warned of.
    """

    model: Mapping[str, Any]
    written: Mapping[str, Any]
    seen: str
    left_out: frozenset[str]
    warnings: tuple[str, ...]


def configure(session: Session, source: Source, variables: Mapping[str, str] | None = None) -> Config:
    """Have compose read, merge and normalise a learner's files.

    Args:
        session: the run.
        source: the files.
        variables: of the environment that compose reads them in.

    Raises:
        CheckFailed: compose does not accept them; says why and where.
        LimitReached: compose did not end.
        ImageUnavailable: the image that holds compose is neither here nor to be had.
    """
    reading = read(session, source.folder, source.asked, variables)
    written = _object(reading.written.output, source) if reading.written.code == 0 else {}
    if reading.meant.code != 0:
        _refuse_what_is_elsewhere(session, source, reading, written)
    for said in (reading.meant, reading.written):
        if said.code != 0:
            raise _complaint(said, source, reading)
    found = (_WARNING.match(line) for line in reading.meant.complaints.splitlines())
    warnings = [_plain(one["text"].replace('\\"', '"'), source) for one in found if one and one["level"] == "warning"]
    return Config(
        _object(reading.meant.output.replace("$$", "$"), source),
        written,
        seen_as(source.folder),
        reading.left_out,
        tuple(warnings),
    )


def _refuse_what_is_elsewhere(session: Session, source: Source, reading: Reading, written: Mapping[str, Any]) -> None:
    """Compose did not find a file because it is not in the submission: that is the better word for it."""
    state = Vet({}, source.folder, session.limits, "", source.place, seen_as(source.folder), written, reading.left_out)
    read_files.judge(state, written.get("services") or ())
    if state.refusals:
        raise refused(state.refusals)


def _object(text: str, source: Source) -> Mapping[str, Any]:
    try:
        model = json.loads(text)
        assert isinstance(model, dict)
    except (ValueError, AssertionError):
        raise CheckFailed(f"{source.name} grows too large when compose reads it.", expected="a few kilobytes") from None
    return model


def _plain(text: str, source: Source) -> str:
    """Name the learner's file instead of our copy of it."""
    seen = seen_as(source.folder)
    return text.replace(f"{seen}/", "").replace(seen, "your folder").replace(HOME, "~")


def _complaint(said: Said, source: Source, reading: Reading) -> Exception:
    lines = [line for line in said.complaints.splitlines() if line.strip() and not _WARNING.match(line)]
    text = _plain(" ".join(lines), source)
    # Told by how it begins: what follows may be the learner's own words, and whoever can make a fault is never graded.
    if text.startswith("docker: ") and (trouble := compose_output.no_compose(text)):
        return trouble
    about = _OF_A_FILE.search(text)
    file = about[1] if about and source.has(about[1]) else source.name
    if file in reading.left_out or (about and about[1] in reading.left_out):
        return read_files.too_large(about[1] if about else file)
    text = compose_output.complaint(text).removeprefix(f"failed to read {file}: ").removeprefix(f"failed to parse {file}: ")
    named = compose_output.place(text)
    place = source.line(file, named) if isinstance(named, int) else source.place(named, file) if named else None
    found = text + (f" ({place})" if place else "")
    if file not in source.texts:
        return CheckFailed(
            f"{file} is not a file of settings that compose accepts.",
            expected="a setting in each line, of the form NAME=value",
            found=found,
            advice=source.odd_character(file),
        )
    return CheckFailed(
        f"{file} is not a compose file that compose accepts.",
        expected="a file that `docker compose config` reads without an error",
        found=found,
        advice=source.odd_character(file)
        or (compose_output.FIRST_FORMAT if source.first_format else "")
        or compose_output.reached_out(text)
        or compose_output.advice(text, settings=RULES),
    )
