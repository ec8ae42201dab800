"""What people hand in by mistake, tried on every exercise: there is a sentence for each, and never a fault of ours."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from grader.authoring import self_test
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.engine.sandbox.pool import Sandboxes
from grader.values.outcome import CheckResult, Outcome, Report

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = catalogue.entries(ROOT)
BOM = b"\xef\xbb\xbf"
# The answer to another exercise, by the name of the file that holds it; the second where the first is the exercise's own.
OTHERS = {
    "Dockerfile": ("05-first-dockerfile", "06-ml-api"),
    "commands.sh": ("02-hello-container", "03-lifecycle"),
}
ODD = {"answers.json": b'{"fish": 7}\n', "compose.yaml": b"services:\n  web:\n    image: busybox\n", ".dockerignore": b"*.md\n"}

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]


def answer(entry: Entry) -> str:
    """The file that an answer stands in."""
    return entry.exercise.learner_files[0]


def graded(
    entry: Entry, folder: Path, sandboxes: Sandboxes, overlay: Path | None, spoil: Callable[[Path], object]
) -> tuple[Report, CheckResult | None]:
    """A report on a spoilt answer, and the first check that did not pass."""
    submission = folder / entry.id
    catalogue.assemble(entry, overlay, submission)
    spoil(submission / answer(entry))
    report = partial(self_test.grade_as_learner, sandboxes=sandboxes)(entry, submission, threading.Event())
    assert not report.failed_to_grade, [one.finding for one in report.checks]
    first = next((one for one in report.checks if one.outcome in {Outcome.FAIL, Outcome.LIMIT}), None)
    if first is not None:
        assert first.finding is not None
        assert first.finding.message.endswith((".", "?"))
        assert "Traceback" not in first.finding.message + first.finding.found
        assert first.finding.expected or first.finding.found or first.finding.advice
    return report, first


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_empty_answer(entry: Entry, tmp_path: Path, sandboxes: Sandboxes) -> None:
    _, first = graded(entry, tmp_path, sandboxes, entry.reference, lambda file: file.write_bytes(b""))
    assert first is not None
    if answer(entry) != ".dockerignore":  # an empty one is a valid one, that keeps nothing out
        assert first.finding is not None
        assert first.finding.message == f"{answer(entry)} is empty."


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_wrong_file_name(entry: Entry, tmp_path: Path, sandboxes: Sandboxes) -> None:
    def rename(file: Path) -> None:
        file.rename(file.with_name(f"{file.name}.txt"))

    _, first = graded(entry, tmp_path, sandboxes, entry.reference, rename)
    assert first is not None
    assert first.finding is not None
    if answer(entry) not in {".dockerignore", "compose.yaml"}:
        assert answer(entry) in first.finding.message


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_windows_editor(entry: Entry, tmp_path: Path, sandboxes: Sandboxes) -> None:
    """Line endings, a byte-order mark and blanks at line ends: right all the same, or told what is wrong with the file."""

    def rewrite(file: Path) -> None:
        lines = file.read_bytes().splitlines()
        file.write_bytes(BOM + b"\r\n".join(lines) + b"\r\n")

    report, first = graded(entry, tmp_path, sandboxes, entry.reference, rewrite)
    if not report.full_score:
        assert first is not None
        assert first.finding is not None
        assert answer(entry) in first.finding.message
        assert "Windows" in first.finding.message or "byte-order" in first.finding.message


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_answer_to_another_exercise(entry: Entry, tmp_path: Path, sandboxes: Sandboxes) -> None:
    name = answer(entry)

    def swap(file: Path) -> None:
        if name in OTHERS:
            other = next(one for one in OTHERS[name] if one != entry.id)
            file.write_bytes((ROOT / "solutions" / other / "reference" / name).read_bytes())
        else:
            file.write_bytes(ODD[name])

    _, first = graded(entry, tmp_path, sandboxes, None, swap)
    assert first is not None
