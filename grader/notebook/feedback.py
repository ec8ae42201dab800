"""The page with the feedback: the learner's own files beside what was found, each check under its sentence, the brief once.

nbgrader's page shows the notebook, in which nothing is the learner's. Here nothing of a submission is shown but its text.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbconvert.filters import markdown2html
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
from nbgrader.utils import is_grade
from traitlets import List, Unicode

from grader.course import catalogue, layout
from grader.course.catalogue import Entry
from grader.notebook import standing
from grader.notebook.api import full_name
from grader.report import html
from grader.report.clean import clean
from grader.values.errors import GraderError
from grader.workspace import hand_in, handed_in

_MOST_BYTES: Final = 20_000
_MOST_FILES: Final = 12
_NOT_SHOWN: Final = frozenset({hand_in.TIMESTAMP, standing.SECRET})
_STYLE: Final = re.compile(r"<style>.*?</style>", re.DOTALL)


class FeedbackPage(Exporter):
    """Makes the page of a graded notebook, and of the files beside it."""

    file_extension = Unicode(".html")
    parent: Any

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Return the page; see nbconvert's ``Exporter``."""
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        said, folder = resources["nbgrader"], Path(resources["metadata"]["path"]).absolute()
        coursedir = self.parent.coursedir
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            name = full_name(gradebook.find_student(said["student"]))
        entry = _entry(coursedir, said["assignment"])
        graded = [cell for cell in notebook.cells if is_grade(cell)]
        first = notebook.cells.index(graded[0]) if graded else len(notebook.cells)
        brief = "\n\n".join(cell.source for cell in notebook.cells[:first] if cell.cell_type == "markdown")
        values = {
            "policy": html.POLICY,
            "title": entry.exercise.title if entry else said["assignment"],
            "exercise": said["assignment"],
            "name": name or said["student"],
            "student": said["student"],
            "score": said["score"],
            "max_score": said["max_score"],
            "late_penalty": said["late_penalty"],
            "brief": Markup(markdown2html(brief)),  # noqa: S704 - the course's own
            "style": Markup("".join(dict.fromkeys(style for cell in graded for style in _STYLE.findall(_html(cell))))),  # noqa: S704
            "checks": [_check(cell) for cell in graded],
            "files": list(_files(folder, entry)),
        }
        return _environment().get_template("feedback.html").render(values), resources


class GenerateFeedbackPage(GenerateFeedback):
    """nbgrader's, with our page."""

    preprocessors: Any = List([GetGrades]).tag(config=True)

    def start(self) -> None:
        """Make the pages."""
        self.exporter_class = FeedbackPage
        super().start()


def _html(cell: Any) -> str:
    """What the grader has said in a cell: HTML of our own making, in which all that is a learner's is escaped."""
    return "".join(str(one.data["text/html"]) for one in cell.outputs if "text/html" in one.get("data", {}))


def _check(cell: Any) -> dict[str, Any]:
    """What is shown of a check: its verdict, and the points where a teacher has given others."""
    said = [one for one in cell.outputs if one.output_type == "execute_result"]
    earned = float(said[0].data["text/plain"]) if said else 0.0
    score = cell.metadata.nbgrader.get("score")
    return {
        "shown": Markup(_STYLE.sub("", _html(cell))),  # noqa: S704 - see ``_html``
        "given": score if score is not None and score != earned else None,
        "max": cell.metadata.nbgrader.get("points"),
    }


def _files(folder: Path, entry: Entry | None) -> Iterator[dict[str, Any]]:
    """The learner's own files: those of the exercise first, then others that the course has not given as they are."""
    there = handed_in.look(folder).files
    theirs = [Path(name) for name in (entry.exercise.learner_files if entry else ()) if Path(name) in there]
    rest = [
        one
        for one in there
        if one not in theirs
        and one.name not in _NOT_SHOWN
        and one.suffix != ".ipynb"
        and not (entry is not None and _as_given(folder / one, entry.starter / one))
    ]
    for name in [*theirs, *rest][:_MOST_FILES]:
        yield {"name": str(name), **_text(folder / name)}
    if len(theirs) + len(rest) > _MOST_FILES:
        yield {"name": f"and {len(theirs) + len(rest) - _MOST_FILES} more", "lines": [], "note": ""}


def _as_given(mine: Path, given: Path) -> bool:
    return given.is_file() and mine.stat().st_size == given.stat().st_size and mine.read_bytes() == given.read_bytes()


def _text(path: Path) -> dict[str, Any]:
    size = path.stat().st_size
    with path.open("rb") as file:
        begin = file.read(_MOST_BYTES)
    if b"\0" in begin:
        return {"lines": [], "note": f"{size:,} bytes, no text."}
    lines = clean(begin.decode("utf-8", errors="replace"), chars=_MOST_BYTES, lines=_MOST_BYTES).splitlines()
    return {"lines": lines, "note": f"Only the first {_MOST_BYTES:,} of {size:,} bytes." if size > _MOST_BYTES else ""}


def _entry(coursedir: Any, assignment: str) -> Entry | None:
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", assignment)).absolute()
    try:
        return catalogue.load(folder) if (folder / layout.DEFINITION).is_file() else None
    except GraderError:
        return None


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("grader.notebook"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def install() -> None:
    """Let nbgrader's commands and formgrader use ``GenerateFeedbackPage``, as ``autograde.install`` does for its converter."""
    for name in ("api", "generatefeedbackapp"):
        vars(import_module(f"nbgrader.apps.{name}"))["GenerateFeedback"] = GenerateFeedbackPage
