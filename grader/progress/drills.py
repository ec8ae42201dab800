"""Drills that a learner has begun and done.

What was drawn for a drill, and what was on the engine when it began, is kept until it is begun again: whoever looks at it
next, a terminal, a page or a server that was killed, goes on where it stands.
"""

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.progress.store import Progress, now


@dataclass(frozen=True, kw_only=True)
class DrillBegun:
    """A drill as it was begun last.

    Attributes:
        drill: its id.
        token: another one each time that it is begun.
        ready: whether what it begins with has been made.
        done: when it was done, UTC, ISO 8601; empty while it is not.
        drawn: name → value.
        before: what was on the engine then, as whoever keeps it reads it.
    """

    drill: str
    token: str
    ready: bool
    done: str
    drawn: Mapping[str, str]
    before: Mapping[str, Any]


class Drills:
    """The drills kept in one work folder.

    Args:
        work: the learner's work folder.

    Every method raises ``Fault`` when the file cannot be read or written.
    """

    def __init__(self, work: Path) -> None:
        self._progress = Progress(work)

    @property
    def path(self) -> Path:
        """The file that they are kept in."""
        return self._progress.path

    def begin(self, drill: str, drawn: Mapping[str, str]) -> str:
        """Keep that a drill is being begun, in place of what was kept of it; return its token."""
        token = secrets.token_hex(8)
        with self._progress.transaction(write=True) as base:
            base.execute(
                "INSERT OR REPLACE INTO drill_begun VALUES (?, ?, 0, '', ?, '{}')", (drill, token, json.dumps(dict(drawn)))
            )
        return token

    def ready(self, drill: str, token: str, before: Mapping[str, Any]) -> None:
        """Keep that what it begins with has been made."""
        with self._progress.transaction(write=True) as base:
            base.execute(
                "UPDATE drill_begun SET ready = 1, before = ? WHERE drill = ? AND token = ?", (json.dumps(before), drill, token)
            )

    def done(self, drill: str, token: str) -> bool:
        """Keep that it is done; return whether nobody had kept that already."""
        with self._progress.transaction(write=True) as base:
            changed = base.execute(
                "UPDATE drill_begun SET done = ? WHERE drill = ? AND token = ? AND done = ''", (now(), drill, token)
            ).rowcount
            if changed:
                base.execute("INSERT OR IGNORE INTO drill_done VALUES (?, ?)", (drill, now()))
        return bool(changed)

    def begun(self, drill: str) -> DrillBegun | None:
        """Return how a drill was begun last; None where it never was."""
        with self._progress.transaction() as base:
            row = self._progress.drill_row(base, drill)
        if row is None:
            return None
        token, ready, done, drawn, before = row
        return DrillBegun(
            drill=drill, token=token, ready=bool(ready), done=done, drawn=json.loads(drawn), before=json.loads(before)
        )

    def times_done(self) -> dict[str, int]:
        """Return how often each drill was done, for those that were."""
        with self._progress.transaction() as base:
            rows = self._progress.drill_done_rows(base)
        return dict(Counter(drill for drill, _ in rows))
