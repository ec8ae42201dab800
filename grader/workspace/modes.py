"""Modes of files: what an exchange, a umask or a drive took from them, or added.

nbgrader's exchange takes the execute bit from every file, a umask of 077 the reading by others, and a drive that keeps no modes
shows everything as open to everyone.
"""

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


def as_given(folder: Path, starter: Path) -> str:
    """Give the files and folders that the course has given the modes that the course gives them.

    An execute bit that the learner has set stays. Files that the learner added keep their modes: an image has them, too.

    Args:
        folder: a copy of the submission; links in it are left alone.
        starter: the exercise's starter; may be missing.

    Returns:
        What the reader of a report should know about the modes; empty when all is as usual.
    """
    found = {path: path.lstat().st_mode for path in sorted(folder.rglob("*"))}
    plain = [stat.S_IMODE(mode) for mode in found.values() if stat.S_ISREG(mode)]
    shapeless = len(plain) > 1 and set(plain) == {0o777}
    for path, mode in found.items():
        given = starter / path.relative_to(folder)
        with suppress(OSError):
            if stat.S_ISDIR(mode) and given.is_dir():
                path.chmod(0o755)
            elif stat.S_ISREG(mode) and given.is_file():
                executable = given.stat().st_mode & stat.S_IXUSR or (mode & stat.S_IXUSR and not shapeless)
                path.chmod(0o755 if executable else 0o644)
    own = [path for path, mode in found.items() if stat.S_ISREG(mode) and not (starter / path.relative_to(folder)).is_file()]
    if shapeless and own:
        return (
            "Every file of this folder has mode 777, as on a drive that keeps no modes: the exercise's own were sent with "
            "theirs, and files that you added with that one, which lets everyone write to them."
        )
    return ""


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
