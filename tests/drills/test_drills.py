"""Each drill is done by its answers, and each likely mistake gets its line: typed into a real terminal, seen in another."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course import catalogue, drills
from grader.course.drills import DrillEntry
from grader.engine.observer import Observer
from grader.engine.session import Session
from grader.progress.drills import Drills
from grader.run import drill as drill_run
from grader.run.drill import DrillRun
from grader.values.drawn import fill
from grader.values.errors import Fault
from tests.drills.kit import Shell, Terminal, drill

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ENTRIES = drills.entries(catalogue.course_root())
_STARTED = "Type in another terminal"


def _remove(entry: DrillEntry, work: Path) -> None:
    DrillRun(entry, work, Observer(), lambda _: None).remove()


def _left(entry: DrillEntry, work: Path) -> str:
    """Everything on the engine that has one of the names that were drawn."""
    begun = Drills(work).begun(entry.id)
    assert begun is not None
    lists = (
        ("ps", "--all", "--format", "{{.Names}}"),
        ("volume", "ls", "--quiet"),
        ("network", "ls", "--format", "{{.Name}}"),
        ("images", "--format", "{{.Repository}}:{{.Tag}}"),
    )
    said = (subprocess.run(["docker", *args], check=True, capture_output=True, text=True).stdout for args in lists)
    there = [name for names in said for name in names.split()]
    names = tuple(begun.drawn[one] for one in entry.drill.names)
    return " ".join(one for one in there if one.startswith(names))


@pytest.fixture
def work(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A work folder; what the drill and its learner have made is gone behind it."""
    yield tmp_path
    entry = request.node.callspec.params.get("entry") if hasattr(request.node, "callspec") else None
    for one in [entry] if entry else ENTRIES:
        if Drills(tmp_path).begun(one.id):
            _remove(one, tmp_path)
            assert not _left(one, tmp_path)


def _typed(shell: Shell, lines: tuple[str, ...], entry: DrillEntry, work: Path) -> dict[str, str]:
    begun = Drills(work).begun(entry.id)
    assert begun is not None
    for line in lines:
        shell.enter(fill(line, begun.drawn))
    return dict(begun.drawn)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.id)
def test_its_mistakes_are_told_and_its_answers_seen(entry: DrillEntry, work: Path) -> None:
    """All in one terminal, from the start each time, as who repeats a drill does: a program's start costs more than a drill."""
    with drill(entry.id, work) as shown:
        shown.until(_STARTED)
        for mistake in entry.drill.mistakes:
            shown.until("  · ")
            with Shell(work) as shell:
                drawn = _typed(shell, mistake.typed, entry, work)
                line = fill(f"· {mistake.says}", drawn)
                assert line not in shown.seen, "a line that is there before the mistake says nothing about it"
                shown.until(line)
            assert "Done" not in shown.seen, mistake.did
            _again(shown, entry, work, drawn)
        assert Drills(work).times_done() == {}
        for number, typed in enumerate(entry.drill.answers):
            if number:
                _again(shown, entry, work, drawn)
            with Shell(work) as shell:
                drawn = _typed(shell, typed, entry, work)
                shown.until("✔ Done.")
            begun = Drills(work).begun(entry.id)
            assert begun is not None
            assert begun.done
        assert set(Drills(work).times_done()) == {entry.id}


def _again(shown: Terminal, entry: DrillEntry, work: Path, drawn: dict[str, str]) -> None:
    shown.type("r")
    shown.until(_STARTED)
    begun = Drills(work).begun(entry.id)
    assert begun is not None
    assert not begun.done
    assert begun.drawn != drawn, "it is another one each time"


def test_who_is_killed_in_the_middle_finds_it_as_it_stands(work: Path) -> None:
    entry = next(one for one in ENTRIES if one.id == "02-clean-up")
    with Shell(work) as shell:
        with drill(entry.id, work) as first:
            first.until(_STARTED)
            shell.enter(fill("docker rm -f {old}", dict(Drills(work).begun(entry.id).drawn)))  # type: ignore[union-attr]
            first.until("is still there: it is running.")
            first.kill()
        _typed(shell, ("docker rm -f {busy}",), entry, work)
        shell.until("ch02-busy")  # the echo of the command line
        with drill(entry.id, work) as second:
            second.until("✔ Done.")
    assert Drills(work).times_done() == {entry.id: 1}


def test_what_is_begun_in_one_terminal_goes_on_in_another(work: Path) -> None:
    entry = next(one for one in ENTRIES if one.id == "02-stay-up")
    with drill(entry.id, work) as first, Shell(work) as shell:
        first.until(_STARTED)
        with drill(entry.id, work) as second:
            second.until(_STARTED)
            drawn = _typed(shell, entry.drill.answers[0], entry, work)
            assert drawn["box"] in second.seen
            first.until("✔ Done.")
            second.until("✔ Done.")
    assert Drills(work).times_done() == {entry.id: 1}


def test_a_setup_that_fails_leaves_nothing(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = next(one for one in ENTRIES if one.id == "02-clean-up")
    made = drill_run._set_up

    def fails(session: Session, entry: DrillEntry, drawn: dict[str, str], work: Path) -> None:
        made(session, entry, drawn, work)
        raise Fault("no")

    monkeypatch.setattr(drill_run, "_set_up", fails)
    observer = Observer()
    run = DrillRun(entry, work, observer, lambda _: None)
    try:
        with pytest.raises(Fault, match="no"):
            run.begin()
    finally:
        run.close()
        observer.close()
    assert not _left(entry, work)
