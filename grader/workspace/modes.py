"""Gives scripts back the execute bit that nbgrader's exchange takes from every file, on release and on submission."""

import os
import stat
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
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0].startswith(".") or path.is_symlink() or not path.is_file():
            continue
        original = starter / relative
        wanted = bool(original.stat().st_mode & stat.S_IXUSR) if original.is_file() else _is_script(path)
        if wanted and not path.stat().st_mode & stat.S_IXUSR:
            with suppress(OSError):  # a file of another user: what it is then is for the checks to find
                path.chmod(path.stat().st_mode | 0o111)


def _is_script(path: Path) -> bool:
    if not os.access(path, os.R_OK):
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"
