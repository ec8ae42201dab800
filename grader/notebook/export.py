"""nbgrader's CSV export, with an empty score where there is none, and a column that says why."""

import csv
from pathlib import Path
from typing import Any

from nbgrader.plugins import CsvExportPlugin

from grader.notebook import standing

_SCORES = ("raw_score", "score")
STATUS = "status"


class ScoredOnly(CsvExportPlugin):
    """Leaves the score of work empty that was handed in and is not graded; nbgrader writes 0.0 there, or no row.

    So a submission whose autograde failed through no fault of the learner's does not look like one that earned nothing.
    """

    def export(self, gradebook: Any) -> None:
        """Write the file; see nbgrader's ``ExportPlugin``."""
        app: Any = self.parent
        coursedir = app.coursedir
        known = {one.id for one in gradebook.students}
        for assignment in gradebook.assignments:
            for student in sorted(standing.students(coursedir, assignment.name) - known):
                gradebook.update_or_create_student(student)  # as autograde would: who handed in has a row
        super().export(gradebook)
        path = Path(self.to or "grades.csv")
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns, rows = list(reader.fieldnames or ()), list(reader)
        for row in rows:
            found = standing.look(gradebook, coursedir, row["assignment"], row["student_id"])
            row[STATUS] = str(found)
            if found.open:
                row.update(dict.fromkeys(_SCORES, ""))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*columns, STATUS], extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
