"""A command or container that has ended."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

from grader.diagnose import program_output
from grader.diagnose.exit_codes import exit_code_in_words
from grader.values import units
from grader.values.errors import CheckFailed, LimitReached
from grader.values.outcome import Evidence

SHOWN_LINES = 15
_FEW_LINES = 4
_USUAL = {"", "SIGTERM", "TERM", "15"}
STARTED_WITH = "what the container was started with"


def sentence(text: str) -> str:
    """A text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def shortened(command: str, longest: int = 90) -> str:
    """A command in quotation marks, on one line, without its end where it is long."""
    text = " ".join(command.split())
    return f"“{text}”" if len(text) <= longest else f"“{text[:longest]}…”"


def tail(text: str, lines: int = SHOWN_LINES) -> str:
    """The last lines of a text, each at most 300 characters."""
    kept = text.rstrip().splitlines()[-lines:]
    return "\n".join(line if len(line) <= 300 else f"{line[:300]} …" for line in kept)


@contextmanager
def _told_instead(limit: LimitReached | None) -> Iterator[None]:
    """A limit is told in place of the failure that it led to."""
    try:
        yield
    except CheckFailed as error:
        if limit is not None:
            raise limit from error
        raise


@contextmanager
def _described(expected: str) -> Iterator[None]:
    """What should have been is told in these words, where there are any."""
    try:
        yield
    except CheckFailed as error:
        raise (error.but(expected=expected) if expected else error) from error.__cause__


@dataclass(frozen=True, kw_only=True)
class ExecResult:
    """How something ended and what it wrote.

    Attributes:
        what: how to speak of it, e.g. ``the container`` or ``python --version in the container``.
        exit_code: its exit status.
        stdout: what it wrote there; undecodable bytes replaced.
        stderr: likewise.
        duration_s: seconds that it ran, or that it took to stop.
        asked: the signal that asked it to end; empty where none did.
        command: what a container's first process was started as.
        killed_after: seconds after which it was killed, because it had not ended when it was asked to.
        again: runs it again where the engine may have lost one of its outputs; None, or returns None, where it has not.
        limit: one that it reached, where there is one: then that is told, and not what it led to.
        output_limit: the limit on its output, where that was reached: then nobody can say what it did not write.
    """

    what: str
    exit_code: int
    stdout: str
    stderr: str
    duration_s: float
    asked: str = ""
    command: str = ""
    killed_after: float | None = None
    again: Callable[[], Self | None] | None = field(default=None, compare=False, repr=False)
    limit: LimitReached | None = None
    output_limit: LimitReached | None = None

    @property
    def output(self) -> str:
        """Both outputs, one behind the other, with line endings as on Linux."""
        both = self.stdout if not self.stderr else f"{self.stdout.rstrip()}\n{self.stderr}" if self.stdout else self.stderr
        return both.replace("\r\n", "\n")

    def expect(
        self,
        *,
        exit_code: int | None = None,
        not_exit_code: int | None = None,
        output: str | None = None,
        contains: str | None = None,
        lacks: str | None = None,
        line: str | None = None,
        matches: str | None = None,
        within: float | None = None,
        message: str = "",
        expected: str = "",
    ) -> Self:
        """Hold the end against what should have been.

        Args:
            exit_code: exactly this one.
            not_exit_code: any but this one.
            output: standard output, white space at its ends aside.
            contains: somewhere in the output.
            lacks: nowhere in the output.
            line: one whole line of the output, white space at its ends aside.
            matches: a regular expression, searched for in the output line by line.
            within: seconds it may have taken.
            message: the finding's first sentence, where the exercise knows better what it means.
            expected: how to speak of what should have been, where the thing itself would give the answer away, or is drawn.

        Returns:
            Itself.

        Raises:
            CheckFailed: the first of them that does not hold.
            LimitReached: it does not hold, and a limit is behind that.
        """
        with _told_instead(self.limit):
            self._expect_end(exit_code, not_exit_code, within, message)
        with _told_instead(self.limit or self.output_limit), _described(expected):
            told = self._expect_output(output, contains, lacks, line, matches, message)
        if lacks is not None and told.output_limit is not None:
            raise told.output_limit
        return told

    def _evidence(self) -> tuple[Evidence, Evidence]:
        """What it was started with, and the end of its output."""
        output_seen = Evidence(f"output of {self.what} (last {SHOWN_LINES} lines)", tail(self.output) or "(nothing)")
        started = Evidence(STARTED_WITH, self.command)
        return started, output_seen

    def _expect_end(self, exit_code: int | None, not_exit_code: int | None, within: float | None, message: str) -> None:
        evidence = self._evidence()
        if self.killed_after is not None and (exit_code is not None or within is not None):
            raise self._killed(message)
        if exit_code is not None and self.exit_code != exit_code:
            how = exit_code_in_words(self.exit_code)
            by = f", after the signal {self.asked}" if self.asked else ""
            reason = (program_output.reason(self.output) or tail(self.stderr, 1)) if self.exit_code else ""
            raise CheckFailed(
                message or f"{sentence(self.what)} ended with {how}.",
                expected="exit code 0 (no error)" if exit_code == 0 else f"exit code {exit_code}",
                found=how + by + (f": {reason}" if reason else ""),
                evidence=evidence[0] if self.output.strip() == reason else evidence,
                advice=self._advice(),
            )
        if not_exit_code is not None and self.exit_code == not_exit_code:
            raise CheckFailed(
                message or f"{sentence(self.what)} ended with exit code {not_exit_code}, as if nothing were wrong.",
                expected=f"any exit code but {not_exit_code}",
                found=exit_code_in_words(self.exit_code),
                evidence=evidence,
            )
        if within is not None and self.duration_s > within:
            raise CheckFailed(
                message or f"{sentence(self.what)} took too long.",
                expected=f"at most {units.seconds(within)}",
                found=units.seconds(self.duration_s),
                evidence=evidence,
            )

    def _expect_output(
        self,
        output: str | None,
        contains: str | None,
        lacks: str | None,
        line: str | None,
        matches: str | None,
        message: str,
    ) -> Self:
        started, seen = self._evidence()
        expected = found = ""
        if output is not None and self.stdout.replace("\r\n", "\n").strip() != output.strip():
            expected, found = output.strip(), tail(self.stdout)
        elif contains is not None and contains.strip() not in self.output:
            expected, found = f"somewhere in the output: {contains.strip()}", tail(self.output)
        elif lacks is not None and lacks in self.output:
            expected, found = f"nowhere in the output: {lacks}", tail(self.output)
        elif line is not None and line.strip() not in map(str.strip, self.output.splitlines()):
            expected, found = f"a line: {line.strip()}", tail(self.output)
        elif matches is not None and not re.search(matches, self.output, re.MULTILINE):
            expected, found = f"a line like {matches}", tail(self.output)
        # What is not there may be lost: nothing is said about an output, neither good nor bad, before a second look.
        if (expected or lacks is not None) and self.again is not None and (second := self.again()) is not None:
            return second.expect(output=output, contains=contains, lacks=lacks, line=line, matches=matches, message=message)
        if expected:
            wrote = "printed what it should not" if lacks else "did not print what was expected"
            raise CheckFailed(
                message or f"{sentence(self.what)} {wrote if found else 'has written nothing'}.",
                expected=expected,
                found=found or "nothing at all",
                evidence=(started, seen) if not found and self.output.strip() else started,
                advice=program_output.meaning(self.output),
            )
        return self

    def _advice(self) -> str:
        """What to make of an exit code that was not expected."""
        if self.asked not in _USUAL:
            return f"It was asked by {self.asked}, and not by SIGTERM, because the image's STOPSIGNAL says so."
        if self.exit_code:
            return program_output.meaning(self.output)
        return f"A container ends as its first process does: {shortened(self.command)}." if self.command else ""

    def _killed(self, message: str) -> CheckFailed:
        assert self.killed_after is not None
        return CheckFailed(
            message or f"{sentence(self.what)} did not end when it was asked to, and was killed.",
            expected=f"it ends by itself after the signal {self.asked}",
            found=f"it still ran {units.seconds(self.killed_after)} later; its first process is {shortened(self.command)}",
            evidence=(
                Evidence("its first process, which gets the signal", self.command),
                Evidence(f"output of {self.what} (last {_FEW_LINES} lines)", tail(self.output, _FEW_LINES) or "(nothing)"),
            ),
            advice="Only the first process gets the signal. Is it your program? If not, does it pass the signal on?",
        )
