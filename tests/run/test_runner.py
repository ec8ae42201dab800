"""Scheduling and outcomes, with a session that has no engine; the same on the real one is in the other tests of this folder."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from grader.checks.compose.stack import Service, Stack
from grader.checks.container import Container
from grader.checks.contract import Subject
from grader.checks.image import Image
from grader.checks.sandbox.state import SandboxState
from grader.checks.work import Work
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine.session import Place, Take
from grader.run import budget, runner
from grader.run.budget import Budget
from grader.values import errors
from grader.values.events import CheckDecided, CheckStarted, EngineOutput, Event, RunDecided, RunStarted
from grader.values.limits import Limits
from grader.values.outcome import Outcome, Report
from grader.values.share import Share


class _Session:
    """Takes the place of a run on the engine."""

    engine = "no engine"

    def __init__(
        self,
        limits: Limits,
        *,
        observe: Callable[[Event], None] | None,
        cancelled: threading.Event | None,
        take: Take | None,
        place: Place | None,
    ) -> None:
        assert place is None
        self.limits, self.observe, self.cancelled, self._take = limits, observe, cancelled or threading.Event(), take
        self.left: list[str] = []
        self.notes: list[str] = []
        self.closed = False
        self.give_back: Callable[[], None] = lambda: None

    def emit(self, event: Event) -> None:
        if self.observe:
            self.observe(event)

    def take(self, share: Share) -> None:
        if self._take:
            self.give_back = self._take(share, self.cancelled, lambda line: self.emit(EngineOutput(line=line)))

    def check_cancelled(self) -> None:
        if self.cancelled.is_set():
            raise errors.Cancelled

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.closed = True
        self.give_back()


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "Session", _Session)


@pytest.fixture
def exercise() -> Exercise:
    return Exercise("A toy", learner_files=("Dockerfile",))


def _run(exercise: Exercise, folder: Path, **options: Any) -> Report:
    return runner.run(Entry("99-toy", folder, exercise), folder, **options)


def _outcomes(report: Report) -> dict[str, str]:
    return {one.id: str(one.outcome) for one in report.checks}


def test_values_are_handed_on(exercise: Exercise, tmp_path: Path) -> None:
    @exercise.check(points=1)
    def first(work: Any) -> Any:
        """First."""
        return work.folder

    @exercise.check(first, points=2)
    def second(folder: Path) -> None:
        """Second."""
        assert folder == tmp_path.resolve()

    report = _run(exercise, tmp_path)
    assert (report.score, report.max_score, report.full_score) == (3, 3, True)
    assert [one.id for one in report.checks] == ["first", "second"]


@pytest.mark.parametrize(
    ("raised", "outcome", "dependent", "points"),
    [
        (errors.CheckFailed("No."), Outcome.FAIL, Outcome.SKIP, 0),
        (errors.LimitReached("Too much."), Outcome.LIMIT, Outcome.SKIP, 0),
        (errors.WorkError("No."), Outcome.FAIL, Outcome.SKIP, 0),
        (errors.DiskFull("Full.", "Make room."), Outcome.ERROR, Outcome.ERROR, None),
        (errors.EngineUnavailable("Gone."), Outcome.ERROR, Outcome.ERROR, None),
        (errors.UsageError("What?"), Outcome.ERROR, Outcome.ERROR, None),
        (ZeroDivisionError("x"), Outcome.ERROR, Outcome.ERROR, None),
        (RecursionError(), Outcome.ERROR, Outcome.ERROR, None),
        (MemoryError(), Outcome.ERROR, Outcome.ERROR, None),
    ],
)
def test_every_exception_becomes_an_outcome_and_the_others_run(
    exercise: Exercise,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    outcome: Outcome,
    dependent: Outcome,
    points: int | None,
) -> None:
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.01)

    @exercise.check(points=1, hint=("a", "b"))
    def fails(work: Any) -> None:
        """It fails."""
        raise raised

    @exercise.check(fails, points=1)
    def after(value: Any) -> None:
        """After it."""

    @exercise.check(after, points=1)
    def long_after(value: Any) -> None:
        """Long after it."""

    @exercise.check(points=4)
    def other(work: Any) -> None:
        """Another."""

    report = _run(exercise, tmp_path)
    assert _outcomes(report) == {"fails": outcome, "after": dependent, "long_after": dependent, "other": "pass"}
    assert report.checks[0].points == points
    assert report.score == (None if outcome is Outcome.ERROR else 4)
    finding = report.checks[0].finding
    assert finding is not None
    assert finding.message
    assert "Traceback" not in finding.message
    assert report.checks[0].hints == (("a", "b") if outcome in {Outcome.FAIL, Outcome.LIMIT} else ())
    skipped = report.checks[1].finding
    assert skipped is not None
    if dependent is Outcome.SKIP:
        assert skipped.message == "Not tried, because “It fails” did not pass."


def test_a_fault_is_tried_again_and_a_failure_is_not(
    exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.01)
    tries = {"fault": 0, "failure": 0}

    @exercise.check(points=1)
    def fault(work: Any) -> None:
        """A fault that passes."""
        tries["fault"] += 1
        if tries["fault"] == 1:
            raise errors.EngineUnavailable("Gone for a moment.")

    @exercise.check(points=1)
    def failure(work: Any) -> None:
        """A failure."""
        tries["failure"] += 1
        raise errors.CheckFailed("No.")

    assert _outcomes(_run(exercise, tmp_path)) == {"fault": "pass", "failure": "fail"}
    assert tries == {"fault": 2, "failure": 1}


def test_a_shared_container_is_asked_whether_a_limit_lies_behind_a_failure(exercise: Exercise, tmp_path: Path) -> None:
    class Shared:
        exclusive = True

        def limit_behind(self, error: errors.CheckFailed) -> errors.LimitReached | None:
            return errors.LimitReached("Too many processes.") if str(error) == "No answer." else None

    @exercise.check(points=1)
    def starts(work: Any) -> Shared:
        """It starts."""
        return Shared()

    @exercise.check(starts, points=1)
    def answers(shared: Any) -> None:
        """It answers."""
        raise errors.CheckFailed("No answer.")

    @exercise.check(starts, points=1)
    def stays(shared: Any) -> None:
        """It stays."""
        raise errors.CheckFailed("Another reason.")

    assert _outcomes(_run(exercise, tmp_path)) == {"starts": "pass", "answers": "limit", "stays": "fail"}


def test_where_nobody_can_tell_a_limit_nothing_is_scored(
    exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.01)

    class Lost:
        exclusive = True

        def limit_behind(self, error: errors.CheckFailed) -> errors.LimitReached | None:
            raise errors.EngineUnavailable("Gone.") from error

    @exercise.check(points=1)
    def starts(work: Any) -> Lost:
        """It starts."""
        return Lost()

    @exercise.check(starts, points=1)
    def answers(lost: Any) -> None:
        """It answers."""
        raise errors.CheckFailed("No answer.")

    @exercise.check(answers, points=1)
    def answers_again(value: Any) -> None:
        """It answers again."""

    report = _run(exercise, tmp_path)
    assert _outcomes(report) == {"starts": "pass", "answers": "error", "answers_again": "error"}
    assert report.score is None


SUBJECTS: tuple[type[Subject], ...] = (Work, Image, Container, Stack, Service, SandboxState)
"""Here mypy sees that each keeps the contract; the runner asks at run time."""


@pytest.mark.parametrize("kind", SUBJECTS)
def test_whatever_several_checks_may_work_on_keeps_the_contract(kind: type[Subject]) -> None:
    assert isinstance(kind.__new__(kind), Subject)


@pytest.mark.parametrize("value", [None, "text", ("a", "tuple"), 3])
def test_a_plain_value_is_handed_on(exercise: Exercise, tmp_path: Path, value: Any) -> None:
    overlap = _Overlap()

    @exercise.check(points=1)
    def makes(work: Any) -> Any:
        """Makes it."""
        return value

    for number in range(2):

        def uses(one: Any) -> None:
            """Uses it."""
            assert one == value
            overlap.inside()
            raise errors.CheckFailed("No.")

        uses.__name__ = f"uses_{number}"
        exercise.check(makes, points=1)(uses)
    assert _outcomes(_run(exercise, tmp_path)) == {"makes": "pass", "uses_0": "fail", "uses_1": "fail"}
    assert overlap.most > 1


class _Overlap:
    """Counts how many are inside at the same time."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()

    def inside(self, seconds: float = 0.15) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(seconds)
        with self.lock:
            self.now -= 1


@pytest.mark.parametrize(("exclusive", "at_the_same_time"), [(False, True), (True, False)])
def test_what_is_shared_runs_side_by_side_unless_it_is_exclusive(
    exercise: Exercise, tmp_path: Path, exclusive: bool, at_the_same_time: bool
) -> None:
    class Value:
        def __init__(self) -> None:
            self.exclusive = exclusive

        def limit_behind(self, error: errors.CheckFailed) -> errors.LimitReached | None:
            raise AssertionError(error)

    value: Any = Value()
    above: Any = None
    overlap = _Overlap()

    @exercise.check(points=1)
    def makes(work: Any) -> Any:
        """Makes it."""
        return value

    for number in range(3):

        def uses(one: Any) -> Any:
            """Uses it."""
            assert one is value
            overlap.inside()
            return one  # handed on: it is still the same one

        uses.__name__ = f"uses_{number}"
        above = exercise.check(makes if number < 2 else above, points=1)(uses)
    assert _run(exercise, tmp_path).full_score
    assert (overlap.most > 1) is at_the_same_time


def test_never_more_than_so_many_at_once(exercise: Exercise, tmp_path: Path) -> None:
    overlap = _Overlap()
    for number in range(12):

        def one(work: Any) -> None:
            """One of many."""
            overlap.inside(0.05)

        one.__name__ = f"one_{number}"
        exercise.check(points=1)(one)
    assert _run(exercise, tmp_path).full_score
    assert 1 < overlap.most <= runner.AT_ONCE


def test_one_at_a_time_where_the_exercise_says_so(tmp_path: Path) -> None:
    exercise = Exercise("A toy", learner_files=("x",), one_at_a_time=True)
    overlap = _Overlap()
    for number in range(4):

        def one(work: Any) -> None:
            """One of many."""
            overlap.inside(0.03)

        one.__name__ = f"one_{number}"
        exercise.check(points=1)(one)
    assert _run(exercise, tmp_path).full_score
    assert overlap.most == 1


def test_events_come_in_their_order(exercise: Exercise, tmp_path: Path) -> None:
    events: list[Event] = []

    @exercise.check(points=1)
    def first(work: Any) -> None:
        """First."""

    @exercise.check(first, points=1)
    def second(value: Any) -> None:
        """Second."""

    report = _run(exercise, tmp_path, observe=events.append)
    assert [type(event) for event in events] == [
        RunStarted,
        CheckStarted,
        CheckDecided,
        CheckStarted,
        CheckDecided,
        RunDecided,
    ]
    assert isinstance(events[-1], RunDecided)
    assert events[-1].report == report


def test_cancelling(exercise: Exercise, tmp_path: Path) -> None:
    cancelled = threading.Event()
    begun: list[str] = []

    @exercise.check(points=1)
    def first(work: Any) -> None:
        """First."""
        begun.append("first")
        cancelled.set()
        raise errors.Cancelled

    @exercise.check(first, points=1)
    def second(value: Any) -> None:
        """Second."""
        begun.append("second")

    with pytest.raises(errors.Cancelled):
        _run(exercise, tmp_path, cancelled=cancelled)
    assert begun == ["first"]


def test_a_bug_in_an_observer_stops_the_run_and_all_that_still_runs(exercise: Exercise, tmp_path: Path) -> None:
    stopped = threading.Event()

    @exercise.check(points=1)
    def slow(work: Any) -> None:
        """Slow."""
        if work.session.cancelled.wait(20):
            stopped.set()

    @exercise.check(points=1)
    def quick(work: Any) -> None:
        """Quick."""

    def observe(event: Event) -> None:
        if isinstance(event, CheckDecided):
            raise ZeroDivisionError

    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        _run(exercise, tmp_path, observe=observe)
    assert stopped.is_set()
    assert time.monotonic() - begin < 5


def test_there_is_no_such_folder(exercise: Exercise, tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError, match="There is no folder"):
        _run(exercise, tmp_path / "nowhere")


def test_the_submission_is_only_read(exercise: Exercise, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox")

    @exercise.check(points=1)
    def reads(work: Any) -> str:
        """Reads it."""
        return str(work.text("Dockerfile"))

    before = {one.name: one.stat().st_mtime_ns for one in tmp_path.iterdir()}
    assert _run(exercise, tmp_path).full_score
    assert {one.name: one.stat().st_mtime_ns for one in tmp_path.iterdir()} == before


def test_a_run_waits_for_its_share_of_the_machine_and_tells(
    exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @exercise.check(points=1)
    def works(work: Any) -> None:
        """It works."""

    monkeypatch.setattr(budget, "TELL_AFTER_SECONDS", 0.0)
    small = Budget(containers=4, builds=1, sandboxes=1, memory=1, folder=tmp_path / "budget")
    give_back = small.take(Share(containers=4))
    events: list[Event] = []

    def observe(event: Event) -> None:
        events.append(event)
        if isinstance(event, EngineOutput):
            give_back()

    assert _run(exercise, tmp_path, observe=observe, budget=small).full_score
    assert [type(one).__name__ for one in events[:3]] == ["RunStarted", "EngineOutput", "CheckStarted"]


def test_a_run_that_waits_for_its_share_can_be_stopped(exercise: Exercise, tmp_path: Path) -> None:
    @exercise.check(points=1)
    def works(work: Any) -> None:
        """It works."""

    small = Budget(containers=4, builds=1, sandboxes=1, memory=1, folder=tmp_path / "budget")
    give_back = small.take(Share(containers=4))
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(errors.Cancelled):
        _run(exercise, tmp_path, cancelled=cancelled, budget=small)
    give_back()
