"""The instructor's page over HTTP, below ``drydock/teach/``, and formgrader's long actions, which go on beside the server."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec

from jinja2 import Environment, PackageLoader, StrictUndefined
from jupyter_server.base.handlers import AuthenticatedFileHandler, JupyterHandler
from jupyter_server.extension.application import ExtensionApp
from nbgrader.server_extensions.formgrader.base import BaseApiHandler
from nbgrader.server_extensions.formgrader.handlers import ManageSubmissionsHandler
from tornado import web

from grader.notebook.teaching.desk import Desk
from grader.notebook.teaching.intake import Upload
from grader.notebook.teaching.tasks import Task
from grader.report import html
from grader.values.errors import GraderError, UsageError

STATIC: Final = Path(__file__).parent / "static"
P = ParamSpec("P")
_PIECE: Final = 1 << 20


def _answer(method: Callable[Concatenate[Any, P], Awaitable[object]]) -> Callable[Concatenate[Any, P], Awaitable[None]]:
    """Send what a method returns as JSON; an error of ours becomes its sentence."""

    @wraps(method)
    async def answered(self: Any, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            value = await method(self, *args, **kwargs)
        except GraderError as error:
            self.set_status(409 if isinstance(error, UsageError) else 500)
            value = {"message": str(error), "next_step": ""}
        self.set_header("Content-Type", f"{self.kind}; charset=utf-8")
        self.finish(json.dumps(value))

    decorated: Callable[Concatenate[Any, P], Awaitable[None]] = web.authenticated(answered)  # type: ignore[assignment]
    return decorated


class _Desks:
    """The desk of the course that formgrader shows."""

    def __init__(self) -> None:
        self._desk: Desk | None = None

    def of(self, course: Path) -> Desk:
        if self._desk is None or self._desk.course != course:
            if self._desk is not None:
                self._desk.close()
            self._desk = Desk(course)
        return self._desk

    def close(self) -> None:
        if self._desk is not None:
            self._desk.close()


class _Api(BaseApiHandler):
    kind = "application/json"

    def initialize(self, desks: _Desks) -> None:
        self._desks = desks

    @property
    def desk(self) -> Desk:
        """The course's."""
        if "nbgrader_formgrader" not in self.settings:
            raise UsageError("There is no formgrader here. Start the lab with DRYDOCK_ROLE=instructor.")
        return self._desks.of(Path(self.coursedir.root).absolute())

    def body(self) -> dict[str, Any]:
        """What was sent."""
        read: Any = self.get_json_body
        said = read()
        return said if isinstance(said, dict) else {}


class Overview(_Api):
    """All exercises."""

    @_answer
    async def get(self) -> object:
        """See ``Desk.overview``."""
        return await asyncio.to_thread(self.desk.overview, self.api)


class Assignment(_Api):
    """Who has handed in what."""

    @_answer
    async def get(self, assignment: str) -> object:
        """See ``Api.rows``."""
        self.desk.known(assignment)
        return {"rows": await asyncio.to_thread(self.api.rows, assignment)}


class Act(_Api):
    """One of nbgrader's commands."""

    @_answer
    async def post(self, assignment: str, what: str) -> object:
        """Begin it; returns the task."""
        said = self.body()
        students = [str(one) for one in said.get("students", [])]
        return await asyncio.to_thread(self.desk.begin, what, assignment, students, again=bool(said.get("again")))


class TaskList(_Api):
    """What goes on."""

    @_answer
    async def get(self) -> object:
        """See ``Tasks.shown``."""
        return {"tasks": self.desk.tasks.shown()}


class Cancel(_Api):
    """The end of a task."""

    @_answer
    async def post(self, number: str) -> object:
        """See ``Tasks.cancel``."""
        await asyncio.to_thread(self.desk.tasks.cancel, int(number))
        return {"tasks": self.desk.tasks.shown()}


class LookInto(_Api):
    """Files that a course platform gives."""

    @_answer
    async def post(self, assignment: str) -> object:
        """Look into an archive, which is the body, or into a folder that the query names."""
        desk, api = self.desk, self.api
        desk.known(assignment)
        folder, name = self.get_query_argument("folder", ""), self.get_query_argument("name", "upload.zip")
        if folder:
            root = Path(str(self.settings["serverapp"].root_dir))
            upload = await asyncio.to_thread(_look, desk, root, folder, assignment)
        else:
            body = self.request.body
            if not body:
                raise UsageError("That file is empty.")
            pieces = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
            upload = await asyncio.to_thread(desk.intake.archive, pieces, name, assignment)
        return await asyncio.to_thread(desk.looked_into, api, upload)


def _look(desk: Desk, root: Path, folder: str, assignment: str) -> Upload:
    root = root.resolve()
    place = (root / folder).resolve()
    if not place.is_relative_to(root) or place == root or not place.is_dir():
        raise UsageError(f"There is no folder {folder} in the work folder.")
    return desk.intake.folder(place, assignment)


class Take(_Api):
    """Files that are taken in."""

    @_answer
    async def post(self, key: str) -> object:
        """See ``Desk.take``."""
        chosen = {
            str(number): {"student": str(one.get("student", "")), "exercise": str(one.get("exercise", ""))}
            for number, one in self.body().get("works", {}).items()
        }
        return await asyncio.to_thread(self.desk.take, self.api, key, chosen)


class File(_Api):
    """Something to be kept: grades, or feedback."""

    @web.authenticated
    async def get(self, what: str) -> None:
        """Send it."""
        assignment = self.get_query_argument("assignment", "")
        try:
            if what == "grades.csv":
                content: str | bytes = await asyncio.to_thread(self.desk.grades, self.api, assignment)
            else:
                content = await asyncio.to_thread(self.desk.feedback, self.api, assignment)
        except GraderError as error:
            raise web.HTTPError(409, str(error)) from error
        kind = "text/csv; charset=utf-8" if what == "grades.csv" else "application/zip"
        self.set_header("Content-Type", kind)
        self.set_header("Cache-Control", "no-store")
        self.set_attachment_header(f"{assignment}-{what}" if assignment else what)
        self.finish(content)


class FeedbackPage(_Api):
    """What one learner gets."""

    @web.authenticated
    async def get(self, assignment: str, student: str) -> None:
        """Send the page; what is in it is text and style, and gets nothing of Jupyter's."""
        path = self.api.feedback(self.desk.known(assignment), student)
        if student in {".", ".."} or not path.is_file():
            raise web.HTTPError(404)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", html.SERVED)
        self.finish(path.read_text(encoding="utf-8"))


class FromFormgrader(_Api):
    """A long action of formgrader's; nbgrader's own handlers would do it in the server, which then answers nobody."""

    kind = "text/plain"  # formgrader's scripts parse it themselves

    def initialize(self, desks: _Desks, what: str) -> None:  # type: ignore[override]
        """Take what all handlers share, and which action it is."""
        super().initialize(desks)
        self._what = what

    @_answer
    async def post(self, assignment: str, student: str = "") -> object:
        """Do it, and answer as nbgrader's handlers do."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def tell(_task: Task) -> None:
            loop.call_soon_threadsafe(ended.set)

        task = self.desk.tasks.begin(
            self._what, self.desk.known(assignment), [student] if student else [], again=True, ended=tell
        )
        await ended.wait()
        said = {"success": task.state == "done", "log": "\n".join(task.log)}
        if task.state == "done":
            return said
        reason = task.reason
        if self._what == "autograde":
            rows = await asyncio.to_thread(self.api.rows, assignment)
            reason = next(
                (f"Not graded. {row['reason']}" for row in rows if row["student"] == student and row["reason"]), reason
            )
        return {**said, "error": reason}


class Submissions(ManageSubmissionsHandler):
    """Formgrader's list of submissions, with the reason where one could not be graded."""

    def write(self, chunk: Any) -> None:
        """Send the page, with a module of ours at its end."""
        if isinstance(chunk, str) and "</body>" in chunk:
            module = f'<script type="module" src="{self.base_url}/drydock/teach/static/formgrader.js"></script>'
            chunk = chunk.replace("</body>", f"{module}</body>")
        super().write(chunk)


class Page(JupyterHandler):
    """The page."""

    @web.authenticated
    def get(self) -> None:
        """Send it; with the cookie that its requests will need."""
        _ = self.xsrf_token
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(_pages().get_template("teach.html").render())


@cache
def _pages() -> Environment:
    return Environment(loader=PackageLoader("grader.notebook.teaching"), autoescape=True, undefined=StrictUndefined)


class Teaching(ExtensionApp):
    """The Jupyter server extension."""

    name = "drydock_teaching"
    extension_url = "/drydock/teach/"
    load_other_extensions = True
    desks: _Desks

    def initialize_handlers(self) -> None:
        """Add the handlers to the server; they come before formgrader's own."""
        self.desks = _Desks()
        shared = {"desks": self.desks}
        one = r"(\d\d-[a-z0-9-]+)"
        self.handlers.extend([
            (r"drydock/teach", web.RedirectHandler, {"url": "teach/", "permanent": False}),
            (r"drydock/teach/", Page),
            (r"drydock/teach/static/(.+)", AuthenticatedFileHandler, {"path": str(STATIC)}),
            (r"drydock/api/teach/course", Overview, shared),
            (r"drydock/api/teach/tasks", TaskList, shared),
            (r"drydock/api/teach/tasks/(\d+)/cancel", Cancel, shared),
            (r"drydock/api/teach/(grades\.csv|feedback\.zip)", File, shared),
            (r"drydock/api/teach/take/([0-9a-f]+)", Take, shared),
            (rf"drydock/api/teach/{one}", Assignment, shared),
            (rf"drydock/api/teach/{one}/look", LookInto, shared),
            (rf"drydock/api/teach/{one}/feedback/([^/]+)", FeedbackPage, shared),
            (rf"drydock/api/teach/{one}/(generate|release|collect|autograde|feedback|release_feedback)", Act, shared),
            (rf"formgrader/api/submission/{one}/([^/]+)/autograde", FromFormgrader, {**shared, "what": "autograde"}),
            (rf"formgrader/api/assignment/{one}/([^/]+)/generate_feedback", FromFormgrader, {**shared, "what": "feedback"}),
            (rf"formgrader/api/assignment/{one}/generate_feedback", FromFormgrader, {**shared, "what": "feedback"}),
            (rf"formgrader/manage_submissions/{one}/?", Submissions),
        ])  # fmt: skip

    async def stop_extension(self) -> None:
        """Leave nothing on the engine when the server ends."""
        await asyncio.to_thread(self.desks.close)
