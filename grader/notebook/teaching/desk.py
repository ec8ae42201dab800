"""What the instructor's page shows and does, for one course."""

import io
import threading
import zipfile
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from nbgrader.api import Gradebook, MissingEntry

from grader import settings
from grader.course import catalogue, layout
from grader.course.catalogue import Entry
from grader.notebook import standing
from grader.notebook.export import ScoredOnly
from grader.notebook.teaching import labels
from grader.notebook.teaching.intake import Intake, Known, Upload
from grader.notebook.teaching.tasks import Tasks
from grader.report.clean import sentence
from grader.values.errors import UsageError

_BY_EXCHANGE: Final = frozenset({"release", "collect", "release_feedback"})
Object = dict[str, Any]
_WHERE: Final = "The instructor's lab has it in its work folder."


class Desk:
    """Of one course. Safe to use from several threads.

    Args:
        course: the folder with nbgrader's configuration.
    """

    def __init__(self, course: Path) -> None:
        self.course = course
        self.tasks = Tasks(course)
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] | None = None
        self._intake: Intake | None = None

    def close(self) -> None:
        """End all that goes on."""
        self.tasks.close()
        if self._intake is not None:
            self._intake.close()

    @property
    def entries(self) -> dict[str, Entry]:
        """The exercises, in the course's order."""
        with self._lock:
            if self._entries is None:
                if not (self.course / layout.SOURCE).is_dir():
                    raise UsageError(f"There is no {layout.SOURCE}/ in {self.course}. {_WHERE}")
                self._entries = {one.id: one for one in catalogue.entries(self.course)}
            return self._entries

    def known(self, assignment: str) -> str:
        """An assignment's id.

        Raises:
            UsageError: there is no such exercise.
        """
        if assignment not in self.entries:
            raise UsageError(f"There is no exercise “{assignment}”.")
        return assignment

    @property
    def intake(self) -> Intake:
        """What comes as files."""
        files = {one.id: one.exercise.learner_files for one in self.entries.values()}
        with self._lock:
            self._intake = self._intake or Intake(self.course, files)
            return self._intake

    def overview(self, api: Any) -> Object:
        """All exercises, and what is set up.

        Args:
            api: see ``Api``.
        """
        released = api.get_released_assignments()
        return {
            "exchange": str(settings.exchange() or ""),
            "working": bool(api.exchange_is_functional),
            "exercises": [
                {
                    "id": id_,
                    "title": sentence(one.exercise.title),
                    "points": one.exercise.max_points,
                    "handed_in": len(standing.students(api.coursedir, id_)),
                    "generated": self._generated(api.coursedir, id_),
                    "released": id_ in released,
                }
                for id_, one in self.entries.items()
            ],
        }

    @staticmethod
    def _generated(coursedir: Any, assignment: str) -> bool:
        """Whether it was generated, and the gradebook knows it."""
        if not Path(coursedir.format_path(coursedir.release_directory, ".", assignment)).is_dir():
            return False
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            return any(one.name == assignment for one in gradebook.assignments)

    def begin(self, what: str, assignment: str, students: Iterable[str], *, again: bool) -> Object:
        """Begin a command; see ``Tasks.begin``.

        Raises:
            UsageError: it needs an exchange, and there is none; or see ``Tasks.begin``.
        """
        if what in _BY_EXCHANGE and settings.exchange() is None:
            raise UsageError("No exchange folder is set: DRYDOCK_EXCHANGE names one that all labs share.")
        return self.tasks.begin(what, self.known(assignment), tuple(students), again=again).shown()

    # What comes as files

    def looked_into(self, api: Any, upload: Upload) -> Object:
        """What is to be said of an upload before it is taken in."""
        with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
            everybody: list[Any] = gradebook.students
            students = [Known(one.id, one.first_name, one.last_name, one.email) for one in everybody]
        return self.intake.shown(upload, students)

    def take(self, api: Any, key: str, chosen: dict[str, dict[str, str]]) -> Object:
        """Take an upload in; the gradebook learns names that it does not know.

        Raises:
            UsageError: see ``Intake.take``.
        """
        taken = self.intake.take(key, chosen)
        with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
            for one in taken:
                named = labels.first_and_last(one["person"])
                try:
                    there = gradebook.find_student(one["student"])
                    unnamed = not (there.first_name or there.last_name)
                except MissingEntry:
                    unnamed = True
                new: dict[str, Any] = {"first_name": named[0], "last_name": named[1]} if named and unnamed else {}
                write: Any = gradebook.update_or_create_student
                write(one["student"], **new)
        return {"taken": taken}

    # What is given back

    def grades(self, api: Any, assignment: str) -> str:
        """The grades as CSV.

        Args:
            api: see ``Api``.
            assignment: its id; empty for all.
        """
        made: Any = ScoredOnly
        with TemporaryDirectory() as scratch:
            plugin = made(parent=api)
            plugin.to = str(Path(scratch) / "grades.csv")
            plugin.assignment = [self.known(assignment)] if assignment else []
            with Gradebook(api.coursedir.db_url, api.coursedir.course_id) as gradebook:
                plugin.export(gradebook)
            return Path(plugin.to).read_text(encoding="utf-8")

    def feedback(self, api: Any, assignment: str) -> bytes:
        """All feedback on an assignment: a zip with a folder for each learner.

        Raises:
            UsageError: there is none yet.
        """
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for row in api.rows(self.known(assignment)):
                if row["feedback"]:
                    archive.write(api.feedback(assignment, row["student"]), f"{row['student']}/{assignment}.html")
            if not archive.namelist():
                raise UsageError("There is no feedback yet: make it first.")
        return packed.getvalue()
