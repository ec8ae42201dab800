"""The processes that grade submissions for nbgrader: one each, the next one started while the last one works."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from grader import settings
from grader.notebook.graded import Question

_END_SECONDS = 30.0


class GradingProcess:
    """A process that waits for one submission, with an engine for it in the making.

    Args:
        definition: the exercise's folder in the course.
        engine: whether the submission will need one.
    """

    def __init__(self, definition: Path, *, engine: bool = True) -> None:
        self.definition = definition
        # It starts in an empty folder, and with -P: what is imported comes from where Python and its packages are installed.
        self._empty = tempfile.TemporaryDirectory(prefix="drydock-autograde-")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.notebook.graded", str(definition), *(["ahead"] if engine else [])],
            cwd=self._empty.name,
            env=settings.whole_environment() | settings.for_grading(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: Question, *, seconds: float) -> dict[str, Any]:
        """Have a submission graded; the process ends with it.

        Args:
            question: the submission.
            seconds: deadline.

        Returns:
            What ``graded`` wrote, or under ``trouble`` why there is nothing.
        """
        try:
            said: dict[str, Any] = json.loads(self._process.communicate(question.dumps(), timeout=seconds)[0])
        except subprocess.TimeoutExpired:
            return {"trouble": f"no verdict within {seconds:g} s."}
        except ValueError:
            return {"trouble": "the grader's process ended without an answer."}
        else:
            return said
        finally:
            self.close()

    def close(self) -> None:
        """End it; one that was asked nothing removes its engine first."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._empty.cleanup()


class GradingProcesses:
    """Hands out processes, and keeps one ahead for as long as there are submissions to come.

    Args:
        submissions: how many will be asked for.
    """

    def __init__(self, submissions: int) -> None:
        self._left = submissions
        self._next: GradingProcess | None = None

    def ask(self, question: Question, *, seconds: float) -> dict[str, Any]:
        """Have a submission graded; see ``GradingProcess.ask``."""
        self._left -= 1
        if question.refused:  # nothing of it is built or run
            return GradingProcess(question.definition, engine=False).ask(question, seconds=seconds)
        process, self._next = self._next, None
        if process is not None and process.definition != question.definition:
            process.close()
            process = None
        process = process or GradingProcess(question.definition)
        if self._left > 0:
            self._next = GradingProcess(question.definition)
        return process.ask(question, seconds=seconds)

    def close(self) -> None:
        """End the one that nobody asked."""
        if self._next is not None:
            self._next.close()
            self._next = None
