"""What lies in a folder that a stranger handed in: ordinary files and folders, and what is not taken from it."""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.values import units

MOST_ENTRIES: Final = 20_000
"""Files and folders, empty ones included."""
MOST_BYTES: Final = 200 * units.MB
_MOST_PATH: Final = 1000
"""Bytes of a path in it: with another folder before it, it has to fit into what a system takes."""
_REFUSED: Final = "refused: "
# Control characters, ends of lines, what turns the direction of writing, and bytes that are no text.
_NO_NAME: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

KINDS: Final = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
"""Kinds of files, as a mode has them, that cannot be handed in."""


@dataclass(frozen=True)
class HandedIn:
    """A submission's folder.

    Attributes:
        files: ordinary files, relative to it, in order.
        refused: why it cannot be graded as it is, a sentence each; empty when all is well.
    """

    files: tuple[Path, ...]
    refused: tuple[str, ...] = ()


def look(folder: Path, most_bytes: int = MOST_BYTES, most_entries: int = MOST_ENTRIES) -> HandedIn:
    """Tell what was handed in; no link is followed and no file opened.

    A link, or a further name of a file, could be any file of the machine that grades; a pipe or a device need never end.

    Args:
        folder: the submission.
        most_bytes: how much may be in it.
        most_entries: how many files and folders.
    """
    if folder.is_symlink() or not folder.is_dir():
        return HandedIn((), (f"{folder.name} is not a folder.",))
    files: list[Path] = []
    refused: list[str] = []
    total = entries = 0
    try:
        for path, about in _all(folder):
            entries += 1
            if entries > most_entries:
                return HandedIn((), (f"There are more than {most_entries:,} files and folders in it.",))
            name = path.relative_to(folder)
            if reason := _reason(path, name, about):
                refused.append(reason)
            elif stat.S_ISREG(about.st_mode):
                total += about.st_size
                files.append(name)
    except OSError as error:  # a folder that may not be looked into, or that lies deeper than a path can say
        return HandedIn((), (f"It cannot be read: {error.strerror or error}.",))
    if total > most_bytes:
        refused.append(f"It holds {units.size(total)}, where {units.size(most_bytes)} are the most.")
    return HandedIn(tuple(sorted(files)), tuple(refused))


def _reason(path: Path, name: Path, about: os.stat_result) -> str:
    """Why something is not taken; empty when it is."""
    if reason := _refused_before(path, about):
        return reason
    if kind := KINDS.get(stat.S_IFMT(about.st_mode)):
        return f"{_shown(name)} is {kind}: only ordinary files and folders can be handed in."
    if _NO_NAME.search(str(name)):
        return f"{_shown(name)} is no name that can be shown: give it another one."
    if len(os.fsencode(name)) > _MOST_PATH:
        return f"{_shown(name)} … lies too deep: its path has more than {_MOST_PATH:,} bytes."
    if stat.S_ISREG(about.st_mode) and not _is_ordinary(about):
        return f"{_shown(name)} is a further name of another file: hand in a copy of it."
    return ""


def is_ordinary(path: Path) -> bool:
    """Whether a path names an ordinary file that has no other name, and no link to one."""
    try:
        return _is_ordinary(path.lstat())
    except OSError:
        return False


def _is_ordinary(about: os.stat_result) -> bool:
    return stat.S_ISREG(about.st_mode) and about.st_nlink == 1


def leave_out(target: Path, refused: tuple[str, ...]) -> None:
    """Leave a link to nowhere for each thing that was not copied, so that a later ``look`` tells why.

    Args:
        target: the copy of a submission.
        refused: as ``look`` has them.
    """
    for number, reason in enumerate(refused, 1):
        (target / f"refused-{number}").symlink_to(f"{_REFUSED}{reason}"[:250])


def _refused_before(path: Path, about: os.stat_result) -> str:
    """Why something was not copied on its way here; empty for all else."""
    if not stat.S_ISLNK(about.st_mode):
        return ""
    return reason.removeprefix(_REFUSED) if (reason := str(path.readlink())).startswith(_REFUSED) else ""


def copy(folder: Path, files: tuple[Path, ...], target: Path) -> None:
    """Copy ordinary files, each opened without following a link that may have taken its place meanwhile.

    Args:
        folder: the submission.
        files: as ``look`` found them.
        target: a folder, made where it is missing; nothing outside of it is written to.
    """
    for name in files:
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as source:
            about = os.fstat(source.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise OSError(f"{name} is no longer an ordinary file")
            with place.open("wb") as written:
                shutil.copyfileobj(source, written)
        place.chmod(stat.S_IMODE(about.st_mode) & 0o777)


def _all(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All that is below a folder, links unfollowed, one at a time: there may be millions."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        with os.scandir(here) as found:
            for one in found:
                about = one.stat(follow_symlinks=False)
                yield Path(one.path), about
                if stat.S_ISDIR(about.st_mode):
                    waiting.append(Path(one.path))


def _shown(name: Path) -> str:
    return _NO_NAME.sub(lambda one: ascii(one[0])[1:-1], str(name))[:120]
