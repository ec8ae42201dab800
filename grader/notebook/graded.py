"""Grades one submission in a process of its own: ``python -P -m grader.notebook.graded EXERCISE [ahead]``, JSON in, JSON out.

Nothing of the submission is imported here: the process starts in an empty folder, the definition is the course's, and the
submission is a folder of data.
"""

import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TextIO

from grader import settings
from grader.course import base_images, catalogue, layout
from grader.course.catalogue import Entry
from grader.engine.isolated.pool import IsolatedEngines
from grader.notebook import verdict
from grader.notebook.quiet import silence
from grader.run import attempt, runner, snapshot
from grader.values.errors import DefinitionError, Fault, GraderError
from grader.values.outcome import CheckResult, Finding, Outcome, Report


@dataclass(frozen=True)
class Question:
    """What is to be graded.

    Attributes:
        definition: the exercise's folder in the course.
        submission: the folder with the learner's files.
        learner: whose they are.
        refused: why it cannot be graded as it is, a sentence each.
    """

    definition: Path
    submission: Path
    learner: str
    refused: tuple[str, ...] = ()

    def dumps(self) -> str:
        """Write it as JSON."""
        return json.dumps({**vars(self), "definition": str(self.definition), "submission": str(self.submission)})

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read what ``dumps`` wrote."""
        said = json.loads(text)
        return cls(Path(said["definition"]), Path(said["submission"]), said["learner"], tuple(said["refused"]))


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


def grade(entry: Entry, question: Question, isolated: IsolatedEngines) -> dict[str, Answer]:
    """Grade a submission.

    Args:
        entry: the exercise.
        question: the submission.
        isolated: where the engine comes from that it is built and run on.

    Returns:
        Check id → what its cell shows.

    Raises:
        GraderError: nothing can be graded, through no fault of the learner's.
    """
    settings.grade_for(question.learner)
    report = _refused(entry, question) if question.refused else _report(entry, question.submission, isolated)
    return {one.id: _answer(report, one) for one in report.checks}


def _report(entry: Entry, submission: Path, isolated: IsolatedEngines) -> Report:
    with snapshot.take(entry, submission) as taken:
        return attempt.check(
            entry,
            taken,
            submission.parent,
            observe=lambda _event: None,
            decided=lambda _verdict: None,
            isolated=isolated,
        ).report


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
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out, open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        _write(out, _said(Path(definition), ahead=bool(ahead)))


def _said(definition: Path, *, ahead: bool) -> dict[str, Any]:
    try:
        with silence():
            return _answers(definition, ahead=ahead)
    except Fault as fault:
        return {"trouble": str(fault)}
    except GraderError as error:
        return {"trouble": str(error)}
    except Exception as error:  # noqa: BLE001 - nbgrader's log is for a sentence, not for a traceback of ours
        return {"trouble": f"The grader itself failed: {type(error).__name__}: {error}."}


def _answers(definition: Path, *, ahead: bool) -> dict[str, Any]:
    entry = catalogue.load(definition)
    if stray := layout.misplaced(entry.folder):
        raise DefinitionError(f"{', '.join(stray)} at the top of {entry.folder} would be graded in the learner's stead.")
    with IsolatedEngines(base_images.names(entry.course)) as isolated:
        if ahead and not entry.exercise.one_at_a_time:  # one with commands has its sandbox
            isolated.ahead(entry.exercise.limits)
        asked = sys.stdin.read()  # there may be nothing: then nobody needs this process any more
        answers = grade(entry, Question.loads(asked), isolated) if asked else {}
    return {"answers": {id_: vars(one) for id_, one in answers.items()}}


def _write(out: TextIO, said: dict[str, Any]) -> None:
    with suppress(BrokenPipeError):  # nobody waits any more
        json.dump(said, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
