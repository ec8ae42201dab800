"""Files, folders and links, as they are in a volume or an archive, held against what they should be."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from grader.checks.exec_result import sentence

if TYPE_CHECKING:
    from grader.checks.sandbox.script_run import ScriptRun

_SHOWN = 3
_LARGEST = 65535
"""Number of a user, as containers see them."""
_LINK = "symbolic link"


@dataclass(frozen=True)
class Inode:
    """What is at a path of a volume.

    Attributes:
        kind: ``regular file``, ``directory``, ``symbolic link`` …
        mode: permissions, e.g. ``2640``.
        uid, gid: owner and group, as a container sees them.
        size: bytes of a file; 0 for all else.
        content: a file's SHA-256, a link's target; otherwise empty.
    """

    kind: str
    mode: str
    uid: int
    gid: int
    size: int
    content: str

    @classmethod
    def file(cls, text: str, mode: str, uid: int, gid: int) -> Self:
        """A file that says something."""
        data = text.encode()
        return cls("regular file", mode, uid, gid, len(data), hashlib.sha256(data).hexdigest())

    @classmethod
    def folder(cls, mode: str, uid: int, gid: int) -> Self:
        """A folder."""
        return cls("directory", mode, uid, gid, 0, "")

    @classmethod
    def link(cls, target: str) -> Self:
        """A link; nobody cares whose it is."""
        return cls(_LINK, "777", 0, 0, 0, target)

    @property
    def rights(self) -> str:
        """Owner, group and permissions, in words."""
        return f"{self.uid}:{self.gid} (mode {self.mode})"


class Tree(Mapping[str, Inode]):
    """Everything that is in a volume or an archive, by its path.

    Args:
        script: the commands whose work it is.
        name: of the volume or the archive.
        inodes: what is in it.
    """

    def __init__(self, script: "ScriptRun", name: str, inodes: Mapping[str, Inode]) -> None:
        self.script = script
        self.name = name
        self._inodes = dict(inodes)

    def __getitem__(self, path: str) -> Inode:
        return self._inodes[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inodes)

    def __len__(self) -> int:
        return len(self._inodes)

    def below(self, mark: str) -> "Tree | None":
        """What is below the folder that has a file at a path; None when the file is nowhere.

        Args:
            mark: the file's path in that folder.
        """
        top = next((path.removesuffix(mark) for path in self if path == mark or path.endswith(f"/{mark}")), None)
        if top is None:
            return None
        inside = {path.removeprefix(top): one for path, one in self.items() if path.startswith(top) and path != top.rstrip("/")}
        return Tree(self.script, self.name, inside)

    def only(self, *paths: str) -> "Tree":
        """These paths of it, those that are there."""
        return Tree(self.script, self.name, {path: self[path] for path in paths if path in self})

    def expect_same(
        self, wanted: Mapping[str, Inode], *, of: str, contents: bool = True, owners: bool = True, advice: str = ""
    ) -> Self:
        """It has what it should, and nothing else.

        Args:
            wanted: what it should have.
            of: how to speak of that, e.g. ``what was in the volume data before``.
            contents: whether files, folders and links are compared.
            owners: whether owners, groups and permissions are.
            advice: what to make of it, where that cannot be told from what is different.
        """
        differences = [one for path in sorted(self.keys() | wanted.keys()) for one in self._at(path, wanted, contents, owners)]
        if differences:
            more = f", and {len(differences) - 1} more" if len(differences) > 1 else ""
            rest = f" … and {len(differences) - _SHOWN} more" if len(differences) > _SHOWN else ""
            whole = sentence(self.name) if self.name.startswith("the ") else self.name
            raise self.script.failed(
                f"{whole} differs from {of}: {differences[0]}{more}."
                if contents
                else f"Not everything in {self.name} belongs to whom it should: {differences[0]}{more}.",
                expected=f"{of}, and nothing else" if contents else f"the owners (user:group) and modes of {of}",
                found="; ".join(differences[:_SHOWN]) + rest,
                advice=self._why(wanted, owners) or advice,
            )
        return self

    def _at(self, path: str, wanted: Mapping[str, Inode], contents: bool, owners: bool) -> Iterator[str]:
        """What is different at a path, in words."""
        should, one = wanted.get(path), self.get(path)
        if should is None or one is None:
            if contents:
                yield f"{path} {'is missing' if one is None else 'does not belong there'}"
        elif should.kind != one.kind:
            if contents:
                yield f"{path} is a {one.kind}, and was a {should.kind}"
        elif contents and (should.size, should.content) != (one.size, one.content):
            yield (
                f"{path} leads to {one.content}, and led to {should.content}"
                if one.kind == _LINK
                else f"{path} has other contents"
            )
        # A link has no permissions, and its owner is of no importance.
        elif owners and one.kind != _LINK and should.rights != one.rights:
            yield f"{path} belongs to {one.rights}, and belonged to {should.rights}"

    def _why(self, wanted: Mapping[str, Inode], owners: bool) -> str:
        """What to make of a tree that differs, where it can be told."""
        missing = wanted.keys() - self.keys()
        if not self:
            return "It is empty: the archive was unpacked somewhere else, or not at all."
        deeper = next((path for path in self for one in missing if path.endswith(f"/{one}") and path not in wanted), None)
        if deeper is not None and missing == wanted.keys():
            top = next(deeper.removesuffix(f"/{one}") for one in sorted(missing) if deeper.endswith(f"/{one}"))
            return f"All of it is one folder too deep, in {top}."
        if missing and all(path.startswith(".") for path in missing):
            return "A * matches all names except those that begin with a dot."
        there = [(one, wanted[path]) for path, one in self.items() if path in wanted]
        if any(should.kind == _LINK != one.kind for one, should in there):
            return "A link is a small file. Here, the file that it leads to has taken its place."
        whose = {one.uid for one, _should in there} if owners else set()
        if any(owner > _LARGEST for owner in whose):
            # Numbers from behind user namespaces: docker cp has written them.
            return (
                "docker cp writes owners as the engine's machine knows them. tar in a container writes them as containers see "
                "them."
            )
        if len(whose) == 1:
            who = f"user {number}" if (number := whose.pop()) else "root"
            return f"All of it belongs to {who}: a new file belongs to whoever makes it, and only root can give it away."
        return ""
