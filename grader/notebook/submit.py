"""nbgrader's submit and the release of feedback, for submissions that are folders of files."""

from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeReleaseFeedback, ExchangeSubmit

from grader.course import layout
from grader.notebook import standing
from grader.workspace import hand_in, handed_in


class SubmitFiles(ExchangeSubmit):
    """Copies what a learner made, as the archive has it: ordinary files, and nothing that is kept of them."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:  # noqa: ARG002 - nbgrader's signature
        """Copy a submission; see nbgrader's ``Exchange``."""
        target, files = Path(dest), tuple(hand_in.theirs(Path(src)))
        target.mkdir(parents=True)
        handed_in.copy(Path(src), files, target)
        notebook = layout.notebook_of(Path(src)).name
        if Path(notebook) not in files:  # nbgrader gives feedback by the notebooks that it finds; what is graded are the files
            handed_in.copy(Path(self.release_path), (Path(notebook),), target)


class ReleaseWhereItCameFrom(ExchangeReleaseFeedback):
    """Releases to the exchange the feedback on what came through it; who handed in a file gets a file."""

    coursedir: Any  # nbgrader's; typed as optional, and never None here

    def copy_files(self) -> None:
        """Copy the feedback; nbgrader's own stops at the first submission that came another way."""
        assignment, kept = self.coursedir.assignment_id, self.coursedir.student_id_exclude
        elsewhere = [
            one
            for one in sorted(standing.students(self.coursedir, assignment))
            if not all((self._place(one, assignment) / name).is_file() for name in (hand_in.TIMESTAMP, standing.SECRET))
        ]
        for one in elsewhere:
            self.log.warning("%s did not hand in through the exchange: give them the file.", one)
        self.coursedir.student_id_exclude = ",".join([*(kept.split(",") if kept else []), *elsewhere])
        copy: Any = super().copy_files
        try:
            copy()
        finally:
            self.coursedir.student_id_exclude = kept

    def _place(self, student: str, assignment: str) -> Path:
        return Path(self.coursedir.format_path(self.coursedir.feedback_directory, student, assignment))
