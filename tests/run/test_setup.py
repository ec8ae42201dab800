"""What an exercise begins with, on the learner's own engine; and the detective's case, solved as its solution says."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.checks.setup import EXERCISE_LABEL, Setup
from grader.cli.group import main
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine.client import connect
from grader.notebook import prepare as prepare_in_notebook
from grader.notebook.grading import NotPrepared
from grader.run import runner, setup
from grader.values.errors import DefinitionError, Fault, UsageError
from tests import core

COURSE = Path(__file__).parents[2]
DETECTIVE = "03-detective"


def _toy() -> Exercise:
    return Exercise(title="A toy", learner_files=("answer",))


def test_a_preparation_needs_words_and_there_is_one() -> None:
    exercise = _toy()
    with pytest.raises(DefinitionError, match="no docstring"):
        exercise.setup(lambda _bench: None)

    @exercise.setup
    def first(bench: Setup) -> None:
        """Something is there."""

    assert exercise.setup_function is first
    with pytest.raises(DefinitionError, match="twice"):
        exercise.setup(first)


def test_an_exercise_without_one() -> None:
    with pytest.raises(UsageError, match="needs no preparation"):
        setup.make(Entry("99-toy", COURSE, _toy()))


def _there(exercise: str) -> list[str]:
    client = connect()
    try:
        wanted = {"label": f"{EXERCISE_LABEL}={exercise}"}
        return sorted(one["Names"][0] for one in client.api.containers(all=True, filters=wanted))
    finally:
        client.close()


@pytest.fixture
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        yield
        for exercise in ("99-toy", DETECTIVE):
            setup.remove(exercise)
            assert _there(exercise) == []


def _entry(*commands: tuple[str, ...]) -> Entry:
    exercise = _toy()

    @exercise.setup
    def toys(bench: Setup) -> None:
        """Toys are there."""
        for command in commands:
            bench.docker(*command)

    return Entry("99-toy", COURSE, exercise)


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
def test_it_begins_anew_each_time_and_is_removed_as_a_whole() -> None:
    entry = _entry(("create", "--name", "drydock-toy-1", "busybox"), ("container", "run", "--name", "drydock-toy-2", "busybox"))
    for _ in range(2):
        assert setup.make(entry) == "Toys are there."
        assert _there("99-toy") == ["/drydock-toy-1", "/drydock-toy-2"]
    assert len(setup.remove("99-toy")) == 2
    assert setup.remove("99-toy") == []


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
def test_a_name_that_the_learner_uses_is_theirs() -> None:
    client = connect()
    mine = client.containers.create("busybox", name="drydock-toy-mine")
    try:
        entry = _entry(("create", "--name", "drydock-toy-1", "busybox"), ("create", "--name", "drydock-toy-mine", "busybox"))
        with pytest.raises(UsageError, match="You have a container called drydock-toy-mine already"):
            setup.make(entry)
        assert _there("99-toy") == []
        mine.reload()
    finally:
        mine.remove()
        client.close()


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
def test_a_failure_leaves_nothing() -> None:
    with pytest.raises(Fault, match="could not be made"):
        setup.make(_entry(("create", "--name", "drydock-toy-1", "busybox"), ("create", "--no-such-flag", "busybox")))
    assert _there("99-toy") == []


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
def test_the_case_is_solved_as_the_solution_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYDOCK_COURSE", str(COURSE))
    monkeypatch.setenv("DRYDOCK_LEARNER", "Zoë")
    said = CliRunner().invoke(main, ["prepare", DETECTIVE])
    assert "A container called mystery is running on your engine." in said.output
    solution = COURSE / "solutions" / DETECTIVE / "reference" / "investigate.sh"
    found = subprocess.run(["sh", solution], capture_output=True, text=True, check=True, timeout=60).stdout
    assert "Zoë" not in found
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "answers.json").write_text(found)
    entry = catalogue.find(COURSE, DETECTIVE)
    assert runner.run(entry, tmp_path / "work").full_score
    others = runner.run(entry, tmp_path / "work", learner="Zoe").checks
    assert [one.points for one in others] == [1, 0, 0, 0, 0]
    # Nothing that is to be found by other means stands in what inspecting shows.
    shown = subprocess.run(["docker", "inspect", "mystery"], capture_output=True, text=True, check=True, timeout=60).stdout
    answers = json.loads(found)
    assert answers["case"] in shown
    assert answers["safe"] not in shown
    assert answers["intruder"] not in shown
    said = CliRunner().invoke(main, ["prepare", DETECTIVE, "--remove"])
    assert said.output.startswith("Removed: container ")


@pytest.mark.engine
@pytest.mark.usefixtures("_clean")
def test_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DRYDOCK_COURSE", str(COURSE))
    for name in (DETECTIVE, "05-first-dockerfile"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / DETECTIVE)
    prepare_in_notebook()
    assert _there(DETECTIVE) == ["/mystery"]
    prepare_in_notebook(remove=True)
    assert _there(DETECTIVE) == []
    assert capsys.readouterr().out.splitlines()[0] == "A container called mystery is running on your engine."
    monkeypatch.chdir(tmp_path / "05-first-dockerfile")
    with pytest.raises(NotPrepared, match="needs no preparation"):
        prepare_in_notebook()
    assert list((tmp_path / DETECTIVE).iterdir()) == []
