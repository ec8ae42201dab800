"""What many tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine.sandbox.pool import Sandboxes
from grader.run.store import Results
from tests import toys

pytest_plugins = ("tests.proof", "tests.reruns")


@pytest.fixture(scope="session")
def sandboxes() -> Iterator[Sandboxes]:
    """Sandboxes for all tests of one process that play a learner's commands."""
    with Sandboxes() as lent:
        yield lent


@pytest.fixture(scope="session")
def results() -> Results:
    """Results of earlier runs of the course's own answers; DRYDOCK_FRESH=1 leaves them aside."""
    return Results.of_this_user()


@pytest.fixture
def toy_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one small exercise, found by everything that looks for a course; its work folder is ``work`` in it."""
    root = toys.course(tmp_path / "toy-course")
    monkeypatch.setenv("DRYDOCK_COURSE", str(root))
    monkeypatch.delenv("DRYDOCK_WORK", raising=False)
    monkeypatch.chdir(root)
    return root
