"""What is in an image's layers: each layer by itself, so that a file which a later one deletes is seen as well."""

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from grader.engine.client import translated
from grader.engine.history import plain
from grader.engine.search.scanner import Budget, Scanner
from grader.engine.search.sought import Sought, strings
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import LimitReached

MOST = 4 * units.GB
"""Larger images are not looked through."""
_CHUNK = 1 * units.MB
_BLOCK = 64 * units.KB
_SMALL = 4 * units.MB
_DELETED = ".wh."
_ALL = ".wh..wh..opq"
"""All that the layers below have in this folder."""
_BY_DIGEST = "blobs/sha256/"


@dataclass(frozen=True)
class LayerFile:
    """A file, as one layer has it.

    Attributes:
        layer: its place among the image's layers, 1 for the lowest.
        path: without a leading slash.
        size: bytes.
        mtime: seconds since 1970.
    """

    layer: int
    path: str
    size: int
    mtime: float


@dataclass(frozen=True)
class Hit:
    """A place where something stands that was looked for.

    Attributes:
        layer: its place among the image's layers, 1 for the lowest; 0 for the image's description.
        path: of the file, without a leading slash.
        how: what it is packed in or written in, from the outside in, e.g. zip, base64.
    """

    layer: int
    path: str
    how: tuple[str, ...] = ()

    @property
    def inside(self) -> str:
        """What it is packed in, in words; empty where it stands there as it is."""
        return f" (inside: {', '.join(self.how)})" if self.how else ""

    def __str__(self) -> str:
        place = (
            f"layer {self.layer}: {self.path}" if self.layer else "the image's description: its history, environment or labels"
        )
        return place + self.inside


@dataclass(frozen=True)
class Contents:
    """What a look through all layers has found.

    Attributes:
        files: of all layers, lowest layer first.
        hits: where something stands that was looked for, lowest layer first.
        made_by: the instruction behind each layer, lowest first; empty where the image does not say.
        deleted: layer and path of what a layer deletes from those below it.
    """

    files: tuple[LayerFile, ...]
    hits: tuple[Hit, ...]
    made_by: tuple[str, ...]
    deleted: tuple[tuple[int, str], ...]

    @cached_property
    def _deleted_by(self) -> dict[str, int]:
        """Path → the last layer that deletes it."""
        return {path: layer for layer, path in self.deleted}

    def is_deleted(self, file: LayerFile | Hit) -> bool:
        """Whether a later layer deletes a file, or a folder that it is in."""
        folders = (file.path[:at] for at, char in enumerate(f"{file.path}/") if char == "/")
        return any(self._deleted_by.get(path, 0) > file.layer for path in folders)

    def in_vain(self) -> tuple[int, int]:
        """Bytes of files that a later layer deletes, and of files that a later layer has once more."""
        last = {one.path: one.layer for one in self.files}
        deleted = sum(one.size for one in self.files if self.is_deleted(one))
        again = sum(one.size for one in self.files if last[one.path] > one.layer and not self.is_deleted(one))
        return deleted, again


@dataclass(frozen=True)
class _Layer:
    """One layer: path, size and time of each file, paths that it deletes, and which files hold what is sought, and how."""

    files: list[tuple[str, int, float]]
    deleted: list[str]
    hits: list[tuple[str, tuple[str, ...]]]


class _Search:
    """Looks into files for what is sought; keeps the first limit that something packed reached.

    Args:
        sought: what is looked for; None for nothing.
    """

    def __init__(self, sought: Sought | None) -> None:
        self._sought = sought
        self._budget = Budget()
        self.reached: LimitReached | None = None

    def in_file(self, path: str, content: IO[bytes] | None) -> tuple[str, ...] | None:
        """How what is sought stands in a file or in its name; None where it does not."""
        if self._sought is None:
            return None
        if (named := self._sought.found_in(path.encode(errors="surrogateescape"))) is not None:
            return (named,) if named else ()
        return self.found_in(content) if content is not None else None

    def in_description(self, document: bytes) -> Iterator[Hit]:
        """Where it is in a part of the image's description."""
        for one in strings(document) if self._sought else ():
            if (how := self.found_in(io.BytesIO(one.encode(errors="surrogatepass")))) is not None:
                yield Hit(0, "", how)

    def found_in(self, content: IO[bytes]) -> tuple[str, ...] | None:
        """How what is sought stands in some content; None where it does not."""
        if self._sought is None:
            return None
        scanner = Scanner(self._sought, self._budget)
        try:
            while (chunk := content.read(_CHUNK)) and not scanner.feed(chunk):
                pass
        except LimitReached as reached:
            # Told at the end, unless it is found elsewhere: what is in plain sight is seen without any budget.
            self.reached = self.reached or reached
        return scanner.found


class _Known:
    """Files of the layers that a run has looked at: most images of a run have a base in common.

    Args:
        _session: the run.
    """

    def __init__(self, _session: Session) -> None:
        self.layers: dict[str, _Layer] = {}


class Stream(io.RawIOBase):
    """Chunks, read like a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read so many bytes, fewer at the end; all of them when the number is negative."""
        taken: list[memoryview] = []
        while size:
            if not self._chunk:
                self._chunk = memoryview(next(self._chunks, b""))
                if not self._chunk:
                    break
            part = self._chunk[: size if size > 0 else None]
            self._chunk = self._chunk[len(part) :]
            taken.append(part)
            size -= len(part) if size > 0 else 0
        return b"".join(taken)


def look_through(
    session: Session, image: str, *, size: int, sought: Sought | None = None, saved: Path | None = None
) -> Contents:
    """Read all of an image, as ``docker save`` gives it.

    Args:
        session: the run.
        image: id or name.
        size: of the image, in bytes.
        sought: to be looked for in every file, and in the image's description (history, environment, labels), by any name and
            however it is packed.
        saved: the archive that another engine's ``docker save`` gave; by default the session's engine is asked.

    Raises:
        LimitReached: the image is larger than MOST, or it has not been found and there is too much packed in its files.
    """
    if size > MOST:
        raise LimitReached(
            "The image is too large to be looked through.", expected=f"at most {units.size(MOST)}", found=units.size(size)
        )
    found: dict[str, _Layer] = {}
    described: list[bytes] = []
    order: list[str] = []
    known = session.only(_Known).layers
    search = _Search(sought)
    with translated():
        source = saved.open("rb") if saved else Stream(iter(session.client.api.get_image(image)))
        with source, tarfile.open(fileobj=source, mode="r|", bufsize=_BLOCK) as archive:
            for member in archive:
                session.check_cancelled()
                if member.name in known and sought is None:
                    found[member.name] = known[member.name]
                    continue
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                whole = content.read() if member.size <= _SMALL else None
                try:
                    found[member.name] = _layer(io.BytesIO(whole) if whole is not None else content, search)
                    if member.name.startswith(_BY_DIGEST):
                        known[member.name] = found[member.name]
                except tarfile.ReadError:
                    if whole is not None:
                        described.append(whole)
                        if member.name == "manifest.json":
                            order = json.loads(whole)[0]["Layers"]
    stack = [(number, found[name]) for number, name in enumerate(order, 1) if name in found]
    files = tuple(LayerFile(number, *one) for number, layer in stack for one in layer.files)
    hits = [Hit(number, *one) for number, layer in stack for one in layer.hits] if sought else []
    in_description = [hit for one in described for hit in search.in_description(one)]
    hits += sorted(in_description, key=lambda one: len(one.how))[:1]  # as plain as it stands there
    if search.reached and not hits:
        raise search.reached
    deleted = tuple((number, path) for number, layer in stack for path in layer.deleted)
    return Contents(files, tuple(hits), _made_by(described, len(order)), deleted)


def look_into(session: Session, chunks: Iterator[bytes], sought: Sought) -> list[str]:
    """Paths in an archive, as ``docker export`` gives one, whose files hold what is sought, however it is packed.

    Args:
        session: the run.
        chunks: of the archive.
        sought: to be looked for.

    Raises:
        LimitReached: it has not been found and there is too much packed in the files.
    """
    search = _Search(sought)
    session.check_cancelled()
    found = _layer(cast("IO[bytes]", Stream(chunks)), search).hits
    if search.reached and not found:
        raise search.reached
    return [path + Hit(0, path, how).inside for path, how in found]


def _made_by(described: Sequence[bytes], n_layers: int) -> tuple[str, ...]:
    """The instruction behind each layer, out of an image's description; empty ones where it does not fit the layers."""
    for one in described:
        about = json.loads(one) if b'"history"' in one else {}
        steps = about.get("history") if isinstance(about, dict) else None
        made = tuple(plain(str(step.get("created_by", ""))) for step in steps or () if not step.get("empty_layer"))
        if len(made) == n_layers:
            return made
    return ("",) * n_layers


def _layer(content: IO[bytes], search: _Search) -> _Layer:
    """What is in one layer.

    Raises:
        tarfile.ReadError: it is no layer.
    """
    files: list[tuple[str, int, float]] = []
    deleted: list[str] = []
    hits: list[tuple[str, tuple[str, ...]]] = []
    with tarfile.open(fileobj=content, mode="r|*", bufsize=_BLOCK) as layer:
        for member in layer:
            path = member.name.removeprefix("./").lstrip("/")
            folder, _, name = path.rpartition("/")
            if name.startswith(_DELETED):
                deleted.append(folder if name == _ALL else f"{folder}/{name.removeprefix(_DELETED)}".lstrip("/"))
                continue
            if not member.isdir():
                files.append((path, member.size, float(member.mtime)))
            names = "\n".join((path, member.linkname, *member.pax_headers.values()))  # the last: extended attributes
            if (how := search.in_file(names, layer.extractfile(member) if member.isreg() else None)) is not None:
                hits.append((path, how))
    return _Layer(files, deleted, hits)
