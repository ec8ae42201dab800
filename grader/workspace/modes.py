"""Gives scripts back the execute bit that nbgrader's exchange takes from every file, on release and on submission."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def restore(folder: Path, starter: Path) -> None:
    """Make executable what the learner's machine held as executable, as far as that can still be known.

    A file of the starter gets the starter's bit. A script that the learner added (its first line names an interpreter)
    gets one, because there is no telling whether it had one before it was handed in.

    Args:
        folder: the submission; links in it are left alone.
        starter: the exercise's starter; may be missing.
    """
    for path in _files(folder):
        with suppress(OSError):  # a file of another user, or one that goes at this moment: it is for the checks to find
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) or mode & stat.S_IXUSR:
                continue
            original = starter / path.relative_to(folder)
            if original.stat().st_mode & stat.S_IXUSR if original.is_file() else _is_script(path):
                path.chmod(mode | 0o111)


def _files(folder: Path) -> Iterator[Path]:
    """All files but those at or below a name at the top that begins with a dot."""
    for top, folders, files in os.walk(folder):
        if Path(top) == folder:
            folders[:] = [name for name in folders if not name.startswith(".")]
            files = [name for name in files if not name.startswith(".")]  # noqa: PLW2901
        yield from (Path(top, name) for name in files)


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"
