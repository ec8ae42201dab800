"""nbgrader's Autograde without a kernel: nothing that was handed in is run, imported, followed or rendered on this machine.

nbgrader's own starts a kernel in the submission's folder, copies what links point to, and shows the submission's notebook, with
its scripts, in the instructor's browser. Here a submission is a folder of files. Ordinary files are copied, the notebook is the
course's own, and a process that starts in an empty folder grades the files and fills the graded cells.
"""

from collections import Counter
from glob import glob
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import nbformat
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors.base import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_ignored
from traitlets import Float

from grader.course import layout
from grader.notebook.graded import Answer, Question
from grader.notebook.graders import GradingProcesses
from grader.workspace import handed_in
from grader.workspace.handed_in import HandedIn

_TIMESTAMP: Final = "timestamp.txt"
# nbformat has no types.
_read: Any = nbformat.read
_output: Any = nbformat.v4.new_output


class _OnlyFiles(BaseConverter):
    """Stands between nbgrader's Autograde and its base: where files are copied, and where a notebook is read."""

    coursedir: Any  # nbgrader's; typed as optional, and never None here
    handed_in: HandedIn
    graders: GradingProcesses
    not_graded: dict[str, list[str]]
    _sanitizing: bool

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy ordinary files, and nothing else."""
        source = Path(self._format_source(assignment_id, student_id))
        target = Path(self._format_dest(assignment_id, student_id))
        self.handed_in = handed_in.look(source)
        for reason in self.handed_in.refused:
            self.log.warning("%s of %s: %s", assignment_id, student_id, reason)
        ignored = [*self.coursedir.ignore, "*.ipynb"]
        target.mkdir(parents=True, exist_ok=True)
        files = [
            name
            for name in self.handed_in.files
            if not any(is_ignored(str(source / part), ignored) for part in (name, *name.parents[:-1]))
        ]
        if not self.handed_in.refused:
            handed_in.copy(source, tuple(files), target)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Take the course's own notebook for the submission's, which is neither read nor shown."""
        if not self._sanitizing:
            super().convert_single_notebook(notebook_filename)
            return
        resources = self.init_single_notebook_resources(notebook_filename)
        master: Any = _read(_master(self.coursedir, resources), as_version=4)
        exporter: Any = self.exporter
        self.write_single_notebook(*exporter.from_notebook_node(master, resources=resources))


class AutogradeFiles(Autograde, _OnlyFiles):
    """Autograde for submissions that are folders of files; see the module."""

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
        target = Path(self._format_dest(assignment_id, student_id))
        (target / layout.DEFINITION).unlink(missing_ok=True)
        if Path(layout.DEFINITION) in self.handed_in.files and not self.handed_in.refused:
            handed_in.copy(Path(self._format_source(assignment_id, student_id)), (Path(layout.DEFINITION),), target)

    def start(self) -> None:
        """Grade; the time of submission is read from an ordinary file only."""
        coursedir = self.coursedir
        read = coursedir.get_existing_timestamp
        self.graders = GradingProcesses(len(self.assignments))
        self.not_graded = {}
        coursedir.get_existing_timestamp = lambda folder: (
            read(folder) if handed_in.is_ordinary(Path(folder) / _TIMESTAMP) else None
        )
        try:
            super().start()
        finally:
            coursedir.get_existing_timestamp = read
            self.graders.close()
            self._tell_what_was_not_graded()

    def _tell_what_was_not_graded(self) -> None:
        """Once more at the end, learner by learner: in the log of many submissions one of them is not seen."""
        for student, reasons in sorted(self.not_graded.items()):
            for reason, count in Counter(reasons).most_common():
                self.log.warning("%s: %d check%s not graded: %s", student, count, "s" if count > 1 else "", reason)


class GradeFiles(NbGraderPreprocessor):
    """Fills the graded cells with the verdicts on a submission's files; stands where nbgrader's Execute stood."""

    seconds = Float(
        3600.0, help="The checks have deadlines of their own; this one is the last resort and ends in no score."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Grade the folder that the notebook lies in; see nbconvert's ``Preprocessor``."""
        exporter: Any = self.parent
        converter = exporter.parent
        question = Question(
            _master(converter.coursedir, resources).parent,
            Path(resources["metadata"]["path"]).absolute(),
            resources["nbgrader"]["student"],
            converter.handed_in.refused,
        )
        said = converter.graders.ask(question, seconds=self.seconds)
        answers = {id_: Answer(**one) for id_, one in said.get("answers", {}).items()}
        trouble = said.get("trouble", "")
        for cell in nb.cells:
            if is_grade(cell):
                cell.outputs = _outputs(answers.get(cell.metadata.nbgrader.grade_id), trouble)
                errors = [one.evalue for one in cell.outputs if one.output_type == "error"]
                converter.not_graded.setdefault(question.learner, []).extend(errors)
        return nb, resources


def _outputs(answer: Answer | None, trouble: str) -> list[Any]:
    """What a kernel would have left in a graded cell."""
    if answer is None or answer.shown is None:
        reason = answer.trouble if answer else trouble or "the exercise has no such check."
        return [_output("error", ename="NotGraded", evalue=reason, traceback=[reason])]
    return [
        _output("display_data", data=answer.shown),
        _output("execute_result", data={"text/plain": repr(answer.points)}, execution_count=1),
    ]


def _master(coursedir: Any, resources: Any) -> Path:
    """The master notebook of the assignment that is graded: its folder is the exercise's."""
    assignment = resources["nbgrader"]["assignment"]
    return layout.notebook_of(Path(coursedir.format_path(coursedir.source_directory, ".", assignment)).absolute())


def install() -> None:
    """Let nbgrader's commands and formgrader use ``AutogradeFiles``: nbgrader offers no setting for its converter's class."""
    for name in ("api", "autogradeapp"):  # here, because they read the configuration that calls this
        vars(import_module(f"nbgrader.apps.{name}"))["Autograde"] = AutogradeFiles
