"""One attempt, whoever asks for it: the same verdict and one record, though a file is saved while it is checked."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader import settings
from grader.checks.work import Work
from grader.course import base_images, catalogue
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine.isolated.pool import IsolatedEngines
from grader.notebook import background, graded, grading, live
from grader.panel.session import ExerciseSession
from grader.progress import Progress, fingerprint
from grader.run import attempt, runner, snapshot
from grader.run.attempt import Verdict
from grader.values.errors import Cancelled
from grader.values.events import Event, RunDecided, RunStarted
from grader.values.limits import Limits
from grader.values.outcome import Evidence, Finding, Outcome, Report
from tests import core, toys
from tests.cli.kit import grader, object_of

F, P, E = Outcome.FAIL, Outcome.PASS, Outcome.ERROR

# While the first check looks at the learner's work, a learner saves; that goes past the check's own folder.
CHECKS = '''"""A toy."""
import os
from pathlib import Path

from grader import Exercise, Limits

exercise = Exercise(title="A toy", learner_files=("Dockerfile", "hello.sh"), limits=Limits(build_seconds=60))

@exercise.check(points=1)
def builds(work):
    """The image builds."""
    Path(os.environ["TOY_SAVED"]).write_text("FROM busybox\\nRUN false\\n")
    return work.build()

@exercise.check(builds, points=2)
def says_hello(image):
    """A container says hello."""
    image.run().expect(exit_code=0, contains="hello")
'''
ANSWER = 'FROM busybox\nCOPY hello.sh /\nENTRYPOINT ["/hello.sh"]\n'
VARIANTS: Mapping[str, Mapping[str, str]] = {"starter": {"Dockerfile": "FROM busybox\n"}}


def _cli(_course: Path, _folder: Path) -> dict[str, float]:
    return {one["id"]: one["points"] for one in object_of(grader("check", "01", "--json"))["checks"]}


def _notebook(_course: Path, folder: Path) -> dict[str, float]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "display", lambda *_, **__: None)
        patch.setattr(grading, "_runs", {})
        patch.chdir(folder)
        grading.points("says_hello")
        report = grading._runs[folder].verdict.report
        for cleaning in background._cleaning:
            cleaning.join()
    return {one.id: one.points or 0 for one in report.checks}


def _validated(course: Path, folder: Path) -> dict[str, float]:
    """As nbgrader runs a notebook to validate it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NBGRADER_EXECUTION", "validate")
        return _notebook(course, folder)


def _autograded(course: Path, folder: Path) -> dict[str, float]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.for_grading().items():
            patch.setenv(name, value)
        patch.setenv("DRYDOCK_LEARNER", "")  # told by the question; given back here
        entry = catalogue.find(course, toys.TOY)
        question = graded.Question(entry.folder, folder, "somebody")
        with IsolatedEngines(base_images.names(course)) as isolated:
            answers = graded.grade(entry, question, isolated, threading.Event())
    return {id_: answer.points for id_, answer in answers.items()}


def _panel(course: Path, folder: Path) -> dict[str, float]:
    work = course / "work"
    entry = catalogue.find(course, toys.TOY)
    session = ExerciseSession(entry, folder, work, course=course, where=lambda _path: None, changed=lambda: None)
    session.check()
    deadline = time.monotonic() + 120
    while session.phase != "idle":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    state = session.state()
    session.close()
    assert state["run"]["verdict"] == "decided", state["run"]
    assert state["changed"], "the page must say that what was checked is no longer what is there"
    return {one["id"]: one["points"] for one in state["checks"]}


Surface = Callable[[Path, Path], dict[str, float]]
SURFACES = pytest.mark.parametrize(
    ("surface", "kept"),
    [(_cli, 1), (_notebook, 1), (_panel, 1), (_validated, 0), (_autograded, 0)],
    ids=["cli", "notebook", "panel", "validate", "autograde"],
)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = toys.course(tmp_path / "course", checks=CHECKS, variants=VARIANTS)
    monkeypatch.setenv("DRYDOCK_COURSE", str(root))
    monkeypatch.delenv("DRYDOCK_WORK", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def folder(course: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A right answer whose entrypoint has lost its execute bit on the way."""
    folder = toys.write(course / "work" / "exercises" / toys.TOY, {"Dockerfile": ANSWER, "hello.sh": "#!/bin/sh\necho hello\n"})
    (folder / "hello.sh").chmod(0o644)
    monkeypatch.setenv("TOY_SAVED", str(folder / "Dockerfile"))
    return folder


def _records(work: Path) -> list[tuple[float, str]]:
    with Progress(work).transaction() as base:
        return base.execute("SELECT score, fingerprint FROM attempt").fetchall()


def _expect(surface: Surface, kept: int, course: Path, folder: Path) -> None:
    handed_in = toys.write(course.parent / "as-checked", {"Dockerfile": ANSWER, "hello.sh": "#!/bin/sh\necho hello\n"})
    (handed_in / "hello.sh").chmod(0o755)
    assert surface(course, folder) == {"builds": 1, "says_hello": 2}
    assert "RUN false" in (folder / "Dockerfile").read_text()
    assert _records(course / "work") == [(3, fingerprint(handed_in, ("Dockerfile", "hello.sh")))] * kept


@SURFACES
def test_one_verdict_and_one_record_from_every_surface(
    course: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, surface: Surface, kept: int
) -> None:
    def run(entry: Entry, submission: Path, *, observe: Callable[[Event], None], owner: Path, **_: Any) -> Report:
        (owner / "Dockerfile").write_text("FROM busybox\nRUN false\n")
        right = (submission / "Dockerfile").read_text() == ANSWER and (submission / "hello.sh").stat().st_mode & 0o100
        outcome = P if right else F
        report = toys.report(toys.result("builds", outcome), toys.result("says_hello", outcome, points=2))
        observe(RunDecided(report=report))
        return report

    monkeypatch.setattr(runner, "run", run)
    _expect(surface, kept, course, folder)


@pytest.mark.engine
@SURFACES
def test_the_same_on_the_real_engine(
    course: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surface: Surface, kept: int
) -> None:
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        _expect(surface, kept, course, folder)


@pytest.mark.engine
def test_builds_of_a_copy_use_the_caches_of_the_folder_that_it_is_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[int] = []
    exercise = Exercise("A toy", learner_files=("Dockerfile",), limits=core.LIMITS, one_at_a_time=True)

    @exercise.check(points=1)
    def builds(work: Work) -> None:
        """The image builds."""
        lines.append(len(work.build(args={"ROUND": str(len(lines))}).run("cat", "/lines").stdout.split()))

    @exercise.check(points=1)
    def comes_up(work: Work) -> None:
        """The stack comes up."""
        stack = work.compose()
        stack.service("reader").expect_running(for_seconds=1)
        lines.append(len(stack.service("reader").logs().split()))

    dockerfile = (
        "FROM busybox\nARG ROUND\nRUN --mount=type=cache,target=/cache echo $ROUND >> /cache/lines && cp /cache/lines /\n"
    )
    stack = 'services: {reader: {build: {context: ., args: {ROUND: "NUMBER"}}, command: "sh -c \'cat /lines; sleep 100\'"}}\n'
    folder = toys.write(tmp_path / "work" / "99-toy", {"Dockerfile": dockerfile})
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        for number in range(2):
            toys.write(folder, {"compose.yaml": stack.replace("NUMBER", f"stack-{number}")})
            with snapshot.take(Entry("99-toy", tmp_path, exercise), folder) as taken:
                assert taken.private
                verdict = check(Entry("99-toy", tmp_path, exercise), taken, tmp_path / "work", Told())
            assert verdict.report.full_score, verdict.report
    assert lines == [1, 2, 3, 4]


class Told:
    """A surface: what it is told, in order."""

    def __init__(self) -> None:
        self.events: list[Event | Verdict] = []

    def __call__(self, event: Event | Verdict) -> None:
        self.events.append(event)


def check(entry: Entry, taken: snapshot.Snapshot, work: Path, told: Callable[[Event | Verdict], None], **more: Any) -> Verdict:
    return attempt.check(entry, taken, work, observe=told, decided=told, **more)


class Run:
    """Stands in for ``runner.run``: ends in a report of these outcomes."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = outcomes
        self.owner: Path | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.clean_up: Callable[[], object] = lambda: None

    def __call__(self, entry: Entry, submission: Path, *, observe: Callable[[Event], None], owner: Path, **_: Any) -> Report:
        self.owner = owner
        observe(RunStarted(exercise=entry.id, title="", checks=(), points=()))
        self.meanwhile()
        report = toys.report(*(toys.result(f"check_{n}", one) for n, one in enumerate(self.outcomes)), notes=("a note",))
        observe(RunDecided(report=report))
        self.clean_up()
        return report


@pytest.fixture
def entry(course: Path) -> Entry:
    return catalogue.find(course, toys.TOY)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    fake = Run(P, F)
    monkeypatch.setattr(runner, "run", fake)
    return fake


def test_the_attempt_is_kept_before_it_is_told_and_told_before_the_clean_up(
    entry: Entry, folder: Path, course: Path, run: Run
) -> None:
    order: list[str] = []
    run.clean_up = lambda: order.append("cleaned up")

    def told(event: Event | Verdict) -> None:
        order.append(f"{type(event).__name__}, {len(_records(course / 'work'))} kept")

    with snapshot.take(entry, folder) as taken:
        verdict = check(entry, taken, course / "work", told)
    assert order == ["RunStarted, 0 kept", "Verdict, 1 kept", "RunDecided, 1 kept", "cleaned up"]
    assert verdict.report.notes == ("a note",)
    assert run.owner == folder


def test_hints_are_those_that_are_open_after_this_attempt(entry: Entry, folder: Path, course: Path, run: Run) -> None:
    opened = []
    for number in range(3):
        toys.write(folder, {"Dockerfile": f"FROM busybox\n# {number}\n"})
        with snapshot.take(entry, folder) as taken:
            opened.append(check(entry, taken, course / "work", Told()).hints)
    assert opened == [{"check_1": ()}, {"check_1": ("first hint",)}, {"check_1": ("first hint", "second hint")}]


def test_a_verdict_that_does_not_stand_is_neither_kept_nor_told(entry: Entry, folder: Path, course: Path, run: Run) -> None:
    told = Told()
    with snapshot.take(entry, folder) as taken, pytest.raises(Cancelled):
        check(entry, taken, course / "work", told, stands=lambda: False)
    assert [type(one) for one in told.events] == [RunStarted, RunDecided]
    assert _records(course / "work") == []


def test_stopped_while_cleaning_up_the_verdict_stands(entry: Entry, folder: Path, course: Path, run: Run) -> None:
    def stop() -> None:
        raise Cancelled

    run.clean_up = stop
    with snapshot.take(entry, folder) as taken:
        assert check(entry, taken, course / "work", Told()).report.score == 1
    run.meanwhile = stop
    with snapshot.take(entry, folder) as taken, pytest.raises(Cancelled):
        check(entry, taken, course / "work", Told())
    assert len(_records(course / "work")) == 1


def test_what_goes_wrong_in_showing_is_raised_when_the_run_is_over(entry: Entry, folder: Path, course: Path, run: Run) -> None:
    over: list[str] = []
    run.clean_up = lambda: over.append("cleaned up")

    def told(_event: Event | Verdict) -> None:
        raise BrokenPipeError

    with snapshot.take(entry, folder) as taken, pytest.raises(BrokenPipeError):
        check(entry, taken, course / "work", told)
    assert over == ["cleaned up"]
    assert len(_records(course / "work")) == 1


def test_tracebacks_go_to_a_file_that_the_report_names(
    entry: Entry, folder: Path, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(_entry: Entry, _submission: Path, *, observe: Callable[[Event], None], **_: Any) -> Report:
        finding = Finding("The grader itself failed.", evidence=(Evidence("traceback", "secret detail"),))
        report = toys.report(toys.result("builds", E, finding=finding), toys.result("says_hello", F))
        observe(RunDecided(report=report))
        return report

    monkeypatch.setattr(runner, "run", stumbles)
    with snapshot.take(entry, folder) as taken:
        report = check(entry, taken, course / "work", Told()).report
    (details,) = (course / "work" / ".drydock").glob("stumble-*.txt")
    assert "builds: traceback\nsecret detail" in details.read_text()
    assert report.notes == (f"Details of what failed in the grader are in {details}.",)
    assert [one.finding.evidence != () for one in report.checks if one.finding] == [False, True]
    assert _records(course / "work") == []


def test_a_folder_that_could_not_be_copied_is_kept_only_where_nothing_was_saved_meanwhile(
    entry: Entry, folder: Path, course: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "MOST", Limits(context_files=0))
    with snapshot.take(entry, folder) as taken:
        assert not taken.private
        assert check(entry, taken, course / "work", Told()).notices == ()
    run.meanwhile = lambda: toys.write(folder, {"Dockerfile": "FROM scratch\n"})
    with snapshot.take(entry, folder) as taken:
        verdict = check(entry, taken, course / "work", Told())
    assert "check again" in verdict.notices[0]
    assert len(_records(course / "work")) == 1


def test_progress_that_cannot_be_kept_does_not_take_the_verdict(entry: Entry, folder: Path, course: Path, run: Run) -> None:
    (course / "work" / ".drydock" / "progress.sqlite").mkdir(parents=True)
    with snapshot.take(entry, folder) as taken:
        verdict = check(entry, taken, course / "work", Told())
    assert verdict.report.score == 1
    assert "could not be written" in verdict.notices[0]
