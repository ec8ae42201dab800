"""When a drill is judged, and by what: with a state that is made here, in place of an observer's."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import pytest

from grader.course.drill import Drill
from grader.course.drills import DrillEntry
from grader.engine.inspect import ContainerInfo, State
from grader.engine.observer import Observer, Snapshot, Update
from grader.progress.drills import Drills
from grader.run import drill as drill_run
from grader.run.drill import DrillRun, Standing, draw
from grader.settings import backups_folder

PATIENT_SECONDS: Final = 30.0
BOX = ContainerInfo("c1", "ch02-box-x", datetime(2026, 1, 1, tzinfo=UTC), ("sleep",), "i1", State("running", running=True))


class Seen:
    """An observer whose state is what a test says."""

    def __init__(self) -> None:
        self.snapshot = Snapshot(seen=1)
        self.asked = 0
        self._listener: Callable[[Update], None] = lambda _: None

    def subscribe(self, listener: Callable[[Update], None], *, inside: bool = False) -> Callable[[], None]:
        self._listener = listener
        return lambda: None

    def look_again(self) -> int:
        self.asked += 1
        return self.asked

    def happened(self) -> tuple[()]:
        return ()

    def now(self, **changes: Any) -> None:
        self.snapshot = replace(self.snapshot, **changes)
        self._listener(Update(self.snapshot))


@pytest.fixture
def entry() -> DrillEntry:
    drill = Drill("Toy", "Start {box}.", draws={"box": "name"})

    @drill.check
    def is_there(lab: Any) -> None:
        """{box} is running."""
        lab.container("box").expect_running(for_seconds=0.3)

    return DrillEntry("02-toy", Path("02-toy.py"), drill)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def run(entry: DrillEntry, seen: Seen, tmp_path: Path) -> Iterator[DrillRun]:
    one = DrillRun(entry, tmp_path, cast(Observer, cast(Any, seen)), lambda _: None)
    yield one
    one.close()


def begun(work: Path) -> str:
    kept = Drills(work)
    token = kept.begin("02-toy", {"box": "ch02-box-x"})
    kept.ready("02-toy", token, {"things": [], "containers": {}, "images": {}})
    return token


def until(run: DrillRun, holds: Callable[[Standing], object]) -> Standing:
    end = time.monotonic() + PATIENT_SECONDS
    while not holds(standing := run.standing):
        assert time.monotonic() < end, standing
        time.sleep(0.01)
    return standing


def test_a_state_that_is_older_than_the_beginning_is_not_judged(run: DrillRun, seen: Seen, tmp_path: Path) -> None:
    begun(tmp_path)
    run.open()
    seen.now(containers={"c1": BOX})  # what was known before somebody looked again
    standing = until(run, lambda one: one.phase == "open")
    assert standing.line == ""
    assert not Drills(tmp_path).times_done()
    seen.now(containers={}, answers=seen.asked)
    until(run, lambda one: one.line == "There is no container ch02-box-x yet.")


def test_what_only_time_can_tell_is_looked_at_again_without_an_event(run: DrillRun, seen: Seen, tmp_path: Path) -> None:
    begun(tmp_path)
    run.open()
    seen.now(containers={"c1": BOX}, answers=seen.asked)
    until(run, lambda one: one.phase == "done")
    assert Drills(tmp_path).times_done() == {"02-toy": 1}
    seen.now(containers={})
    assert until(run, lambda one: one.phase == "done").steps[0].done, "done is done"


def test_what_another_surface_begins_again_is_followed(run: DrillRun, seen: Seen, tmp_path: Path) -> None:
    begun(tmp_path)
    run.open()
    seen.now(containers={"c1": BOX}, answers=seen.asked)
    until(run, lambda one: one.phase == "done")
    begun(tmp_path)
    seen.now(containers={}, answers=seen.asked)
    until(run, lambda one: one.phase == "open" and one.line)


def test_an_engine_that_is_away_is_told_and_nothing_else(run: DrillRun, seen: Seen, tmp_path: Path) -> None:
    begun(tmp_path)
    run.open()
    seen.now(containers={"c1": BOX}, answers=seen.asked, trouble="It is away.")
    assert until(run, lambda one: one.trouble).line == "It is away."
    seen.now(trouble="")
    until(run, lambda one: one.phase == "done")


def test_a_check_that_fails_by_itself_is_not_the_learners_fault(
    entry: DrillEntry, run: DrillRun, seen: Seen, tmp_path: Path
) -> None:
    @entry.drill.check
    def stumbles(lab: Any) -> None:
        """It stumbles."""
        raise LookupError

    begun(tmp_path)
    run.open()
    seen.now(containers={"c1": BOX}, answers=seen.asked)
    assert "not your fault" in until(run, lambda one: one.trouble).line
    del entry.drill.checks["stumbles"]
    seen.now()
    until(run, lambda one: one.phase == "done")


def test_nothing_is_judged_before_it_is_begun(run: DrillRun, seen: Seen) -> None:
    run.open()
    seen.now(containers={"c1": BOX}, answers=seen.asked)
    time.sleep(0.1)
    assert run.standing == Standing("new")


def test_a_folder_begins_as_the_drill_says_and_nothing_of_the_learners_is_lost(tmp_path: Path) -> None:
    files = {"run.sh": "#!/bin/sh\necho {word}\n", "data/rows": "{word} ${word}\n"}
    entry = DrillEntry("05-toy", Path("05-toy.py"), Drill("Toy", "In {folder}.", draws={"word": "word"}, files=files))
    drawn = draw(entry)
    folder = tmp_path / drawn["folder"]
    assert folder == tmp_path / "drills" / "05-toy"
    drill_run._lay_out(tmp_path, entry, drawn)
    assert (folder / "run.sh").read_text(encoding="utf-8") == f"#!/bin/sh\necho {drawn['word']}\n"
    assert [(folder / one).stat().st_mode & 0o111 for one in files] == [0o111, 0]
    for name, text in {"run.sh": "mine", "Dockerfile": "mine", "data/more": "mine", "../05-other/note": "mine"}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    drill_run._lay_out(tmp_path, entry, {**drawn, "word": "other"})
    assert {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()} == set(files)
    assert (folder / "data/rows").read_text(encoding="utf-8") == "other $other\n"
    (kept,) = backups_folder(tmp_path, "drill-05-toy").iterdir()
    mine = {str(one.relative_to(kept)) for one in kept.rglob("*") if one.is_file()}
    assert mine == {"run.sh", "Dockerfile", "data/more", "data/rows"}
    assert (kept / "run.sh").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "drills" / "05-other" / "note").is_file(), "another drill's folder is another drill's"
