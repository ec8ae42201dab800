"""Files of a container, running or not, as the engine hands them out: nothing in the image is asked."""

import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass

from docker.errors import APIError, NotFound

from grader.engine import containers
from grader.engine.client import translated
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import LimitReached

MOST = 100 * units.MB
HELPER = "busybox"


@dataclass(frozen=True)
class StoredFile:
    """A file.

    Attributes:
        path: below the folder that was asked for; empty where the file itself was.
        content: its bytes.
        uid, gid: its owner.
        mode: permissions, e.g. ``0o644``.
    """

    path: str
    content: bytes
    uid: int
    gid: int
    mode: int


def read(session: Session, container: str, path: str) -> tuple[StoredFile, ...] | None:
    """Ordinary files at or below a path, sorted.

    Args:
        session: the run.
        container: its id.
        path: a file or folder inside; a link is followed by the engine.

    Returns:
        None when there is nothing at that path.

    Raises:
        LimitReached: more than MOST bytes.
    """
    with translated():
        try:
            chunks, _about = session.client.api.get_archive(container, path)
        except NotFound:
            return None
        except APIError as error:
            if "not a directory" in str(error.explanation).lower():
                return None
            raise
        return unpacked(chunks, path)


def unpacked(chunks: Iterable[bytes], path: str) -> tuple[StoredFile, ...]:
    """Ordinary files of an archive that the engine hands out, sorted.

    Args:
        chunks: of the archive.
        path: what it is of.

    Raises:
        LimitReached: more than MOST bytes.
        tarfile.TarError: it is no archive.
    """
    data = _bounded(chunks, path)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = [one for one in archive if one.isreg()]
        return tuple(
            sorted(
                (
                    StoredFile(one.name.partition("/")[2], opened.read(), one.uid, one.gid, one.mode & 0o7777)
                    for one in members
                    if (opened := archive.extractfile(one)) is not None
                ),
                key=lambda one: one.path,
            )
        )


def _bounded(chunks: Iterable[bytes], path: str) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > MOST:
            raise LimitReached(f"There is too much in {path}.", expected=f"at most {units.size(MOST)}", found="more")
    return bytes(data)


def read_volume(session: Session, volume: str) -> tuple[StoredFile, ...]:
    """Ordinary files of a volume, sorted; a helper that never runs has it mounted.

    Args:
        session: the run.
        volume: its name on the engine.
    """
    with containers.ephemeral(session, containers.Spec(image=HELPER, volumes={volume: "/volume:ro,nocopy"})) as helper:
        return read(session, helper, "/volume") or ()
