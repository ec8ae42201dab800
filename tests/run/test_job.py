"""A job says all that a run needs: it is read and done wherever it comes to."""

import pickle
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from grader.course import catalogue
from grader.run import job, runner
from grader.run.budget import Budget
from grader.run.job import Job
from grader.values.errors import DefinitionError
from grader.values.outcome import Report
from tests import toys
from tests.toys import TOY


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each run was given, by name."""
    seen: list[dict[str, Any]] = []

    def run(entry: Any, submission: Path, **options: Any) -> Report:
        seen.append({"entry": entry, "submission": submission, **options})
        return toys.report(toys.result("builds"))

    monkeypatch.setattr(runner, "run", run)
    return seen


def test_a_job_that_was_pickled_is_the_same_run(toy_course: Path, tmp_path: Path, given: list[dict[str, Any]]) -> None:
    one: Job = pickle.loads(pickle.dumps(Job(toy_course, TOY, tmp_path / "copy", "ada", tmp_path / "hers")))
    stop = threading.Event()
    job.run(one, cancelled=stop)
    assert given[0]["entry"].id == TOY
    assert given[0]["entry"].folder == toy_course / "solutions" / TOY
    assert (given[0]["submission"], given[0]["owner"]) == (tmp_path / "copy", tmp_path / "hers")
    assert (given[0]["learner"], given[0]["cancelled"]) == ("ada", stop)


def test_all_jobs_of_a_user_share_one_budget_unless_told_otherwise(
    toy_course: Path, tmp_path: Path, given: list[dict[str, Any]]
) -> None:
    one = Job(toy_course, TOY, tmp_path, "ada")
    small = Budget(containers=1, builds=1, sandboxes=1, memory=1, folder=tmp_path)
    job.run(one)
    job.run(one, budget=small)
    assert [each["budget"] for each in given] == [Budget.of_this_machine(), small]


def test_the_exercise_is_read_for_each_job_unless_the_caller_has_it(
    toy_course: Path, tmp_path: Path, given: list[dict[str, Any]]
) -> None:
    one = Job(toy_course, TOY, tmp_path, "ada")
    entry = catalogue.find(toy_course, TOY)
    job.run(one)
    job.run(one)
    job.run(one, entry=entry)
    assert given[0]["entry"] is not given[1]["entry"]
    assert given[2]["entry"] is entry
    shutil.rmtree(toy_course / "solutions" / TOY)
    with pytest.raises(DefinitionError):
        job.run(one)
