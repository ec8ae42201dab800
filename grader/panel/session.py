"""One exercise as the server has it: what the learner has, what the last check found, and what can be done with it."""

import threading
from collections.abc import Callable
from pathlib import Path

from grader import settings
from grader.course.catalogue import Entry
from grader.course.chapters import chapters
from grader.panel import pictures, view
from grader.panel.checking import Checking
from grader.panel.output import Place
from grader.panel.record import Conflict, Record
from grader.run.last_run import Object, Run
from grader.workspace.restore import course_files, plan, restore, told_if_it_fails
from grader.workspace.solution import solution
from grader.workspace.watch import look, stamp


class ExerciseSession:
    """The state of one exercise, and what can be done with it. Safe to use from several threads.

    Args:
        entry: the exercise's master copy.
        folder: the learner's.
        work: the folder that holds ``.drydock``.
        course: the folder with the chapters.
        where: turns a path into one that JupyterLab opens; None where it cannot.
        following: says where to go on after this exercise, as the home page does.
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
        following: Callable[[], Object | None] = lambda: None,
        changed: Callable[[], None],
    ) -> None:
        self.folder = folder
        self._work, self._course, self._where = work, course, where
        self._changed, self._following = changed, following
        self._next: tuple[str, Object | None] = "", None
        self._lock = threading.RLock()
        self._record = Record(work)
        self._checking = Checking(entry, folder, work, lock=self._lock, changed=changed, kept=self._record.changed)
        self._reference = pictures.ReferenceSize(work, measured=changed)

    @property
    def entry(self) -> Entry:
        """The exercise, as the last check has read it."""
        return self._checking.entry

    @property
    def phase(self) -> str:
        """``idle``, ``running`` or ``stopping``."""
        return self._checking.phase

    def state(self) -> Object:
        """All that a page shows."""
        self._checking.take_news()
        with self._lock:
            entry, checking = self.entry, self._checking
            standing = self._record.standing(entry)
            files = {name: self.folder / name for name in entry.exercise.learner_files}
            return view.page(
                view.State(
                    entry=entry,
                    folder=self.folder,
                    files={name: path.exists() for name, path in files.items() if not path.is_dir()},
                    phase=checking.phase,
                    watching=checking.watching,
                    outdated=checking.outdated,
                    run=checking.run,
                    standing=standing,
                    notice=self._record.notice,
                    has_solution=entry.reference.is_dir(),
                    chapters={one.number: one.path for one in chapters(self._course)},
                    following=self._after(checking.run),
                    pictures=pictures.available(checking.seen, standing.attempts, self._reference.size),
                    where=self._where,
                )
            )

    def _after(self, run: Run | None) -> Object | None:
        """Where to go on after a full score; found out once for each."""
        if run is None or not run.report.get("full"):
            return None
        if self._next[0] != run.report["started_at"]:
            self._next = run.report["started_at"], self._following()
        return self._next[1]

    def output(self, since: Place) -> tuple[Place, int, list[str]]:
        """What the engine has been doing; see ``Output.since``."""
        return self._checking.output.since(since)

    def picture(self, name: str, theme: pictures.Theme) -> Object:
        """A picture of what the last run saw.

        Args:
            name: one of those that the state names.
            theme: of the page.

        Raises:
            UsageError: there is none.
        """
        with self._lock:
            entry, seen = self.entry, list(self._checking.seen)
            attempts = self._record.attempts(entry) if name == "history" else self._record.standing(entry).attempts
        if name == "layers":
            self._reference.measure(entry)
        return pictures.draw(name, seen, attempts, self._reference.size, theme)

    def check(self) -> None:
        """Begin a check, unless one is going on."""
        self._checking.begin()

    def saved(self) -> None:
        """Somebody has saved a file: see ``Checking.saved``."""
        self._checking.saved()

    def stamp(self) -> object:
        """Return what changes when a file of the learner's does, or what is kept of them, whoever changes it."""
        kept = settings.progress_file(self._work), settings.last_run_file(self._work, self.entry.id)
        return look(self.folder), *(stamp(one) for one in kept)

    def cancel(self) -> None:
        """Stop the check that is going on; it leaves nothing behind."""
        self._checking.cancel()

    def watch(self, *, on: bool) -> None:
        """Check again whenever a file is saved, or no longer."""
        self._checking.watch(on=on)

    def close(self) -> None:
        """Stop what goes on, and wait until nothing is left of it."""
        self._checking.close()

    def hint(self, check_id: str) -> None:
        """Open the next hint of a check.

        Raises:
            Conflict: none may be opened now.
        """
        with self._lock:
            self._record.read_hint(self.entry, check_id)
        self._changed()

    def solution(self) -> Object:
        """The solution beside the learner's files, where it is open; that it was read is recorded.

        Raises:
            Conflict: it is still closed.
        """
        with self._lock:
            entry = self.entry
            self._record.read_solution(entry)
        self._changed()
        files = [view.solution_file(one) for one in solution(entry, self.folder)]
        return {"files": files, "others": sorted(entry.alternatives)}

    def reset(self) -> tuple[Path | None, list[str]]:
        """Put the starter back, after a backup.

        Returns:
            The backup's folder, if there was anything to keep, and the names of what is in it.

        Raises:
            Conflict: a check is going on.
            Fault: it cannot be done; nothing is lost.
        """
        with self._lock:
            if self.phase != "idle":
                raise Conflict("A check is going on. Stop it first.")
            what = plan(self.folder, self.entry.starter, keep=course_files(self.entry))
            backups = settings.backups_folder(self._work, self.entry.id)
            with told_if_it_fails(backups):
                backup = restore(what, self.folder, self.entry.starter, backups)
        self._changed()
        return backup, [str(one) for one in what.to_keep]
