"""What formgrader asks, with learners' files read as a stranger's: nothing of theirs makes a list fail."""

from datetime import datetime
from typing import Any

from nbgrader.apps.api import NbGraderAPI

from grader.notebook import standing


class Api(NbGraderAPI):
    """nbgrader's, for submissions that are folders of files."""

    coursedir: Any  # nbgrader's; typed as optional, and never None here

    def get_submitted_timestamp(self, assignment_id: str, student_id: str) -> datetime | None:
        """When it was handed in; nbgrader's own raises where the file says something else."""
        return standing.when(standing.submitted(self.coursedir, assignment_id, student_id))
