"""The file that progress is kept in: one SQLite database, ``.drydock/progress.sqlite`` in the learner's work folder.

The work folder may be on a network share, or shared between a computer and a container. SQLite's write-ahead log needs
shared memory between all who open the file, which such file systems do not give (sqlite.org/wal.html); the rollback
journal needs only locks and an orderly ``fsync``. Writes are a few a minute, so its cost does not matter.
"""

import contextlib
import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from grader import settings
from grader.progress.ladder import Ladder, climb
from grader.values.errors import Fault
from grader.values.outcome import FAILED, Outcome, Report

VERSION: Final = 4
BUSY_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 15 * 60.0
"""A longer time between two attempts is taken for a pause."""
_SINCE_2: Final = ("CREATE TABLE chapter_read (number TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID",)
_SINCE_3: Final = (
    """CREATE TABLE prediction (
        chapter TEXT NOT NULL, key TEXT NOT NULL, answer TEXT NOT NULL, outcome TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (chapter, key)) WITHOUT ROWID""",
)
_SINCE_4: Final = (
    """CREATE TABLE drill_begun (
        drill TEXT PRIMARY KEY, token TEXT NOT NULL, ready INTEGER NOT NULL, done TEXT NOT NULL, drawn TEXT NOT NULL,
        before TEXT NOT NULL) WITHOUT ROWID""",
    "CREATE TABLE drill_done (drill TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (drill, at)) WITHOUT ROWID",
)
_SCHEMA: Final = (
    """CREATE TABLE attempt (
        id INTEGER PRIMARY KEY, exercise TEXT NOT NULL, at TEXT NOT NULL, score REAL NOT NULL, max_score REAL NOT NULL,
        full INTEGER NOT NULL, fingerprint TEXT NOT NULL, honest INTEGER NOT NULL, duration_s REAL NOT NULL)""",
    "CREATE INDEX attempt_exercise ON attempt (exercise, id)",
    """CREATE TABLE check_outcome (
        attempt INTEGER NOT NULL REFERENCES attempt (id), check_id TEXT NOT NULL, outcome TEXT NOT NULL,
        points REAL NOT NULL, max_points REAL NOT NULL, PRIMARY KEY (attempt, check_id)) WITHOUT ROWID""",
    """CREATE TABLE hint_opened (
        exercise TEXT NOT NULL, check_id TEXT NOT NULL, rung INTEGER NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (exercise, check_id, rung)) WITHOUT ROWID""",
    """CREATE TABLE solution_opened (
        id INTEGER PRIMARY KEY, exercise TEXT NOT NULL, at TEXT NOT NULL, after_full_score INTEGER NOT NULL)""",
    *_SINCE_2,
    *_SINCE_3,
    *_SINCE_4,
)
# Version of a file → what it lacks.
_LACKING: Final = {0: _SCHEMA, 1: (*_SINCE_2, *_SINCE_3, *_SINCE_4), 2: (*_SINCE_3, *_SINCE_4), 3: _SINCE_4}


_ATTEMPTS: Final = "SELECT at, score, max_score, full, honest FROM attempt WHERE exercise = ? ORDER BY id"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One run that gave a score.

    Attributes:
        at: when it began, UTC, ISO 8601.
        score: points earned.
        max_score: points to be had at that time.
        full: whether every check passed.
        honest: whether the learner's files differed from the starter.
    """

    at: str
    score: float
    max_score: float
    full: bool
    honest: bool


def score_before(attempts: Sequence[Attempt], began: str) -> float | None:
    """The score of the attempt before the last; None where the last is not the run that began then, or was the first.

    Args:
        attempts: oldest first.
        began: when the run began, as its report says.
    """
    return attempts[-2].score if len(attempts) > 1 and attempts[-1].at == began else None


@dataclass(frozen=True, kw_only=True)
class Best:
    """Where a learner stands with one exercise.

    Attributes:
        attempts: runs that gave a score, each of other files than the one before.
        honest: those of them whose files were not the starter's.
        score: the best score; None when there is none yet.
        max_score: points to be had at the time of the best score; None when there is none yet.
        full: whether any attempt passed every check.
        solution_opened: whether the solution was read.
    """

    attempts: int = 0
    honest: int = 0
    score: float | None = None
    max_score: float | None = None
    full: bool = False
    solution_opened: bool = False

    @property
    def state(self) -> str:
        """Where the learner stands, in a word: ``done``, ``begun`` or ``new``."""
        return "done" if self.full else "begun" if self.attempts else "new"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a learner stands with one exercise, in full.

    Attributes:
        attempts: the newest, oldest of them first.
        best: the sum of all.
        ladders: of each check.
        hints_read: how many hints of each check were read.
    """

    attempts: tuple[Attempt, ...]
    best: Best
    ladders: Mapping[str, Ladder]
    hints_read: Mapping[str, int]


class Progress:
    """The progress kept in one work folder. Opens the file for each action, so nothing is held between them.

    Args:
        work: the learner's work folder.

    Attributes:
        notice: a sentence for the learner when a damaged file had to be moved aside; else empty.

    Every method raises ``Fault`` when the file cannot be read or written: one sentence, and what to do.
    """

    def __init__(self, work: Path) -> None:
        self.path = settings.progress_file(work)
        self.notice = ""

    def record(self, report: Report, fingerprint: str, starter: str) -> Attempt | None:
        """Keep a run; returns None for one that gave no score, because it failed through no fault of the learner.

        The same files as in the attempt before are the same attempt: it is not counted again, and its better score stays.

        Args:
            report: what was found.
            fingerprint: of the learner's files, as they were checked.
            starter: fingerprint of the starter's.
        """
        if report.score is None:
            return None
        with self.transaction(write=True) as base:
            last = base.execute(
                "SELECT id, fingerprint, at, score, honest FROM attempt WHERE exercise = ? ORDER BY id DESC LIMIT 1",
                (report.exercise,),
            ).fetchone()
            same = last is not None and last[1] == fingerprint
            attempt = Attempt(
                at=last[2] if same else report.started_at,
                score=report.score,
                max_score=report.max_score,
                full=report.full_score,
                honest=bool(last[4]) if same else fingerprint != starter,
            )
            if not same:
                row = base.execute(
                    "INSERT INTO attempt (exercise, at, score, max_score, full, fingerprint, honest, duration_s)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        report.exercise,
                        attempt.at,
                        attempt.score,
                        attempt.max_score,
                        attempt.full,
                        fingerprint,
                        attempt.honest,
                        report.duration_s,
                    ),
                ).lastrowid
            elif report.score >= last[3]:
                row = last[0]
                base.execute(
                    "UPDATE attempt SET score = ?, max_score = ?, full = ? WHERE id = ?",
                    (attempt.score, attempt.max_score, attempt.full, row),
                )
                base.execute("DELETE FROM check_outcome WHERE attempt = ?", (row,))
            else:
                return attempt
            base.executemany(
                "INSERT INTO check_outcome VALUES (?, ?, ?, ?, ?)",
                [(row, one.id, str(one.outcome), one.points or 0.0, one.max_points) for one in report.checks],
            )
        return attempt

    def attempts(self, exercise: str) -> list[Attempt]:
        """Return the attempts at an exercise, oldest first."""
        with self.transaction() as base:
            rows = base.execute(_ATTEMPTS, (exercise,)).fetchall()
        return [_attempt(row) for row in rows]

    def best(self) -> dict[str, Best]:
        """Return where the learner stands, for each exercise that was tried or looked up."""
        with self.transaction() as base:
            rows = base.execute(
                # With one max(), SQLite takes the bare max_score from that row (sqlite.org/lang_select.html#bareagg).
                "SELECT exercise, count(*), sum(honest), max(score), max_score, sum(full) FROM attempt GROUP BY exercise"
            ).fetchall()
            opened = {name for (name,) in base.execute("SELECT DISTINCT exercise FROM solution_opened")}
        found = {
            name: Best(attempts=n, honest=honest, score=score, max_score=of, full=bool(full))
            for name, n, honest, score, of, full in rows
        }
        return found | {name: Best(**{**vars(found.get(name, Best())), "solution_opened": True}) for name in sorted(opened)}

    def ladder(self, exercise: str, check_id: str, hints: tuple[str, ...]) -> Ladder:
        """Return which of a check's hints may be read."""
        with self.transaction() as base:
            rows = base.execute(
                "SELECT honest, outcome FROM attempt JOIN check_outcome ON attempt = attempt.id"
                " WHERE exercise = ? AND check_id = ? ORDER BY attempt.id",
                (exercise, check_id),
            ).fetchall()
        return climb(hints, ((bool(honest), Outcome(outcome)) for honest, outcome in rows))

    def hints_read(self, exercise: str, check_id: str, rungs: Iterable[int]) -> None:
        """Keep that hints were read; ``rungs`` count from 1. Reading one again changes nothing."""
        with self.transaction(write=True) as base:
            base.executemany(
                "INSERT OR IGNORE INTO hint_opened VALUES (?, ?, ?, ?)",
                [(exercise, check_id, rung, now()) for rung in rungs],
            )

    def solution_read(self, exercise: str, *, after_full_score: bool) -> None:
        """Keep that the solution was opened, and whether the learner had solved the exercise by then."""
        with self.transaction(write=True) as base:
            base.execute(
                "INSERT INTO solution_opened (exercise, at, after_full_score) VALUES (?, ?, ?)",
                (exercise, now(), after_full_score),
            )

    def chapter_read(self, number: str, *, read: bool) -> None:
        """Keep that a chapter was read, or that it is still to be read."""
        with self.transaction(write=True) as base:
            if read:
                base.execute("INSERT OR IGNORE INTO chapter_read VALUES (?, ?)", (number, now()))
            else:
                base.execute("DELETE FROM chapter_read WHERE number = ?", (number,))

    def chapters_read(self) -> set[str]:
        """Return the numbers of the chapters that were read."""
        with self.transaction() as base:
            return {number for number, _ in self.chapter_rows(base)}

    def chapter_rows(self, base: sqlite3.Connection) -> list[tuple[str, str]]:
        """Return number and time of each chapter that was read, as a transaction sees them."""
        if self._version(base) == 1:
            return []  # an older grader's file, not yet written to
        return base.execute("SELECT number, at FROM chapter_read ORDER BY number").fetchall()

    def prediction_rows(self, base: sqlite3.Connection) -> list[tuple[str, str, str, str, str]]:
        """Return chapter, key, answer, outcome and time of each prediction, as a transaction sees them."""
        if 0 < self._version(base) < 3:
            return []
        return base.execute("SELECT chapter, key, answer, outcome, at FROM prediction ORDER BY chapter, at, key").fetchall()

    def drill_row(self, base: sqlite3.Connection, drill: str) -> tuple[str, int, str, str, str] | None:
        """Return a drill as it was begun last (token, ready, done, drawn, before); None if it never was."""
        if 0 < self._version(base) < 4:
            return None
        found = base.execute("SELECT token, ready, done, drawn, before FROM drill_begun WHERE drill = ?", (drill,))
        row: tuple[str, int, str, str, str] | None = found.fetchone()
        return row

    def drill_done_rows(self, base: sqlite3.Connection) -> list[tuple[str, str]]:
        """Return id and time of each drill that was done, as a transaction sees them."""
        if 0 < self._version(base) < 4:
            return []
        return base.execute("SELECT drill, at FROM drill_done ORDER BY drill, at").fetchall()

    def prove_writable(self) -> None:
        """Write to the file, and change nothing in it; a file that is not there is not made.

        Raises:
            Fault: it cannot be written: an attempt would not be kept.
        """
        if self.path.exists():
            with self.transaction(write=True) as base:
                base.execute(f"PRAGMA user_version = {VERSION}")

    def standing(self, exercise: str, hints: Mapping[str, tuple[str, ...]], *, newest: int = 50) -> Standing:
        """Return all that is to be known of one exercise, in one look: it stays quick with ten thousand attempts.

        Args:
            exercise: its id.
            hints: check id → its hints, for every check of it.
            newest: how many attempts to return.
        """
        with self.transaction() as base:
            rows = base.execute(f"{_ATTEMPTS} DESC LIMIT ?", (exercise, newest)).fetchall()
            failed = base.execute(
                # With one min(), SQLite takes the bare honest from that row (sqlite.org/lang_select.html#bareagg).
                "SELECT check_id, sum(honest), min(attempt.id), honest FROM attempt"
                " JOIN check_outcome ON attempt = attempt.id WHERE exercise = ? AND outcome IN (?, ?) GROUP BY check_id",
                (exercise, *sorted(FAILED)),
            ).fetchall()
            read = base.execute("SELECT check_id, max(rung) FROM hint_opened WHERE exercise = ? GROUP BY check_id", (exercise,))
            rungs = dict(read.fetchall())
        opened = {check_id: honest - bool(first) for check_id, honest, _, first in failed}
        return Standing(
            attempts=tuple(_attempt(row) for row in reversed(rows)),
            best=self.best().get(exercise, Best()),
            ladders={
                check_id: Ladder(some, min(opened.get(check_id, 0), len(some)), check_id in opened)
                for check_id, some in hints.items()
            },
            hints_read={check_id: rungs.get(check_id, 0) for check_id in hints},
        )

    def seconds_spent(self) -> float:
        """Return the time between attempts that were not more than ``PAUSE_SECONDS`` apart, and that of the attempts."""
        with self.transaction() as base:
            rows = base.execute("SELECT at, duration_s FROM attempt ORDER BY at").fetchall()
        spent, before = 0.0, None
        for at, duration in rows:
            begun = datetime.fromisoformat(at).timestamp()
            gap = begun - before if before is not None else PAUSE_SECONDS + 1
            spent += gap if gap <= PAUSE_SECONDS else duration
            before = begun
        return spent

    @contextlib.contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a transaction: all of it is kept, or nothing."""
        if not write and not self.path.exists():
            # Looking must not need a writable folder, nor leave anything in it.
            with contextlib.closing(sqlite3.connect(":memory:")) as base:
                for statement in _SCHEMA:
                    base.execute(statement)
                yield base
            return
        try:
            with contextlib.closing(self._connect(write=write)) as base:
                base.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                try:
                    yield base
                    base.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                        base.execute("ROLLBACK")
                    raise
        except (sqlite3.Error, OSError) as error:
            raise Fault(
                f"Progress in {self.path} could not be {'written' if write else 'read'} ({error}).",
                "Make sure that the folder is writable and has room; the verdict itself does not depend on it.",
            ) from error

    def _connect(self, *, write: bool) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._prepared(write=write)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, read-only, full: the file itself is sound
                raise
        # Two processes may find the damage together; only one may move the file, and only if it is still damaged.
        with (self.path.parent / "progress.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with contextlib.suppress(sqlite3.DatabaseError):
                return self._prepared(write=write)
            self._move_aside()
            return self._prepared(write=write)

    def _prepared(self, *, write: bool) -> sqlite3.Connection:
        base = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            base.execute("PRAGMA journal_mode = DELETE")
            base.execute("PRAGMA synchronous = FULL")
            base.execute("PRAGMA foreign_keys = ON")
            (state,) = base.execute("PRAGMA quick_check(1)").fetchone()
            if state != "ok":
                raise sqlite3.DatabaseError(state)
            self._migrate(base, write=write)
        except BaseException:
            base.close()
            raise
        return base

    def _migrate(self, base: sqlite3.Connection, *, write: bool) -> None:
        if self._version(base) < (VERSION if write else 1):  # looking at an older one does not change it
            base.execute("BEGIN IMMEDIATE")
            if (version := self._version(base)) < VERSION:  # another process may have been first
                for statement in _LACKING[version]:
                    base.execute(statement)
                base.execute(f"PRAGMA user_version = {VERSION}")
            base.execute("COMMIT")
        version = self._version(base)
        if version > VERSION:
            raise Fault(
                f"Progress in {self.path} was written by a newer grader (version {version}; this one knows {VERSION}).",
                "Update the grader; the file was left as it is.",
            )

    @staticmethod
    def _version(base: sqlite3.Connection) -> int:
        return int(base.execute("PRAGMA user_version").fetchone()[0])

    def _move_aside(self) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        aside = self.path.with_name(f"progress.damaged-{stamp}.sqlite")
        for suffix in ("-journal", "-wal", "-shm"):
            companion = self.path.with_name(self.path.name + suffix)
            if companion.exists():
                companion.rename(aside.with_name(aside.name + suffix))
        self.path.rename(aside)
        self.notice = (
            f"The file that holds your progress was damaged. It was kept as {aside.name} in {aside.parent}, "
            "and a new one was begun."
        )


def _attempt(row: tuple[str, float, float, int, int]) -> Attempt:
    at, score, of, full, honest = row
    return Attempt(at=at, score=score, max_score=of, full=bool(full), honest=bool(honest))


def now() -> str:
    """Return the time as all that is kept has it: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
