"""A volume that a learner's commands left behind in the sandbox, and what to expect in it."""

from typing import Self

from grader.checks.sandbox.resource import SandboxResource
from grader.checks.sandbox.tree import Inode, Tree
from grader.engine.inspect import VolumeInfo

# What is at each path: kind, permissions, owner, group, size | target of a link or digest of a file | path.
_TREE = r"""
cd /tree && find . -mindepth 1 | while IFS= read -r path; do
    if [ -L "$path" ]; then more="$(readlink "$path")"; elif [ -f "$path" ]; then more="$(sha256sum <"$path")"; else more=; fi
    echo "$(stat -c '%F|%a|%u|%g|%s' "$path")|${more%  -}|${path#./}"
done
"""
_COLUMNS = 6
_FIND = 'find /tree -name "$1" -type f -exec cat {} + | head -c 100000'
_SHOWN_CHARACTERS = 300


class SandboxVolume(SandboxResource[VolumeInfo]):
    """A volume that the learner's commands left behind."""

    def tree(self) -> Tree:
        """Everything that is in it, by its path below the top."""
        said = self._look("sh", "-c", _TREE)
        found = {}
        for line in said.splitlines():
            if line.count("|") < _COLUMNS or line.startswith("|"):  # a name or a link's target with a line break in it
                found[line.lstrip("|")] = Inode("something else", "", 0, 0, 0, "")
                continue
            kind, mode, uid, gid, size, content, path = line.split("|", _COLUMNS)
            kind = kind.replace("regular empty file", "regular file")
            found[path] = Inode(kind, mode, int(uid), int(gid), int(size) if kind == "regular file" else 0, content)
        return Tree(self.script, f"the volume {self.name}", found)

    def expect_file(self, name: str, *, contains: str, message: str = "", advice: str = "") -> Self:
        """A file is in it, at its top or in any folder: a folder of a volume can be mounted, too.

        Args:
            name: of the file, without a folder.
            contains: somewhere in it.
            message: the finding's first sentence, where the exercise knows better what it means.
            advice: what to make of it.
        """
        found = self._look("sh", "-c", _FIND, "sh", name).strip()
        if contains not in found:
            raise self._failed(
                message or f"The volume {self.name} has no file {name} that holds what it should.",
                expected=f"a file {name} in the volume, with {contains}",
                found=found[-_SHOWN_CHARACTERS:] or f"no file {name} in it, or an empty one",
                advice=advice,
            )
        return self

    def _look(self, *command: str) -> str:
        return self.script.helper(f"--volume={self.name}:/tree:ro", *command, seconds=60).stdout
