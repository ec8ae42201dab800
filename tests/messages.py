"""What learners read when their work falls short: kept beside the tests, so that a change in wording is a decision.

``DRYDOCK_WRITE_MESSAGES=1 pytest tests/test_solutions.py`` adds what is new; git shows it. (To begin anew, remove the file.)
A fault that is seen first in one place or another, as things go, may have several messages.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

from grader.authoring.self_test import SelfTestResult
from grader.values.outcome import Finding, Outcome

FOLDER = Path(__file__).parent / "messages"
Said = dict[str, dict[str, str]]
"""Check → the finding's first lines, as they are read: message, expected, found, advice."""
Messages = dict[str, list[Said]]
"""Variant → what may be said of it."""

WORDING = ("message", "expected", "advice")
"""What is the same wherever it is said. What was *found* is an engine's or a program's own words as often as not: they are
another version's on another machine, so they are kept to be read and compared with one another, never with a run's."""

# What differs from run to run: numbers, ids, made-up words with digits in them, the first of several files to be missed.
_VARIES = re.compile(r"\b(?=[a-z0-9]*\d)[a-z0-9]{8,}\b|\d+(?:[.,]\d+)*|(?<=does not find )\S+(?=(?: in \S+)?\.$)")


def said(proved: SelfTestResult) -> Said:
    """What the last run of a variant said of each check that did not pass."""
    return {
        check.id: _lines(check.finding)
        for check in proved.reports[-1].checks
        if check.finding and check.outcome in {Outcome.FAIL, Outcome.LIMIT}
    }


def _lines(finding: Finding) -> dict[str, str]:
    lines = {
        "message": finding.message,
        "expected": finding.expected,
        "found": finding.found,
        "advice": finding.advice,
    }
    return {part: _VARIES.sub("#", text) for part, text in lines.items() if text}


def kept(exercise: str) -> Messages:
    """What is kept of an exercise."""
    path = FOLDER / f"{exercise}.json"
    every: Messages = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return every


def _wording(lines: dict[str, str]) -> tuple[str, ...]:
    return tuple(lines.get(part, "") for part in WORDING)


@cache
def _wordings() -> frozenset[tuple[str, ...]]:
    every = (kept(path.stem) for path in sorted(FOLDER.glob("*.json")))
    return frozenset(_wording(lines) for some in every for alts in some.values() for one in alts for lines in one.values())


def known(said_now: Said) -> bool:
    """Whether all of it is said somewhere in the course: one fault may be seen first here or there, in the same words."""
    return all(_wording(lines) in _wordings() for lines in said_now.values())


def told_alike(messages: Messages) -> Iterator[tuple[str, str]]:
    """Pairs of wrong answers of which one and the same thing may be said, of every check that they fail."""
    for (one, of_one), (other, of_other) in combinations(sorted(messages.items()), 2):
        if any(said_of in of_other for said_of in of_one):
            yield one, other


def writing() -> bool:
    """Whether they are to be written."""
    return bool(os.environ.get("DRYDOCK_WRITE_MESSAGES"))


def keep(exercise: str, variant: str, messages: Said) -> None:
    """Add one variant's; several processes may be at it. Of two that differ in what was found alone, the newer one stays."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        every = kept(exercise)
        said_now = {check: _wording(lines) for check, lines in messages.items()}
        others = [one for one in every.get(variant, []) if {check: _wording(lines) for check, lines in one.items()} != said_now]
        every[variant] = [*others, messages]
        text = json.dumps(dict(sorted(every.items())), indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{exercise}.json").write_text(text, encoding="utf-8")
    _wordings.cache_clear()
