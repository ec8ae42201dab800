"""A drill as it goes on: begun, or taken up where it stands; looked at whenever the engine changes; done; begun again."""

import fcntl
import secrets
import shlex
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from docker.errors import APIError, NotFound

from grader import settings
from grader.checks.live.lab import Lab
from grader.checks.live.view import Before, Unsettled, View
from grader.checks.setup import EXERCISE_LABEL, Setup
from grader.course.drill import FOLDER, Draw
from grader.course.drills import DrillEntry
from grader.engine import ownership
from grader.engine.cli import CliResult, run_cli
from grader.engine.client import translated
from grader.engine.observer import Observer, Update
from grader.engine.observer.events import Outdated
from grader.engine.observer.look import look
from grader.engine.observer.snapshot import Snapshot
from grader.engine.session import Session
from grader.progress.drills import DrillBegun, Drills
from grader.values.drawn import fill, is_made_of
from grader.values.errors import CheckFailed, Fault
from grader.values.facts import Facts
from grader.workspace.restore import plan, restore, told_if_it_fails
from grader.workspace.watch import stamp

_PORTS: Final = range(20000, 30000)
_LETTERS: Final = 3
_WORD_LETTERS: Final = 6
_MISSED_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Step:
    """One thing that must be so.

    Attributes:
        title: what.
        done: whether it is so now.
        line: what was seen instead; of the first that is not so, empty for all others.
    """

    title: str
    done: bool
    line: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a drill stands.

    Attributes:
        phase: ``new``, ``preparing``, ``open`` or ``done``.
        task: what is to be done; empty while nothing is drawn.
        steps: what must be so; as it was when it was done, if it is.
        names: what it speaks of on the engine.
        trouble: why it cannot be looked at now; empty when it can.
    """

    phase: str
    task: str = ""
    steps: tuple[Step, ...] = ()
    names: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def line(self) -> str:
        """What is not yet right, in one line; empty where all is."""
        return self.trouble or next((one.line for one in self.steps if one.line), "")


class DrillRun:
    """One drill in one work folder. Safe to use from several threads.

    Args:
        entry: the drill.
        work: the learner's work folder.
        observer: of the engine.
        changed: called whenever the standing has changed, from any thread.
    """

    def __init__(self, entry: DrillEntry, work: Path, observer: Observer, changed: Callable[[Standing], None]) -> None:
        self.entry = entry
        self._work, self._observer, self._changed = work, observer, changed
        self._kept = Drills(work)
        self._lock = threading.RLock()
        self._wake, self._stop = threading.Event(), threading.Event()
        self._begun: DrillBegun | None = None
        self._read: DrillBegun | None = None
        self._read_at: object = ""
        self._first_seen: dict[object, float] = {}
        self._preparing, self._after = False, 0
        self._standing = Standing("new")
        self._leave: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        return self._standing

    def open(self) -> None:
        """Take up what was begun, if anything was, and look at it from now on."""
        with self._lock:
            if self._thread is not None:
                return
            self._thread = threading.Thread(target=self._look, name=f"drydock-drill-{self.entry.id}", daemon=True)
            self._thread.start()
        self._after = self._observer.look_again()
        self._leave = self._observer.subscribe(self._news, inside=True)

    def close(self) -> None:
        """Look no longer. What was begun stays, on the engine too."""
        self._leave()
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def begin(self, *, again: bool = False) -> None:
        """Make what it begins with; what an earlier time left is removed first.

        Args:
            again: even where it has been begun and is not done.

        Raises:
            Fault: it cannot be made; nothing of it is left.
        """
        with _alone(self._work, self.entry.id):
            known = self._kept.begun(self.entry.id)
            if known is not None and known.ready and not known.done and not again:
                self._take_up(known)
                return
            self._preparing = True
            self._tell(Standing("preparing"))
            try:
                begun = self._prepare(known)
            finally:
                self._preparing = False
                self._wake.set()
            self._take_up(begun)

    def remove(self) -> None:
        """Remove all that it and its learner have made on the engine.

        Raises:
            Fault: the engine does not answer.
        """
        if known := self._kept.begun(self.entry.id):
            with Session() as session:
                _remove(session, self.entry, known.drawn)

    # Beginning

    def _prepare(self, known: DrillBegun | None) -> DrillBegun:
        with Session() as session:
            if known is not None:
                _remove(session, self.entry, known.drawn)
            drawn = draw(self.entry)
            token = self._kept.begin(self.entry.id, drawn)
            try:
                _lay_out(self._work, self.entry, drawn)
                _set_up(session, self.entry, drawn, self._work)
                with translated():
                    before = Before.of(look(session.client, Snapshot(), Outdated(everything=True)))
            except BaseException:
                _remove(session, self.entry, drawn)
                raise
        self._kept.ready(self.entry.id, token, _as_json(before))
        begun = self._kept.begun(self.entry.id)
        assert begun is not None
        return begun

    def _take_up(self, begun: DrillBegun) -> None:
        with self._lock:
            self._begun, self._first_seen = begun, {}
            self._after = self._observer.look_again()  # what is known may be older than what was made just now
        self._wake.set()

    # Looking

    def _news(self, _update: Update) -> None:
        self._wake.set()

    def _look(self) -> None:
        again: float | None = None
        while True:
            self._wake.wait(again)
            self._wake.clear()
            if self._stop.is_set():
                return
            try:
                again = self._look_once()
            except Fault as fault:
                self._tell(replace(self._standing, trouble=str(fault)))
                again = _MISSED_SECONDS
            except Exception as error:  # noqa: BLE001 - a page must never wait for a line that will not come
                said = f"The drill itself failed ({type(error).__name__}). This is not your fault."
                self._tell(replace(self._standing, phase="open", trouble=said))
                again = None

    def _look_once(self) -> float | None:
        """Look where it stands; return after how many seconds to do so again even if nothing happens."""
        if self._preparing:
            return None
        now = self._observer.snapshot
        if (kept := stamp(self._kept.path)) != self._read_at:
            self._read = self._kept.begun(self.entry.id)  # another surface may have begun it again, or seen that it is done
            self._read_at = kept
        begun = self._read
        if begun is None or not begun.ready:
            self._tell(Standing("new"))
            return None
        with self._lock:
            if self._begun is None or self._begun.token != begun.token:
                self._begun, self._first_seen = begun, {}
        task, names = fill(self.entry.drill.task, begun.drawn), tuple(begun.drawn[one] for one in self.entry.drill.names)
        titles = [fill(one.title, begun.drawn) for one in self.entry.drill.checks.values()]
        if begun.done:
            self._tell(Standing("done", task, tuple(Step(one, True) for one in titles), names))
            return None
        if now.trouble or now.answers < self._after:
            self._tell(Standing("open", task, tuple(Step(one, False) for one in titles), names, now.trouble))
            return None
        before = _from_json(begun.before)
        view = View(now, before, begun.drawn, self._observer.happened(), self._observer, self._first_seen)
        steps, again = self._judge(Lab(view), titles)
        if all(one.done for one in steps):
            if now is not self._observer.snapshot:
                return 0.0  # what was asked beside the state is of another moment
            self._kept.done(self.entry.id, begun.token)
            self._tell(Standing("done", task, steps, names))
            return None
        self._tell(Standing("open", task, steps, names))
        return again

    def _judge(self, lab: Lab, titles: list[str]) -> tuple[tuple[Step, ...], float | None]:
        steps: list[Step] = []
        pauses: list[float] = []
        for title, check in zip(titles, self.entry.drill.checks.values(), strict=True):
            try:
                check.function(lab)
                steps.append(Step(title, done=True))
            except CheckFailed as failed:
                if isinstance(failed, Unsettled):
                    pauses.append(failed.again)
                first = not any(one.line for one in steps)
                steps.append(Step(title, done=False, line=failed.finding.message if first else ""))
        return tuple(steps), min(pauses, default=None)

    def _tell(self, standing: Standing) -> None:
        with self._lock:
            if standing == self._standing:
                return
            self._standing = standing
        self._changed(standing)


def draw(entry: DrillEntry) -> dict[str, str]:
    """Draw what a drill draws: names begin with its chapter's number, so that they go with the chapter."""
    chance = Facts(secrets.token_hex(16), entry.id)
    drawn: dict[str, str] = {}
    late: dict[str, Draw] = {}
    for slot, how in entry.drill.draws.items():
        if how == "name":
            drawn[slot] = f"ch{entry.chapter}-{slot.replace('_', '-')}-{chance.word(slot, _LETTERS)}"
        elif how == "port":
            drawn[slot] = str(_free_port(set(drawn.values())))
        elif how == "word":
            drawn[slot] = chance.word(slot, _WORD_LETTERS)
        else:
            late[slot] = how
    for slot, how in late.items():  # one of several may be one of the names
        one = str(secrets.choice(how))
        drawn[slot] = drawn.get(one, one)
    if entry.drill.files is not None:
        drawn[FOLDER] = f"{settings.DRILLS}/{entry.id}"
    return drawn


def _lay_out(work: Path, entry: DrillEntry, drawn: Mapping[str, str]) -> None:
    """Put the files that a drill begins with into its folder; what its learner has there goes where resets keep it."""
    if entry.drill.files is None:
        return
    folder, backups = work / drawn[FOLDER], settings.backups_folder(work, f"drill-{entry.id}")
    with told_if_it_fails(backups), tempfile.TemporaryDirectory(prefix="drydock-drill-") as made:
        for name, text in entry.drill.files.items():
            path = Path(made) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fill(text, drawn), encoding="utf-8")
            path.chmod(0o755 if text.startswith("#!") else 0o644)
        folder.mkdir(parents=True, exist_ok=True)
        restore(plan(folder, Path(made)), folder, Path(made), backups)


def _free_port(taken: set[str]) -> int:
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as trial:
            if str(port) not in taken and trial.connect_ex(("127.0.0.1", port)) != 0:
                return port


def _set_up(session: Session, entry: DrillEntry, drawn: Mapping[str, str], work: Path) -> None:
    def docker(*args: str, seconds: float, stdin: Path | None = None) -> CliResult:
        return run_cli(session, args, seconds=seconds, stdin=stdin, cwd=work)

    made = Setup(docker, Facts(settings.learner(), _label(entry)), session.folder)
    made.drawn.update(drawn)
    for line in entry.drill.begins_with:
        made.docker(*(fill(word, drawn) for word in shlex.split(line)))
    if entry.drill.setup_function is not None:
        entry.drill.setup_function(made)


def _label(entry: DrillEntry) -> str:
    return f"drill/{entry.id}"


def _remove(session: Session, entry: DrillEntry, drawn: Mapping[str, str]) -> None:
    """Remove what was made for a drill, and what its learner has made under the names that it gave them."""
    api, names = session.client.api, tuple(drawn[one] for one in entry.drill.names)

    with translated():
        for one in api.containers(all=True):
            if any(is_made_of(name.removeprefix("/"), names) for name in one["Names"] or ()):
                _gone(api.remove_container, one["Id"], v=True, force=True)
        ownership.remove_labelled(session.client, f"{EXERCISE_LABEL}={_label(entry)}")
        for one in api.networks():
            if is_made_of(one["Name"], names):
                _gone(api.remove_network, one["Id"])
        for one in api.volumes().get("Volumes") or ():
            if is_made_of(one["Name"], names):
                _gone(api.remove_volume, one["Name"], force=True)
        for one in api.images():
            for name in one.get("RepoTags") or ():
                if is_made_of(name, names):
                    _gone(api.remove_image, name, force=True)


def _gone(remove: Callable[..., object], *args: Any, **options: Any) -> None:
    try:
        remove(*args, **options)
    except NotFound:
        return
    except APIError as error:
        if error.status_code != 409:  # somebody else removes it now, or uses it
            raise


@contextmanager
def _alone(work: Path, drill: str) -> Iterator[None]:
    """While a drill is begun here, nobody else begins it."""
    path = settings.drill_lock(work, drill)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _as_json(before: Before) -> dict[str, Any]:
    return {"things": sorted(before.things), "containers": dict(before.containers), "images": dict(before.images)}


def _from_json(kept: Mapping[str, Any]) -> Before:
    return Before(frozenset(kept["things"]), kept["containers"], kept["images"])
