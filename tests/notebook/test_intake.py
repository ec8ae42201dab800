"""Files as course platforms give them find their way to ``submitted/``; hostile ones do not get out of their place."""

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import settings
from grader.notebook.teaching import labels
from grader.values.errors import UsageError
from grader.workspace import handed_in

from . import toy
from .archives import MOODLE, moodle, zipped
from .archives import handed_in as packed_by

pytestmark = pytest.mark.slow
OTHER = "02-other"


@pytest.fixture(scope="module")
def intake() -> Any:
    from grader.notebook.teaching import intake as module  # noqa: PLC0415 - importing nbgrader takes seconds

    return module


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "course").mkdir()
    return tmp_path / "course"


@pytest.fixture
def desk(course: Path, intake: Any) -> Iterator[Any]:
    made = intake.Intake(course, {toy.ID: ("Dockerfile",), OTHER: ("commands.sh",)})
    yield made
    made.close()
    assert not settings.intake_folder(course).exists()


def looked(desk: Any, content: bytes, name: str = "all.zip", students: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = desk.shown(desk.archive([content], name, toy.ID), students)["works"]
    return shown


def whose(works: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    return {(one["student"], one["exercise"], one["files"]) for one in works}


def take(desk: Any, content: bytes, **students: str) -> None:
    upload = desk.archive([content], "all.zip", toy.ID)
    works = desk.shown(upload, ())["works"]
    desk.take(upload.key, {one["key"]: {"student": one["student"], "exercise": one["exercise"]} | students for one in works})


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Ada Lovelace_101_assignsubmission_file_", "Ada Lovelace"),
        ("Ada Lovelace_101_assignsubmission_onlinetext_", "Ada Lovelace"),
        ("lovelaceada_LATE_55_1234_01-toy--ada--20300102T030405Z", "lovelaceada"),
        ("lovelaceada_55_1234_Dockerfile", "lovelaceada"),
        ("Week 3_al123_attempt_2030-01-02-03-04-05_work", "al123"),
        ("01-toy--ada--20300102T030405Z", "ada"),
        ("ada", "ada"),
    ],
)
def test_the_person_in_a_platforms_name(text: str, person: str) -> None:
    assert labels.read(text).person == person


def test_moodles_archive_with_hand_ins_and_loose_files(desk: Any, tmp_path: Path) -> None:
    works = looked(desk, moodle(tmp_path))
    assert whose(works) == {("ada", toy.ID, 4), ("bob", toy.ID, 3), ("Cleo Clark", toy.ID, 2)}
    assert {one["why"] for one in works} == {"from the archive", "from the name"}
    assert {one["at"] for one in works} == {"2030-01-02 03:04:05 UTC", ""}
    assert not any(one["notes"] or one["refused"] for one in works)


def test_the_gradebook_and_the_last_time_know_who_is_meant(desk: Any, intake: Any, tmp_path: Path) -> None:
    students = (intake.Known("s1", "Ada", "Lovelace"), intake.Known("s2", email="Bob Baker@example.org"))
    works = looked(desk, moodle(tmp_path), students=students)
    assert {(one["person"], one["student"]) for one in works} == {
        ("Ada Lovelace", "s1"), ("Bob Baker", "s2"), ("Cleo Clark", "Cleo Clark"),
    }  # fmt: skip
    assert any("the archive itself says that it is ada's" in one["notes"][0].lower() for one in works if one["student"] == "s1")
    upload = desk.archive([moodle(tmp_path)], "all.zip", toy.ID)
    desk.take(upload.key, {one.key: {"student": f"n{one.key}", "exercise": toy.ID} for one in upload.works})
    assert {one["why"] for one in looked(desk, moodle(tmp_path), students=students)} == {"as last time"}


@pytest.mark.parametrize(
    "files",
    [
        {"ada/01-toy/Dockerfile": "x"},
        {"all/ada/01-toy/Dockerfile": "x", "all/bob/02-other/commands.sh": "x"},
        {"ada/Dockerfile": "x"},
        {"lovelaceada_5_6_Dockerfile": "x", "lovelaceada_5_6_01-toy.ipynb": "{}"},
        {"ada.zip": zipped({"01-toy/Dockerfile": "x"}), "bob.zip": zipped({"work/Dockerfile": "x"})},
        {"ada/mine.zip": zipped({"deep/er/01-toy/Dockerfile": "x"})},
    ],
)  # fmt: skip
def test_other_ways_in_which_files_come(desk: Any, files: dict[str, bytes | str]) -> None:
    works = looked(desk, zipped(files))
    assert "ada" in works[0]["student"]
    assert works[0]["exercise"] == toy.ID
    assert len(works) == sum("bob" in name for name in files) + 1


def test_one_learners_own_archive(desk: Any, tmp_path: Path) -> None:
    packed = packed_by(tmp_path, "ada", toy.REFERENCE)
    [work] = looked(desk, packed.content, packed.name)
    assert (work["student"], work["checksum"]) == ("ada", packed.checksum)


def test_a_folder_is_only_read(desk: Any, tmp_path: Path) -> None:
    place = tmp_path / "given"
    for person in ("ada", "bob"):
        (place / person / toy.ID).mkdir(parents=True)
        (place / person / toy.ID / "Dockerfile").write_text("x")
    (place / "bob" / toy.ID / "leak").symlink_to("/etc/passwd")
    works = desk.shown(desk.folder(place, toy.ID), ())["works"]
    assert whose(works) == {("ada", toy.ID, 1), ("bob", toy.ID, 1)}
    assert [bool(one["refused"]) for one in works] == [False, True]
    assert (place / "ada" / toy.ID / "Dockerfile").read_text() == "x"


def test_what_is_taken_in_is_as_nbgrader_expects_it(desk: Any, course: Path, tmp_path: Path) -> None:
    take(desk, moodle(tmp_path))
    ada = course / "submitted" / "ada" / toy.ID
    assert sorted(one.name for one in ada.iterdir()) == [f"{toy.ID}.ipynb", "Dockerfile", "hello.sh", "timestamp.txt"]
    assert (ada / "Dockerfile").read_text() == toy.REFERENCE
    assert "UTC" in (ada / "timestamp.txt").read_text()
    assert [one.name for one in ada.parent.iterdir()] == [toy.ID]
    again = looked(desk, moodle(tmp_path))
    assert all("It replaces what is there of this learner." in one["notes"] for one in again)


def test_a_time_in_the_future_is_not_believed(desk: Any, course: Path, tmp_path: Path) -> None:
    take(desk, moodle(tmp_path))  # packed in 2030
    told = (course / "submitted" / "ada" / toy.ID / "timestamp.txt").read_text()
    assert not told.startswith("2030-01-02") or told < "2030"


@pytest.mark.parametrize("student", ["", "../x", "a/b", "-x"])
def test_nothing_is_taken_in_under_what_is_no_name(desk: Any, course: Path, tmp_path: Path, student: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be used as a student id|Who is"):
        take(desk, moodle(tmp_path), student=student)
    assert not (course / "submitted").exists()


def test_one_name_twice_is_asked_about(desk: Any, course: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="stands there twice"):
        take(desk, moodle(tmp_path), student="ada")
    assert not (course / "submitted").exists()


def link(name: str) -> bytes:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = zipped({"01-toy/Dockerfile": "x"})
    packed = io.BytesIO(path)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    return packed.getvalue()


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("01-toy/zeros", "w") as file:
        for _ in range(2010):
            file.write(bytes(100_000))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (link("01-toy/leak"), "01-toy/leak is a symbolic link"),
        (zipped({"01-toy/Dockerfile": "x", "../../out": "x"}), "leads out of the archive's own folder"),
        (b"no archive", "It is no archive that can be read"),
        (bomb(), "It unpacks to more than 200 MB"),
    ],
)
def test_a_hostile_archive_spoils_its_own_submission_alone(desk: Any, course: Path, content: bytes, reason: str) -> None:
    all_of_them = zipped({f"{MOODLE.format('Mallory M', 1)}/a.zip": content, f"{MOODLE.format('Ada L', 2)}/Dockerfile": "x"})
    works = {one["person"]: one for one in looked(desk, all_of_them)}
    assert any(reason in one for one in works["Mallory M"]["refused"])
    assert works["Ada L"]["refused"] == []
    take(desk, all_of_them)
    found = handed_in.look(course / "submitted" / "Mallory M" / toy.ID)
    assert any(reason in one for one in found.refused)  # autograde says it to the learner
    assert not list(course.rglob("out"))


def test_what_is_no_archive_at_all_is_refused_with_a_sentence(desk: Any) -> None:
    with pytest.raises(UsageError, match="It is no archive"):
        desk.archive([b"hello"], "grades.xlsx", toy.ID)
    with pytest.raises(UsageError, match="Nothing in it is a submission of 01-toy"):
        desk.archive([zipped({"holiday.jpg": "x"})], "a.zip", toy.ID)
