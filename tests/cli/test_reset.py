"""Nothing of a learner's is ever lost by a reset."""

import os
from pathlib import Path

import pytest

from grader.workspace import restore
from grader.workspace.restore import plan
from tests.cli.kit import grader
from tests.toys import TOY, VARIANTS, write


def backups(course: Path) -> list[Path]:
    return sorted((course / "work" / ".drydock" / "backups" / TOY).glob("*"))


def test_begins_an_exercise(toy_course: Path) -> None:
    result = grader("reset", "01")
    folder = toy_course / "work" / "exercises" / TOY
    assert {one.name: one.read_text() for one in folder.iterdir()} == VARIANTS["starter"]
    assert str(folder) in result.stdout
    assert backups(toy_course) == []


def test_the_released_notebook_comes_along_and_the_checks_do_not(toy_course: Path) -> None:
    write(toy_course / "exercises" / TOY, {"checks.py": "released", f"{TOY}.ipynb": "released", "Dockerfile": "x"})
    grader("reset", "01")
    folder = toy_course / "work" / "exercises" / TOY
    assert (folder / f"{TOY}.ipynb").read_text() == "released"
    assert not (folder / "checks.py").exists()
    write(folder, {f"{TOY}.ipynb": "with my notes", "Dockerfile": "mine"})
    grader("reset", "01", "--yes")
    assert (folder / f"{TOY}.ipynb").read_text() == "with my notes"
    assert (folder / "Dockerfile").read_text() == "FROM busybox\n"


def test_everything_of_mine_goes_to_the_backup(mine: Path, toy_course: Path) -> None:
    write(mine, {"Dockerfile": "FROM mine\n", "notes.txt": "n", "app/deep/x.py": "x"})
    (mine / "link").symlink_to("/etc/hostname")
    result = grader("reset", "01", "--yes")
    assert result.exit_code == 0, result.output
    (backup,) = backups(toy_course)
    assert (backup / "Dockerfile").read_text() == "FROM mine\n"
    assert (backup / "notes.txt").read_text() == "n"
    assert (backup / "app" / "deep" / "x.py").read_text() == "x"
    assert (backup / "link").readlink() == Path("/etc/hostname")
    assert str(backup) in result.stdout
    assert sorted(one.name for one in mine.iterdir()) == ["Dockerfile", "words.txt"]
    assert not (backup / "words.txt").exists()  # it was the starter's own


def test_two_resets_in_one_second_are_two_backups(mine: Path, toy_course: Path) -> None:
    for text in ("one", "two", "three"):
        write(mine, {"Dockerfile": text})
        grader("reset", "01", "--yes")
    assert sorted((one / "Dockerfile").read_text() for one in backups(toy_course)) == ["one", "three", "two"]


def test_a_script_must_say_yes(mine: Path) -> None:
    write(mine, {"Dockerfile": "mine"})
    result = grader("reset", "01")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert "Dockerfile" in result.stderr
    assert (mine / "Dockerfile").read_text() == "mine"


@pytest.mark.parametrize(("typed", "status", "left"), [("y\n", 0, "FROM busybox\n"), ("n\n", 1, "mine"), ("\n", 1, "mine")])
def test_a_person_is_asked(mine: Path, typed: str, status: int, left: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(mine, {"Dockerfile": "mine"})
    monkeypatch.setattr("grader.cli.reset.interactive", lambda: True)
    assert grader("reset", "01", typed=typed).exit_code == status
    assert (mine / "Dockerfile").read_text() == left


def test_the_untouched_starter_is_left_alone(mine: Path, toy_course: Path) -> None:
    result = grader("reset", "01")
    assert result.exit_code == 0
    assert "unchanged" in result.stdout
    assert backups(toy_course) == []


def test_a_missing_starter_file_comes_back_without_asking(mine: Path) -> None:
    (mine / "words.txt").unlink()
    assert grader("reset", "01").exit_code == 0
    assert (mine / "words.txt").read_text() == "hello\n"


def test_links_are_never_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"Dockerfile": "precious", "x": "precious"})
    starter = write(tmp_path / "starter", {"Dockerfile": "s", "app/x": "s"})
    folder = write(tmp_path / "mine", {})
    folder.mkdir()
    (folder / "Dockerfile").symlink_to(outside / "Dockerfile")
    (folder / "app").symlink_to(outside)
    what = plan(folder, starter)
    assert {one.name for one in what.move} == {"Dockerfile", "app"}
    backup = restore.restore(what, folder, starter, tmp_path / "backups")
    assert backup is not None
    assert (backup / "app").is_symlink()
    assert (folder / "app" / "x").read_text() == "s"
    assert not (folder / "app").is_symlink()
    assert {one.name: one.read_text() for one in outside.iterdir()} == {"Dockerfile": "precious", "x": "precious"}


def test_a_folder_in_a_files_place_and_the_reverse(tmp_path: Path) -> None:
    starter = write(tmp_path / "starter", {"Dockerfile": "s", "app/x": "s"})
    folder = write(tmp_path / "mine", {"Dockerfile/inside": "mine", "app": "mine"})
    backup = restore.restore(plan(folder, starter), folder, starter, tmp_path / "backups")
    assert backup is not None
    assert (backup / "Dockerfile" / "inside").read_text() == "mine"
    assert (backup / "app").read_text() == "mine"
    assert plan(folder, starter).nothing_to_do


def test_the_execute_bit_is_the_starters(tmp_path: Path) -> None:
    starter = write(tmp_path / "starter", {"run.sh": "s"})
    (starter / "run.sh").chmod(0o755)
    folder = write(tmp_path / "mine", {"run.sh": "s"})
    restore.restore(plan(folder, starter), folder, starter, tmp_path / "backups")
    assert os.access(folder / "run.sh", os.X_OK)


def test_when_the_disk_fails_nothing_is_lost(mine: Path, toy_course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(mine, {"Dockerfile": "mine", "notes.txt": "n"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy", full)
    result = grader("reset", "01", "--yes")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    (backup,) = backups(toy_course)
    assert (backup / "notes.txt").read_text() == "n"
    assert (backup / "Dockerfile").read_text() == "mine"
    assert str(backup.parent) in result.stderr


def test_an_exercise_without_a_starter(toy_course: Path) -> None:
    (toy_course / "solutions" / TOY / "starter").rename(toy_course / "gone")
    result = grader("reset", "01")
    assert result.exit_code == 2
    assert "not installed" in result.stderr
