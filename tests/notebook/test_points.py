import math
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from grader.course.catalogue import Entry
from grader.notebook import grading, live, verdict
from grader.notebook.grading import NotGraded, points
from grader.run import runner
from grader.values.errors import Cancelled, EngineUnavailable
from grader.values.events import CheckDecided, CheckStarted, EngineOutput, Event, RunDecided, RunStarted
from grader.values.outcome import CheckResult, Finding, Outcome, Report

from . import toy

Answer = Callable[[str, float], CheckResult]


def result(check_id: str, most: float, outcome: Outcome = Outcome.PASS, earned: float | None = None) -> CheckResult:
    return CheckResult(
        id=check_id,
        title=check_id,
        outcome=outcome,
        points=most if earned is None and outcome is Outcome.PASS else earned,
        max_points=most,
        finding=None if outcome is Outcome.PASS else Finding("It <b>fell</b> short.", advice="Look."),
    )


class FakeRunner:
    """Stands for the engine: counts its runs, answers what it is told to."""

    def __init__(self) -> None:
        self.seen: list[Path] = []
        self.definitions: list[Path] = []
        self.answer: Answer = result
        self.meanwhile: Callable[[], Any] = lambda: None
        self.clean_up: Callable[[], Any] = lambda: None

    def __call__(
        self,
        entry: Entry,
        submission: Path,
        *,
        observe: Callable[[Event], None],
        cancelled: threading.Event,
        owner: Path,
        **_: Any,
    ) -> Report:
        self.seen.append(owner)
        self.definitions.append(entry.folder)
        self.meanwhile()
        if cancelled.wait(0):
            raise Cancelled
        checks = tuple(self.answer(check.id, check.points) for check in entry.exercise.checks.values())
        report = Report(
            exercise=entry.id,
            title=entry.exercise.title,
            submission=str(submission),
            checks=checks,
            engine="fake",
            started_at="2026-01-01T00:00:00+00:00",
            duration_s=0.1,
        )
        observe(RunDecided(report=report))
        self.clean_up()
        return report


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = toy.make(tmp_path / "course")
    folder = root / "work" / "exercises" / toy.ID
    shutil.copytree(root / "solutions" / toy.ID / "starter", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DRYDOCK_COURSE", str(root))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setattr(grading, "_runs", {})
    return root


@pytest.fixture
def fake(course: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    made = FakeRunner()
    monkeypatch.setattr(runner, "run", made)
    return made


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr(live, "display", lambda bundle, **_: bundles.append(bundle))
    return bundles


pytestmark = pytest.mark.usefixtures("shown")


def test_one_run_serves_all_cells_in_turn(fake: FakeRunner) -> None:
    assert [points(one) for one in toy.MAX] == list(toy.MAX.values())
    assert len(fake.seen) == 1


def test_the_notebooks_own_folder_is_graded(fake: FakeRunner, course: Path) -> None:
    points("builds")
    assert fake.seen == [course / "work" / "exercises" / toy.ID]


def test_running_a_cell_again_checks_again(fake: FakeRunner) -> None:
    for _ in range(3):
        points("builds")
    points("says_hello")
    assert len(fake.seen) == 3


def test_a_pass_can_turn_into_a_failure(fake: FakeRunner) -> None:
    assert points("builds") == 1
    fake.answer = lambda check_id, most: result(check_id, most, Outcome.FAIL, 0)
    assert points("builds") == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda: Path("Dockerfile").write_text("FROM busybox\n# other\n"),
        lambda: Path("Dockerfile").unlink(),
        lambda: Path("new").mkdir(),
        lambda: Path("hello.sh").chmod(0o700),
        lambda: os.utime("Dockerfile", (1, 1)),
    ],
    ids=["edited", "removed", "added", "mode", "touched"],
)
def test_a_changed_file_is_checked_by_the_next_cell(fake: FakeRunner, change: Callable[[], Any]) -> None:
    points("builds")
    change()
    points("says_hello")
    assert len(fake.seen) == 2


def test_saving_the_notebook_is_no_change(fake: FakeRunner) -> None:
    points("builds")
    Path(f"{toy.ID}.ipynb").write_text("{}")
    Path(".ipynb_checkpoints").mkdir()
    Path(".ipynb_checkpoints", "x").touch()
    points("says_hello")
    assert len(fake.seen) == 1


def test_a_file_changed_during_the_run_is_checked_again(fake: FakeRunner) -> None:
    fake.meanwhile = lambda: Path("Dockerfile").write_text(f"FROM busybox\n# {time.monotonic_ns()}\n")
    points("builds")
    points("says_hello")
    assert len(fake.seen) == 2


def test_the_courses_definition_wins_over_the_learners(fake: FakeRunner, course: Path) -> None:
    Path("checks.py").write_text("raise RuntimeError('the learner wrote this')")
    points("builds")
    assert fake.definitions == [course / "solutions" / toy.ID]


def test_no_grade_is_made_with_a_definition_that_was_handed_in(
    fake: FakeRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "submitted" / "mallory" / toy.ID
    for place in (folder, folder / "solutions" / toy.ID, folder.parent / "solutions" / toy.ID):
        place.mkdir(parents=True, exist_ok=True)
        (place / "checks.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n" + toy.CHECKS)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DRYDOCK_COURSE")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(NotGraded, match=f"The course has no exercise {toy.ID}"):
        points("builds")
    assert not fake.seen
    assert not (tmp_path / "ran").exists()


def test_a_file_that_would_be_graded_in_the_learners_stead_stops_everything(fake: FakeRunner, course: Path) -> None:
    (course / "solutions" / toy.ID / "Dockerfile").write_text(toy.REFERENCE)
    with pytest.raises(NotGraded, match=r"Dockerfile at the top of .* in the learner's stead"):
        points("builds")
    assert not fake.seen


def test_execute_bits_that_the_exchange_took_come_back(fake: FakeRunner) -> None:
    Path("hello.sh").chmod(0o644)
    Path("added.sh").write_text("#!/bin/sh\n")
    Path("added.txt").write_text("plain\n")
    Path("Dockerfile").chmod(0o644)
    Path("link.sh").symlink_to("added.txt")
    points("builds")
    executable = sorted(path.name for path in Path().iterdir() if path.stat().st_mode & 0o100)
    assert executable == ["added.sh", "hello.sh"]


@pytest.mark.parametrize(("earned", "recorded"), [(0.7, 0.7), (9.0, 1.0), (-3.0, 0.0), (math.nan, 0.0), (math.inf, 0.0)])
def test_the_value_is_one_finite_number_within_the_points(fake: FakeRunner, earned: float, recorded: float) -> None:
    fake.answer = lambda check_id, most: result(check_id, most, Outcome.FAIL, earned)
    value = points("builds")
    assert type(value) is float
    assert value == recorded


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.SKIP, Outcome.LIMIT])
def test_every_other_outcome_is_scored(fake: FakeRunner, outcome: Outcome) -> None:
    fake.answer = lambda check_id, most: result(check_id, most, outcome, 0.0)
    assert points("builds") == 0


def test_the_verdict_is_shown_in_every_form(fake: FakeRunner, shown: list[dict[str, Any]]) -> None:
    fake.answer = lambda check_id, most: result(check_id, most, Outcome.FAIL, 0)
    points("says_hello")
    bundle = shown[-1]
    assert bundle[verdict.MIME] == {"check": "says_hello", "outcome": "fail"}
    assert "It &lt;b&gt;fell&lt;/b&gt; short." in bundle["text/html"]
    assert "It <b>fell</b> short." in bundle["text/plain"]
    assert "builds" not in bundle["text/plain"]


def test_an_error_is_no_score(fake: FakeRunner) -> None:
    fake.answer = lambda check_id, most: result(check_id, most, Outcome.ERROR if check_id == "builds" else Outcome.PASS)
    with pytest.raises(NotGraded, match=r"It <b>fell</b> short. Look."):
        points("builds")
    assert points("says_hello") == 2.5


def test_a_fault_is_one_sentence_without_a_traceback(fake: FakeRunner, capsys: pytest.CaptureFixture[str]) -> None:
    def no_engine() -> None:
        raise EngineUnavailable("No engine answers.", "Start one.")

    fake.meanwhile = no_engine
    shell = InteractiveShell.instance()
    try:
        run = shell.run_cell('from grader.notebook import points\npoints("builds")')  # type: ignore[no-untyped-call]
    finally:
        InteractiveShell.clear_instance()
    assert isinstance(run.error_in_exec, NotGraded)
    assert capsys.readouterr().out.strip() == "Not graded. No engine answers. Start one."


def test_a_bug_of_ours_is_one_sentence_too(fake: FakeRunner) -> None:
    fake.meanwhile = lambda: dict[str, str]()["missing"]
    with pytest.raises(NotGraded, match="The grader itself failed: KeyError: 'missing'"):
        points("builds")


def test_the_next_cell_tries_again_after_a_fault(fake: FakeRunner) -> None:
    def once() -> None:
        fake.meanwhile = lambda: None
        raise EngineUnavailable("No engine answers.")

    fake.meanwhile = once
    with pytest.raises(NotGraded):
        points("builds")
    assert points("builds") == 1


def test_an_unknown_check_and_a_wrong_folder_are_named(fake: FakeRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotGraded, match="has no check nonsense"):
        points("nonsense")
    Path("inner").mkdir()
    monkeypatch.chdir("inner")
    with pytest.raises(NotGraded, match="no exercise inner"):
        points("builds")


def test_stderr_stays_silent(fake: FakeRunner, capfd: pytest.CaptureFixture[str]) -> None:
    def noise() -> None:
        print("print", file=sys.stderr)
        os.write(2, b"a C library")
        subprocess.run(["sh", "-c", "echo child >&2"], check=True)
        warnings.warn("a warning", DeprecationWarning, stacklevel=1)
        thread = threading.Thread(target=lambda: print("thread", file=sys.stderr))
        thread.start()
        thread.join()

    fake.meanwhile = noise
    points("builds")
    assert capfd.readouterr().err == ""
    print("afterwards", file=sys.stderr)
    assert capfd.readouterr().err == "afterwards\n"


def test_an_attempt_is_kept_beside_the_exercises(fake: FakeRunner, course: Path) -> None:
    points("builds")
    points("says_hello")
    assert (course / "work" / ".drydock" / "progress.sqlite").is_file()
    assert not Path(".drydock").exists()


def test_nbgrader_leaves_no_attempts(fake: FakeRunner, course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    points("builds")
    assert not (course / "work" / ".drydock").exists()


def test_a_hint_opens_with_the_next_honest_attempt(fake: FakeRunner, shown: list[dict[str, Any]]) -> None:
    def fails(check_id: str, most: float) -> CheckResult:
        return replace(result(check_id, most, Outcome.FAIL, 0), hints=("What does it say?",))

    fake.answer = fails
    for attempt in range(3):
        Path("Dockerfile").write_text(f"FROM busybox\n# {attempt}\n")
        points("says_hello")
    assert "What does it say?" not in shown[0]["text/html"]
    assert "What does it say?" in shown[-1]["text/html"]


def test_the_verdict_does_not_wait_for_the_clean_up_and_the_next_run_does(fake: FakeRunner) -> None:
    release = threading.Event()
    order: list[str] = []

    def clean_up() -> None:
        release.wait(10)
        order.append("cleaned up")

    fake.clean_up = clean_up
    points("builds")
    assert order == []
    fake.meanwhile = lambda: order.append("next run")
    threading.Timer(0.2, release.set).start()
    points("builds")
    assert order[:2] == ["cleaned up", "next run"]


def test_nbgrader_waits_for_the_clean_up(fake: FakeRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def clean_up() -> None:
        time.sleep(0.2)
        done.append("cleaned up")

    fake.clean_up = clean_up
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    points("builds")
    assert done == ["cleaned up"]


def test_an_interrupt_stops_the_run_in_an_orderly_way(fake: FakeRunner) -> None:
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)

    fake.meanwhile = interrupt
    with pytest.raises(NotGraded, match="The run was stopped"):
        points("builds")
    assert signal.getsignal(signal.SIGINT) is before


def test_what_goes_on_is_shown_and_then_gives_way_to_the_verdict(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Handle:
        def update(self, bundle: dict[str, str], *, raw: bool) -> None:
            shown.append(bundle["text/plain"])

    def display(bundle: dict[str, str], **_: Any) -> Handle:
        shown.append(bundle["text/plain"])
        return Handle()

    monkeypatch.setattr(live, "display", display)
    monkeypatch.setattr(live, "_EVERY_S", 0)
    with live.Live(silent=False) as cell:
        cell.event(RunStarted(exercise="x", title="X", checks=(("a", "One"), ("b", "Two")), points=(1, 1)))
        cell.event(CheckStarted(id="a"))
        cell.event(EngineOutput(line="\x1b[31m#5 [2/3] COPY"))
        cell.event(CheckDecided(result=result("a", 1)))
        cell.verdict({"text/plain": "the verdict"})
    assert "… running  One" in shown[1]
    assert "#5 [2/3] COPY" in shown[2]
    assert "✔ passed   One" in shown[3]
    assert shown[-1] == "the verdict"
    with suppress(NotGraded), live.Live(silent=False) as cell:
        cell.event(CheckStarted(id="a"))
        raise NotGraded("no engine")
    assert shown[-1] == ""
