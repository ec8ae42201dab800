"""What a linter says of a Dockerfile, and what it should not have to say."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from grader.checks.exec_result import SHOWN_LINES
from grader.engine import hadolint
from grader.engine.build import context
from grader.engine.hadolint import Complaint, Level
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

_WIDTH = 100
_EXPECTED = {
    Level.ERROR: "no errors",
    Level.WARNING: "no errors and no warnings",
    Level.INFO: "no errors, no warnings and no remarks (info)",
    Level.STYLE: "no complaint at all",
}
_WORDS = {
    Level.ERROR: ("error", "errors"),
    Level.WARNING: ("warning", "warnings"),
    Level.INFO: ("remark", "remarks"),
    Level.STYLE: ("remark on style", "remarks on style"),
}
_LEVELS = list(Level)


class LintResult:
    """A Dockerfile as hadolint sees it: without any settings, and deaf to comments that would silence it.

    Args:
        file: its name.
        text: its text.
        complaints: from the first line to the last.
        settings: the name of a file beside it that hadolint would read elsewhere; empty where there is none.
    """

    def __init__(self, file: str, text: str, complaints: tuple[Complaint, ...], *, settings: str = "") -> None:
        self.file = file
        self.text = text
        self.complaints = complaints
        self.settings = settings

    def expect_quiet(self, *, at_least: str = Level.WARNING, except_for: Sequence[str] = ()) -> None:
        """Nothing is complained about.

        Args:
            at_least: the mildest level that counts: ``error``, ``warning``, ``info`` or ``style``.
            except_for: codes of rules that do not count, e.g. ``DL3008``.
        """
        worst = Level(at_least)
        counted = _LEVELS[: _LEVELS.index(worst) + 1]
        found = [one for one in self.complaints if one.level in counted and one.code not in except_for]
        if not found:
            return
        unreadable = next((one for one in found if one.code == hadolint.UNREADABLE), None)
        if unreadable is not None:
            raise self._unreadable(unreadable)
        lines = list(dict.fromkeys(one.line for one in found))
        where = f"line {lines[0]}" if len(lines) == 1 else f"{len(lines)} lines"
        numbers = [(level, sum(one.level is level for one in found)) for level in counted]
        raise CheckFailed(
            f"hadolint complains about {where} of your {self.file}.",
            expected=_EXPECTED[worst] + (f"; {', '.join(except_for)} do not count" if except_for else ""),
            found=" and ".join(_number(level, number) for level, number in numbers if number),
            evidence=Evidence("what it says, line by line", self._by_line(found)),
            advice=" ".join(filter(None, [self._silenced(), _explained(found)])),
        )

    def _line(self, number: int) -> str:
        lines = self.text.split("\n")
        text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        return f"line {number}: {text if len(text) <= _WIDTH else f'{text[:_WIDTH]} …'}"

    def _by_line(self, found: Sequence[Complaint]) -> str:
        groups = [
            [self._line(number), *(f"    {one.code} {one.level}: {one.message}" for one in of_it)]
            for number, of_it in groupby(found, key=lambda one: one.line)
        ]
        rows: list[str] = []
        for index, group in enumerate(groups):
            if rows and len(rows) + len(group) >= SHOWN_LINES:
                more = len(groups) - index
                return "\n".join([*rows, f"… and {more} more line{'s' if more > 1 else ''}"])
            rows += group
        return "\n".join(rows)

    def _silenced(self) -> str:
        """What to say of what was to silence it; empty where there is nothing."""
        numbers = hadolint.silencers(self.text)
        silencer = f"The comment in line {numbers[0]}" if numbers else self.settings
        if not silencer:
            return ""
        return f"{silencer} would silence hadolint elsewhere. It has no effect here: fix the lines themselves."

    def _unreadable(self, complaint: Complaint) -> CheckFailed:
        return CheckFailed(
            f"hadolint cannot read your {self.file}.",
            expected="a Dockerfile that hadolint can read to its end",
            found=f"it stops in line {complaint.line}: {complaint.message.splitlines()[0]}",
            evidence=Evidence("where it stops", self._line(complaint.line)),
            advice="It stops at the first thing that it does not understand, even where Docker does. Write that line, or the "
            "one above it, in a plainer way.",
        )


def lint(session: Session, folder: Path, file: str) -> LintResult:
    """Have a Dockerfile looked at.

    Args:
        session: the run.
        folder: the submission.
        file: the Dockerfile.

    Raises:
        CheckFailed: it cannot be read.
        Fault: there is no hadolint, or it failed.
    """
    text = context.read_text(folder, file)
    settings = next((name for name in hadolint.SETTINGS if (folder / name).exists()), "")
    return LintResult(file, text, hadolint.look(session, text), settings=settings)


def _number(level: Level, number: int) -> str:
    one, several = _WORDS[level]
    return f"{number} {one if number == 1 else several}"


def _explained(found: Sequence[Complaint]) -> str:
    """Where to read about the rules: each kind has a page for each rule."""
    pages = {"DL": "https://github.com/hadolint/hadolint/wiki/", "SC": "https://www.shellcheck.net/wiki/"}
    firsts = {one.code[:2]: one.code for one in reversed(found) if one.code[:2] in pages}
    named = ", ".join(f"{code} at {pages[kind]}{code}" for kind, code in sorted(firsts.items()))
    others = len({one.code for one in found}) > len(firsts)
    return f"The rules are explained on the web: {named}{', and so on' if others else ''}." if named else ""
