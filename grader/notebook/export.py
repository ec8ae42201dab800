"""nbgrader's CSV export, with an empty score where there is none."""

import csv
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import CsvExportPlugin

_SCORES = ("raw_score", "score")


class ScoredOnly(CsvExportPlugin):
    """Leaves the score of work empty that was handed in and is not graded; nbgrader writes 0.0 there.

    So a submission whose autograde failed through no fault of the learner's does not look like one that earned nothing.
    """

    def export(self, gradebook: Any) -> None:
        """Write the file; see nbgrader's ``ExportPlugin``."""
        super().export(gradebook)
        path = Path(self.to or "grades.csv")
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns, rows = list(reader.fieldnames or ()), list(reader)
        for row in rows:
            if _is_open(gradebook, row["assignment"], row["student_id"]):
                row.update(dict.fromkeys(_SCORES, ""))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _is_open(gradebook: Gradebook, assignment: str, student: str) -> bool:
    """Whether something was handed in of which a part has neither a score of its own nor a teacher's."""
    try:
        submission = gradebook.find_submission(assignment, student)
    except MissingEntry:
        return False
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return any(grade.auto_score is None and grade.manual_score is None for grade in grades)
