"""The panel and the home page over HTTP, below ``drydock/`` of the Jupyter server."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache, wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec

from jinja2 import Environment, PackageLoader, StrictUndefined
from jupyter_server.base.handlers import APIHandler, AuthenticatedFileHandler, JupyterHandler
from jupyter_server.extension.application import ExtensionApp
from tornado import web
from tornado.iostream import StreamClosedError

from grader import doctor, settings
from grader.course import catalogue
from grader.panel.home import home
from grader.panel.session import Conflict, ExerciseSession
from grader.values.errors import Fault, GraderError, UsageError
from grader.workspace.watch import look

STATIC: Final = Path(__file__).parent / "static"
_PACE_SECONDS: Final = 0.08
"""Between two states that a page is sent: a build writes hundreds of lines a second, and nobody reads so fast."""
_LOOK_SECONDS: Final = 1.0
_DOCTOR_SECONDS: Final = 60.0

P = ParamSpec("P")


class SessionRegistry:
    """The desks of one server.

    Args:
        root: the folder that the server shows.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.work = (settings.work() or self.root).resolve()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._desks: dict[str, ExerciseSession] = {}
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

    def desk(self, exercise: str) -> ExerciseSession:
        """The desk of an exercise.

        Raises:
            UsageError: there is no such exercise.
        """
        with self._lock:
            if exercise not in self._desks:
                entry = catalogue.find(catalogue.course_root(self.root), exercise)
                if entry.id != exercise:
                    raise UsageError(f"There is no exercise “{exercise}”.")
                self._desks[exercise] = ExerciseSession(
                    entry,
                    self.work / "exercises" / entry.id,
                    self.work,
                    course=self.chapters(),
                    where=self.where,
                    changed=lambda: self._wake(exercise),
                )
            return self._desks[exercise]

    def course(self) -> dict[str, Any]:
        """What the home page shows."""
        return home(catalogue.entries(catalogue.course_root(self.root)), self.chapters(), self.work, self.where)

    def chapters(self) -> Path:
        """The folder with the chapters: the learner's copy, where there is one."""
        mine = self.work / settings.CHAPTERS
        return mine if mine.is_dir() else catalogue.course_root(self.root) / settings.CHAPTERS

    def doctor(self) -> dict[str, Any]:
        """What is wrong with the machine; looked at again after a minute."""
        with self._examining:
            if self._doctor is None or time.monotonic() - self._doctor[0] > _DOCTOR_SECONDS:
                try:
                    root = catalogue.course_root(self.root)
                except UsageError:
                    root = None
                found = doctor.examine(root, self.work)
                worst = max((list(doctor.State).index(one.state) for one in found), default=0)
                rows = [{"name": one.name, "state": str(one.state), "seen": one.seen, "mend": one.mend} for one in found]
                self._doctor = time.monotonic(), {"state": str(list(doctor.State)[worst]), "diagnoses": rows}
            return self._doctor[1]

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
        for desk in self._desks.values():
            desk.close()


def _answer(method: Callable[Concatenate[Any, P], Awaitable[object]]) -> Callable[Concatenate[Any, P], Awaitable[None]]:
    """Send what a method returns as JSON; an error of ours becomes its sentence."""

    @wraps(method)
    async def answered(self: Any, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            value = await method(self, *args, **kwargs)
        except Conflict as error:
            self.set_status(409)
            value = {"message": str(error), "next_step": ""}
        except UsageError as error:
            self.set_status(404)
            value = {"message": str(error), "next_step": ""}
        except Fault as fault:
            self.set_status(500)
            value = {"message": fault.message, "next_step": fault.next_step}
        except GraderError as error:
            self.set_status(500)
            value = {"message": str(error), "next_step": ""}
        self.finish(json.dumps(value))

    decorated: Callable[Concatenate[Any, P], Awaitable[None]] = web.authenticated(answered)  # type: ignore[assignment]
    return decorated


class _Api(APIHandler):
    def initialize(self, office: SessionRegistry) -> None:
        self.office = office


class Course(_Api):
    """The course map."""

    @_answer
    async def get(self) -> object:
        """See ``home``."""
        return await asyncio.to_thread(self.office.course)


class Doctor(_Api):
    """The machine."""

    @_answer
    async def get(self) -> object:
        """See ``doctor.examine``."""
        return await asyncio.to_thread(self.office.doctor)


class Exercise(_Api):
    """The state of one exercise."""

    @_answer
    async def get(self, exercise: str) -> object:
        """See ``ExerciseSession.state``."""
        desk = await asyncio.to_thread(self.office.desk, exercise)
        return await asyncio.to_thread(desk.state)


class Action(_Api):
    """Something to be done with an exercise."""

    @_answer
    async def post(self, exercise: str, action: str) -> object:
        """Do it, and return the new state, or what came of it."""
        desk = await asyncio.to_thread(self.office.desk, exercise)
        return await asyncio.to_thread(self._act, desk, action, self.get_json_body() or {})

    @staticmethod
    def _act(desk: ExerciseSession, action: str, body: dict[str, Any]) -> object:
        if action == "solution":
            return desk.solution()
        if action == "reset":
            backup, kept = desk.reset()
            shown = backup and backup.name and str(backup)
            return {"state": desk.state(), "backup": shown, "kept": kept}
        if action == "check":
            desk.check()
        elif action == "cancel":
            desk.cancel()
        elif action == "watch":
            desk.watch(on=bool(body.get("on")))
        elif action == "hint":
            desk.hint(str(body.get("check")))
        return desk.state()


class Picture(_Api):
    """A picture of the last run."""

    @_answer
    async def get(self, exercise: str, name: str) -> object:
        """See ``ExerciseSession.picture``."""
        desk = await asyncio.to_thread(self.office.desk, exercise)
        return await asyncio.to_thread(desk.picture, name, "dark" if self.get_argument("theme", "") == "dark" else "light")


class Events(JupyterHandler):
    """Whatever changes, as it changes (server-sent events)."""

    def initialize(self, office: SessionRegistry) -> None:
        """Take what all handlers share."""
        self.office = office
        self._gone = False

    def on_connection_close(self) -> None:
        """The page has gone."""
        self._gone = True

    @web.authenticated
    async def get(self, exercise: str) -> None:
        """Send the state and the output, and each change of them, until the page goes."""
        try:
            desk = await asyncio.to_thread(self.office.desk, exercise)
        except GraderError as error:
            raise web.HTTPError(404, str(error)) from error
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        woken = self.office.read(exercise)
        woken.set()
        read, sent, seen = (-1, 0), "", await asyncio.to_thread(look, desk.folder)
        try:
            while not self._gone:
                if woken.is_set():
                    woken.clear()
                    state = json.dumps(await asyncio.to_thread(desk.state))
                    now, first, lines = desk.output(read)
                    if now[0] != read[0] and read[0] != -1:
                        self._send("output", json.dumps({"reset": True}))
                    read = now
                    if state != sent:
                        self._send("state", state)
                        sent = state
                    if lines:
                        self._send("output", json.dumps({"lines": lines, "first": first}))
                    await self.flush()
                    await asyncio.sleep(_PACE_SECONDS)
                    continue
                try:
                    await asyncio.wait_for(woken.wait(), _LOOK_SECONDS)
                except TimeoutError:
                    files = await asyncio.to_thread(look, desk.folder)
                    if files != seen:
                        seen = files
                        woken.set()
                    else:
                        self.write(": still here\n\n")  # a proxy in between must not take us for dead
                        await self.flush()
        except StreamClosedError:
            pass
        finally:
            self.office.leave(exercise, woken)

    def _send(self, event: str, data: str) -> None:
        self.write(f"event: {event}\ndata: {data}\n\n")


class Page(JupyterHandler):
    """One of the two pages."""

    def initialize(self, page: str, at: str) -> None:
        """Take the page's name, and the way from its address to ``/drydock/``."""
        self._page, self._at = page, at

    @web.authenticated
    def get(self, _exercise: str = "") -> None:
        """Send it; with the cookie that its requests will need."""
        _ = self.xsrf_token
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(_pages().get_template(f"{self._page}.html").render(page=self._page, at=self._at))


@cache
def _pages() -> Environment:
    return Environment(loader=PackageLoader("grader.panel"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


class Panel(ExtensionApp):
    """The Jupyter server extension."""

    name = "drydock"
    extension_url = "/drydock/"
    load_other_extensions = True
    office: SessionRegistry

    def initialize_handlers(self) -> None:
        """Add the handlers to the server."""
        assert self.serverapp is not None
        self.office = SessionRegistry(Path(self.serverapp.root_dir))
        one, shared = r"(\d\d-[a-z0-9-]+)", {"office": self.office}
        self.handlers.extend([
            (r"drydock", web.RedirectHandler, {"url": "drydock/", "permanent": False}),
            (r"drydock/", Page, {"page": "home", "at": ""}),
            (rf"drydock/exercise/{one}", Page, {"page": "exercise", "at": "../"}),
            (r"drydock/static/(.+)", AuthenticatedFileHandler, {"path": str(STATIC)}),
            (r"drydock/api/course", Course, shared),
            (r"drydock/api/doctor", Doctor, shared),
            (rf"drydock/api/exercise/{one}", Exercise, shared),
            (rf"drydock/api/exercise/{one}/events", Events, shared),
            (rf"drydock/api/exercise/{one}/picture/([a-z]+)", Picture, shared),
            (rf"drydock/api/exercise/{one}/(check|cancel|watch|hint|reset|solution)", Action, shared),
        ])  # fmt: skip

    async def stop_extension(self) -> None:
        """Leave nothing on the engine when the server ends."""
        await asyncio.to_thread(self.office.close)
