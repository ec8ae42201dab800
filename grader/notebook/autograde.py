"""nbgrader's Autograde without a kernel: nothing that was handed in is run, imported, followed or rendered on this machine.

nbgrader's own starts a kernel in the submission's folder, copies what links point to, and shows the submission's notebook, with
its scripts, in the instructor's browser. Here a submission is a folder of files. Ordinary files are copied, the notebook is the
course's own, and a process that starts in an empty folder grades the files and fills the graded cells.
"""

import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from glob import glob
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.preprocessors.base import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_ignored
from traitlets import Float, Integer

from grader import settings
from grader.course import catalogue, layout
from grader.notebook import standing
from grader.notebook.graded import Answer, Question
from grader.notebook.graders import Asked, GradingProcesses
from grader.run.budget import Budget, share_of
from grader.run.interrupt import end_like_ctrl_c
from grader.run.runner import AT_ONCE
from grader.values.errors import GraderError
from grader.workspace import handed_in

# nbformat has no types.
_read: Any = nbformat.read
_output: Any = nbformat.v4.new_output
Said = dict[str, Any]
"""What a grading process wrote."""


@dataclass(frozen=True)
class _Taken:
    """A submission as it was when its turn came.

    Attributes:
        assignment: its id.
        student: their id.
        refused: why it cannot be graded as it is, a sentence each.
        copy: the ordinary files among it, in a place of our own: what is graded is what is kept, whatever is collected then.
    """

    assignment: str
    student: str
    refused: tuple[str, ...]
    copy: Path


class _OnlyFiles(BaseConverter):
    """Stands between nbgrader's Autograde and its base: where files are copied, and where a notebook is read."""

    coursedir: Any  # nbgrader's; typed as optional, and never None here
    taken: _Taken
    said: Said
    _sanitizing: bool

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy the files that were graded, and nothing else."""
        target = Path(self._format_dest(assignment_id, student_id))
        target.mkdir(parents=True, exist_ok=True)
        if not self.taken.refused:
            handed_in.copy(self.taken.copy, handed_in.look(self.taken.copy).files, target)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Take the course's own notebook for the submission's, which is neither read nor shown."""
        if not self._sanitizing:
            super().convert_single_notebook(notebook_filename)
            return
        resources = self.init_single_notebook_resources(notebook_filename)
        master: Any = _read(_master(self.coursedir, self.taken.assignment), as_version=4)
        exporter: Any = self.exporter
        self.write_single_notebook(*exporter.from_notebook_node(master, resources=resources))


class AutogradeFiles(Autograde, _OnlyFiles):
    """Autograde for submissions that are folders of files; see the module.

    They are graded side by side. The gradebook is written to one after another, as verdicts come; where there is none, it keeps
    what it had, and the reason is kept beside it.
    """

    at_once = Integer(0, help="How many are graded at a time; 0: as many as the machine has room for.").tag(config=True)

    def init_notebooks(self) -> None:
        """Find the submissions by their folders: one without its notebook is graded all the same."""
        wanted = glob(self._format_source(self.coursedir.assignment_id, self.coursedir.student_id))  # noqa: PTH207 - nbgrader's pattern
        self.assignments = {one: [str(Path(one) / f"{Path(one).name}.ipynb")] for one in sorted(wanted)}
        self.notebooks = []
        if not self.assignments:
            super().init_notebooks()  # says what there is

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy the submission; nbgrader lays the course's own files over it, the checks too: these are taken out again."""
        super().init_assignment(assignment_id, student_id)
        definition = Path(self._format_dest(assignment_id, student_id)) / layout.DEFINITION
        definition.unlink(missing_ok=True)
        if (self.taken.copy / layout.DEFINITION).is_file() and not self.taken.refused:
            handed_in.copy(self.taken.copy, (Path(layout.DEFINITION),), definition.parent)

    def start(self) -> None:
        """Grade; the time of submission is read from an ordinary file only."""
        coursedir = self.coursedir
        read = coursedir.get_existing_timestamp
        coursedir.get_existing_timestamp = lambda folder: standing.when(Path(folder))
        try:
            super().start()
        finally:
            coursedir.get_existing_timestamp = read

    def convert_notebooks(self) -> None:
        """Grade what is to be graded, and write down each as it is done.

        Raises:
            NbGraderException: some could not be graded; the log says which, and why.
        """
        end_like_ctrl_c()  # what strangers' submissions run on is removed, whoever asks for the end
        failed: dict[str, list[str]] = {}
        whose = {source: found for source in self.assignments if (found := self._whose(source)) is not None}
        kept: dict[str, _Taken] = {}
        self._known({assignment for assignment, _ in whose.values()})
        with tempfile.TemporaryDirectory(prefix="drydock-submissions-") as scratch:

            def take(source: str) -> Question:
                assignment, student = whose[source]
                self.log.info("Grading %s of %s", assignment, student)
                _tell(student=student, state="running")
                kept[source] = self._take(source, assignment, student, Path(scratch) / student)
                return self._question(kept[source])

            _tell(total=len(whose))
            with GradingProcesses(self._room({assignment for assignment, _ in whose.values()}, len(whose))) as graders:
                for source, said in graders.ask([Asked(source, partial(take, source)) for source in whose]):
                    self.taken, self.said = kept[source], said
                    if reasons := self._kept(source):
                        failed[self.taken.student] = reasons
                    shutil.rmtree(self.taken.copy, ignore_errors=True)
        for student, reasons in sorted(failed.items()):  # once more: in the log of many submissions one of them is not seen
            for reason, count in Counter(reasons).most_common():
                self.log.warning("%s: %d check%s not graded: %s", student, count, "s" if count > 1 else "", reason)
        if failed:
            raise NbGraderException(f"Not graded: {', '.join(sorted(failed))}.")

    def _known(self, assignments: set[str]) -> None:
        """See that the gradebook knows what the checks are worth, before anything is graded."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            unknown = sorted(assignments - {str(one.name) for one in gradebook.assignments})
        if unknown:
            said = f"The gradebook does not know {', '.join(unknown)}: generate it first (nbgrader generate_assignment)."
            self.log.error(said)
            raise NbGraderException(said)

    def _whose(self, source: str) -> tuple[str, str] | None:
        """Assignment and student of a folder; None where it need not be graded now."""
        pattern = self._format_source("(?P<assignment>[^/]*)", "(?P<student>[^/]*)", escape=True)
        match = re.fullmatch(pattern, source)
        if match is None:
            raise NbGraderException(f"{source} is no folder of a submission.")
        assignment, student = match["assignment"], match["student"]
        if student in str(self.coursedir.student_id_exclude or "").split(","):
            return None
        target = Path(self._format_dest(assignment, student))
        if self.force or not target.exists():
            return assignment, student
        if standing.when(Path(source)) != standing.when(target):  # it is not what was graded
            return assignment, student
        self.log.info("Graded already: %s", target)
        return None

    def _take(self, source: str, assignment: str, student: str, place: Path) -> _Taken:
        found, copy = handed_in.look(Path(source)), place / assignment
        copy.mkdir(parents=True)
        refused = found.refused
        ignored = [*self.coursedir.ignore, "*.ipynb"]
        files = [
            name
            for name in found.files
            if not any(is_ignored(str(Path(source) / part), ignored) for part in (name, *name.parents[:-1]))
        ]
        if not refused:
            try:
                handed_in.copy(Path(source), tuple(files), copy)
            except OSError as error:  # one that may not be read, say: it is this submission's, and the others go on
                refused = (f"It cannot be read: {error.strerror or error}.",)
        for reason in refused:
            self.log.warning("%s of %s: %s", assignment, student, reason)
        return _Taken(assignment, student, refused, copy)

    def _question(self, taken: _Taken) -> Question:
        definition = _master(self.coursedir, taken.assignment).parent
        return Question(definition, taken.copy, taken.student, taken.refused, _seconds(self))

    def _room(self, assignments: set[str], submissions: int) -> int:
        """How many are graded at a time."""
        if self.at_once:
            return self.at_once
        rooms, budget = [max(1, submissions)], Budget.of_this_machine()
        for assignment in assignments:
            with suppress(GraderError):  # each of its submissions will say so
                exercise = catalogue.load(_master(self.coursedir, assignment).parent).exercise
                alone = exercise.one_at_a_time
                rooms.append(budget.at_once(share_of(exercise.limits, at_once=AT_ONCE, sandbox=alone, isolated=not alone)))
        return min(rooms)

    def _kept(self, source: str) -> list[str]:
        """Write a verdict down, or why there is none; returns the reasons."""
        taken, notebook = self.taken, f"{self.taken.assignment}.ipynb"
        reasons = list(self._reasons())
        if not reasons:
            self.assignments, self.force = {source: [str(Path(source) / notebook)]}, True
            try:
                super().convert_notebooks()
            except NbGraderException:
                reasons = ["It could not be written down: see the log."]
        if reasons:
            self._put_into_the_gradebook(taken)
            for check, reason in zip(self._checks(), reasons, strict=False):
                self.log.error("%s of %s: %s was not scored: NotGraded: %s", taken.assignment, taken.student, check, reason)
            standing.keep_reason(self.coursedir, taken.assignment, taken.student, " ".join(dict.fromkeys(reasons)))
            _tell(student=taken.student, state="failed", reason=" ".join(dict.fromkeys(reasons)))
        else:
            standing.forget_reason(self.coursedir, taken.assignment, taken.student)
            _tell(student=taken.student, state="graded")
        return reasons

    def _reasons(self) -> Iterator[str]:
        """Why the checks of a submission are not scored, one by one; nothing when all of them are."""
        answers = self.said.get("answers", {})
        for check in self._checks():
            answer = Answer(**answers[check]) if check in answers else None
            if answer is None or answer.shown is None:
                yield _trouble(answer, self.said)

    def _checks(self) -> list[str]:
        master: Any = _read(_master(self.coursedir, self.taken.assignment), as_version=4)
        return [cell.metadata.nbgrader.grade_id for cell in master.cells if is_grade(cell)]

    def _put_into_the_gradebook(self, taken: _Taken) -> None:
        """That something was handed in; a score that it has stays, and so does the time of what that score is for."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            gradebook.update_or_create_student(taken.student)
            gradebook.update_or_create_submission(taken.assignment, taken.student)


def _trouble(answer: Answer | None, said: Said) -> str:
    return answer.trouble if answer else str(said.get("trouble", "")) or "the exercise has no such check."


def _tell(**said: object) -> None:
    """Say how far it is, to whoever started this process for that."""
    if settings.tells_progress():
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _seconds(converter: Any) -> float:
    made: Any = GradeFiles
    return float(made(parent=converter).seconds)


class GradeFiles(NbGraderPreprocessor):
    """Fills the graded cells with the verdicts on a submission's files; stands where nbgrader's Execute stood."""

    seconds = Float(
        1800.0,
        help="Deadline for a submission as a whole. Its checks have deadlines of their own; this is the last resort: no score.",
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Put what was said of a submission where a kernel would have put it; see nbconvert's ``Preprocessor``."""
        exporter: Any = self.parent
        said = exporter.parent.said
        answers = {id_: Answer(**one) for id_, one in said.get("answers", {}).items()}
        for cell in nb.cells:
            if is_grade(cell):
                cell.outputs = _outputs(answers.get(cell.metadata.nbgrader.grade_id), said)
        return nb, resources


def _outputs(answer: Answer | None, said: Said) -> list[Any]:
    """What a kernel would have left in a graded cell."""
    if answer is None or answer.shown is None:
        reason = _trouble(answer, said)
        return [_output("error", ename="NotGraded", evalue=reason, traceback=[reason])]
    return [
        _output("display_data", data=answer.shown),
        _output("execute_result", data={"text/plain": repr(answer.points)}, execution_count=1),
    ]


def _master(coursedir: Any, assignment: str) -> Path:
    """The master notebook of an assignment: its folder is the exercise's."""
    return layout.notebook_of(Path(coursedir.format_path(coursedir.source_directory, ".", assignment)).absolute())


def install() -> None:
    """Let nbgrader's commands and formgrader use ``AutogradeFiles``: nbgrader offers no setting for its converter's class."""
    for name in ("api", "autogradeapp"):  # here, because they read the configuration that calls this
        vars(import_module(f"nbgrader.apps.{name}"))["Autograde"] = AutogradeFiles
    if formgrader := sys.modules.get("nbgrader.server_extensions.formgrader.base"):  # which has read the configuration just now
        vars(formgrader)["NbGraderAPI"] = import_module("grader.notebook.api").Api
