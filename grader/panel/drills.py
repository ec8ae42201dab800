"""The drills of a server: those of a chapter are looked at for as long as a page shows them."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.course import catalogue, drills
from grader.course.chapters import chapter as chapter_of
from grader.course.drills import DrillEntry
from grader.engine.observer import Observer, Update
from grader.progress.drills import Drills
from grader.report.clean import sentence
from grader.run.drill import DrillRun, Standing
from grader.values.errors import Fault

Object = dict[str, Any]


class DrillDesk:
    """The drills of all chapters. Safe to use from several threads.

    Args:
        work: the learner's work folder.
        observer: the server's.
        changed: called with a chapter's number whenever something of its drills has changed, from any thread.
    """

    def __init__(self, work: Path, observer: Observer, changed: Callable[[str], None]) -> None:
        self._work, self._observer, self._changed = work, observer, changed
        self._lock = threading.RLock()
        self._runs: dict[str, DrillRun] = {}
        self._pages: dict[str, int] = {}
        self._unwatch: dict[str, Callable[[], None]] = {}

    def enter(self, chapter: str) -> None:
        """A page shows a chapter's drills: look at those that are begun.

        Raises:
            Fault: a drill's definition is broken.
        """
        with self._lock:
            self._pages[chapter] = self._pages.get(chapter, 0) + 1
            for entry in self._entries(chapter):
                self._run(entry)
            if chapter not in self._unwatch:
                self._unwatch[chapter] = self._watch(chapter)

    def leave(self, chapter: str) -> None:
        """A page of a chapter has gone; after the last one, nobody looks."""
        with self._lock:
            self._pages[chapter] -= 1
            gone = []
            if not self._pages[chapter]:
                gone = [self._runs.pop(one) for one in list(self._runs) if one.startswith(f"{chapter}-")]
                if unwatch := self._unwatch.pop(chapter, None):
                    unwatch()
        for run in gone:
            run.close()

    def begin(self, drill: str, *, again: bool) -> None:
        """Begin a drill, or go on with it where it stands.

        Args:
            drill: its id.
            again: anew, even where it is begun and not done.

        Raises:
            UsageError: there is no such drill.
            Fault: what it begins with cannot be made.
        """
        (entry,) = drills.find(catalogue.course_root(), drill)
        with self._lock:
            looked_at = entry.id in self._runs
            run = self._run(entry) if looked_at or self._pages.get(entry.chapter) else self._new(entry)
        run.begin(again=again)

    def state(self, chapter: str, course: Path, where: Callable[[Path], str | None]) -> Object:
        """All that a page shows of a chapter's drills.

        Args:
            chapter: its number.
            course: the folder with the chapters.
            where: turns a path into one that JupyterLab opens.

        Raises:
            Fault: a drill's definition is broken.
        """
        found = chapter_of(course, chapter)
        notice, done = "", dict[str, int]()
        try:
            done = Drills(self._work).times_done()
        except Fault as fault:
            notice = str(fault)
        with self._lock:
            standings = {one: run.standing for one, run in self._runs.items()}
        trouble = self._observer.snapshot.trouble if self._observer.watching else ""
        entries = self._entries(chapter)
        rows = [_row(one, standings.get(one.id), done.get(one.id, 0), trouble) for one in entries]
        return {
            "chapter": chapter,
            "title": sentence(found.title) if found else "",
            "path": where(found.path) if found else None,
            "folder": where(self._work),
            "trouble": sentence(trouble),
            "notice": notice,
            "files": any(one.drill.files is not None for one in entries),
            "drills": rows,
        }

    def names(self) -> frozenset[str]:
        """What the drills that are open on a page speak of, on the engine."""
        with self._lock:
            standings = [run.standing for run in self._runs.values()]
        return frozenset(name for one in standings if one.phase == "open" for name in one.names)

    def close(self) -> None:
        """Look no longer. What was begun stays."""
        with self._lock:
            runs, self._runs = list(self._runs.values()), {}
            unwatch, self._unwatch = list(self._unwatch.values()), {}
        for end in unwatch:
            end()
        for run in runs:
            run.close()

    def _watch(self, chapter: str) -> Callable[[], None]:
        """Tell a chapter's pages when the engine goes away or comes back: drills that nobody has begun say nothing of it."""
        known = ""

        def news(update: Update) -> None:
            nonlocal known
            if update.snapshot.trouble != known:
                known = update.snapshot.trouble
                self._changed(chapter)

        return self._observer.subscribe(news)

    def _entries(self, chapter: str) -> list[DrillEntry]:
        return drills.entries(catalogue.course_root(), f"{chapter}-")

    def _run(self, entry: DrillEntry) -> DrillRun:
        if entry.id not in self._runs:
            self._runs[entry.id] = run = self._new(entry)
            run.open()
        return self._runs[entry.id]

    def _new(self, entry: DrillEntry) -> DrillRun:
        return DrillRun(entry, self._work, self._observer, lambda _: self._changed(entry.chapter))


def counts(work: Path) -> dict[str, Object]:
    """Number of a chapter → how many drills it has, and how many of them were done."""
    done = Drills(work).times_done()
    found: dict[str, Object] = {}
    for path in drills.files(catalogue.course_root()):
        row = found.setdefault(path.stem[:2], {"of": 0, "done": 0})
        row["of"] += 1
        row["done"] += path.stem in done
    return found


def _row(entry: DrillEntry, standing: Standing | None, times_done: int, trouble: str) -> Object:
    now = standing or Standing("new")
    return {
        "id": entry.id,
        "title": sentence(entry.drill.title),
        "times_done": times_done,
        "phase": now.phase,
        "task": now.task.strip(),
        "steps": [{"title": sentence(one.title), "done": one.done} for one in now.steps],
        # Of an engine that is away the page tells once, for all drills.
        "line": sentence("" if now.trouble and now.trouble == trouble else now.line),
        "names": list(now.names),
    }
