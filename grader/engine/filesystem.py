"""What lies in a container, and whose it is: its files as the engine exports them, so nothing in the image is asked."""

import posixpath
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from docker.errors import APIError, NotFound

from grader.engine.client import translated
from grader.engine.layers import Stream
from grader.engine.session import Session

_BLOCK = 64 * 1024
_MOST_LINKS = 40
"""The kernel's own limit."""
_CAPABILITY = "SCHILY.xattr.security.capability"
_SETUID, _SETGID, _STICKY = 0o4000, 0o2000, 0o1000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file, folder or link.

    Attributes:
        kind: ``file``, ``folder``, ``link`` or ``other``.
        mode: permissions, e.g. ``0o4755``.
        uid, gid: owner and group.
        target: where a link leads.
        permitted: the capabilities that a file gives to whoever runs it, as a set of bits.
    """

    kind: str
    mode: int
    uid: int
    gid: int
    target: str = ""
    permitted: int = 0

    @property
    def setuid(self) -> bool:
        """Whether a program runs as its owner, whoever starts it."""
        return self.kind == "file" and bool(self.mode & _SETUID and self.mode & 0o111)

    @property
    def setgid(self) -> bool:
        """Whether a program runs in its group, whoever starts it."""
        return self.kind == "file" and bool(self.mode & _SETGID and self.mode & 0o010)

    @property
    def sticky(self) -> bool:
        """Whether in a folder everyone may take away only what is their own."""
        return self.kind == "folder" and bool(self.mode & _STICKY)


class Filesystem(Mapping[str, Entry]):
    """All that lies in a container, by its absolute path; the top is ``/``.

    Args:
        entries: what there is.
    """

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = {"/": Entry(kind="folder", mode=0o755, uid=0, gid=0), **entries}

    def __getitem__(self, path: str) -> Entry:
        return self._entries[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def way(self, path: str) -> tuple[str, ...]:
        """All that is passed on the way to a path, links followed: folders and links first, at last what is there itself.

        Args:
            path: absolute.

        Returns:
            Empty when there is nothing at that path.
        """
        passed, at, left = ["/"], "/", [part for part in path.split("/") if part]
        links = 0
        while left:
            part = left.pop(0)
            if part in {".", ".."}:
                at = posixpath.dirname(at) if part == ".." else at
                continue
            here = posixpath.join(at, part)
            entry = self.get(here)
            if entry is None or links > _MOST_LINKS:
                return ()
            passed.append(here)
            if entry.kind == "link":
                links += 1
                at = "/" if entry.target.startswith("/") else at
                left = [one for one in entry.target.split("/") if one] + left
            else:
                at = here
        return (*(one for one in passed if one != at), at)

    def real(self, path: str) -> str:
        """Where a path leads, without links; empty when there is nothing."""
        way = self.way(path)
        return way[-1] if way else ""

    def below(self, folder: str) -> Iterator[str]:
        """All that is in a folder, at any depth, and the folder itself."""
        top = folder.rstrip("/") + "/"
        return (path for path in self if path == folder or path.startswith(top))


def export(session: Session, container: str, *, also: tuple[str, ...] = ()) -> Filesystem:
    """Look at all that lies in a container.

    Args:
        session: the run.
        container: its id.
        also: folders that may be mounted: an export leaves out what is in a volume.
    """
    entries: dict[str, Entry] = {}
    with translated():
        # An export begins below the top, a copy of all with the top: its first entry is enough.
        _read(session, iter(session.client.api.get_archive(container, "/")[0]), "/", entries, only_first=True)
        _read(session, _exported(session, container), "/", entries)
        for folder in also:
            try:
                chunks, _about = session.client.api.get_archive(container, folder)
            except NotFound:
                continue
            except APIError as error:
                if "not a directory" in str(error.explanation).lower():
                    continue
                raise
            _read(session, iter(chunks), posixpath.dirname(folder.rstrip("/")), entries)
    return Filesystem(entries)


def _exported(session: Session, container: str) -> Iterator[bytes]:
    """The export of a container. From an engine behind a pipe, owners and modes come alone."""
    if session.place is not None and (first := next(there := session.place.export(container), b"")):
        return chain((first,), there)
    return iter(session.client.api.export(container))


def _read(session: Session, chunks: Iterator[bytes], top: str, entries: dict[str, Entry], *, only_first: bool = False) -> None:
    """Add what an archive holds."""
    with tarfile.open(fileobj=Stream(chunks), mode="r|", bufsize=_BLOCK) as archive:
        for member in archive:
            session.check_cancelled()
            path = posixpath.normpath(posixpath.join(top, member.name.lstrip("/")))
            same = entries.get(posixpath.normpath(posixpath.join("/", member.linkname))) if member.islnk() else None
            entries[path] = same or Entry(
                kind="file" if member.isreg() else "folder" if member.isdir() else "link" if member.issym() else "other",
                mode=member.mode & 0o7777,
                uid=member.uid,
                gid=member.gid,
                target=member.linkname if member.issym() else "",
                permitted=_capabilities(member.pax_headers.get(_CAPABILITY, "")),
            )
            if only_first:
                return


def _capabilities(raw: str) -> int:
    """Read the kernel's ``vfs_cap_data``: a revision, then permitted and inheritable, 32 bits each, low ones first."""
    data = raw.encode("utf-8", "surrogateescape")
    return int.from_bytes(data[4:8], "little") | int.from_bytes(data[12:16], "little") << 32
