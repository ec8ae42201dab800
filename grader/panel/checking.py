"""The checks of one exercise as they go on: at most one at a time, stopped, watched, begun again."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from grader import settings
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.panel.output import Output
from grader.run import attempt, snapshot
from grader.run.attempt import Verdict
from grader.run.last_run import Run
from grader.values.errors import Cancelled, GraderError, UsageError
from grader.values.events import CheckDecided, CheckStarted, EngineOutput, Event, RunDecided
from grader.workspace.saves import Saves, Work
from grader.workspace.watch import look, stamp


class Checking:
    """The check that goes on, or the last one. Safe to use from several threads.

    Args:
        entry: the exercise's master copy.
        folder: the learner's.
        work: the learner's work folder.
        lock: guards what is shown.
        changed: called whenever something has changed, from any thread.
        kept: called when an attempt has been kept, with the lock held.

    Attributes:
        entry: the exercise, as the last check has read it.
        run: what is shown; None before the first check.
        output: what the engine is doing.
        seen: events of the run, which its pictures are of.
    """

    def __init__(
        self,
        entry: Entry,
        folder: Path,
        work: Path,
        *,
        lock: threading.RLock,
        changed: Callable[[], None],
        kept: Callable[[], None],
    ) -> None:
        self.entry = entry
        self._folder, self._work = folder, work
        self._lock, self._changed, self._kept = lock, changed, kept
        self._remembered = settings.last_run_file(work, entry.id)
        self._known = stamp(self._remembered)
        self.run = Run.remembered(self._remembered)
        self.output = Output()
        self.seen: list[Event] = []
        self._thread: threading.Thread | None = None
        self._stop: threading.Event | None = None
        self._again = False
        self._watching: threading.Event | None = None
        self._saves = Saves(work, entry.id)

    @property
    def phase(self) -> str:
        """``idle``, ``running`` or ``stopping``."""
        if self._stop is None:
            return "idle"
        return "stopping" if self._stop.is_set() else "running"

    @property
    def watching(self) -> bool:
        """Whether a save begins a check."""
        return self._watching is not None

    @property
    def outdated(self) -> bool:
        """Whether the learner's files are no longer what the last check has checked."""
        return self._stop is None and self.run is not None and self.run.fingerprint != self._fingerprint()

    def take_news(self) -> None:
        """Take the run that another surface, a terminal or a notebook, has kept meanwhile."""
        with self._lock:
            now = stamp(self._remembered)
            if self._stop is not None or now == self._known:
                return
            self._known = now
            if (found := Run.remembered(self._remembered)) is not None:
                self.run, self.seen = found, []

    def saved(self) -> None:
        """Somebody has saved: what is on the disk now is meant to be checked, if saves are watched."""
        self._saves.deliberate()

    def begin(self) -> None:
        """Begin a check, unless one is going on."""
        self.saved()
        with self._lock:
            if self._stop is None:
                self._begin()
        self._changed()

    def cancel(self) -> None:
        """Stop the check that is going on; it leaves nothing behind."""
        with self._lock:
            self._again = False
            if self._stop is not None:
                self._stop.set()
        self._changed()

    def watch(self, *, on: bool) -> None:
        """Check again whenever a file is saved, or no longer."""
        with self._lock:
            if on and self._watching is None:
                self._watching = threading.Event()
                threading.Thread(target=self._watch, args=(self._watching,), name="drydock-watch", daemon=True).start()
                if self._stop is None and (self.run is None or self.outdated):
                    self._begin()
            elif not on and self._watching is not None:
                self._watching.set()
                self._watching = None
        self._changed()

    def close(self) -> None:
        """Stop what goes on, and wait until nothing is left of it."""
        self.watch(on=False)
        self.cancel()
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        before, self._stop = self._thread, threading.Event()
        self._again = False
        self.run = Run(self._fingerprint())
        self.output.begin()
        self.seen = []
        self._thread = threading.Thread(target=self._check, args=(self.run, self._stop, before), name="drydock-panel")
        self._thread.start()

    def _check(self, run: Run, stop: threading.Event, before: threading.Thread | None) -> None:
        def observe(event: Event) -> None:
            self._take(run, event)
            if isinstance(event, RunDecided):
                self._end(stop)  # clean-up goes on behind the verdict

        try:
            if before is not None:
                before.join()  # its clean-up
            if not self._folder.is_dir():
                raise UsageError(f"There is no folder {self._folder}: Reset puts the starter there.")
            # Read again: some checks choose numbers by chance when they are read, which an earlier verdict may have told.
            entry = catalogue.load(self.entry.folder)
            with snapshot.take(entry, self._folder) as taken:
                with self._lock:
                    self.entry = entry
                    run.fingerprint = taken.fingerprint
                # With a sandbox of its own, not one kept warm: a learner's `docker ps` shows nothing of ours behind a check.
                attempt.check(
                    entry,
                    taken,
                    self._work,
                    observe=observe,
                    decided=lambda verdict: self._decide(run, verdict),
                    stands=lambda: self._stands(run),
                    cancelled=stop,
                )
        except Cancelled:
            with self._lock:
                run.stop()
        except GraderError as error:
            self._fail(run, getattr(error, "message", str(error)), getattr(error, "next_step", ""))
        except Exception as error:  # noqa: BLE001 - a page must never wait for a verdict that will not come
            self._fail(run, f"The grader itself failed ({type(error).__name__}). This is not your fault.", "Check again.")
        finally:
            self._end(stop)

    def _take(self, run: Run, event: Event) -> None:
        with self._lock:
            if isinstance(event, CheckStarted):
                run.begun.add(event.id)
            elif isinstance(event, CheckDecided):
                run.take(event.result)
            elif isinstance(event, EngineOutput):
                self.output.add(event.line)
            else:
                self.seen.append(event)
        self._changed()

    def _stands(self, run: Run) -> bool:
        """While saves are watched, a verdict on a file that was half saved, or is no longer there, is not given."""
        with self._lock:
            self._again = self._again or (self.watching and self._files().overtaken(run.fingerprint))
            if self._again:
                run.stop()
            return not self._again

    def _decide(self, run: Run, verdict: Verdict) -> None:
        with self._lock:
            run.decide(verdict)
            self._known = stamp(self._remembered)  # it was kept with the attempt
            self._kept()

    def _fail(self, run: Run, message: str, next_step: str) -> None:
        with self._lock:
            run.fail(message, next_step)

    def _end(self, stop: threading.Event) -> None:
        with self._lock:
            if self._stop is not stop:
                return
            self._stop = None
            if self._again:
                self._begin()
        self._changed()

    def _watch(self, stop: threading.Event) -> None:
        """Begin a check after each save; one that is going on is stopped and begun again."""
        seen = look(self._folder)
        with contextlib.suppress(Cancelled):
            while True:
                seen = self._files().wait(seen, self._checked, stop)
                with self._lock:
                    if stop.is_set():
                        return
                    if self._stop is None:
                        self._begin()
                    else:
                        self._again = True
                        self._stop.set()
                self._changed()

    def _checked(self) -> str | None:
        with self._lock:
            return None if self.run is None else self.run.fingerprint

    def _files(self) -> Work:
        return Work(self._folder, self.entry.exercise.learner_files, self._saves)

    def _fingerprint(self) -> str:
        return self._files().fingerprint()
