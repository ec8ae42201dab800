"""What `grader check` promises to people and to programs."""

import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grader.cli import workspace
from grader.progress import Progress
from grader.values.errors import Cancelled, EngineUnavailable
from grader.values.outcome import Outcome
from tests.cli.kit import E, F, FakeRun, L, P, S, grader, object_of
from tests.toys import TOY, write


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [((P, P, P), 0), ((P, F, P), 1), ((F, S, S), 1), ((P, P, L), 1), ((P, E, P), 2)],
)
def test_exit_status(mine: Path, run: FakeRun, outcomes: tuple[Outcome, ...], status: int) -> None:
    run.outcomes = outcomes
    assert grader("check", "01").exit_code == status


def test_a_learner_reads_what_was_seen(mine: Path, run: FakeRun) -> None:
    run.outcomes = (P, F, S)
    result = grader("check", "01")
    for part in (
        "✔ passed",
        "✘ failed",
        "says_hello went wrong",
        "expected  this",
        "1 of 3 points: 1 check to fix",
        "note: a note",
    ):
        assert part in result.stdout
    assert "Checking 01-toy" in result.stderr


def test_json_alone_is_one_object_on_stdout(mine: Path, run: FakeRun) -> None:
    for arguments in (["check", "01", "--json"], ["check", "--json", "01"], ["check", "01", "--json", "-"]):
        result = grader(*arguments)
        assert object_of(result)["exercise"] == TOY
        assert "note: a note" in result.stderr


def test_files(mine: Path, run: FakeRun, tmp_path: Path) -> None:
    result = grader("check", "01", "--json", tmp_path / "r.json", "--html", tmp_path / "r.html", "--junit", tmp_path / "r.xml")
    assert '"score": 3' in (tmp_path / "r.json").read_text()
    assert "<!doctype html>" in (tmp_path / "r.html").read_text()
    assert ET.parse(tmp_path / "r.xml").getroot().get("tests") == "3"
    assert "every check passed" in result.stdout
    assert "Written to" in result.stdout


def test_a_file_that_cannot_be_written_is_told_before_the_run(mine: Path, run: FakeRun, tmp_path: Path) -> None:
    result = grader("check", "01", "--html", tmp_path / "nowhere" / "r.html")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    assert run.submissions == []


def test_a_score_is_kept_and_an_error_is_not(mine: Path, run: FakeRun, toy_course: Path) -> None:
    run.outcomes = (P, E, P)
    result = grader("check", "01")
    assert "No score" in result.stdout
    run.outcomes = (P, F, P)
    grader("check", "01")
    (attempt,) = Progress(toy_course / "work").attempts(TOY)
    assert (attempt.score, attempt.honest) == (2, False)
    write(mine, {"Dockerfile": "FROM busybox\n# mine\n"})
    grader("check", "01")
    assert Progress(toy_course / "work").attempts(TOY)[1].honest


def test_what_an_attempt_has_changed_is_said(mine: Path, run: FakeRun) -> None:
    told = []
    for number, outcomes in enumerate(((F, S, S), (P, F, P), (P, F, P))):
        run.outcomes = outcomes
        write(mine, {"Dockerfile": f"FROM busybox\n# {number}\n"})
        told.append(re.findall("[0-9.]+ points? before, [0-9.]+ now", grader("check", "01").stdout))
    assert told == [[], ["0 points before, 2 now"], []]  # nothing before, more, and no more


def test_hints_open_with_attempts_and_are_pointed_to(mine: Path, run: FakeRun) -> None:
    run.outcomes = (F, S, S)
    assert "hint:" not in grader("check", "01").stdout
    write(mine, {"Dockerfile": "FROM busybox\n# 1\n"})
    assert "hint: 1 of 2 open, see `grader hint 01-toy builds`" in grader("check", "01").stdout
    write(mine, {"Dockerfile": "FROM busybox\n# 2\n"})
    checks = object_of(grader("check", "01", "--json"))["checks"]
    assert checks[0]["hint"] == "Look again.\nRead chapter 01, “Six words”.\nRead the first line.\nFROM comes first."


def test_no_engine_is_one_sentence_and_a_next_step(mine: Path, run: FakeRun, toy_course: Path) -> None:
    def no_engine() -> None:
        raise EngineUnavailable("No engine answers.", "Start it.")

    run.before = no_engine
    result = grader("check", "01", "--json")
    assert result.exit_code == 2
    assert object_of(result) == {"exercise": TOY, "error": "No engine answers.", "next_step": "Start it."}
    assert result.stderr == "No engine answers.\nStart it.\n"
    assert Progress(toy_course / "work").attempts(TOY) == []


def test_a_stopped_run_is_130_and_no_attempt(mine: Path, run: FakeRun, toy_course: Path) -> None:
    def stop() -> None:
        raise Cancelled

    run.before = stop
    result = grader("check", "01")
    assert (result.exit_code, result.stderr) == (130, "Stopped. Nothing was recorded and nothing is left running.\n")
    assert Progress(toy_course / "work").attempts(TOY) == []


def test_stopped_while_cleaning_up_the_verdict_stands(mine: Path, run: FakeRun, toy_course: Path) -> None:
    def stop() -> None:
        raise Cancelled

    run.after = stop
    assert grader("check", "01").exit_code == 0
    assert len(Progress(toy_course / "work").attempts(TOY)) == 1


def test_the_unexpected_is_one_sentence_and_a_file(mine: Path, run: FakeRun, toy_course: Path) -> None:
    def stumble() -> None:
        raise ZeroDivisionError("secret detail")

    run.before = stumble
    result = grader("check", "01")
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "ZeroDivisionError" in result.stderr
    (details,) = (toy_course / "work" / ".drydock").glob("stumble-*.txt")
    assert str(details) in result.stderr
    assert "secret detail" in details.read_text()


def test_progress_that_cannot_be_kept_does_not_take_the_verdict(mine: Path, run: FakeRun, toy_course: Path) -> None:
    (toy_course / "work" / ".drydock" / "progress.sqlite").mkdir(parents=True)
    result = grader("check", "01")
    assert result.exit_code == 0
    assert "could not be written" in result.stderr


def test_damaged_progress_is_told(mine: Path, run: FakeRun, toy_course: Path) -> None:
    write(toy_course / "work" / ".drydock", {"progress.sqlite": "broken" * 2000})
    result = grader("check", "01")
    assert result.exit_code == 0
    assert "was damaged" in result.stderr


def test_before_the_beginning_it_says_how_to_begin(toy_course: Path, run: FakeRun) -> None:
    result = grader("check", "01")
    assert result.exit_code == 2
    assert "grader reset 01-toy" in result.stderr
    assert list(toy_course.iterdir()) == [toy_course / "solutions"]


@pytest.mark.parametrize(("given", "told"), [("02-toy", "01-toy"), ("zzz", "01-toy")])
def test_an_unknown_exercise_names_near_ones(toy_course: Path, given: str, told: str) -> None:
    result = grader("check", given)
    assert result.exit_code == 2
    assert told in result.stderr


@pytest.mark.parametrize("how", ["work folder", "exercises folder", "exercise folder", "other name", "here", "variable"])
def test_where_the_learners_folder_may_be(
    toy_course: Path, run: FakeRun, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "elsewhere"
    folder = write(base / "exercises" / TOY, {"Dockerfile": "FROM busybox\n"})
    arguments: list[str | Path] = ["check", "01"]
    match how:
        case "work folder":
            arguments += ["--work", base]
        case "exercises folder":
            arguments += ["--work", base / "exercises"]
        case "exercise folder":
            arguments += ["--work", folder]
        case "other name":
            folder = folder.rename(base / "exercises" / "my-try")
            arguments += ["--work", folder]
        case "here":
            monkeypatch.chdir(folder)
        case _:
            monkeypatch.setenv("DRYDOCK_WORK", str(base))
    result = grader(*arguments)
    assert result.exit_code == 0, result.output
    assert run.submissions == [folder]
    assert (base / ".drydock" / "progress.sqlite").is_file()
    assert not (folder / ".drydock").exists()


def test_the_definition_is_the_courses_not_the_learners(mine: Path, run: FakeRun) -> None:
    write(mine, {"checks.py": "raise SystemExit('mine')"})
    assert grader("check", "01").exit_code == 0


def test_without_a_course_nothing_is_checked_with_what_lies_in_the_folder(
    toy_course: Path, run: FakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "course", lambda: None)
    folder = write(tmp_path / "mine" / TOY, {"checks.py": (toy_course / "solutions" / TOY / "checks.py").read_text()})
    result = grader("check", "01-toy", "--work", folder)
    assert result.exit_code == 2
    assert "No course is installed here" in result.stderr.replace("\n", " ")


def test_a_log_cannot_repaint_the_terminal(mine: Path, run: FakeRun) -> None:
    def hostile() -> None:
        raise EngineUnavailable("\x1b[2J\x1b]0;x\x07all\r\nwell", "")

    run.before = hostile
    assert grader("check", "01").stderr == "all well\n"


def test_help_is_there_for_every_command() -> None:
    assert "lint" in grader("--help").stdout
    for name in ("list", "check", "hint", "reset", "solution", "doctor", "lint"):
        assert grader(name, "--help").exit_code == 0
    assert grader("nonsense").exit_code == 2
    assert os.linesep not in grader("--version").stdout.strip()
