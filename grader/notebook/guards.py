"""nbgrader preprocessors that stand between a submission and the gradebook.

nbgrader gives full marks to a graded cell whose last value is missing, is no number, or is negative, and none to one
that wrote a word to stderr or ran out of time. Either would be a score that nobody earned. Here a cell is scored when it
ended in a verdict; otherwise autograde of that submission fails, with the reason, and the gradebook keeps what it had.
"""

import math
from typing import Any

from nbgrader.preprocessors.base import NbGraderPreprocessor
from nbgrader.utils import is_grade

from grader.notebook.verdict import MIME


class NoVerdict(Exception):
    """A graded cell did not end in a verdict; nothing of this submission is scored."""


class RefuseWhatIsNoVerdict(NbGraderPreprocessor):
    """Fails a submission in which a graded cell has no verdict, and keeps noise out of those that have one."""

    def preprocess_cell(self, cell: Any, resources: Any, _index: int) -> tuple[Any, Any]:
        """Judge the cell's outputs; see nbconvert's ``Preprocessor``.

        Raises:
            NoVerdict: the cell must not be scored.
        """
        if is_grade(cell):
            cell.outputs = [output for output in cell.outputs if output.output_type != "stream"]
            if reason := _no_verdict(cell):
                raise NoVerdict(f"{cell.metadata.nbgrader.grade_id} was not scored: {reason}")
        return cell, resources


def _no_verdict(cell: Any) -> str:
    """Why this graded cell must not be scored; empty when it may."""
    for output in cell.outputs:
        if output.output_type == "error":
            return f"{output.ename}: {output.evalue}" if output.evalue else str(output.ename)
    results = [output for output in cell.outputs if output.output_type == "execute_result"]
    verdicts = [output.data[MIME] for output in cell.outputs if MIME in output.get("data", {})]
    if len(results) != 1 or len(verdicts) != 1:
        return "the cell did not end in a verdict of the grader."
    try:
        value = float(results[0].data["text/plain"])
    except (KeyError, TypeError, ValueError):
        return "its value is no number."
    if verdicts[0].get("check") != cell.metadata.nbgrader.grade_id:
        return f"its verdict is about {verdicts[0].get('check')}."
    if not (math.isfinite(value) and 0 <= value <= float(cell.metadata.nbgrader.points)):
        return f"{value} is not between 0 and {cell.metadata.nbgrader.points} points."
    return ""
