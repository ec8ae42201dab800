"""Whether two folders hold the same work."""

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_READ_AT_MOST: Final = 16_000_000
_FILES_AT_MOST: Final = 2_000
_MODE: Final = 0o111


def fingerprint(folder: Path, learner_files: Iterable[str]) -> str:
    """Return a digest of the learner's files in ``folder``: their contents, whether they exist and may be executed.

    A folder among them stands for all that is in it. Links are not followed, so nothing outside the folder is read;
    of a very large file only the beginning and the size count.

    Args:
        folder: the exercise's folder, the learner's or the starter.
        learner_files: paths relative to it; the order does not matter.
    """
    digest = hashlib.sha256()
    for name in sorted(set(learner_files)):
        for path in _files(folder / name):
            digest.update(f"{path.relative_to(folder).as_posix()}\0{_describe(path)}\0".encode(errors="surrogatepass"))
    return digest.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_symlink() or not path.is_dir():
        return [path]
    found: list[Path] = []
    for top, folders, files in os.walk(path):
        folders.sort()
        found += [Path(top, one) for one in sorted(files)]
        if len(found) > _FILES_AT_MOST:
            break
    return found[:_FILES_AT_MOST]


def _describe(path: Path) -> str:
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return f"link to {path.readlink()}"
        if not stat.S_ISREG(status.st_mode):
            return f"no file: {stat.S_IFMT(status.st_mode)}"
        with path.open("rb") as stream:
            content = hashlib.sha256(stream.read(_READ_AT_MOST)).hexdigest()
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"unreadable: {error.errno}"
    return f"{bool(status.st_mode & _MODE)} {status.st_size} {content}"
