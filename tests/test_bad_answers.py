"""What people hand in by mistake, tried on every exercise: there is a sentence for each, and never a fault of ours.

What becomes of such an answer depends on the kind of file that it stands in (a Dockerfile, commands, a compose file …) far
more than on the exercise. So ``make test`` tries one exercise of each kind, the first by name, and ``make prove`` all of them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest

from grader.authoring import self_test
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.engine.sandbox.pool import Sandboxes
from grader.run.store import Results
from grader.values.outcome import CheckResult, Outcome, Report
from tests import proof

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = catalogue.entries(ROOT)
BOM = b"\xef\xbb\xbf"
# The answer to another exercise, by the name of the file that holds it; the second where the first is the exercise's own.
OTHERS = {
    "Dockerfile": ("05-first-dockerfile", "06-ml-api"),
    "commands.sh": ("02-hello-container", "03-lifecycle"),
}
_STACK = b"services:\n  web:\n    image: busybox\n"
ODD = {"answers.json": b'{"fish": 7}\n', "compose.yaml": _STACK, "docker-compose.yml": _STACK, ".dockerignore": b"*.md\n"}

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]


def answer(entry: Entry) -> str:
    """The file that an answer stands in."""
    return entry.exercise.learner_files[0]


def exercises() -> Iterator[object]:
    """Each exercise; one for each kind of answer is in the sample."""
    first = {answer(entry): entry.id for entry in sorted(ENTRIES, key=lambda entry: entry.id, reverse=True)}
    for entry in ENTRIES:
        yield pytest.param(entry, marks=() if first[answer(entry)] == entry.id else pytest.mark.proof, id=entry.id)


EACH = pytest.mark.parametrize("entry", list(exercises()))
Graded = Callable[[Entry, Path | None, Callable[[Path], object]], AbstractContextManager[tuple[Report, CheckResult | None]]]


@pytest.fixture
def graded(tmp_path: Path, sandboxes: Sandboxes, results: Results, record_property: proof.Tell) -> Graded:
    """Grades a spoilt answer: the report, and the first check that did not pass. What the block approves of is kept."""

    @contextmanager
    def grade(
        entry: Entry, overlay: Path | None, spoil: Callable[[Path], object]
    ) -> Iterator[tuple[Report, CheckResult | None]]:
        submission = tmp_path / entry.id
        catalogue.assemble(entry, overlay, submission)
        spoil(submission / answer(entry))
        run = partial(self_test.grade_as_learner, sandboxes=sandboxes)
        asked = self_test.ask(entry, submission, run, threading.Event(), results)
        proof.tell(record_property, int(asked.earlier), 1)
        yield asked.report, first_failure(asked.report)
        asked.keep()

    return grade


def first_failure(report: Report) -> CheckResult | None:
    """The first check that did not pass; there is something to read about it."""
    assert not report.failed_to_grade, [one.finding for one in report.checks]
    first = next((one for one in report.checks if one.outcome in {Outcome.FAIL, Outcome.LIMIT}), None)
    if first is not None:
        assert first.finding is not None
        assert first.finding.message.endswith((".", "?"))
        assert "Traceback" not in first.finding.message + first.finding.found
        assert first.finding.expected or first.finding.found or first.finding.advice
    return first


@EACH
def test_an_empty_answer(entry: Entry, graded: Graded) -> None:
    with graded(entry, entry.reference, lambda file: file.write_bytes(b"")) as (_, first):
        assert first is not None
        if answer(entry) != ".dockerignore":  # an empty one is a valid one, that keeps nothing out
            assert first.finding is not None
            assert first.finding.message == f"{answer(entry)} is empty."


@EACH
def test_a_wrong_file_name(entry: Entry, graded: Graded) -> None:
    def rename(file: Path) -> None:
        file.rename(file.with_name(f"{file.name}.txt"))

    with graded(entry, entry.reference, rename) as (_, first):
        assert first is not None
        assert first.finding is not None
        if answer(entry) not in {".dockerignore", "compose.yaml", "docker-compose.yml"}:  # other names would do
            assert answer(entry) in first.finding.message


@EACH
def test_a_windows_editor(entry: Entry, graded: Graded) -> None:
    """Line endings, a byte-order mark and blanks at line ends: right all the same, or told what is wrong with the file."""

    def rewrite(file: Path) -> None:
        lines = file.read_bytes().splitlines()
        file.write_bytes(BOM + b"\r\n".join(lines) + b"\r\n")

    with graded(entry, entry.reference, rewrite) as (report, first):
        if not report.full_score:
            assert first is not None
            assert first.finding is not None
            assert answer(entry) in first.finding.message
            assert "Windows" in first.finding.message or "byte-order" in first.finding.message


@EACH
def test_an_answer_to_another_exercise(entry: Entry, graded: Graded) -> None:
    name = answer(entry)

    def swap(file: Path) -> None:
        if name in OTHERS:
            other = next(one for one in OTHERS[name] if one != entry.id)
            file.write_bytes((ROOT / "solutions" / other / "reference" / name).read_bytes())
        else:
            file.write_bytes(ODD[name])

    with graded(entry, None, swap) as (_, first):
        assert first is not None
