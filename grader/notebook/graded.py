"""Grades one submission in a process of its own: ``python -P -m grader.notebook.graded EXERCISE [ahead]``, JSON in, JSON out.

Nothing of the submission is imported here: the process starts in an empty folder, the definition is the course's, and the
submission is a folder of data.
"""

import json
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TextIO

from grader import settings
from grader.course import base_images, catalogue, layout
from grader.course.catalogue import Entry
from grader.engine.isolated.pool import IsolatedEngines
from grader.notebook import verdict
from grader.notebook.quiet import silence
from grader.run import attempt, runner, snapshot
from grader.values.errors import Cancelled, DefinitionError, Fault, GraderError
from grader.values.events import CheckStarted, Event
from grader.values.outcome import CheckResult, Finding, Outcome, Report

_CLEAN_UP_SECONDS: Final = 120.0
"""After the deadline, until this process ends whatever it is waiting for."""


@dataclass(frozen=True)
class Question:
    """What is to be graded.

    Attributes:
        definition: the exercise's folder in the course.
        submission: the folder with the learner's files.
        learner: whose they are.
        refused: why it cannot be graded as it is, a sentence each.
        seconds: deadline for all of it, from its first check on; waiting for a share of the machine does not count.
    """

    definition: Path
    submission: Path
    learner: str
    refused: tuple[str, ...] = ()
    seconds: float = math.inf

    def dumps(self) -> str:
        """Write it as JSON."""
        return json.dumps({**vars(self), "definition": str(self.definition), "submission": str(self.submission)})

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read what ``dumps`` wrote."""
        said = json.loads(text)
        return cls(Path(said["definition"]), Path(said["submission"]), said["learner"], tuple(said["refused"]), said["seconds"])


@dataclass(frozen=True)
class Answer:
    """What a graded cell shows.

    Attributes:
        shown: the verdict in all its forms; None where there is none.
        points: that were earned.
        trouble: why there is no verdict; empty where there is one.
    """

    shown: dict[str, Any] | None
    points: float = 0.0
    trouble: str = ""


def grade(entry: Entry, question: Question, isolated: IsolatedEngines, stop: threading.Event) -> dict[str, Answer]:
    """Grade a submission.

    Args:
        entry: the exercise.
        question: the submission.
        isolated: where the engine comes from that it is built and run on.
        stop: ends it.

    Returns:
        Check id → what its cell shows.

    Raises:
        GraderError: nothing can be graded, through no fault of the learner's.
    """
    settings.grade_for(question.learner)
    report = _refused(entry, question) if question.refused else _report(entry, question, isolated, stop)
    return {one.id: _answer(report, one) for one in report.checks}


def _report(entry: Entry, question: Question, isolated: IsolatedEngines, stop: threading.Event) -> Report:
    with snapshot.take(entry, question.submission) as taken, _deadline(question.seconds, stop) as deadline:
        try:
            return attempt.check(
                entry,
                taken,
                question.submission.parent,
                observe=deadline.observe,
                decided=lambda _verdict: None,
                cancelled=stop,
                isolated=isolated,
            ).report
        except Cancelled:
            if deadline.passed:
                raise Fault(
                    f"There was no verdict within {question.seconds:g} s.",
                    "Grade it again when the machine has less to do; GradeFiles.seconds sets the time.",
                ) from None
            raise Fault("It was stopped.") from None


class _Deadline:
    def __init__(self, seconds: float, stop: threading.Event) -> None:
        self.passed = False
        self._seconds, self._stop = seconds, stop
        self._timers: list[threading.Timer] = []

    def observe(self, event: Event) -> None:
        """The clock begins with the first check."""
        if isinstance(event, CheckStarted) and not self._timers and math.isfinite(self._seconds):
            self._timers = [
                threading.Timer(self._seconds, self._pass),
                threading.Timer(self._seconds + _CLEAN_UP_SECONDS, os._exit, (1,)),
            ]
            for one in self._timers:
                one.daemon = True
                one.start()

    def _pass(self) -> None:
        self.passed = True
        self._stop.set()

    def close(self) -> None:
        for one in self._timers:
            one.cancel()


@contextmanager
def _deadline(seconds: float, stop: threading.Event) -> Iterator[_Deadline]:
    deadline = _Deadline(seconds, stop)
    try:
        yield deadline
    finally:
        deadline.close()


def _refused(entry: Entry, question: Question) -> Report:
    """Every check fails, and says why: a submission does not choose not to be graded."""
    first, *more = question.refused
    return runner.all_failed(
        entry,
        question.submission,
        Finding(
            message=f"What was handed in is not taken. {first}",
            expected="a folder of ordinary files",
            found=f"{first} (and {len(more)} more)" if more else first,
            advice="Replace it by an ordinary file, or leave it out, and hand in again.",
        ),
    )


def _answer(report: Report, result: CheckResult) -> Answer:
    if result.outcome is Outcome.ERROR:
        finding = result.finding
        return Answer(None, trouble=f"{finding.message} {finding.advice}".strip() if finding else "The grader failed.")
    return Answer(verdict.bundle(report, result), verdict.score(result))


def main(definition: str, ahead: str = "") -> None:
    """Get ready for an exercise, read a question, write the answers; whatever a check prints goes nowhere.

    Args:
        definition: the exercise's folder in the course.
        ahead: anything, to begin at once to make the engine that a submission will be built and run on.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out, open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        _write(out, _said(Path(definition), ahead=bool(ahead), stop=stop))


def _said(definition: Path, *, ahead: bool, stop: threading.Event) -> dict[str, Any]:
    try:
        with silence():
            return _answers(definition, ahead=ahead, stop=stop)
    except Fault as fault:
        return {"trouble": str(fault)}
    except GraderError as error:
        return {"trouble": str(error)}
    except Exception as error:  # noqa: BLE001 - nbgrader's log is for a sentence, not for a traceback of ours
        return {"trouble": f"The grader itself failed: {type(error).__name__}: {error}."}


def _answers(definition: Path, *, ahead: bool, stop: threading.Event) -> dict[str, Any]:
    entry = catalogue.load(definition)
    if stray := layout.misplaced(entry.folder):
        raise DefinitionError(f"{', '.join(stray)} at the top of {entry.folder} would be graded in the learner's stead.")
    with IsolatedEngines(base_images.names(entry.course)) as isolated:
        if ahead and not entry.exercise.one_at_a_time:  # one with commands has its sandbox
            isolated.ahead(entry.exercise.limits)
        asked = sys.stdin.read()  # there may be nothing: then nobody needs this process any more
        answers = grade(entry, Question.loads(asked), isolated, stop) if asked else {}
    return {"answers": {id_: vars(one) for id_, one in answers.items()}}


def _write(out: TextIO, said: dict[str, Any]) -> None:
    with suppress(BrokenPipeError):  # nobody waits any more
        json.dump(said, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
