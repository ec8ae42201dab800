"""A prediction is kept, and compared with what happened."""

import sys
from pathlib import Path

import _belongings as belongings
import _predict as predicting
import _workshop as workshop
import pytest

from grader.progress.predictions import Predictions

BECAUSE = "It has no Python."


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel at chapter 01, with a work folder of its own."""
    monkeypatch.setenv("DRYDOCK_WORK", str(tmp_path))
    monkeypatch.setattr(workshop, "_started", [belongings.Memory("01", tmp_path / "images")])
    monkeypatch.setattr(predicting, "_answers", {})
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.strip()


def test_right_wrong_and_not_given(capsys: pytest.CaptureFixture[str], started: Path) -> None:
    predicting.predict("start", " B")
    assert "b" in said(capsys)
    predicting.compare("start", "b", BECAUSE)
    assert said(capsys) == f"You said b, and that is what happened. {BECAUSE}"
    predicting.predict("size", "a")
    said(capsys)
    predicting.compare("size", "c", BECAUSE)
    assert said(capsys) == f"You said a; it is c. {BECAUSE}"
    predicting.compare("other", "c", BECAUSE)
    assert said(capsys) == BECAUSE
    kept = [(one.chapter, one.key, one.answer, one.outcome) for one in Predictions(started).all()]
    assert sorted(kept) == [("01", "size", "a", "c"), ("01", "start", "b", "b")]


@pytest.mark.parametrize(("answer", "words"), [("____", "in place of"), ("", "in place of"), ("x", "x”"), ("ab", "ab”")])
def test_what_is_no_letter_is_told_and_not_kept(
    answer: str, words: str, capsys: pytest.CaptureFixture[str], started: Path
) -> None:
    predicting.predict("start", answer)
    assert words in said(capsys)
    assert Predictions(started).all() == []


def test_a_restarted_kernel_still_knows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    predicting.predict("start", "a")
    monkeypatch.setattr(predicting, "_answers", {})
    said(capsys)
    predicting.compare("start", "a", BECAUSE)
    assert said(capsys).startswith("You said a,")


def test_without_the_grader_the_kernel_knows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, started: Path
) -> None:
    monkeypatch.setitem(sys.modules, "grader.progress.predictions", None)
    predicting.predict("start", "a")
    said(capsys)
    predicting.compare("start", "b", BECAUSE)
    assert said(capsys) == f"You said a; it is b. {BECAUSE}"
    assert list(started.iterdir()) == []


def test_progress_that_cannot_be_written_is_told_once(capsys: pytest.CaptureFixture[str], started: Path) -> None:
    (started / ".drydock" / "progress.sqlite").mkdir(parents=True)
    predicting.predict("start", "a")
    assert "not kept with your progress" in said(capsys)
    predicting.compare("start", "a", BECAUSE)
    assert said(capsys) == f"You said a, and that is what happened. {BECAUSE}"


def test_before_the_first_cell_the_reader_is_sent_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "_started", [])
    with pytest.raises(belongings.NotReadyError, match="first cell"):
        predicting.predict("start", "a")
