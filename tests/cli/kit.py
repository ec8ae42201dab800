"""How these tests call the command line: in this process through click's runner, with the run itself faked at our seam."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.course.catalogue import Entry
from grader.engine.sandbox.pool import Sandboxes
from grader.run import runner
from grader.run.budget import Budget
from grader.run.store import Results
from grader.values.events import CheckDecided, CheckStarted, Event, RunDecided, RunStarted
from grader.values.outcome import Outcome, Report
from tests import toys

F, P, L, S, E = Outcome.FAIL, Outcome.PASS, Outcome.LIMIT, Outcome.SKIP, Outcome.ERROR
IDS = ("builds", "says_hello", "is_nobody")


def grader(*arguments: str | Path, typed: str | None = None) -> Result:
    """Call ``grader ARGUMENTS``."""
    return CliRunner().invoke(main, [str(one) for one in arguments], input=typed)


def object_of(result: Result) -> dict[str, Any]:
    """Return the one JSON object on stdout."""
    value: dict[str, Any] = json.loads(result.stdout)
    return value


@dataclass
class FakeRun:
    """Stands in for ``runner.run``: tells the events of a run whose checks come out as ``outcomes`` says."""

    outcomes: tuple[Outcome, ...] = (P, P, P)
    after: Callable[[], None] = lambda: None
    before: Callable[[], None] = lambda: None
    submissions: list[Path] = field(default_factory=list)

    def __call__(
        self,
        entry: Entry,
        submission: Path,
        *,
        observe: Callable[[Event], None] | None = None,
        cancelled: threading.Event | None = None,
        learner: str | None = None,
        sandboxes: Sandboxes | None = None,
        isolated: object = None,
        owner: Path | None = None,
        budget: Budget | None = None,
    ) -> Report:
        self.submissions.append(owner or submission)
        self.before()
        tell = observe or (lambda _event: None)
        titles = tuple((one.id, one.title) for one in entry.exercise.checks.values())
        tell(RunStarted(exercise=entry.id, title=entry.exercise.title, checks=titles, points=(1,) * len(titles)))
        results = [toys.result(id_, one) for id_, one in zip(IDS, self.outcomes, strict=True)]
        results = [replace(one, hints=entry.exercise.checks[one.id].hints) for one in results]
        for one in results:
            tell(CheckStarted(id=one.id))
            tell(CheckDecided(result=one))
        report = toys.report(*results, notes=("a note",))
        tell(RunDecided(report=report))
        self.after()
        return report


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    """A run without an engine; set its ``outcomes``. Earlier results of a real one have no place beside it."""
    fake = FakeRun()
    monkeypatch.setattr(Results, "of_this_user", lambda **_: None)
    monkeypatch.setattr(runner, "run", fake)
    return fake


@pytest.fixture
def mine(toy_course: Path) -> Path:
    """The learner's folder of the toy, with the starter in it."""
    result = grader("reset", "01")
    assert result.exit_code == 0, result.output
    return toy_course / "work" / "exercises" / toys.TOY
