"""A copy of a learner's folder: as it is, or with a few files changed (what would become of this work if one were edited?)."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from grader.engine.build import context
from grader.values.errors import CheckFailed
from grader.values.limits import Limits


def copy(folder: Path, target: Path, limits: Limits) -> None:
    """Copy a learner's folder: files and links as they are, times, modes and, where we may, owners included; nothing else.

    Args:
        folder: the submission.
        target: a new folder.
        limits: ``context`` and ``context_files`` are used.

    Raises:
        LimitReached: more than a build might send.
        CheckFailed: something cannot be read.
    """
    context.measure(folder, "", limits)
    try:
        shutil.copytree(folder, target, symlinks=True, ignore=_special)
        _keep_owners(folder, target)
    except (OSError, shutil.Error) as error:
        raise CheckFailed("Your folder cannot be read.", expected="files that may be read", found=str(error)[:300]) from error


def _special(folder: str, names: list[str]) -> set[str]:
    """Names of pipes, sockets and devices."""
    modes = {name: (Path(folder) / name).lstat().st_mode for name in names}
    return {name for name, mode in modes.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))}


def _keep_owners(folder: Path, target: Path) -> None:
    """A stack sees them: what is root's may not be written by whom an image runs as."""
    ours = os.geteuid(), os.getegid()
    for path in _all(target):
        about = (folder / path.relative_to(target)).lstat()
        if (about.st_uid, about.st_gid) != ours:
            with suppress(PermissionError):
                os.chown(path, about.st_uid, about.st_gid, follow_symlinks=False)


def same(folder: Path, copied: Path) -> bool:
    """Whether a copy stands for a folder in every check: nothing is missing or another's, and no link leads out of it.

    A link that does would lead elsewhere from where the copy is.

    Args:
        folder: the submission.
        copied: what ``copy`` made of it.
    """
    return _contents(folder) == _contents(copied) and not any(
        path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(copied)) for path in _all(copied)
    )


def _contents(folder: Path) -> dict[str, tuple[int, ...]]:
    """Path → mode, owner, group and, of a file, size."""
    found: dict[str, tuple[int, ...]] = {}
    for path in _all(folder):
        about = path.lstat()
        size = about.st_size if stat.S_ISREG(about.st_mode) else 0
        found[str(path.relative_to(folder))] = about.st_mode, about.st_uid, about.st_gid, size
    return found


def _all(folder: Path) -> Iterator[Path]:
    """The folder and all that is in it; no link is followed."""
    yield folder
    for top, folders, files in os.walk(folder):
        yield from (Path(top, name) for name in (*folders, *files))


def put(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a copy. What is in the way, a link for example, is replaced: nothing is written through it.

    Args:
        folder: a copy of ours.
        files: relative path with slashes → content.
    """
    for name, content in files.items():
        path = folder
        *above, own = PurePosixPath(name).parts
        if PurePosixPath(name).is_absolute() or ".." in (*above, own):
            raise ValueError(name)
        for part in (*above, own):
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
                path.mkdir()
            path.chmod(path.stat().st_mode | stat.S_IRWXU)  # a folder that may not be written, in a copy of ours
            path /= part
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        mode = stat.S_IMODE(path.stat().st_mode) if path.is_file() and not path.is_symlink() else 0o644
        path.unlink(missing_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
