"""One exercise in the server: one check at a time, nothing lost, everything told. The run itself is faked at our seam."""

import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.panel.output import LINES as OUTPUT_LINES
from grader.panel.record import Conflict
from grader.panel.session import ExerciseSession
from grader.run import runner
from grader.values.errors import Cancelled, EngineUnavailable, GraderError, UsageError
from grader.values.events import CheckDecided, CheckStarted, EngineOutput, Event, ImageBuilt, Layer, RunDecided
from grader.values.outcome import Outcome, Report
from grader.workspace import saves
from grader.workspace.saves import Saves
from tests import toys

F, P, S = Outcome.FAIL, Outcome.PASS, Outcome.SKIP
IDS = ("builds", "says_hello", "is_nobody")


class Engine:
    """Stands in for ``runner.run``: goes on from check to check when it is told to, and can be cancelled."""

    def __init__(self) -> None:
        self.outcomes: tuple[Outcome, ...] = (P, F, P)
        self.error: GraderError | Exception | None = None
        self.lines: tuple[str, ...] = ("[1/2] FROM busybox",)
        self.events: tuple[Event, ...] = ()
        self.runs = 0
        self.at_once = 0
        self.most_at_once = 0
        self.go = threading.Semaphore(0)
        self.waits = False

    def __call__(
        self, entry: Entry, submission: Path, *, observe: Callable[[Event], None], cancelled: threading.Event, **_: Any
    ) -> Report:
        self.runs += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.error is not None:
                raise self.error
            results = []
            for event in self.events:
                observe(event)
            for identity, outcome in zip(IDS, self.outcomes, strict=True):
                observe(CheckStarted(id=identity))
                for line in self.lines:
                    observe(EngineOutput(line=line))
                while self.waits and not self.go.acquire(timeout=0.02):
                    if cancelled.is_set():
                        raise Cancelled
                if cancelled.is_set():
                    raise Cancelled
                result = dataclasses.replace(
                    toys.result(identity, outcome), hints=entry.exercise.checks[identity].hints, max_points=1
                )
                results.append(result)
                observe(CheckDecided(result=result))
            report = toys.report(*results)
            observe(RunDecided(report=report))
            return report
        finally:
            self.at_once -= 1


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine()
    monkeypatch.setattr(runner, "run", fake)
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return toys.write(tmp_path / "work" / "exercises" / toys.TOY, toys.VARIANTS["starter"])


@pytest.fixture
def session(tmp_path: Path, folder: Path) -> Iterator[ExerciseSession]:
    one = make(tmp_path, folder)
    yield one
    one.close()


def make(
    tmp_path: Path, folder: Path, told: Callable[[], None] = lambda: None, following: Callable[[], Any] = lambda: None
) -> ExerciseSession:
    course = tmp_path / "course"
    entry = catalogue.find(course if course.is_dir() else toys.course(course), toys.TOY)
    work = tmp_path / "work"
    return ExerciseSession(
        entry,
        folder,
        work,
        course=work / "course",
        where=lambda path: str(path.relative_to(work)),
        changed=told,
        following=following,
    )


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def finished(session: ExerciseSession) -> dict[str, Any]:
    until(lambda: session.phase == "idle")
    return session.state()


def outcomes(state: dict[str, Any]) -> list[str]:
    return [one["outcome"] for one in state["checks"]]


def edit(folder: Path, text: str) -> None:
    (folder / "Dockerfile").write_text(f"FROM busybox\n# {text}\n")


def test_a_new_session_shows_what_there_is_to_do(session: ExerciseSession) -> None:
    state = session.state()
    assert json.loads(json.dumps(state)) == state
    assert (state["phase"], state["run"], outcomes(state)) == ("idle", None, ["new"] * 3)
    assert state["files"] == [{"name": "Dockerfile", "path": f"exercises/{toys.TOY}/Dockerfile", "exists": True}]
    assert not state["solution"]["open"]


def test_checks_are_shown_as_they_are_decided(session: ExerciseSession, engine: Engine) -> None:
    engine.waits = True
    session.check()
    until(lambda: outcomes(session.state()) == ["running", "waiting", "waiting"])
    engine.go.release()
    until(lambda: outcomes(session.state()) == ["pass", "running", "waiting"])
    assert session.state()["run"]["verdict"] == "running"
    engine.go.release(2)
    state = finished(session)
    assert outcomes(state) == ["pass", "fail", "pass"]
    assert (state["run"]["verdict"], state["run"]["score"], state["attempts"]) == ("decided", 2, 1)
    failed = state["checks"][1]
    assert (failed["message"], failed["expected"], failed["found"]) == ("says_hello went wrong", "this", "that")


def test_what_failed_says_where_to_read(tmp_path: Path, folder: Path, engine: Engine) -> None:
    toys.course(tmp_path / "course", checks=toys.CHECKS.replace("points=2,", 'points=2, read="Six words",'))
    cells = [{"cell_type": "markdown", "source": "# 01 · Why\n## Six words"}]
    toys.write(tmp_path / "work" / "course", {"01-why.ipynb": json.dumps({"cells": cells})})
    one = make(tmp_path, folder)
    assert [each["read"] for each in one.state()["checks"]] == [None, None, None]
    one.check()
    assert [each["read"] for each in finished(one)["checks"]] == [
        None,
        {"words": "chapter 01, “Six words”", "path": "course/01-why.ipynb", "heading": "Six words"},
        None,
    ]


def test_there_is_never_a_second_check_at_once(session: ExerciseSession, engine: Engine) -> None:
    engine.waits = True
    threads = [threading.Thread(target=session.check) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    engine.go.release(3)
    finished(session)
    assert (engine.runs, engine.most_at_once) == (1, 1)


def test_a_check_can_be_cancelled_and_then_begun_again(session: ExerciseSession, engine: Engine) -> None:
    engine.waits = True
    session.check()
    until(lambda: outcomes(session.state())[0] == "running")
    session.cancel()
    state = finished(session)
    assert (state["run"]["verdict"], state["attempts"], outcomes(state)) == ("stopped", 0, ["new"] * 3)
    engine.waits = False
    session.check()
    assert finished(session)["run"]["verdict"] == "decided"


def test_a_restarted_server_shows_the_last_verdict(
    tmp_path: Path, folder: Path, session: ExerciseSession, engine: Engine
) -> None:
    edit(folder, "mine")
    session.check()
    before = finished(session)
    again = make(tmp_path, folder).state()
    assert again == before
    edit(folder, "changed")
    assert make(tmp_path, folder).state()["changed"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"results": 1}', '{"fingerprint": "", "verdict": 1, "results": {"a": 1}}'])
def test_a_damaged_file_of_the_last_run_is_as_none(tmp_path: Path, folder: Path, text: str) -> None:
    kept = tmp_path / "work" / ".drydock" / "runs" / f"{toys.TOY}.json"
    toys.write(kept.parent, {kept.name: text})
    assert make(tmp_path, folder).state()["run"] is None


def test_a_fault_is_no_score(session: ExerciseSession, engine: Engine) -> None:
    engine.error = EngineUnavailable("No Docker engine answers.", "Start it.")
    session.check()
    state = finished(session)
    assert state["run"]["verdict"] == "not_graded"
    assert state["run"]["trouble"] == {"message": "No Docker engine answers.", "next_step": "Start it."}
    assert state["attempts"] == 0
    engine.error = ZeroDivisionError()
    session.check()
    assert "not your fault" in finished(session)["run"]["trouble"]["message"]


def test_an_error_in_one_check_is_no_score_either(session: ExerciseSession, engine: Engine) -> None:
    engine.outcomes = (P, Outcome.ERROR, P)
    session.check()
    state = finished(session)
    assert (state["run"]["verdict"], state["run"]["score"], state["attempts"]) == ("not_graded", None, 0)
    assert state["run"]["trouble"]["message"] == "says_hello went wrong"


def test_hints_open_one_by_one(session: ExerciseSession, engine: Engine, folder: Path) -> None:
    engine.outcomes = (F, S, S)
    for text in ("one", "two", "three"):
        edit(folder, text)
        session.check()
        finished(session)
    assert session.state()["checks"][0]["hints"] == {
        "open": ["Read the first line.", "FROM comes first."],
        "closed": 0,
        "read": 0,
    }
    session.hint("builds")
    session.hint("builds")
    assert session.state()["checks"][0]["hints"]["read"] == 2
    with pytest.raises(Conflict, match="still fails"):
        session.hint("builds")
    with pytest.raises(Conflict):
        session.hint("no_such_check")


def test_the_solution_opens_when_it_may(session: ExerciseSession, engine: Engine, folder: Path) -> None:
    with pytest.raises(Conflict, match="3 more attempts"):
        session.solution()
    for text in ("one", "two", "three"):
        edit(folder, text)
        session.check()
        finished(session)
    assert session.state()["solution"]["open"]
    shown = session.solution()
    (file,) = shown["files"]
    assert file["text"] == toys.VARIANTS["reference"]["Dockerfile"]
    assert {"kind": "yours", "text": "# three"} in file["diff"]
    assert {"kind": "solution", "text": "USER nobody"} in file["diff"]
    assert shown["others"] == ["echo", "shell"]
    assert session.state()["solution"]["opened"]


def test_reset_keeps_everything(session: ExerciseSession, engine: Engine, folder: Path) -> None:
    edit(folder, "mine")
    (folder / "extra.txt").write_text("extra")
    backup, kept = session.reset()
    assert kept == ["Dockerfile", "extra.txt"]
    assert backup is not None
    assert "mine" in (backup / "Dockerfile").read_text()
    assert (folder / "Dockerfile").read_text() == toys.VARIANTS["starter"]["Dockerfile"]
    assert session.reset() == (None, [])
    engine.waits = True
    session.check()
    with pytest.raises(Conflict, match="Stop it first"):
        session.reset()


def test_watch_checks_what_is_saved_and_a_save_during_a_check_begins_it_anew(
    session: ExerciseSession, engine: Engine, folder: Path
) -> None:
    engine.waits = True
    session.watch(on=True)
    until(lambda: engine.runs == 1)
    edit(folder, "saved during the check")
    until(lambda: engine.runs == 2)
    engine.go.release(3)
    assert finished(session)["attempts"] == 1
    (folder / "notes.txt").write_text("not one of the learner's files")
    time.sleep(1.5)
    assert engine.runs == 2
    session.watch(on=False)
    edit(folder, "nobody looks")
    time.sleep(1.5)
    assert engine.runs == 2
    assert session.state()["changed"]
    assert engine.most_at_once == 1


def test_what_jupyterlab_saves_by_the_clock_is_checked_when_it_has_come_to_rest(
    session: ExerciseSession, engine: Engine, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saves, "SETTLED_SECONDS", 3.0)
    session.watch(on=True)
    until(lambda: engine.runs == 1)
    finished(session)
    for text in ("half", "half a li", "half a line"):
        edit(folder, text)
        Saves(tmp_path / "work", session.entry.id).by_the_clock()
        time.sleep(1)
    assert engine.runs == 1  # somebody types
    until(lambda: engine.runs == 2)
    assert finished(session)["attempts"] == 2
    edit(folder, "a whole line")
    Saves(tmp_path / "work", session.entry.id).by_the_clock()
    session.saved()  # with Ctrl+S: it is meant to be checked
    monkeypatch.setattr(saves, "SETTLED_SECONDS", 600.0)
    until(lambda: engine.runs == 3)
    assert finished(session)["attempts"] == 3


def test_typing_on_does_not_take_the_verdict_of_a_check_away(
    session: ExerciseSession, engine: Engine, folder: Path, tmp_path: Path
) -> None:
    engine.waits = True
    session.watch(on=True)
    until(lambda: engine.runs == 1)
    edit(folder, "half a li")
    Saves(tmp_path / "work", session.entry.id).by_the_clock()
    time.sleep(1.5)
    engine.go.release(3)
    state = finished(session)
    assert (state["run"]["verdict"], state["changed"], engine.runs) == ("decided", True, 1)


def test_an_unchanged_submission_is_no_second_attempt(session: ExerciseSession, engine: Engine, folder: Path) -> None:
    for outcomes, text, told in (((P, F, P), "one", None), ((P, F, P), "one", None), ((P, P, P), "two", 2)):
        engine.outcomes = outcomes
        edit(folder, text)
        session.check()
        state = finished(session)
        assert state["run"]["before"] == told
    assert state["attempts"] == 2


def test_what_a_terminal_did_is_shown(session: ExerciseSession, engine: Engine, folder: Path, tmp_path: Path) -> None:
    """Another surface writes to the same folder; nothing is asked of this one but to look."""
    engine.outcomes = (F, S, S)
    other = make(tmp_path, folder)
    before = session.stamp()
    for text in ("one", "two"):
        edit(folder, text)
        other.check()
        finished(other)
    assert session.stamp() != before
    state = session.state()
    assert (state["attempts"], state["run"]["verdict"], outcomes(state)) == (2, "decided", ["fail", "skip", "skip"])
    assert state["checks"][0]["hints"]["open"] == ["Read the first line."]
    other.hint("builds")
    assert session.state()["checks"][0]["hints"]["read"] == 1


def test_after_a_full_score_it_says_where_to_go_on(tmp_path: Path, folder: Path, engine: Engine) -> None:
    onward = {"kind": "exercise", "title": "Another", "path": "x.ipynb", "why": "It is the next."}
    one = make(tmp_path, folder, following=lambda: onward)
    engine.outcomes = (P, F, P)
    one.check()
    assert finished(one)["next"] is None
    engine.outcomes = (P, P, P)
    one.check()
    assert finished(one)["next"] == onward


def test_a_verdict_that_a_save_overtook_is_not_given(session: ExerciseSession, engine: Engine, folder: Path) -> None:
    engine.waits = True
    session.watch(on=True)
    until(lambda: engine.runs == 1)
    engine.go.release(2)
    until(lambda: outcomes(session.state())[1] != "running")
    edit(folder, "saved just before the verdict")
    engine.go.release(1)
    until(lambda: engine.runs == 2)
    assert session.state()["attempts"] == 0
    engine.go.release(3)
    assert finished(session)["attempts"] == 1
    assert not session.state()["changed"]


def test_output_is_handed_out_from_where_a_page_is(session: ExerciseSession, engine: Engine) -> None:
    engine.lines = tuple(f"line {number}" for number in range(OUTPUT_LINES))
    session.check()
    finished(session)
    place, first, lines = session.output((-1, 0))
    assert (len(lines), first, lines[-1]) == (OUTPUT_LINES, 2 * OUTPUT_LINES, f"line {OUTPUT_LINES - 1}")
    assert session.output(place) == (place, place[1], [])
    _, first, lines = session.output((place[0], place[1] - 3))
    assert (first, len(lines)) == (place[1] - 3, 3)
    engine.lines = ("\x1b[31mred\x1b[0m  and blanks", " ")
    session.check()
    finished(session)
    later, first, lines = session.output(place)
    assert later[0] == place[0] + 1
    assert (first, lines) == (0, ["red  and blanks"] * 3)


def test_without_a_folder_it_says_how_to_begin(tmp_path: Path, engine: Engine) -> None:
    session = make(tmp_path, tmp_path / "work" / "exercises" / toys.TOY)
    session.check()
    assert "Reset puts the starter there" in finished(session)["run"]["trouble"]["message"]
    session.reset()
    session.check()
    assert finished(session)["run"]["verdict"] == "decided"


def test_a_progress_that_cannot_be_read_is_told_and_stops_nobody(
    session: ExerciseSession, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "work" / ".drydock").write_text("in the way")
    session.check()
    state = finished(session)
    assert state["run"]["verdict"] == "decided"
    assert any("could not be" in notice for notice in state["run"]["unkept"])


def test_pictures_are_of_the_last_run(session: ExerciseSession, engine: Engine, folder: Path) -> None:
    layer = Layer(size=4_000_000, command="ADD rootfs.tar /")
    engine.events = (ImageBuilt(file="Dockerfile", layers=(layer,), size=4_000_000),)
    assert session.state()["pictures"] == []
    session.check()
    assert [one["name"] for one in finished(session)["pictures"]] == ["layers"]
    drawn = session.picture("layers", "dark")
    assert "<svg" in drawn["svg"]
    assert drawn["table"]["rows"]
    with pytest.raises(UsageError, match="no picture"):
        session.picture("stack", "light")
    edit(folder, "another")
    session.check()
    assert [one["name"] for one in finished(session)["pictures"]] == ["layers", "history"]
    engine.events = ()
    session.check()
    assert [one["name"] for one in finished(session)["pictures"]] == ["history"]


def test_a_definition_is_read_anew_for_each_check(session: ExerciseSession, engine: Engine) -> None:
    """Some choose numbers by chance when they are read: a verdict tells them, and they must not be right again."""
    before = session.entry.exercise
    session.check()
    finished(session)
    assert session.entry.exercise is not before
    (session.entry.folder / "checks.py").write_text("nonsense(")
    session.check()
    assert "does not run" in finished(session)["run"]["trouble"]["message"]
