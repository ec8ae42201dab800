"""A copy of a learner's folder with a few files changed: what would become of this work if someone edited a file?"""

import shutil
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.engine.build import context
from grader.values.errors import CheckFailed
from grader.values.limits import Limits


def copy(folder: Path, target: Path, limits: Limits) -> None:
    """Copy a learner's folder: files and links as they are, times and modes included; nothing else.

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
    except (OSError, shutil.Error) as error:
        raise CheckFailed("Your folder cannot be read.", expected="files that may be read", found=str(error)[:300]) from error


def _special(folder: str, names: list[str]) -> set[str]:
    """Names of pipes, sockets and devices."""
    modes = {name: (Path(folder) / name).lstat().st_mode for name in names}
    return {name for name, mode in modes.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))}


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
