"""What a command in the sandbox wrote and how it ended, and what to expect of that."""

from dataclasses import dataclass
from typing import Any, Self

from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.script_run import ScriptRun
from grader.values.errors import CheckFailed


@dataclass(frozen=True, kw_only=True)
class SandboxOutput(ExecResult):
    """An output whose failures show the learner's commands as well.

    Attributes:
        script: the learner's commands.
        of: the container or image that it comes from; empty for the commands themselves.
    """

    script: ScriptRun
    of: str = ""

    def expect(self, *, expected: str = "", advice: str = "", **wanted: Any) -> Self:
        """Hold it against what should have been; see ``ExecResult``.

        Args:
            expected: how to speak of what should have been, where the thing itself would give the answer away.
            advice: what to make of it, where the commands' own messages say nothing.
            wanted: what ``ExecResult.expect`` takes.

        Raises:
            CheckFailed: the first of them that does not hold.
        """
        try:
            return super().expect(**wanted)
        except CheckFailed as error:
            raise self.script.explained(error.but(expected=expected, advice=advice), self.of) from error
