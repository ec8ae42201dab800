"""The learner's files that a stack mounts, copied into a volume of the run.

Not bind mounts, for four reasons: an engine beside the lab (or far away) does not see our disk as we do; a run must not
write into the learner's folder, nor begin with what an earlier run left there; a volume goes by its label, whoever owns
the files in it by then; and the engine resolves a subpath so that a link planted inside cannot lead out.
"""

import os
import stat
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from grader.engine import containers, probe
from grader.engine.client import translated
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import CheckFailed, LimitReached


def fill(session: Session, folder: Path, relatives: tuple[str, ...], volume: str, labels: dict[str, str]) -> tuple[str, ...]:
    """Make a volume with copies of some of a folder's files; links are copied as links, and none is followed.

    Args:
        session: the run.
        folder: the submission.
        relatives: files and folders in it; ``.`` for all of it. A missing one becomes an empty folder, as with a bind mount.
        volume: its name.
        labels: of the volume.

    Returns:
        Those that are missing.

    Raises:
        LimitReached: more than a build context may hold.
        CheckFailed: something cannot be read.
    """
    missing = tuple(one for one in relatives if not (folder / one).exists())
    roots = _outermost(tuple(one for one in relatives if one not in missing))
    with translated():
        session.client.api.create_volume(volume, labels=labels)
    spec = containers.Spec(image=probe.IMAGE, command=["true"], volumes={volume: "/files"})
    with containers.ephemeral(session, spec) as helper, tempfile.TemporaryFile(dir=session.folder) as buffer:
        try:
            with tarfile.open(fileobj=buffer, mode="w") as archive:
                _pack(session, folder, roots, archive)
                for name in missing:
                    _folders(archive, PurePosixPath(name))
        except OSError as error:
            name = Path(str(error.filename)).name if error.filename else "Something"
            raise CheckFailed(
                f"{name} in your folder cannot be read.",
                expected="mounted files that can be read",
                found=(error.strerror or str(error)).lower(),
            ) from error
        buffer.seek(0)
        with translated():
            session.client.api.put_archive(helper, "/files", buffer)
    return missing


def _outermost(relatives: tuple[str, ...]) -> list[str]:
    wanted = [PurePosixPath(one) for one in sorted(set(relatives))]
    return [str(one) for one in wanted if not any(other != one and one.is_relative_to(other) for other in wanted)]


def _pack(session: Session, folder: Path, roots: list[str], archive: tarfile.TarFile) -> None:
    limits, n_files, n_bytes = session.limits, 0, 0
    owner = folder.stat().st_uid
    for root in roots:
        _folders(archive, PurePosixPath(root).parent)
        for path, about in _walk(folder / root, owner):
            entry = archive.gettarinfo(path, arcname=os.path.relpath(path, folder))
            if about.st_uid != owner and entry.isdir():
                entry.uid, entry.gid, entry.mode = owner, folder.stat().st_gid, 0o755
            entry.uname = entry.gname = ""  # numbers count, as in a bind mount
            n_files += 1
            n_bytes += about.st_size if entry.isreg() else 0
            if n_files > limits.context_files or n_bytes > limits.context:
                raise LimitReached(
                    "The files that the stack mounts are too large.",
                    expected=f"at most {units.size(limits.context)} in at most {limits.context_files} files",
                    found=f"{units.size(n_bytes)} in {n_files} files, and counting stopped at {entry.name}",
                    advice="Mount only what the service needs, not the whole folder.",
                )
            if entry.isreg():
                with path.open("rb") as file:
                    archive.addfile(entry, file)
            else:
                archive.addfile(entry)


def _walk(root: Path, owner: int) -> Iterator[tuple[Path, os.stat_result]]:
    """A file or folder and all below it: files, folders and links; pipes, sockets and devices are left out.

    A folder of another owner than the submission's is what a container of the learner's own trial wrote (PostgreSQL takes
    its data directory over): it comes out empty, since a run begins clean, and could often not be read anyway.
    """
    about = root.lstat()
    if stat.S_ISREG(about.st_mode) or stat.S_ISLNK(about.st_mode):
        yield root, about
    elif stat.S_ISDIR(about.st_mode):
        yield root, about
        for below in sorted(root.iterdir()) if about.st_uid == owner else ():
            yield from _walk(below, owner)


def _folders(archive: tarfile.TarFile, path: PurePosixPath) -> None:
    """Add a folder and those above it, where they are not in the archive yet."""
    for one in (*reversed(path.parents), path):
        if str(one) != "." and str(one) not in archive.getnames():
            entry = tarfile.TarInfo(str(one))
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
