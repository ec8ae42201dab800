"""What is kept of a submission that could not be graded, and what formgrader's list says of whose it is."""

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # importing nbgrader takes seconds


class _Coursedir:
    """As nbgrader's, as far as it is asked here."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self.submitted_directory = "submitted"

    def format_path(self, step: str, student: str, assignment: str) -> str:
        """Where something is."""
        return str(Path(self.root, step, student, assignment))


class _Empty:
    """A gradebook without submissions."""

    def find_submission(self, *_: str) -> object:
        """There is none."""
        from nbgrader.api import MissingEntry  # noqa: PLC0415

        raise MissingEntry


def test_errors_are_counted_until_there_is_a_verdict(tmp_path: Path) -> None:
    """Whoever hands in again does not begin anew: that it happens to one learner over and over is to be seen."""
    from grader.notebook import standing  # noqa: PLC0415

    coursedir: Any = _Coursedir(tmp_path)
    gradebook: Any = _Empty()
    folder = tmp_path / "submitted" / "ada" / "01-toy"
    folder.mkdir(parents=True)

    def fails(at: str) -> str:
        (folder / "timestamp.txt").write_text(at)
        standing.keep_reason(coursedir, "01-toy", "ada", "The engine is away.")
        return standing.look(gradebook, coursedir, "01-toy", "ada").reason

    assert fails("2026-01-01 10:00:00 UTC") == "The engine is away."
    assert fails("2026-01-01 10:00:00 UTC") == "The engine is away. Not graded 2 times in a row."
    assert fails("2026-01-02 10:00:00 UTC") == "The engine is away. Not graded 3 times in a row."
    (folder / "timestamp.txt").write_text("2026-01-03 10:00:00 UTC")  # of another one nothing is known
    assert standing.look(gradebook, coursedir, "01-toy", "ada").reason == ""
    standing.forget_reason(coursedir, "01-toy", "ada")
    assert fails("2026-01-04 10:00:00 UTC") == "The engine is away."


def test_who_has_no_name_is_shown_by_their_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formgrader's script writes ``None, None``."""
    from nbgrader.apps.api import NbGraderAPI  # noqa: PLC0415

    from grader.notebook.api import Api  # noqa: PLC0415

    kept: list[dict[str, str | None]] = [
        {"student": "ada", "first_name": "Ada", "last_name": "Lovelace"},
        {"student": "bob", "first_name": None, "last_name": None},
    ]
    monkeypatch.setattr(NbGraderAPI, "get_submissions", lambda *_: [dict(one) for one in kept])
    monkeypatch.setattr(NbGraderAPI, "get_submission", lambda _self, _assignment, student, **_: dict(kept[student == "bob"]))
    api: Any = Api.__new__(Api)
    assert [(one["last_name"], one["first_name"]) for one in api.get_submissions("01-toy")] == [
        ("Lovelace", "Ada"),
        ("bob", "(no name)"),
    ]
    assert api.get_submission("01-toy", "bob")["last_name"] == "bob"
    assert api.get_submission("01-toy", "ada")["last_name"] == "Lovelace"
