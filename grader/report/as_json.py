"""A run as one JSON object, for programs; its keys are a promise (tests hold them)."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from grader.report.clean import clean_report
from grader.report.words import section
from grader.values.outcome import CheckResult, Report

OpenHints = Mapping[str, Sequence[str]]
"""Check id -> the hints that may be read, first rung first; what is not in it is closed."""


def as_object(report: Report, hints: OpenHints | None = None) -> dict[str, Any]:
    """Return the object that ``grader check --json`` prints.

    Args:
        report: any report; its texts are cleaned here.
        hints: the hints that the reader may read.

    Returns:
        ``score`` is null when the grader or the engine failed on a check, and so are that check's ``points``.
        ``evidence`` is a list of ``{title, text}``; ``message``, ``expected``, ``found`` and ``hint`` are empty strings
        where there is nothing to say; durations are seconds.
    """
    report = clean_report(report)
    return {
        "exercise": report.exercise,
        "score": report.score,
        "max_score": report.max_score,
        "duration_s": round(report.duration_s, 3),
        "engine": report.engine,
        "checks": [check_object(check, (hints or {}).get(check.id, ())) for check in report.checks],
    }


def error_object(exercise: str | None, message: str, next_step: str = "") -> dict[str, Any]:
    """Return what ``--json`` prints when there is no report: ``exercise`` (or null), ``error`` and ``next_step``."""
    return {"exercise": exercise, "error": message, "next_step": next_step}


def dumps(value: object) -> str:
    """Write a value as JSON for a file or a pipe, one line break at the end."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def check_object(check: CheckResult, hints: Sequence[str] = ()) -> dict[str, Any]:
    """Return one check of that object.

    Args:
        check: its texts are clean already.
        hints: the hints that the reader may read.
    """
    finding = check.finding
    advice = [finding.advice] if finding and finding.advice else []
    read = [f"Read {section(check.reading)}."] if check.reading else []
    return {
        "id": check.id,
        "title": check.title,
        "outcome": str(check.outcome),
        "points": check.points,
        "max_points": check.max_points,
        "message": finding.message if finding else "",
        "expected": finding.expected if finding else "",
        "found": finding.found if finding else "",
        "evidence": [{"title": one.title, "text": one.text} for one in finding.evidence] if finding else [],
        "hint": "\n".join([*advice, *read, *hints]) if finding else "",
        "duration_s": round(check.duration_s, 3),
    }
