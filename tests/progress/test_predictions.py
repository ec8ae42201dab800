"""What was predicted in a chapter is kept: the answer that was given before the chapter told."""

import json
import sqlite3
from pathlib import Path

from grader.progress import Progress
from grader.progress.predictions import Predictions
from grader.progress.transfer import exported, imported


def all_of(work: Path) -> list[tuple[str, str, str, str]]:
    return [(one.chapter, one.key, one.answer, one.outcome) for one in Predictions(work).all()]


def test_an_answer_may_change_until_the_chapter_has_told(tmp_path: Path) -> None:
    kept = Predictions(tmp_path)
    assert kept.answer("01", "start") is None
    kept.settle("01", "start", "b")
    assert not Progress(tmp_path).path.exists()
    for answer in ("c", "a"):
        kept.keep("01", "start", answer)
    kept.keep("02", "start", "d")
    kept.settle("01", "start", "b")
    kept.keep("01", "start", "b")
    assert kept.answer("01", "start") == "a"
    assert all_of(tmp_path) == [("01", "start", "a", "b"), ("02", "start", "d", "")]


def test_older_files_are_read_as_they_are_and_grow(tmp_path: Path) -> None:
    for version in (1, 2):
        work = tmp_path / str(version)
        progress = Progress(work)
        progress.chapter_read("01", read=True)
        with sqlite3.connect(progress.path) as base:
            for later in ("prediction", "drill_begun", "drill_done"):
                base.execute(f"DROP TABLE {later}")
            if version == 1:
                base.execute("DROP TABLE chapter_read")
            base.execute(f"PRAGMA user_version = {version}")
        base.close()
        before = progress.path.read_bytes()
        assert all_of(work) == []
        assert progress.path.read_bytes() == before
        Predictions(work).keep("01", "start", "a")
        assert all_of(work) == [("01", "start", "a", "")]
        assert progress.chapters_read() == ({"01"} if version == 2 else set())


def test_they_go_to_another_machine_whose_own_stay(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    Predictions(here).keep("01", "start", "a")
    Predictions(here).keep("01", "size", "b")
    Predictions(there).keep("01", "size", "c")
    text = json.dumps(exported(Progress(here)))
    for _ in range(2):
        imported(Progress(there), json.loads(text))
    assert sorted(all_of(there)) == [("01", "size", "c", ""), ("01", "start", "a", "")]
    older = {name: value for name, value in json.loads(text).items() if name != "predictions"}
    imported(Progress(tmp_path / "older"), older)
    assert all_of(tmp_path / "older") == []
