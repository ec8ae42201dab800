"""One exercise on a learner's desk: what they have, what the last check found, and at most one check at a time."""

import contextlib
import itertools
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grader import settings
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.course.chapters import chapter
from grader.course.exercise import Check
from grader.panel import pictures
from grader.panel.run import Object, Run, code
from grader.progress import Progress, Standing, fingerprint
from grader.report.as_json import as_object
from grader.report.clean import clean, sentence
from grader.report.words import count, section
from grader.run import attempt, snapshot
from grader.run.attempt import Verdict
from grader.settings import DEFINITION
from grader.values.errors import Cancelled, Fault, GraderError, UsageError
from grader.values.events import CheckDecided, CheckStarted, EngineOutput, Event, RunDecided
from grader.values.outcome import FAILED, Outcome
from grader.workspace.restore import plan, restore
from grader.workspace.solution import attempts_left, solution
from grader.workspace.watch import look, wait_for_change

OUTPUT_LINES: Final = 2_000


class Conflict(UsageError):
    """What was asked for does not fit what is going on."""


class ExerciseSession:
    """The state of one exercise, and what can be done with it. Safe to use from several threads.

    Args:
        entry: the exercise's master copy.
        folder: the learner's.
        work: the folder that holds ``.drydock``.
        course: the folder with the chapters.
        where: turns a path into one that JupyterLab opens; None where it cannot.
        changed: called whenever the state or the output has changed, from any thread.
    """

    def __init__(
        self,
        entry: Entry,
        folder: Path,
        work: Path,
        *,
        course: Path,
        where: Callable[[Path], str | None],
        changed: Callable[[], None],
    ) -> None:
        self.entry, self.folder = entry, folder
        self._work, self._course, self._where = work, course, where
        self._told = changed
        self._progress = Progress(work)
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._stop: threading.Event | None = None
        self._again = False
        self._watching: threading.Event | None = None
        self._output: deque[str] = deque(maxlen=OUTPUT_LINES)
        self._printed = 0  # lines, of this run, those that were dropped included
        self._runs_begun = 0
        self._standing: Standing | None = None
        self._notice = ""
        self.seen: list[Event] = []  # what the pictures are of
        self._reference_size: int | None = None
        self._measured = False
        self._kept = settings.last_run_file(work, entry.id)
        self._run = Run.remembered(self._kept)

    # What it is

    @property
    def phase(self) -> str:
        """``idle``, ``running`` or ``stopping``."""
        if self._stop is None:
            return "idle"
        return "stopping" if self._stop.is_set() else "running"

    def state(self) -> Object:
        """All that a page shows."""
        with self._lock:
            exercise, standing = self.entry.exercise, self._stand()
            files = [self._file(name) for name in exercise.learner_files]
            return {
                "id": self.entry.id,
                "title": exercise.title,
                "max_score": exercise.max_points,
                "best": standing.best.score,
                "attempts": standing.best.attempts,
                "brief": self._where(self.folder / f"{self.entry.id}.ipynb"),
                "files": [one for one in files if one],
                "phase": self.phase,
                "watch": self._watching is not None,
                "changed": self._stop is None and self._run is not None and self._run.fingerprint != self._fingerprint(),
                "run": self._run_object(),
                "checks": [self._check_object(name, standing) for name in exercise.checks],
                "solution": self._solution_object(standing),
                "history": [
                    {"at": one.at, "score": one.score, "max_score": one.max_score, "full": one.full}
                    for one in standing.attempts
                ],
                "pictures": pictures.available(self.seen, standing.attempts, self._reference_size),
            }

    def output(self, since: tuple[int, int]) -> tuple[tuple[int, int], int, list[str]]:
        """What the engine has been doing.

        Args:
            since: what the reader has: number of the run, number of lines of it.

        Returns:
            What the reader has then, the number of the first line, and the lines that are new to them.
        """
        with self._lock:
            run, lines = since if since[0] == self._runs_begun else (self._runs_begun, 0)
            first = max(lines, self._printed - len(self._output))
            new = list(itertools.islice(self._output, len(self._output) - (self._printed - first), None))
            return (run, self._printed), first, new

    # What can be done

    def check(self) -> None:
        """Begin a check, unless one is going on."""
        with self._lock:
            if self._stop is None:
                self._begin()
        self._told()

    def cancel(self) -> None:
        """Stop the check that is going on; it leaves nothing behind."""
        with self._lock:
            self._again = False
            if self._stop is not None:
                self._stop.set()
        self._told()

    def watch(self, *, on: bool) -> None:
        """Check again whenever a file is saved, or no longer."""
        with self._lock:
            if on and self._watching is None:
                self._watching = threading.Event()
                threading.Thread(target=self._watch, args=(self._watching,), name="drydock-watch", daemon=True).start()
                if self._stop is None and (self._run is None or self._run.fingerprint != self._fingerprint()):
                    self._begin()
            elif not on and self._watching is not None:
                self._watching.set()
                self._watching = None
        self._told()

    def hint(self, check_id: str) -> None:
        """Open the next hint of a check.

        Raises:
            Conflict: none may be opened now.
        """
        with self._lock:
            standing = self._stand()
            ladder = standing.ladders.get(check_id)
            if ladder is None or standing.hints_read[check_id] >= ladder.opened:
                raise Conflict("The next hint opens when you have changed something and this check still fails.")
            self._progress.hints_read(self.entry.id, check_id, [standing.hints_read[check_id] + 1])
            self._standing = None
        self._told()

    def reset(self) -> tuple[Path | None, list[str]]:
        """Put the starter back, after a backup.

        Returns:
            The backup's folder, if there was anything to keep, and the names of what is in it.

        Raises:
            Conflict: a check is going on.
            Fault: it cannot be done; nothing is lost.
        """
        backups = settings.backups_folder(self._work, self.entry.id)
        with self._lock:
            if self._stop is not None:
                raise Conflict("A check is going on. Stop it first.")
            what = plan(self.folder, self.entry.starter, keep=(DEFINITION, f"{self.entry.id}.ipynb"))
            try:
                backup = restore(what, self.folder, self.entry.starter, backups)
            except OSError as error:
                raise Fault(
                    f"The starter could not be put in place: {error.strerror or error}.",
                    f"Nothing is lost: what was moved is in {backups}.",
                ) from error
        self._told()
        return backup, [str(one) for one in what.to_keep]

    def solution(self) -> Object:
        """The solution beside the learner's files, where it is open; that it was read is recorded.

        Raises:
            Conflict: it is still closed.
        """
        with self._lock:
            best = self._stand().best
            if left := attempts_left(best, self.entry.exercise.honest_attempts):
                raise Conflict(_closed(left))
            self._progress.solution_read(self.entry.id, after_full_score=best.full)
            self._standing = None
        self._told()
        files = []
        for one in solution(self.entry, self.folder):
            kinds = {"+": "solution", "-": "yours", "@": "gap"}
            lines = list(one.differences())[2:]
            files.append(
                {
                    "name": one.name,
                    "text": None if one.text is None else clean(one.text),
                    "diff": [{"kind": kinds.get(line[:1], "same"), "text": code(line[1:])} for line in lines],
                }
            )
        return {"files": files, "others": sorted(self.entry.alternatives)}

    def picture(self, name: str, theme: pictures.Theme) -> Object:
        """A picture of what the last run saw.

        Args:
            name: one of those that the state names.
            theme: of the page.

        Raises:
            UsageError: there is none.
        """
        with self._lock:
            seen, size = list(self.seen), self._reference_size
            attempts = self._progress.attempts(self.entry.id) if name == "history" else self._stand().attempts
            if name == "layers" and size is None and not self._measured:
                self._measured = True
                threading.Thread(target=self._measure, name="drydock-reference", daemon=True).start()
        return pictures.draw(name, seen, attempts, size, theme)

    def _measure(self) -> None:
        """Find out how large the reference's image is: something to hold one's own against."""
        size = pictures.reference_size(self.entry, self._work)
        with self._lock:
            self._reference_size = size
        self._told()

    def close(self) -> None:
        """Stop what goes on, and wait until nothing is left of it."""
        self.watch(on=False)
        self.cancel()
        if self._thread is not None:
            self._thread.join()

    # A run

    def _begin(self) -> None:
        before, self._stop = self._thread, threading.Event()
        self._again = False
        self._run = Run(self._fingerprint())
        self._output.clear()
        self._printed = 0
        self._runs_begun += 1
        self.seen = []
        self._thread = threading.Thread(target=self._check, args=(self._run, self._stop, before), name="drydock-panel")
        self._thread.start()

    def _check(self, run: Run, stop: threading.Event, before: threading.Thread | None) -> None:
        def observe(event: Event) -> None:
            self._take(run, event)
            if isinstance(event, RunDecided):
                self._end(stop)  # clean-up goes on behind the verdict

        try:
            if before is not None:
                before.join()  # its clean-up
            if not self.folder.is_dir():
                raise UsageError(f"There is no folder {self.folder}: Reset puts the starter there.")
            # Read anew: some checks choose numbers by chance when they are read, which an earlier verdict may have told.
            entry = catalogue.load(self.entry.folder)
            with self._lock:
                self.entry, self._standing = entry, None
            with snapshot.take(entry, self.folder) as taken:
                with self._lock:
                    run.fingerprint = taken.fingerprint
                # With a sandbox of its own, not one kept warm: a learner's `docker ps` shows nothing of ours behind a check.
                attempt.check(
                    entry,
                    taken,
                    self._work,
                    observe=observe,
                    decided=lambda verdict: self._decide(run, verdict),
                    stands=lambda: not self._overtaken(run),
                    cancelled=stop,
                )
        except Cancelled:
            run.verdict = "stopped" if run.verdict == "running" else run.verdict
        except GraderError as error:
            self._fail(run, getattr(error, "message", str(error)), getattr(error, "next_step", ""))
        except Exception as error:  # noqa: BLE001 - a page must never wait for a verdict that will not come
            self._fail(run, f"The grader itself failed ({type(error).__name__}). This is not your fault.", "Check again.")
        finally:
            self._end(stop)

    def _overtaken(self, run: Run) -> bool:
        """While saves are watched, a verdict on a file that was half saved, or is no longer there, is not given."""
        with self._lock:
            self._again = self._again or (self._watching is not None and run.fingerprint != self._fingerprint())
            if self._again:
                run.verdict = "stopped"
            return self._again

    def _end(self, stop: threading.Event) -> None:
        with self._lock:
            if self._stop is not stop:
                return
            self._stop = None
            if self._again:
                self._begin()
        self._told()

    def _fail(self, run: Run, message: str, next_step: str) -> None:
        with self._lock:
            if run.verdict == "running":
                run.verdict = "not_graded"
                run.trouble = {"message": sentence(message), "next_step": sentence(next_step)}

    def _take(self, run: Run, event: Event) -> None:
        with self._lock:
            if isinstance(event, CheckStarted):
                run.begun.add(event.id)
            elif isinstance(event, CheckDecided):
                run.decide(event.result)
            elif isinstance(event, EngineOutput):
                if not event.line.strip():
                    return
                self._output.append(code(event.line))
                self._printed += 1
            else:
                self.seen.append(event)
        self._told()

    def _decide(self, run: Run, verdict: Verdict) -> None:
        report = verdict.report
        with self._lock:
            for one in report.checks:
                run.decide(one)
            run.report = {
                "started_at": report.started_at,
                "duration_s": as_object(report)["duration_s"],
                "score": report.score,
                "full": report.full_score,
                "engine": report.engine,
                "notes": [sentence(note) for note in (*report.notes, *verdict.notices)],
            }
            run.verdict = "decided"
            if report.failed_to_grade:
                run.verdict = "not_graded"
                finding = next(one.finding for one in report.checks if one.outcome is Outcome.ERROR)
                if finding is not None:
                    run.trouble = {"message": sentence(finding.message), "next_step": sentence(finding.advice)}
            self._standing = None
            run.remember(self._kept)

    def _watch(self, stop: threading.Event) -> None:
        """Begin a check after each save; one that is going on is stopped and begun anew."""
        seen = look(self.folder)
        with contextlib.suppress(Cancelled):
            while True:
                seen = wait_for_change(self.folder, seen, stop)
                with self._lock:
                    if stop.is_set():
                        return
                    if self._run is not None and self._run.fingerprint == self._fingerprint():
                        continue  # not one of the learner's files
                    if self._stop is None:
                        self._begin()
                    else:
                        self._again = True
                        self._stop.set()
                self._told()

    # Parts of the state

    def _fingerprint(self) -> str:
        return fingerprint(self.folder, self.entry.exercise.learner_files)

    def _stand(self) -> Standing:
        if self._standing is None:
            hints = {check.id: check.hints for check in self.entry.exercise.checks.values()}
            try:
                self._standing = self._progress.standing(self.entry.id, hints)
            except Fault as fault:
                self._notice = str(fault)
                self._standing = Progress(Path(os.devnull) / "nowhere").standing(self.entry.id, hints)
            else:
                self._notice = ""
        return self._standing

    def _file(self, name: str) -> Object | None:
        path = self.folder / name
        opens = self._where(path)
        return {"name": name, "path": opens, "exists": path.exists()} if opens and not path.is_dir() else None

    def _run_object(self) -> Object | None:
        run = self._run
        if run is None:
            return None
        notes = [*run.report.get("notes", ()), *([self._notice] if self._notice else ())]
        empty = {"started_at": None, "duration_s": None, "score": None, "full": False, "engine": ""}
        return {**empty, **run.report, "notes": notes, "verdict": run.verdict, "trouble": run.trouble}

    def _check_object(self, check_id: str, standing: Standing) -> Object:
        check, run = self.entry.exercise.checks[check_id], self._run
        result = run.results.get(check_id) if run else None
        outcome = "new"
        if run and run.verdict == "running":
            outcome = "running" if check_id in run.begun else "waiting"
        base: Object = {
            "points": None,
            "message": "",
            "expected": "",
            "found": "",
            "advice": "",
            "read": None,
            "evidence": [],
            "duration_s": 0.0,
        }
        ladder, read = standing.ladders[check_id], standing.hints_read[check_id]
        return {
            **base,
            "outcome": outcome,
            **(result or {}),
            "id": check_id,
            "title": sentence(check.title),
            "max_points": check.points,
            "read": self._reading(check) if (result or {}).get("outcome") in FAILED else None,
            "hints": {"open": list(ladder.readable), "closed": ladder.closed, "read": min(read, ladder.opened)},
        }

    def _reading(self, check: Check) -> Object | None:
        reading = self.entry.reading(check)
        if reading is None:
            return None
        there = chapter(self._course, reading.chapter)
        path = self._where(there.path) if there else None
        return {"words": sentence(section(reading)), "path": path, "heading": sentence(reading.heading)}

    def _solution_object(self, standing: Standing) -> Object:
        if not self.entry.reference.is_dir():
            return {"open": False, "why": "The solution is not installed here.", "opened": False, "earned": False}
        left = attempts_left(standing.best, self.entry.exercise.honest_attempts)
        return {
            "open": not left,
            "why": _closed(left) if left else "",
            "opened": standing.best.solution_opened,
            "earned": standing.best.full,
        }


def _closed(left: int) -> str:
    return f"It opens after a full score, or after {count(left, 'more attempt')} in which you change something."
