"""Fills ``submitted/`` from what a course platform gives, an archive or a folder: looked at first, then taken in by name.

Everything is unpacked into a place of its own. Nothing in it is believed: what an archive says of its learner is a suggestion.
"""

import json
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, Final

from nbgrader.utils import parse_utc

from grader import settings
from grader.course import layout
from grader.notebook.api import full_name
from grader.notebook.teaching import labels
from grader.notebook.teaching.labels import Label
from grader.values import names, units
from grader.values.errors import UsageError
from grader.workspace import archives, hand_in, handed_in
from grader.workspace.archives import Bounds, Left
from grader.workspace.hand_in import Manifest

UPLOAD: Final = Bounds(bytes=4_000 * units.MB, entries=200_000)
"""What a whole course may hand in at a time."""
_MANIFEST_BYTES: Final = 5 * units.MB
_OF_A_LEARNER: Final = 4
_DEEP: Final = 7
"""Folders in folders: of what a platform gives, and then of what a learner has packed, in which no archive is unpacked."""
_KEPT: Final = 5
_NOTES: Final = 10


@dataclass
class Work:
    """What one learner has handed in for one exercise.

    Attributes:
        key: tells it from others of its upload.
        label: whose it is, as the platform has it.
        folder: the files, in our own place.
        exercise: its id; empty where nothing says it.
        manifest: what its archive says of itself.
        checksum: of that archive.
        refused: why it cannot be graded as it is, a sentence each.
        files: how many.
        size: bytes.
    """

    key: str
    label: Label
    folder: Path
    exercise: str = ""
    manifest: Manifest | None = None
    checksum: str = ""
    refused: tuple[str, ...] = ()
    files: int = 0
    size: int = 0


@dataclass
class Upload:
    """What was uploaded, and what was found in it."""

    key: str
    place: Path
    works: list[Work] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rooms: dict[str, int] = field(default_factory=dict)
    """How much of each learner's is still unpacked: they may hand in many archives."""


@dataclass(frozen=True)
class Known:
    """A student of the gradebook."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class _Folder:
    """One that is looked into: whose, for which exercise, of which archive, and what of it was left out."""

    path: Path
    label: Label
    exercise: str
    checksum: str = ""
    left: tuple[Left, ...] = ()
    of_one: bool = False
    """Whether all of it is one learner's: then all that was left out is theirs."""

    def below(self, name: str) -> "_Folder":
        """A folder in it."""
        if self.of_one:
            return replace(self, path=self.path / name)
        begin = f"{name}/"
        mine = [Left(one.name.replace("\\", "/"), one.reason) for one in self.left]
        left = tuple(Left(one.name.removeprefix(begin), one.reason) for one in mine if one.name.startswith(begin))
        return replace(self, path=self.path / name, checksum="", left=left)


class Intake:
    """Of one course.

    Args:
        course: the folder with nbgrader's configuration.
        exercises: exercise id → names of the files that learners change.
    """

    def __init__(self, course: Path, exercises: Mapping[str, tuple[str, ...]]) -> None:
        self._course = course
        self._exercises = dict(exercises)
        self._uploads: dict[str, Upload] = {}

    def archive(self, content: Iterable[bytes], name: str, exercise: str) -> Upload:
        """Look into an archive.

        Args:
            content: its bytes, in pieces.
            name: of the file.
            exercise: what is meant where nothing else says it.

        Raises:
            UsageError: nothing in it can be taken in; a sentence says why.
        """
        upload = self._begin()
        try:
            file = upload.place / "upload"
            with file.open("wb") as written:
                for piece in content:
                    written.write(piece)
            whole = upload.place / "whole"
            whole.mkdir()
            left = archives.unpack(file, whole, UPLOAD)
            upload.notes += [one.reason for one in left][:_NOTES]
            label = labels.read(_stem(Path(name).name))
            self._find(upload, _Folder(whole, label, exercise, _digest(file), tuple(left)))
            file.unlink()
        except BaseException:
            self.drop(upload)
            raise
        return self._found(upload, exercise)

    def folder(self, folder: Path, exercise: str) -> Upload:
        """Look into a folder of this machine; it is only read, and nothing outside of it.

        Args:
            folder: with what the platform gave.
            exercise: what is meant where nothing else says it.

        Raises:
            UsageError: nothing in it can be taken in; a sentence says why.
        """
        found = handed_in.look(folder, UPLOAD.bytes, UPLOAD.entries)
        if not found.files:
            raise UsageError(found.refused[0] if found.refused else f"There is nothing in {folder.name}.")
        upload = self._begin()
        try:
            whole = upload.place / "whole"
            handed_in.copy(folder, found.files, whole)
            left = tuple(Left(one, one) for one in found.refused)
            self._find(upload, _Folder(whole, labels.read(folder.name), exercise, left=left))
        except BaseException:
            self.drop(upload)
            raise
        return self._found(upload, exercise)

    def _begin(self) -> Upload:
        for one in list(self._uploads.values())[: -_KEPT + 1]:
            self.drop(one)
        key = secrets.token_hex(8)
        upload = self._uploads[key] = Upload(key, settings.intake_folder(self._course) / key)
        upload.place.mkdir(parents=True)
        return upload

    def _found(self, upload: Upload, exercise: str) -> Upload:
        if not upload.works:
            self.drop(upload)
            files = ", ".join(self._exercises.get(exercise, ())) or "its files"
            raise UsageError(
                " ".join(upload.notes) or f"Nothing in it is a submission of {exercise}: there is no folder with {files}."
            )
        return upload

    def drop(self, upload: Upload) -> None:
        """Forget an upload."""
        self._uploads.pop(upload.key, None)
        shutil.rmtree(upload.place, ignore_errors=True)
        with suppress(OSError):
            upload.place.parent.rmdir()

    def close(self) -> None:
        """Forget all."""
        for one in list(self._uploads.values()):
            self.drop(one)

    # What is in it

    def _find(self, upload: Upload, here: "_Folder", deep: int = 0) -> None:
        """Find the submissions in an unpacked folder."""
        manifest = _manifest(here.path / hand_in.MANIFEST)
        if manifest is not None and manifest.exercise in self._exercises and (here.path / manifest.exercise).is_dir():
            found = replace(here, path=here.path / manifest.exercise, exercise=manifest.exercise)
            self._add(upload, found, manifest)
            return
        inner = sorted(here.path.iterdir())
        packed = [one for one in inner if one.is_file() and archives.is_archive(one.name)]
        loose = [one for one in inner if one.is_file() and one not in packed]
        named = [one.name for one in inner if one.is_dir() and one.name in self._exercises]
        rest = [one for one in inner if one.is_dir() and one.name not in named]
        for one in named:
            self._add(upload, replace(here.below(one), exercise=one))
        if not named and not packed and any(one.name in self._exercises.get(here.exercise, ()) for one in loose):
            self._add(upload, here)
            return
        if deep < _OF_A_LEARNER:
            for file in packed:
                self._unpacked(upload, file, here.label if deep else labels.read(_stem(file.name)), here.exercise)
        if deep < _DEEP:
            around = deep == 0 and inner == rest[:1] and self._only_holds_others(rest[0], here.exercise)
            for folder in rest:
                below = here.below(folder.name)
                told = below if deep else replace(below, label=labels.read(folder.name))
                self._find(upload, told, 0 if around else deep + 1)
        self._renamed(upload, loose, here.exercise)

    def _only_holds_others(self, folder: Path, exercise: str) -> bool:
        """Whether a folder is one around the learners', and not a learner's."""
        label, inner = labels.read(folder.name), {one.name for one in folder.iterdir()}
        own = {*self._exercises, *self._exercises.get(exercise, ()), hand_in.MANIFEST}
        several = len(inner) > 1 or any(one.is_dir() for one in folder.iterdir())
        return label.person == label.text and several and not inner & own

    def _unpacked(self, upload: Upload, archive: Path, label: Label, exercise: str) -> None:
        """A learner's archive: what is wrong with it is wrong with their submission alone."""
        target = upload.place / secrets.token_hex(4)
        target.mkdir()
        here = _Folder(target, label, exercise, _digest(archive), of_one=True)
        try:
            left = archives.unpack(archive, target, Bounds(bytes=upload.rooms.setdefault(label.text, handed_in.MOST_BYTES)))
        except UsageError as error:
            shutil.rmtree(target)
            target.mkdir()
            self._add(upload, replace(here, left=(Left("", f"{archive.name}: {error}"),)))
            return
        finally:
            archive.unlink()
        here = replace(here, left=tuple(left))
        upload.rooms[label.text] -= sum((target / one).stat().st_size for one in handed_in.look(target).files)
        before = len(upload.works)
        self._find(upload, here, _OF_A_LEARNER)
        if len(upload.works) == before:
            self._add(upload, here)

    def _renamed(self, upload: Upload, loose: list[Path], exercise: str) -> None:
        """Files before whose names a platform put somebody's."""
        of: dict[str, list[Path]] = {}
        own = (*self._exercises.get(exercise, ()), f"{exercise}.ipynb")
        for one in loose:
            if (before := labels.split(one.name, own)) is not None:
                of.setdefault(before, []).append(one)
        for before, files in of.items():
            place = upload.place / secrets.token_hex(4)
            place.mkdir()
            for one in files:
                one.rename(place / one.name[len(before) + 1 :])
            self._add(upload, _Folder(place, labels.read(before), exercise))

    def _add(self, upload: Upload, here: "_Folder", manifest: Manifest | None = None) -> None:
        found = handed_in.look(here.path)
        upload.works.append(
            Work(
                key=str(len(upload.works)),
                label=here.label,
                folder=here.path,
                exercise=here.exercise,
                manifest=manifest,
                checksum=here.checksum,
                refused=tuple(dict.fromkeys([*(one.reason for one in here.left), *found.refused])),
                files=len(found.files),
                size=sum((here.path / one).stat().st_size for one in found.files),
            )
        )

    # Whose it is

    def shown(self, upload: Upload, students: Iterable[Known]) -> dict[str, Any]:
        """What the page shows before anything is taken in.

        Args:
            upload: what was looked into.
            students: of the gradebook.
        """
        known, kept = list(students), self._names()
        rows = []
        for one in upload.works:
            student, why = _suggested(one, known, kept)
            rows.append({
                "key": one.key,
                "label": one.label.text,
                "person": one.label.person,
                "student": student,
                "why": why,
                "exercise": one.exercise,
                "at": one.manifest.at if one.manifest else "",
                "files": one.files,
                "size": units.size(one.size),
                "checksum": one.checksum,
                "refused": list(one.refused),
                "notes": list(self._notes(one, student)),
            })  # fmt: skip
        return {"key": upload.key, "works": rows, "notes": upload.notes}

    def _notes(self, work: Work, student: str) -> Iterator[str]:
        if work.manifest is not None:
            if student and work.manifest.learner.casefold() != student.casefold():
                yield f"The archive itself says that it is {work.manifest.learner}'s."
            if changed := _changed(work.folder, work.manifest):
                yield f"Changed after it was packed: {', '.join(changed[:3])}."
        if not work.files and not work.refused:
            yield "There are no files in it."
        if student and work.exercise and self._target(student, work.exercise).exists():
            yield "It replaces what is there of this learner."

    def take(self, key: str, chosen: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
        """Put what was chosen into ``submitted/``.

        Args:
            key: of the upload.
            chosen: work's key → ``student`` and ``exercise``.

        Returns:
            What was taken in: ``student``, ``exercise`` and ``person`` each.

        Raises:
            UsageError: a name is none, or stands twice; nothing is taken in.
        """
        upload = self._uploads.get(key)
        if upload is None:
            raise UsageError("That upload is no longer there. Choose the file again.")
        works = {one.key: one for one in upload.works}
        taking: dict[tuple[str, str], Work] = {}
        for number, said in chosen.items():
            work, student, exercise = works.get(number), said.get("student", "").strip(), said.get("exercise", "")
            if work is None or exercise not in self._exercises:
                raise UsageError("Say for each which exercise it is.")
            if not names.fits(student):
                raise UsageError(
                    f"“{student}” cannot be used as a student id. {names.RULE}" if student else f"Who is {work.label.person}?"
                )
            if (student, exercise) in taking:
                raise UsageError(f"{student} stands there twice for {exercise}: choose one.")
            taking[student, exercise] = work
        if not taking:
            raise UsageError("Nothing is chosen.")
        for (student, exercise), work in taking.items():
            self._put(work, self._target(student, exercise))
        self._remember({work.label.person: student for (student, _), work in taking.items()})
        taken = [
            {"student": student, "exercise": exercise, "person": work.label.person}
            for (student, exercise), work in taking.items()
        ]
        self.drop(upload)
        return taken

    def _put(self, work: Work, target: Path) -> None:
        beside = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
        beside.mkdir(parents=True)
        files = tuple(one for one in handed_in.look(work.folder).files if one != Path(hand_in.TIMESTAMP))
        handed_in.copy(work.folder, files, beside)
        if work.refused:
            handed_in.leave_out(beside, work.refused)
        (beside / hand_in.TIMESTAMP).write_text(f"{_when(work.manifest)}\n", encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        beside.rename(target)

    def _target(self, student: str, exercise: str) -> Path:
        return self._course / "submitted" / student / exercise

    def _names(self) -> dict[str, str]:
        try:
            said = json.loads(settings.known_names_file(self._course).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(person): str(student) for person, student in said.items()} if isinstance(said, dict) else {}

    def _remember(self, new: Mapping[str, str]) -> None:
        path = settings.known_names_file(self._course)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**self._names(), **new}, indent=1, ensure_ascii=False), encoding="utf-8")


def _suggested(work: Work, students: list[Known], kept: Mapping[str, str]) -> tuple[str, str]:
    """A student id, and where it comes from."""
    person = work.label.person
    if person in kept:
        return kept[person], "as last time"
    wanted = person.casefold()
    for one in students:
        full = full_name(one).casefold()
        other = f"{one.last_name or ''}{one.first_name or ''}".casefold()
        address = (one.email or "").casefold()
        if wanted in {one.id.casefold(), full, other, address, address.split("@")[0]} - {""}:
            return one.id, "from the gradebook"
    if work.manifest is not None and names.fits(work.manifest.learner):
        return work.manifest.learner, "from the archive"
    return labels.as_id(person), "from the name"


def _manifest(path: Path) -> Manifest | None:
    if not handed_in.is_ordinary(path) or path.stat().st_size > _MANIFEST_BYTES:
        return None
    return Manifest.loads(path.read_text(encoding="utf-8", errors="replace"))


def _changed(folder: Path, manifest: Manifest) -> list[str]:
    """Files that are not as the archive lists them."""
    there = {one.as_posix() for one in handed_in.look(folder).files} - {hand_in.TIMESTAMP}
    same = {name for name in there & manifest.files.keys() if _digest(folder / name) == manifest.files[name]}
    return sorted((there | manifest.files.keys()) - same)


def _when(manifest: Manifest | None) -> str:
    """When it was handed in, as nbgrader writes it: the archive's own word, else now."""
    now = datetime.now(UTC)
    if manifest is not None:
        with suppress(ValueError, OverflowError):
            at = parse_utc(manifest.at).replace(tzinfo=UTC)
            if at <= now:
                return hand_in.timestamp(at)
    return hand_in.timestamp(now)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _stem(name: str) -> str:
    for suffix in sorted(archives.SUFFIXES, key=len, reverse=True):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name


def exercises(course: Path) -> dict[str, tuple[str, ...]]:
    """The exercises of an instructor's course: id → names of the files that learners change."""
    from grader.course import catalogue  # noqa: PLC0415 - reading all definitions takes a moment

    return {one.id: one.exercise.learner_files for one in catalogue.entries(course) if layout.notebook_of(one.folder).is_file()}
