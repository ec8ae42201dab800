"""What is in an image's layers: each layer by itself, so that a file which a later one deletes is seen as well."""

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from grader.engine.client import translated
from grader.engine.history import plain
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
class Contents:
    """What a look through all layers has found.

    Attributes:
        files: of all layers, lowest layer first.
        hits: where the text stands that was looked for, in words.
        made_by: the instruction behind each layer, lowest first; empty where the image does not say.
        deleted: layer and path of what a layer deletes from those below it.
    """

    files: tuple[LayerFile, ...]
    hits: tuple[str, ...]
    made_by: tuple[str, ...]
    deleted: tuple[tuple[int, str], ...]

    @cached_property
    def _deleted_by(self) -> dict[str, int]:
        """Path → the last layer that deletes it."""
        return {path: layer for layer, path in self.deleted}

    def is_deleted(self, file: LayerFile) -> bool:
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
    """One layer: path, size and time of each file, paths that it deletes, and paths of files that hold one of the texts."""

    files: list[tuple[str, int, float]]
    deleted: list[str]
    hits: list[str]


class _Known:
    """Files of the layers that a run has looked at: most images of a run have a base in common.

    Args:
        _session: the run.
    """

    def __init__(self, _session: Session) -> None:
        self.layers: dict[str, _Layer] = {}


class _Stream(io.RawIOBase):
    """Chunks, read like a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._chunk = memoryview(b"")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
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
    session: Session, image: str, *, size: int, texts: Sequence[bytes] = (), saved: Path | None = None
) -> Contents:
    """Read all of an image, as ``docker save`` gives it.

    Args:
        session: the run.
        image: id or name.
        size: of the image, in bytes.
        texts: to be looked for in every file, and in the image's description (history, environment, labels).
        saved: the archive that another engine's ``docker save`` gave; by default the session's engine is asked.

    Raises:
        LimitReached: the image is larger than MOST.
    """
    if size > MOST:
        raise LimitReached(
            "The image is too large to be looked through.", expected=f"at most {units.size(MOST)}", found=units.size(size)
        )
    found: dict[str, _Layer] = {}
    described: list[bytes] = []
    order: list[str] = []
    known = session.only(_Known).layers
    with translated():
        source = saved.open("rb") if saved else _Stream(iter(session.client.api.get_image(image)))
        with source, tarfile.open(fileobj=source, mode="r|", bufsize=_BLOCK) as archive:
            for member in archive:
                session.check_cancelled()
                if member.name in known and not texts:
                    found[member.name] = known[member.name]
                    continue
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                whole = content.read() if member.size <= _SMALL else None
                try:
                    found[member.name] = _layer(io.BytesIO(whole) if whole is not None else content, texts)
                    if member.name.startswith(_BY_DIGEST):
                        known[member.name] = found[member.name]
                except tarfile.ReadError:
                    if whole is not None:
                        described.append(whole)
                        if member.name == "manifest.json":
                            order = json.loads(whole)[0]["Layers"]
    stack = [(number, found[name]) for number, name in enumerate(order, 1) if name in found]
    files = tuple(LayerFile(number, *one) for number, layer in stack for one in layer.files)
    told = [f"layer {number}: {path}" for number, layer in stack for path in layer.hits] if texts else []
    if any(text in one for text in texts for one in described):
        told.append("the image's description: its history, environment or labels")
    deleted = tuple((number, path) for number, layer in stack for path in layer.deleted)
    return Contents(files, tuple(told), _made_by(described, len(order)), deleted)


def _made_by(described: Sequence[bytes], n_layers: int) -> tuple[str, ...]:
    """The instruction behind each layer, out of an image's description; empty ones where it does not fit the layers."""
    for one in described:
        about = json.loads(one) if b'"history"' in one else {}
        steps = about.get("history") if isinstance(about, dict) else None
        made = tuple(plain(str(step.get("created_by", ""))) for step in steps or () if not step.get("empty_layer"))
        if len(made) == n_layers:
            return made
    return ("",) * n_layers


def _layer(content: IO[bytes], texts: Sequence[bytes]) -> _Layer:
    """What is in one layer.

    Raises:
        tarfile.ReadError: it is no layer.
    """
    files: list[tuple[str, int, float]] = []
    deleted: list[str] = []
    hits: list[str] = []
    with tarfile.open(fileobj=content, mode="r|*", bufsize=_BLOCK) as layer:
        for member in layer:
            path = member.name.removeprefix("./").lstrip("/")
            folder, _, name = path.rpartition("/")
            if name.startswith(_DELETED):
                deleted.append(folder if name == _ALL else f"{folder}/{name.removeprefix(_DELETED)}".lstrip("/"))
                continue
            if member.isdir():
                continue
            files.append((path, member.size, float(member.mtime)))
            opened = layer.extractfile(member) if texts and member.isreg() else None
            if opened is not None and _holds(opened, texts):
                hits.append(path)
    return _Layer(files, deleted, hits)


def _holds(content: IO[bytes], texts: Sequence[bytes]) -> bool:
    overlap = max(map(len, texts)) - 1
    before = b""
    while chunk := content.read(_CHUNK):
        window = before + chunk
        if any(text in window for text in texts):
            return True
        before = window[-overlap:] if overlap else b""
    return False
