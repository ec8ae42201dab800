"""Grades Docker exercises by building, running and probing what the learner made."""

from grader.course.exercise import Check, Exercise
from grader.values.limits import Limits
from grader.values.outcome import Outcome, Report
from grader.values.units import GB, KB, MB

__all__ = ["GB", "KB", "MB", "Check", "Exercise", "Limits", "Outcome", "Report"]
