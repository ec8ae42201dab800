"""Putting a starter in place without losing anything: first a plan, then the backup, then the starter.

Every file of the learner's is at any moment in their folder or in the backup, whenever the process is killed. Links are
moved or replaced as links: nothing outside the folder is read, written or removed.
"""

import filecmp
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.course.catalogue import Entry
from grader.values.errors import Fault

IGNORED = frozenset({".ipynb_checkpoints", "__pycache__", ".DS_Store"})


def course_files(entry: Entry) -> tuple[str, ...]:
    """Names at the top of a learner's folder that are the course's own and stay; a notebook holds the learner's words."""
    return (f"{entry.id}.ipynb",)


@dataclass(frozen=True)
class Plan:
    """What is to be done in a folder; all paths are relative to it.

    Attributes:
        copy: files of the learner's that the starter's will replace.
        move: what the starter does not have; a folder stands for all that is in it.
        place: the starter's files that are missing or differ.
    """

    copy: tuple[Path, ...]
    move: tuple[Path, ...]
    place: tuple[Path, ...]

    @property
    def to_keep(self) -> tuple[Path, ...]:
        """What the backup will hold."""
        return tuple(sorted(self.copy + self.move))

    @property
    def nothing_to_do(self) -> bool:
        """Whether the folder is the starter already."""
        return not (self.copy or self.move or self.place)


def plan(folder: Path, starter: Path, *, keep: tuple[str, ...] = ()) -> Plan:
    """Compare a learner's folder with the starter; changes nothing.

    Args:
        folder: the learner's; need not exist.
        starter: the starter's.
        keep: names at the top of ``folder`` that are the course's own and stay.
    """
    files = {one.relative_to(starter) for one in starter.rglob("*") if one.is_file()}
    folders = {parent for one in files for parent in one.parents}
    copy: list[Path] = []
    move: list[Path] = []

    def look(inside: Path) -> None:
        for name in sorted(one.name for one in (folder / inside).iterdir()):
            path = inside / name
            mine = folder / path
            if name in IGNORED or (inside == Path() and name in keep and path not in files):
                continue
            if mine.is_dir() and not mine.is_symlink() and path in folders:
                look(path)
            elif mine.is_file() and not mine.is_symlink() and path in files:
                if not _same(mine, starter / path):
                    copy.append(path)
            else:
                move.append(path)

    if folder.is_dir():
        look(Path())
    gone = set(move)
    place = [
        one for one in sorted(files) if one in copy or not gone.isdisjoint({one, *one.parents}) or not (folder / one).is_file()
    ]
    return Plan(tuple(copy), tuple(move), tuple(place))


def restore(what: Plan, folder: Path, starter: Path, backups: Path) -> Path | None:
    """Carry out a plan.

    Returns:
        The backup's folder, or None where there was nothing to keep.

    Raises:
        OSError: something could not be read or written; what was moved by then is in the backup.
    """
    backup = None
    if what.to_keep:
        backup = _new_folder(backups)
        for path in what.copy:
            (backup / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(folder / path, backup / path)
        for path in what.move:
            (backup / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / path, backup / path)
    for path in what.place:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # Replaced in one step: a reader, or a kill in between, finds the old file or the new one.
        fresh = target.with_name(f".{target.name}.drydock-new")
        shutil.copy(starter / path, fresh)
        fresh.replace(target)
    return backup


@contextmanager
def told_if_it_fails(backups: Path) -> Iterator[None]:
    """Turn what may go wrong on the way into a sentence.

    Args:
        backups: where the learner's files go.

    Raises:
        Fault: it cannot be done; nothing is lost.
    """
    try:
        yield
    except (OSError, shutil.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Fault(
            f"The starter could not be put in place: {reason}.", f"Nothing is lost: what was moved is in {backups}."
        ) from error


def _same(mine: Path, theirs: Path) -> bool:
    try:
        same_mode = (mine.stat().st_mode ^ theirs.stat().st_mode) & 0o100 == 0
        return same_mode and filecmp.cmp(mine, theirs, shallow=False)
    except OSError:  # unreadable: to be replaced, and the copy will say why it cannot be kept
        return False


def _new_folder(backups: Path) -> Path:
    for path in _names(backups):
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return path
    raise AssertionError  # the names never end


def _names(backups: Path) -> Iterator[Path]:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    yield backups / stamp
    number = 2
    while True:
        yield backups / f"{stamp}-{number}"
        number += 1
