"""What a build would send to the engine, measured before it is sent; and the files that steer a build, read with care."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.engine.build.ignore import Ignore
from grader.values import units
from grader.values.errors import CheckFailed, LimitReached
from grader.values.limits import Limits
from grader.values.outcome import Evidence

TEXT_BYTES = 100 * units.KB
"""Largest Dockerfile, compose file or ignore file that is read."""
IGNORE, GITIGNORE = ".dockerignore", ".gitignore"


@dataclass(frozen=True)
class ContextSize:
    """What a build context holds after .dockerignore.

    Attributes:
        n_files: files and links.
        n_bytes: their bytes.
    """

    n_files: int
    n_bytes: int


def read_text(folder: Path, name: str) -> str:
    """Read one of the learner's text files, whatever state it is in.

    Args:
        folder: the submission.
        name: path below it.

    Returns:
        The text, without a byte-order mark; line endings as they are.

    Raises:
        CheckFailed: it is missing, a folder, a link to outside, not readable, too large, or not UTF-8.
    """
    path = folder / name
    here = f"a file {name} in {folder.name}/"
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode) and not path.exists():
            raise CheckFailed(f"{name} is a link to nothing.", expected=here, found=f"a link to {path.readlink()}")
        _stay_inside(folder, path, name, here)
        about = path.stat()
    except FileNotFoundError:
        raise CheckFailed(f"There is no {name}.", expected=here, found=_beside(path), advice=spelling(path)) from None
    except OSError as error:
        raise CheckFailed(f"{name} cannot be looked at.", expected=here, found=_reason(error)) from error
    if stat.S_ISDIR(about.st_mode):
        raise CheckFailed(f"{name} is a folder, not a file.", expected=here, found=f"a folder {name}/")
    if not stat.S_ISREG(about.st_mode):
        raise CheckFailed(f"{name} is not an ordinary file.", expected=here, found="a pipe, socket or device")
    if about.st_size > TEXT_BYTES:
        raise CheckFailed(
            f"{name} is too large to be one.", expected=f"at most {units.size(TEXT_BYTES)}", found=units.size(about.st_size)
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CheckFailed(
            f"{name} cannot be read.",
            expected=f"{here} that you may read",
            found=_reason(error),
            advice=f"Look at its permissions: ls -l {name}",
        ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CheckFailed(
            f"{name} is not UTF-8 text.",
            expected="text saved as UTF-8",
            found=f"byte 0x{data[error.start]:02x} in line {data[: error.start].count(10) + 1}",
            advice="Save it again as UTF-8 in your editor. (Windows editors also offer UTF-16: that does not work.)",
        ) from None
    if not text.strip():
        raise CheckFailed(f"{name} is empty.", expected=f"{here} with your answer in it", found="nothing but white space")
    return text


def _stay_inside(folder: Path, path: Path, name: str, here: str) -> None:
    """Refuse a path that leaves the folder by a link, its own or one of the folders on the way."""
    if not Path(os.path.realpath(path)).is_relative_to(Path(os.path.realpath(folder))):
        raise CheckFailed(
            f"{name} is a link to a place outside your folder.",
            expected=here,
            found=f"a link to {path.readlink()}" if path.is_symlink() else f"it is at {os.path.realpath(path)}",
            advice="Put the file itself there.",
        )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _beside(path: Path) -> str:
    try:
        names = sorted(one.name for one in path.parent.iterdir())
    except OSError:
        return "no such folder"
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return f"these files: {shown}" if names else "an empty folder"


def spelling(path: Path) -> str:
    """Advice when a file is there under a name that is nearly right; empty otherwise."""
    try:
        names = [one.name for one in path.parent.iterdir()]
    except OSError:
        return ""
    wanted = path.name.lower()
    for name in names:
        if name.lower() in {wanted, wanted.lstrip("."), f"{wanted}.txt", f"{wanted}.yaml", f"{wanted}.yml"}:
            return f"You have {name}. The name must be exactly {path.name}."
    return ""


def ignore_file(root: Path, file: str) -> tuple[str, str]:
    """Name and text of the file that keeps things out of a build; two empty ones where there is none.

    Args:
        root: the build context.
        file: the Dockerfile, which may have one of its own.

    Raises:
        CheckFailed: it cannot be read.
    """
    name = next((name for name in (f"{file}.dockerignore", IGNORE) if (root / name).exists()), "")
    try:
        return name, read_text(root, name) if name else ""
    except CheckFailed as error:
        if error.finding.message.endswith("is empty."):
            return name, ""
        raise


def no_ignore_file(root: Path) -> str:
    """Advice where there is no .dockerignore: what there is in its place, if anything."""
    if (root / GITIGNORE).exists():
        return f"There is no {IGNORE} in your folder. {GITIGNORE} is for git; a build does not read it."
    return spelling(root / IGNORE) or f"There is no {IGNORE} in your folder. Its name begins with a dot."


def root(folder: Path, where: str) -> Path:
    """The folder of a build context.

    Args:
        folder: the submission.
        where: path below it.

    Raises:
        CheckFailed: it is missing, no folder, or elsewhere.
    """
    path = folder / where
    here = f"a folder {where} in {folder.name}/"
    _stay_inside(folder, path, where, here)
    if not path.is_dir():
        raise CheckFailed(f"There is no folder {where}.", expected=here, found=_beside(path))
    return path


def _walk(top: Path, ignore: Ignore) -> Iterator[os.DirEntry[str]]:
    """Yield what is not ignored, folders as well, without following any link."""
    folders: list[tuple[str, tuple[bool, ...]]] = [("", ())]
    while folders:
        below, above = folders.pop()
        with os.scandir(top / below) as entries:
            for entry in entries:
                relative = f"{below}/{entry.name}" if below else entry.name
                fits = ignore.fits(relative, above)
                ignored = ignore.ignored(fits)
                if entry.is_dir(follow_symlinks=False) and (not ignored or ignore.may_hold_exceptions(relative)):
                    folders.append((relative, fits))
                if not ignored:
                    yield entry


def measure(top: Path, ignore_text: str, limits: Limits) -> ContextSize:
    """Count what a build would send, and stop counting at the first limit.

    Args:
        top: the context.
        ignore_text: text of its .dockerignore; empty for none.
        limits: ``context`` and ``context_files`` are used.

    Raises:
        LimitReached: more than the limits allow; names the largest things.
        CheckFailed: a file or folder cannot be read.
    """
    n_files = n_folders = n_bytes = 0
    heaviest: dict[str, list[int]] = {}
    prefix = len(str(top)) + 1
    try:
        for entry in _walk(top, Ignore(ignore_text)):
            is_folder = entry.is_dir(follow_symlinks=False)
            n_files, n_folders = n_files + (not is_folder), n_folders + is_folder
            about = entry.stat(follow_symlinks=False)
            size = about.st_size if stat.S_ISREG(about.st_mode) else 0
            if size and not os.access(entry.path, os.R_OK):
                raise PermissionError(13, "permission denied", entry.path)
            n_bytes += size
            of_top = heaviest.setdefault(entry.path[prefix:].split("/", 1)[0], [0, 0])
            of_top[0] += size
            of_top[1] += 1
            if n_files + n_folders > limits.context_files or n_bytes > limits.context:
                break
    except OSError as error:
        raise CheckFailed(
            f"{str(error.filename)[prefix:] or 'Your folder'} cannot be read.",
            expected="a build context that can be read in full",
            found=_reason(error),
            advice="Look at its permissions, or name it in .dockerignore.",
        ) from error
    if n_files + n_folders > limits.context_files or n_bytes > limits.context:
        rows = sorted(heaviest.items(), key=lambda item: (-item[1][0], -item[1][1]))[:8]
        raise LimitReached(
            "The build context is too large to be sent to the engine.",
            expected=f"at most {units.size(limits.context)} in at most {limits.context_files} files and folders",
            found=f"{units.size(n_bytes)} in {n_files} files and {n_folders} folders, and counting stopped there",
            evidence=Evidence(
                "largest so far",
                "\n".join(f"{units.size(size):>9} in {count:>6} entries  {name}" for name, (size, count) in rows),
            ),
            advice="What the image does not need belongs in .dockerignore, or not in this folder.",
        )
    return ContextSize(n_files, n_bytes)
