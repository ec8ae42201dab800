"""The processes that grade submissions for nbgrader: one each, side by side, another one getting ready meanwhile."""

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from grader import settings
from grader.notebook.graded import Question

_END_SECONDS = 60.0
STOPPED = "It was stopped."


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
            start_new_session=True,  # Ctrl-C is for whoever started it, who says when this one ends
        )

    def ask(self, question: Question) -> dict[str, Any]:
        """Have a submission graded; the process ends with it, at the latest soon after the question's deadline.

        Args:
            question: the submission.

        Returns:
            What ``graded`` wrote, or under ``trouble`` why there is nothing.
        """
        try:
            said: dict[str, Any] = json.loads(self._process.communicate(question.dumps())[0])
        except ValueError:
            return {"trouble": "the grader's process ended without an answer."}
        else:
            return said
        finally:
            self.close()

    def stop(self) -> None:
        """Let it remove what it has made, and end; whoever asked it something is told so."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)

    def close(self) -> None:
        """End it; one that was asked nothing removes its engine first."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._empty.cleanup()


@dataclass(frozen=True)
class Asked:
    """A question to come.

    Attributes:
        key: what it is told apart by.
        question: called when its turn comes, in any thread.
    """

    key: str
    question: Callable[[], Question]


class GradingProcesses:
    """Asks several at a time, and keeps one more ready for as long as there are submissions to come.

    As a context manager it ends those that nobody asked, and stops those that still work.

    Args:
        at_once: how many.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._left = 0
        self._next: GradingProcess | None = None
        self._working: set[GradingProcess] = set()
        self._stopped = False

    def ask(self, asked: Iterable[Asked]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Have submissions graded.

        Args:
            asked: all of them.

        Yields:
            The key and what was said of each, in the order in which they are done.
        """
        waiting = list(asked)
        self._left = len(waiting)

        def one(each: Asked) -> dict[str, Any]:
            if self._stopped:
                return {"trouble": STOPPED}
            return self._one(each.question())

        with ThreadPoolExecutor(self._at_once, thread_name_prefix="drydock-grading") as pool:
            futures = {pool.submit(one, each): each.key for each in waiting}
            try:
                for future in as_completed(futures):
                    yield futures[future], future.result()
            except BaseException:
                self.stop()
                raise

    def _one(self, question: Question) -> dict[str, Any]:
        process = self._process(question)
        with self._lock:
            self._working.add(process)
        if self._stopped:
            process.stop()
        try:
            return process.ask(question)
        finally:
            with self._lock:
                self._working.discard(process)

    def _process(self, question: Question) -> GradingProcess:
        with self._lock:
            self._left -= 1
            if question.refused:  # nothing of it is built or run
                return GradingProcess(question.definition, engine=False)
            process, self._next = self._next, None
            more = self._left > 0 and not self._stopped
            if more and (process is None or process.definition == question.definition):
                self._next = GradingProcess(question.definition)
        if process is not None and process.definition != question.definition:
            process.close()
            process = None
        return process or GradingProcess(question.definition)

    def stop(self) -> None:
        """End all that work; nothing more is begun."""
        with self._lock:
            self._stopped = True
            working = list(self._working)
        for one in working:
            one.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        if self._next is not None:
            self._next.close()
            self._next = None
