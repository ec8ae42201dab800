"""All exercises of one server, by their ids."""

import asyncio
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from grader import doctor, settings
from grader.course import catalogue
from grader.engine.observer import Observer
from grader.panel.drills import DrillDesk, counts
from grader.panel.engine_map import MapDesk
from grader.panel.handing_in import HandingIn
from grader.panel.home import following, home
from grader.panel.session import ExerciseSession
from grader.progress import Progress
from grader.values.errors import Fault, UsageError
from grader.workspace.saves import Saves

_DOCTOR_SECONDS: Final = 60.0
_LINGER_SECONDS: Final = 10.0
"""For which the engine is looked at when the last page that shows it has gone: a page that is loaded again is there by then."""
MAP: Final = "map"
"""Under which name readers of the engine's map are kept."""


class SessionRegistry:
    """The exercise sessions of one server, and whoever waits for news of them.

    Args:
        root: the folder that the server shows.

    Attributes:
        teaching: whether the server has the instructor's page.
        observer: the server's one look at the engine; it looks for as long as somebody subscribes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.work = (settings.work() or self.root).resolve()
        self.handing_in = HandingIn(self.work)
        self.teaching = False
        self.observer = Observer(linger=_LINGER_SECONDS)
        self.drills = DrillDesk(self.work, self.observer, self._drill_changed)
        self.map = MapDesk(self.observer, self.drills.names, lambda: self._wake(MAP))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sessions: dict[str, ExerciseSession] = {}
        self._lock = threading.Lock()
        self._readers: dict[str, set[asyncio.Event]] = {}
        self._doctor: tuple[float, dict[str, Any]] | None = None
        self._examining = threading.Lock()

    def where(self, path: Path) -> str | None:
        """A path as JupyterLab opens it; None for one that the server does not show."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return None

    def session(self, exercise: str) -> ExerciseSession:
        """The session of an exercise; begun when it is first asked for.

        Raises:
            UsageError: there is no such exercise.
        """
        with self._lock:
            if exercise not in self._sessions:
                entry = catalogue.find(catalogue.course_root(), exercise)
                if entry.id != exercise:
                    raise UsageError(f"There is no exercise “{exercise}”.")
                self._sessions[exercise] = ExerciseSession(
                    entry,
                    self.work / settings.EXERCISES / entry.id,
                    self.work,
                    course=self.chapters(),
                    where=self.where,
                    following=lambda: self._following(exercise),
                    changed=lambda: self._wake(exercise),
                )
            return self._sessions[exercise]

    def wrote(self, path: Path) -> None:
        """JupyterLab has written a file: by the clock, until the page says that somebody has saved it."""
        with suppress(ValueError):
            exercise, *inside = path.resolve().relative_to(self.work / settings.EXERCISES).parts
            if inside and inside != [f"{exercise}.ipynb"]:
                Saves(self.work, exercise).by_the_clock()

    def course(self) -> dict[str, Any]:
        """What the home page shows."""
        shown = home(catalogue.entries(catalogue.course_root()), self.chapters(), self.work, self.where)
        with suppress(Fault):  # home has told already that the progress cannot be read
            drills = counts(self.work)
            for one in shown["chapters"]:
                one["drills"] = drills.get(one["number"])
        nameless = settings.exchange() is not None and not settings.known_learner()
        return {**shown, "teaching": self.teaching, "nameless": nameless and not self.teaching}

    def drill_state(self, chapter: str) -> dict[str, Any]:
        """What the page of a chapter's drills shows."""
        return self.drills.state(chapter, self.chapters(), self.where)

    def chapter_read(self, number: str, *, read: bool) -> dict[str, Any]:
        """Keep whether a chapter was read; returns what the home page shows now."""
        Progress(self.work).chapter_read(number, read=read)
        return self.course()

    def _following(self, exercise: str) -> dict[str, Any] | None:
        return following(exercise, catalogue.entries(catalogue.course_root()), self.chapters(), self.work, self.where)

    def chapters(self) -> Path:
        """The folder with the chapters: the learner's copy, where there is one."""
        mine = self.work / settings.CHAPTERS
        return mine if mine.is_dir() else catalogue.course_root() / settings.CHAPTERS

    def doctor(self) -> dict[str, Any]:
        """What is wrong with the machine; looked at again after a minute."""
        with self._examining:
            if self._doctor is None or time.monotonic() - self._doctor[0] > _DOCTOR_SECONDS:
                try:
                    root = catalogue.course_root()
                except UsageError:
                    root = None
                found = doctor.examine(root, self.work)
                worst = max((list(doctor.State).index(one.state) for one in found), default=0)
                rows = [{"name": one.name, "state": str(one.state), "seen": one.seen, "fix": one.fix} for one in found]
                self._doctor = time.monotonic(), {"state": str(list(doctor.State)[worst]), "diagnoses": rows}
            return self._doctor[1]

    def read_drills(self, chapter: str) -> asyncio.Event:
        """An event that is set whenever something of a chapter's drills has changed."""
        return self.read(_drills_of(chapter))

    def leave_drills(self, chapter: str, woken: asyncio.Event) -> None:
        """Do without it."""
        self.leave(_drills_of(chapter), woken)

    def _drill_changed(self, chapter: str) -> None:
        self._wake(_drills_of(chapter))
        self._wake(MAP)  # it shows what drills speak of

    def read(self, exercise: str) -> asyncio.Event:
        """An event that is set whenever the exercise's state has changed."""
        self._loop, woken = asyncio.get_running_loop(), asyncio.Event()
        self._readers.setdefault(exercise, set()).add(woken)
        return woken

    def leave(self, exercise: str, woken: asyncio.Event) -> None:
        """Do without it."""
        self._readers[exercise].discard(woken)

    def _wake(self, exercise: str) -> None:
        def wake() -> None:
            for woken in self._readers.get(exercise, ()):
                woken.set()

        if self._loop is not None:
            with suppress(RuntimeError):  # the server is going down
                self._loop.call_soon_threadsafe(wake)

    def close(self) -> None:
        """Stop all checks and remove what they have on the engine."""
        self.drills.close()
        self.observer.close()
        for session in self._sessions.values():
            session.close()


def _drills_of(chapter: str) -> str:
    """Under which name readers of a chapter's drills are kept beside those of exercises."""
    return f"drills/{chapter}"
