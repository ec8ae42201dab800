"""The panel and the home page over HTTP, below ``drydock/`` of the Jupyter server."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec

from jinja2 import Environment, PackageLoader, StrictUndefined
from jupyter_server.base.handlers import APIHandler, AuthenticatedFileHandler, JupyterHandler
from jupyter_server.extension.application import ExtensionApp
from tornado import web
from tornado.iostream import StreamClosedError

from grader.panel import pages
from grader.panel.record import Conflict
from grader.panel.registry import MAP, SessionRegistry
from grader.panel.session import ExerciseSession
from grader.report import html
from grader.values.errors import Fault, GraderError, UsageError

STATIC: Final = Path(__file__).parent / "static"
TEACHING: Final = "grader.notebook.teaching"
"""The server extension with the instructor's page; home has a link to it where it is on."""
_PACE_SECONDS: Final = 0.08
"""Between two states that a page is sent: a build writes hundreds of lines a second, and nobody reads so fast."""
_LOOK_SECONDS: Final = 1.0

P = ParamSpec("P")


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
    def initialize(self, registry: SessionRegistry) -> None:
        self.registry = registry


class Course(_Api):
    """The course map."""

    @_answer
    async def get(self) -> object:
        """See ``home``."""
        return await asyncio.to_thread(self.registry.course)


class Doctor(_Api):
    """The machine."""

    @_answer
    async def get(self) -> object:
        """See ``doctor.examine``."""
        return await asyncio.to_thread(self.registry.doctor)


class Chapter(_Api):
    """Whether a chapter was read."""

    @_answer
    async def post(self, number: str) -> object:
        """Keep it, and return the new course map."""
        body = self.get_json_body() or {}
        return await asyncio.to_thread(self.registry.chapter_read, number, read=bool(body.get("read")))


class Learner(_Api):
    """Who is learning here."""

    @_answer
    async def post(self) -> object:
        """Keep the name, and return the new course map."""
        name = str((self.get_json_body() or {}).get("name", ""))
        await asyncio.to_thread(self.registry.handing_in.sign_up, name)
        return await asyncio.to_thread(self.registry.course)


class Exercise(_Api):
    """The state of one exercise."""

    @_answer
    async def get(self, exercise: str) -> object:
        """See ``ExerciseSession.state``."""
        session = await asyncio.to_thread(self.registry.session, exercise)
        return await asyncio.to_thread(session.state)


class Action(_Api):
    """Something to be done with an exercise."""

    @_answer
    async def post(self, exercise: str, action: str) -> object:
        """Do it, and return the new state, or what came of it."""
        session = await asyncio.to_thread(self.registry.session, exercise)
        return await asyncio.to_thread(self._act, session, action, self.get_json_body() or {})

    @staticmethod
    def _act(session: ExerciseSession, action: str, body: dict[str, Any]) -> object:
        if action == "solution":
            return session.solution()
        if action == "reset":
            backup, kept = session.reset()
            shown = backup and backup.name and str(backup)
            return {"state": session.state(), "backup": shown, "kept": kept}
        if action == "check":
            session.check()
        elif action == "cancel":
            session.cancel()
        elif action == "watch":
            session.watch(on=bool(body.get("on")))
        elif action == "saved":
            session.saved()
        elif action == "hint":
            session.hint(str(body.get("check")))
        return session.state()


class Picture(_Api):
    """A picture of the last run."""

    @_answer
    async def get(self, exercise: str, name: str) -> object:
        """See ``ExerciseSession.picture``."""
        session = await asyncio.to_thread(self.registry.session, exercise)
        return await asyncio.to_thread(session.picture, name, "dark" if self.get_argument("theme", "") == "dark" else "light")


class HandIn(_Api):
    """Handing an exercise in."""

    @_answer
    async def get(self, exercise: str) -> object:
        """See ``HandingIn.state``."""
        await asyncio.to_thread(self.registry.session, exercise)
        return await asyncio.to_thread(self.registry.handing_in.state, exercise)

    @_answer
    async def post(self, exercise: str) -> object:
        """See ``HandingIn.hand_in``."""
        await asyncio.to_thread(self.registry.session, exercise)
        name = str((self.get_json_body() or {}).get("name", ""))
        return await asyncio.to_thread(self.registry.handing_in.hand_in, exercise, name)


class Archive(JupyterHandler):
    """What was packed to be handed in."""

    def initialize(self, registry: SessionRegistry) -> None:
        """Take what all handlers share."""
        self.registry = registry

    @web.authenticated
    def get(self, _exercise: str, checksum: str) -> None:
        """Send it as a file to keep."""
        try:
            packed = self.registry.handing_in.archive(checksum)
        except UsageError as error:
            raise web.HTTPError(404, str(error)) from error
        self.set_header("Content-Type", "application/zip")
        self.set_attachment_header(packed.name)
        self.set_header("Cache-Control", "no-store")
        self.finish(packed.content)


class Feedback(JupyterHandler):
    """What an instructor has released."""

    def initialize(self, registry: SessionRegistry) -> None:
        """Take what all handlers share."""
        self.registry = registry

    @web.authenticated
    async def get(self, exercise: str) -> None:
        """Send the page; what is in it is text and style, and gets nothing of Jupyter's."""
        try:
            page = await asyncio.to_thread(self.registry.handing_in.feedback, exercise)
        except GraderError as error:
            raise web.HTTPError(404, str(error)) from error
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", html.SERVED)
        self.finish(page)


class _Stream(JupyterHandler):
    """Whatever changes, as it changes (server-sent events)."""

    def initialize(self, registry: SessionRegistry) -> None:
        """Take what all handlers share."""
        self.registry = registry
        self._gone = False

    def on_connection_close(self) -> None:
        """The page has gone."""
        self._gone = True

    def _begin(self) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")

    def _send(self, event: str, data: str) -> None:
        self.write(f"event: {event}\ndata: {data}\n\n")

    async def _still_here(self) -> None:
        self.write(": still here\n\n")  # a proxy in between must not take us for dead
        await self.flush()

    async def _follow(self, woken: asyncio.Event, state: Callable[[], object]) -> None:
        """Send a state, and each change of it, until the page goes.

        Args:
            woken: is set when it may have changed.
            state: called in a thread.
        """
        self._begin()
        sent = ""
        woken.set()
        try:
            while not self._gone:
                if woken.is_set():
                    woken.clear()
                    now = json.dumps(await asyncio.to_thread(state))
                    if now != sent:
                        self._send("state", now)
                        await self.flush()
                        sent = now
                    await asyncio.sleep(_PACE_SECONDS)
                    continue
                try:
                    await asyncio.wait_for(woken.wait(), _LOOK_SECONDS)
                except TimeoutError:
                    await self._still_here()
        except StreamClosedError:
            pass


class Events(_Stream):
    """An exercise."""

    @web.authenticated
    async def get(self, exercise: str) -> None:
        """Send the state and the output, and each change of them, until the page goes."""
        try:
            session = await asyncio.to_thread(self.registry.session, exercise)
        except GraderError as error:
            raise web.HTTPError(404, str(error)) from error
        self._begin()
        woken = self.registry.read(exercise)
        woken.set()
        read, sent, seen = (-1, 0), "", await asyncio.to_thread(session.stamp)
        try:
            while not self._gone:
                if woken.is_set():
                    woken.clear()
                    state = json.dumps(await asyncio.to_thread(session.state))
                    now, first, lines = session.output(read)
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
                    files = await asyncio.to_thread(session.stamp)
                    if files != seen:
                        seen = files
                        woken.set()
                    else:
                        await self._still_here()
        except StreamClosedError:
            pass
        finally:
            self.registry.leave(exercise, woken)


class DrillList(_Api):
    """The drills of a chapter."""

    @_answer
    async def get(self, chapter: str) -> object:
        """See ``DrillDesk.state``."""
        return await asyncio.to_thread(self.registry.drill_state, chapter)


class DrillAction(_Api):
    """A drill is begun."""

    @_answer
    async def post(self, drill: str, action: str) -> object:
        """Begin it, or begin it again; return its chapter's drills."""
        await asyncio.to_thread(self.registry.drills.begin, drill, again=action == "again")
        return await asyncio.to_thread(self.registry.drill_state, drill[:2])


class DrillEvents(_Stream):
    """The drills of a chapter; the engine is looked at for as long as somebody listens."""

    @web.authenticated
    async def get(self, chapter: str) -> None:
        """Send the state, and each change of it, until the page goes."""
        woken = self.registry.read_drills(chapter)
        await asyncio.to_thread(self.registry.drills.enter, chapter)
        try:
            await self._follow(woken, lambda: self.registry.drill_state(chapter))
        finally:
            self.registry.leave_drills(chapter, woken)
            await asyncio.to_thread(self.registry.drills.leave, chapter)


class MapEvents(_Stream):
    """What is on the engine; it is looked at for as long as somebody listens."""

    @web.authenticated
    async def get(self) -> None:
        """Send the state, and each change of it, until the page goes."""
        woken = self.registry.read(MAP)
        await asyncio.to_thread(self.registry.map.enter)
        try:
            await self._follow(woken, self.registry.map.state)
        finally:
            self.registry.leave(MAP, woken)
            await asyncio.to_thread(self.registry.map.leave)


class Page(JupyterHandler):
    """One of the pages."""

    def initialize(self, page: str, at: str) -> None:
        """Take the page's name, and the way from its address to ``/drydock/``."""
        self._page, self._at = page, at

    @web.authenticated
    def get(self, _exercise: str = "") -> None:
        """Send it; with the cookie that its requests will need."""
        _ = self.xsrf_token
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(page(self._page, self._at))


def page(name: str, at: str) -> str:
    """One of the pages as HTML.

    Args:
        name: of its template and its module.
        at: the way from its address to ``/drydock/``.
    """
    return _pages().get_template(f"{name}.html").render(page=name, at=at)


@cache
def _pages() -> Environment:
    return Environment(loader=PackageLoader("grader.panel"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


class Panel(ExtensionApp):
    """The Jupyter server extension."""

    name = "drydock"
    extension_url = "/drydock/"
    load_other_extensions = True
    registry: SessionRegistry

    def initialize_handlers(self) -> None:
        """Add the handlers to the server."""
        assert self.serverapp is not None
        pages.serve(self.serverapp)
        self.registry = SessionRegistry(Path(self.serverapp.root_dir))
        self.registry.teaching = bool(self.serverapp.jpserver_extensions.get(TEACHING))
        contents = self.serverapp.contents_manager
        if hasattr(contents, "register_post_save_hook"):  # one that keeps files on this machine
            contents.register_post_save_hook(lambda os_path, **_: self.registry.wrote(Path(os_path)))  # type: ignore[no-untyped-call]
        one, shared = r"(\d\d-[a-z0-9-]+)", {"registry": self.registry}
        self.handlers.extend([
            (r"drydock", web.RedirectHandler, {"url": "drydock/", "permanent": False}),
            (r"drydock/", Page, {"page": "home", "at": ""}),
            (rf"drydock/exercise/{one}", Page, {"page": "exercise", "at": "../"}),
            (r"drydock/drills/(\d\d)", Page, {"page": "drills", "at": "../"}),
            (r"drydock/map", Page, {"page": "map", "at": ""}),
            (r"drydock/static/(.+)", AuthenticatedFileHandler, {"path": str(STATIC)}),
            (r"drydock/api/course", Course, shared),
            (r"drydock/api/doctor", Doctor, shared),
            (r"drydock/api/learner", Learner, shared),
            (r"drydock/api/chapter/(\d\d)", Chapter, shared),
            (r"drydock/api/drills/(\d\d)", DrillList, shared),
            (r"drydock/api/drills/(\d\d)/events", DrillEvents, shared),
            (r"drydock/api/map/events", MapEvents, shared),
            (rf"drydock/api/drill/{one}/(begin|again)", DrillAction, shared),
            (rf"drydock/api/exercise/{one}", Exercise, shared),
            (rf"drydock/api/exercise/{one}/events", Events, shared),
            (rf"drydock/api/exercise/{one}/hand-in", HandIn, shared),
            (rf"drydock/api/exercise/{one}/hand-in/([0-9a-f]{{64}})", Archive, shared),
            (rf"drydock/api/exercise/{one}/feedback", Feedback, shared),
            (rf"drydock/api/exercise/{one}/picture/([a-z]+)", Picture, shared),
            (rf"drydock/api/exercise/{one}/(check|cancel|watch|hint|reset|solution|saved)", Action, shared),
        ])  # fmt: skip

    async def stop_extension(self) -> None:
        """Leave nothing on the engine when the server ends."""
        await asyncio.to_thread(self.registry.close)
