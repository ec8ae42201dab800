from pathlib import Path

import pytest

from grader.run.store import Results
from grader.values.errors import EngineUnavailable
from tests import toys
from tests.cli.kit import FakeRun, grader, object_of
from tests.toys import TOY, write


def test_a_defect_is_told_and_is_status_1(toy_course: Path, run: FakeRun) -> None:
    result = grader("lint")  # everything "passes": starter and wrong answers must not
    assert result.exit_code == 1
    assert "✘ broken  01-toy    starter" in result.stdout
    assert "✔ holds             reference" in result.stdout
    assert "1 exercise, 0 rules broken; 7 variants: 3 hold, 4 do not" in result.stdout
    assert "[7/7]" in result.stderr


def test_only_the_rules(toy_course: Path, run: FakeRun) -> None:
    assert grader("lint", "--static").exit_code == 0
    write(toy_course / "solutions" / TOY, {"Dockerfile": "FROM x\n"})
    result = grader("lint", "--static", "01")
    assert result.exit_code == 1
    assert "1 rule broken" in result.stdout
    assert "nbgrader would put it over the learner's" in result.stdout
    assert run.submissions == []


def test_graded_cells_must_agree_with_the_checks(toy_course: Path) -> None:
    checks = toy_course / "solutions" / TOY / "checks.py"
    checks.write_text(checks.read_text().replace("points=2", "points=3"))
    result = grader("lint", "--static")
    assert result.exit_code == 1
    assert "graded cells disagree" in result.stdout
    (checks.parent / f"{TOY}.ipynb").unlink()
    assert "has no notebook" in grader("lint", "--static").stdout


def test_as_json(toy_course: Path, run: FakeRun) -> None:
    value = object_of(grader("lint", "--json"))
    assert value["holds"] is False
    assert value["rules_broken"] == []
    assert [one["holds"] for one in value["variants"]] == [False, True, True, True, False, False, False]
    assert value["variants"][1]["outcomes"] == [{"builds": "pass", "says_hello": "pass", "is_nobody": "pass"}] * 2


def test_earlier_results_are_told_and_can_be_left_aside(
    toy_course: Path, run: FakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def results(*, fresh: bool = False) -> Results:
        return toys.results(tmp_path / "kept", fresh=fresh)

    monkeypatch.setattr(Results, "of_this_user", results)
    assert "earlier run" not in grader("lint").output
    before = len(run.submissions)
    result = grader("lint")  # the starter and the wrong answers do not hold, so they are run again
    assert "6 of 10 results from an earlier run; --fresh runs all." in result.stdout
    assert "from an earlier run)" in result.stderr
    assert len(run.submissions) == before + 4
    assert [one["earlier"] for one in object_of(grader("lint", "--json"))["variants"]] == [0, 2, 2, 2, 0, 0, 0]
    assert "earlier run" not in grader("lint", "--fresh").output


def test_trouble_is_status_2(toy_course: Path, run: FakeRun) -> None:
    def no_engine() -> None:
        raise EngineUnavailable("No engine.", "Start one.")

    run.before = no_engine
    result = grader("lint")
    assert result.exit_code == 2
    assert "! error" in result.stdout
    assert "No engine. Start one." in result.stdout


def test_an_unknown_exercise(toy_course: Path) -> None:
    assert grader("lint", "77").exit_code == 2


@pytest.mark.parametrize("jobs", ["0", "x"])
def test_jobs_must_be_a_number(toy_course: Path, jobs: str) -> None:
    assert grader("lint", "--jobs", jobs).exit_code == 2
