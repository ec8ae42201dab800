"""What learners read when their work falls short: kept beside the tests, so that a change in wording is a decision.

``DRYDOCK_WRITE_MESSAGES=1 pytest tests/test_solutions.py`` adds what is new; git shows it. (To begin anew, remove the file.)
A fault that is seen first in one place or another, as things go, may have several messages.
"""

import fcntl
import json
import os
import re
from functools import cache
from pathlib import Path

from grader.authoring.self_test import SelfTestResult
from grader.values.outcome import Outcome

FOLDER = Path(__file__).parent / "messages"
Said = dict[str, list[str]]
"""Check → message, expected, advice."""
Messages = dict[str, list[Said]]
"""Variant → what may be said of it."""

# What differs from run to run: numbers, ids, made-up words with digits in them, the first of several files to be missed.
_VARIES = re.compile(r"\b(?=[a-z0-9]*\d)[a-z0-9]{8,}\b|\d+(?:[.,]\d+)*|(?<=does not find )\S+(?=(?: in \S+)?\.$)")


def said(proved: SelfTestResult) -> Said:
    """What the last run of a variant said of each check that did not pass."""
    return {
        check.id: [_VARIES.sub("#", text) for text in (check.finding.message, check.finding.expected, check.finding.advice)]
        for check in proved.reports[-1].checks
        if check.finding and check.outcome in {Outcome.FAIL, Outcome.LIMIT}
    }


def kept(exercise: str) -> Messages:
    """What is kept of an exercise."""
    path = FOLDER / f"{exercise}.json"
    messages: Messages = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return messages


@cache
def _wordings() -> frozenset[tuple[str, ...]]:
    every = (kept(path.stem) for path in sorted(FOLDER.glob("*.json")))
    return frozenset(tuple(text) for some in every for alts in some.values() for one in alts for text in one.values())


def known(said_now: Said) -> bool:
    """Whether all of it is said somewhere in the course: one fault may be seen first here or there, in the same words."""
    return all(tuple(text) in _wordings() for text in said_now.values())


def writing() -> bool:
    """Whether they are to be written."""
    return bool(os.environ.get("DRYDOCK_WRITE_MESSAGES"))


def keep(exercise: str, variant: str, messages: Said) -> None:
    """Add one variant's; several processes may be at it."""
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        every = kept(exercise)
        if messages not in every.setdefault(variant, []):
            every[variant].append(messages)
        text = json.dumps(dict(sorted(every.items())), indent=1, ensure_ascii=False) + "\n"
        (FOLDER / f"{exercise}.json").write_text(text, encoding="utf-8")
    _wordings.cache_clear()
