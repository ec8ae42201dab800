"""A repetition inside a test is seen by whoever reads the summary."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.reruns import twice

ROOT = Path(__file__).parents[1]


def play(*runs: Mapping[str, str]) -> list[str]:
    """What is told when something is run, with these results."""
    left = list(runs)
    told: list[str] = []
    twice(lambda: left.pop(0), told.append)
    assert left == []
    return told


def test_what_is_wrong_once_is_told_and_what_is_wrong_twice_fails() -> None:
    assert play({}) == []
    assert play({"Cell 3": "nothing came"}, {}) == ["Cell 3 was wrong, everything was run again. nothing came"]
    assert len(play({"Cell 3": "nothing came"}, {"Cell 7": "nothing came"})) == 1  # an engine that loses something now and then
    with pytest.raises(AssertionError, match="Cell 3, twice: nothing again"):
        play({"Cell 3": "nothing came", "Cell 4": "late"}, {"Cell 3": "nothing again"})


@pytest.mark.parametrize("processes", [(), ("-n", "1")], ids=["here", "in another process"])
def test_a_repetition_stands_in_the_summary(tmp_path: Path, processes: tuple[str, ...]) -> None:
    (tmp_path / "test_it.py").write_text(
        "def test_plain(): pass\ndef test_again(record_property): record_property('rerun', 'an output was lost <&>')\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    pytest_ = [sys.executable, "-m", "pytest", "-p", "tests.reruns", "-p", "no:cacheprovider", "--rootdir", ".", *processes]
    run = subprocess.run(
        [*pytest_, "--junitxml=result.xml", "test_it.py"],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "RERUN test_it.py::test_again: an output was lost <&>" in run.stdout
    assert " 1 rerun in " in run.stdout
    summary = subprocess.run(
        [sys.executable, ROOT / "scripts" / "test_summary.py", "0", tmp_path / "result.xml"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert summary.returncode == 0, summary.stdout + summary.stderr
    assert "RERUN test_it::test_again: an output was lost <&>" in summary.stdout
    assert "2 passed, 1 rerun" in summary.stdout
