"""Progress goes from one machine to another, and nothing is lost or counted twice."""

import json
from pathlib import Path
from typing import Any

import pytest

from grader.progress import Best, Progress
from grader.progress.transfer import exported, imported
from grader.values.errors import UsageError
from grader.values.outcome import Outcome
from tests.progress.test_store import FAILED, FULL, STARTER
from tests.toys import TOY, report, result

HINTS = {"a": (), "b": ("first", "second", "third")}


def _at(progress: Progress, minute: int, fingerprint: str, *, full: bool = False) -> None:
    checks = FULL.checks if full else FAILED.checks
    one = report(*checks)
    progress.record(type(one)(**{**vars(one), "started_at": f"2026-11-22T02:{minute:02}:00+00:00"}), fingerprint, STARTER)


def test_all_of_it_arrives(tmp_path: Path) -> None:
    here, there = Progress(tmp_path / "here"), Progress(tmp_path / "there")
    _at(here, 1, "one")
    _at(here, 2, "two", full=True)
    here.hints_read(TOY, "b", [1])
    here.solution_read(TOY, after_full_score=True)
    text = json.dumps(exported(here))
    done = imported(there, json.loads(text))
    assert (done.attempts, done.known) == (2, 0)
    assert there.attempts(TOY) == here.attempts(TOY)
    assert there.best() == here.best()
    assert there.standing(TOY, HINTS) == here.standing(TOY, HINTS)


def test_twice_is_once_and_both_machines_add_up_in_the_order_of_time(tmp_path: Path) -> None:
    here, there = Progress(tmp_path / "here"), Progress(tmp_path / "there")
    _at(here, 1, "one")
    _at(there, 2, "two")
    _at(here, 3, "three", full=True)
    for _ in range(2):
        imported(there, exported(here))
    assert [one.at[14:16] for one in there.attempts(TOY)] == ["01", "02", "03"]
    assert there.best()[TOY] == Best(attempts=3, honest=3, score=3, max_score=3, full=True)
    assert there.standing(TOY, HINTS).ladders["b"].opened == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "no progress"),
        ({"kind": "something"}, "no progress"),
        ({"kind": "drydock progress", "format": 99}, "format 99"),
        ({"kind": "drydock progress", "format": 1}, "no list of attempts"),
        ({"kind": "drydock progress", "format": 1, "attempts": [{"exercise": 7}], "hints": [], "solutions": []}, "exercise"),
    ],
)
def test_what_is_no_export_is_told_and_changes_nothing(tmp_path: Path, value: Any, words: str) -> None:
    progress = Progress(tmp_path)
    _at(progress, 1, "one")
    before = exported(progress)
    with pytest.raises(UsageError, match=words):
        imported(progress, value)
    assert exported(progress) | {"exported_at": ""} == before | {"exported_at": ""}


def test_standing_counts_as_the_ladder_does(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    for prints in (STARTER, "one", "one", "two", "three"):
        progress.record(report(result("a"), result("b", Outcome.LIMIT if prints == "two" else Outcome.FAIL)), prints, STARTER)
    standing = progress.standing(TOY, HINTS, newest=2)
    assert standing.ladders == {name: progress.ladder(TOY, name, hints) for name, hints in HINTS.items()}
    assert standing.ladders["b"].opened == 3
    assert standing.attempts == tuple(progress.attempts(TOY)[-2:])
    assert standing.best == progress.best()[TOY]
    progress.hints_read(TOY, "b", [1, 2])
    assert progress.standing(TOY, HINTS).hints_read == {"a": 0, "b": 2}
    assert Progress(tmp_path / "new").standing(TOY, HINTS).ladders["b"].seen is False


def test_time_spent_leaves_pauses_out(tmp_path: Path) -> None:
    progress = Progress(tmp_path)
    assert progress.seconds_spent() == 0
    for minute in (1, 4, 40, 41):
        _at(progress, minute, str(minute))
    assert progress.seconds_spent() == pytest.approx(3 * 60 + 60 + 2 * 1.5)
