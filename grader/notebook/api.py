"""What formgrader and the instructor's page ask; learners' files are read as a stranger's, so that none makes a list fail."""

from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI

from grader.notebook import standing


class Api(NbGraderAPI):
    """nbgrader's, for submissions that are folders of files."""

    coursedir: Any  # nbgrader's; typed as optional, and never None here

    def get_submitted_timestamp(self, assignment_id: str, student_id: str) -> datetime | None:
        """When it was handed in; nbgrader's own raises where the file says something else."""
        return standing.when(standing.submitted(self.coursedir, assignment_id, student_id))

    def get_submission(self, assignment_id: str, student_id: str, ungraded: Any = None, students: Any = None) -> Any:
        """One of formgrader's list; see nbgrader's."""
        nbgraders: Any = super()
        return _named(nbgraders.get_submission(assignment_id, student_id, ungraded=ungraded, students=students))

    def get_submissions(self, assignment_id: str) -> Any:
        """Formgrader's list."""
        nbgraders: Any = super()
        return [_named(one) for one in nbgraders.get_submissions(assignment_id)]

    def rows(self, assignment: str) -> list[dict[str, Any]]:
        """Where each learner stands at an assignment; who has handed in something has a row.

        Args:
            assignment: its id.
        """
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            known: dict[str, Any] = {str(one.id): one for one in gradebook.students}
            everybody = sorted(known.keys() | standing.students(self.coursedir, assignment), key=str.casefold)
            return [self._row(gradebook, assignment, student, known.get(student)) for student in everybody]

    def _row(self, gradebook: Gradebook, assignment: str, student: str, known: Any) -> dict[str, Any]:
        found = standing.look(gradebook, self.coursedir, assignment, student)
        at = self.get_submitted_timestamp(assignment, student)
        row = {
            "student": student,
            "name": full_name(known),
            "at": f"{at:%Y-%m-%dT%H:%M:%S}Z" if at else "",
            "state": found.state,
            "reason": found.reason,
            "score": None,
            "max": None,
            "page": "",
            "feedback": self.feedback(assignment, student).is_file(),
        }
        try:
            kept = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return row
        row["max"] = kept.max_score
        if not found.open:
            row["score"] = kept.score
            row["page"] = kept.notebooks[0].id if kept.notebooks else ""
        return row

    def feedback(self, assignment: str, student: str) -> Path:
        """The page with the feedback; need not exist."""
        folder = self.coursedir.format_path(self.coursedir.feedback_directory, student, assignment)
        return Path(folder).absolute() / f"{assignment}.html"


def full_name(student: Any) -> str:
    """What somebody of the gradebook is called; empty where it has no name."""
    return f"{student.first_name or ''} {student.last_name or ''}".strip() if student is not None else ""


def _named(submission: Any) -> Any:
    """A submission of a list in which formgrader writes ``None, None`` for who has no name."""
    if submission is not None and not (submission["last_name"] or submission["first_name"]):
        submission["last_name"], submission["first_name"] = submission["student"], "(no name)"
    return submission
