"""Grades Docker exercises by building, running and probing what the learner made."""

from grader.checks.sandbox.tree import Inode
from grader.course.drill import Drill
from grader.course.exercise import Check, Exercise
from grader.values.errors import CheckFailed
from grader.values.limits import Limits
from grader.values.outcome import Evidence, Outcome, Report
from grader.values.units import GB, KB, MB

__all__ = ["GB", "KB", "MB", "Check", "CheckFailed", "Drill", "Evidence", "Exercise", "Inode", "Limits", "Outcome", "Report"]
