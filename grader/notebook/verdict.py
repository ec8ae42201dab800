"""One verdict, as a notebook shows it and as nbgrader's guard reads it."""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from rich.console import Console

from grader.report import html, text
from grader.values.outcome import CheckResult, Report

MIME: Final = "application/vnd.drydock.verdict+json"
"""Tells a verdict from anything else that a cell may show."""
_WIDTH: Final = 100


def bundle(
    report: Report, result: CheckResult, hints: Mapping[str, Sequence[str]] | None = None, notices: Sequence[str] = ()
) -> dict[str, Any]:
    """The forms in which a front end may show a verdict; it picks the richest that it knows.

    Args:
        report: the run.
        result: the one check of it that is to be shown.
        hints: check id → the hints that the reader may read.
        notices: what they should know beside the report's own notes.
    """
    plain = io.StringIO()
    # In a notebook rich would otherwise show the text itself.
    console = Console(file=plain, width=_WIDTH, color_system=None, highlight=False, force_jupyter=False)
    console.print(text.check_view(result))
    return {
        "text/plain": "\n".join(line.rstrip() for line in plain.getvalue().splitlines()),
        "text/html": html.checks(replace(report, checks=(result,), notes=(*report.notes, *notices)), hints),
        MIME: {"check": result.id, "outcome": result.outcome.value},
    }


def score(result: CheckResult) -> float:
    """What nbgrader may record for a check: a finite number from 0 to the check's points.

    Args:
        result: any result but an ERROR.
    """
    earned = result.points if result.points is not None and math.isfinite(result.points) else 0.0
    return min(max(float(earned), 0.0), float(result.max_points))
