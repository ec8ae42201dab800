"""A file that a learner's commands left beside them, and what to expect of it."""

from difflib import get_close_matches
from typing import Self

from grader.checks import archive
from grader.checks.exec_result import tail
from grader.checks.sandbox.script_run import ScriptRun
from grader.checks.sandbox.tree import Tree
from grader.engine.sandbox.parts import FOLDER
from grader.values.errors import CheckFailed

_SHOWN = 8
_ALIKE = 0.8


class SandboxFile:
    """A file in the learner's folder, beside the commands.

    Args:
        script: the commands that left it there.
        name: of the file, below the folder.
        content: its bytes.
    """

    def __init__(self, script: ScriptRun, name: str, content: bytes) -> None:
        self.script = script
        self.name = name
        self.content = content

    @property
    def text(self) -> str:
        """What it says; undecodable bytes replaced."""
        return self.content.decode("utf-8", "replace")

    def unpacked(self) -> Tree:
        """What is in it, an archive.

        Raises:
            CheckFailed: it is none, or empty.
            LimitReached: there is too much in it.
        """
        if not self.content:
            raise self.script.failed(f"{self.name} is empty.", expected="an archive", found="a file of 0 bytes")
        try:
            return Tree(self.script, self.name, archive.read(self.content, self.name))
        except CheckFailed as error:
            raise self.script.explained(error) from error

    def expect_archive_of(self, volume: str, mark: str) -> Tree:
        """It is an archive of a volume, wherever that was mounted: what is above it in the archive does not matter.

        Args:
            volume: its name.
            mark: path of a file in the volume, by which it is known.

        Returns:
            What is in it, by the paths in the volume.
        """
        found = self.unpacked()
        inside = found.below(mark)
        if inside is None:
            shown = ", ".join(list(found)[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
            raise self.script.failed(
                f"{self.name} does not hold what is in the volume {volume}.",
                expected=f"an archive with the file {mark} and all the others in it",
                found=shown or "an archive with nothing in it",
                advice=self._what_else(volume),
            )
        return inside

    def expect_loads(self) -> Self:
        """It is an archive of images; it is loaded into the sandbox's engine, which is emptied before.

        All that the commands left there is gone then, but for their folder.
        """
        if not self.content:
            raise self.script.failed(
                f"{self.name} is empty.", expected="an archive of images, as docker load reads it", found="a file of 0 bytes"
            )
        exported = "export" in self.script.events("container")
        self.script.engine.empty()
        loaded = self.script.docker("load", "--input", f"{FOLDER}/{self.name}", seconds=60)
        if loaded.exit_code != 0:
            raise self.script.failed(
                f"{self.name} cannot be loaded into an engine.",
                expected="an archive of images, as docker load reads it",
                found="a container's files, and no image" if exported else f"docker load said: {tail(loaded.output, 2)}",
                advice="docker export writes the files of a container; docker load reads archives of images."
                if exported
                else "",
            )
        self.script.loaded = self.name
        return self

    def _what_else(self, volume: str) -> str:
        """What else may have been packed, where that can be seen."""
        if "export" in self.script.events("container"):
            return "docker export writes a container's own files; what is in a volume is not among them."
        alike = get_close_matches(volume, set(self.script.volumes()) - {volume}, 1, _ALIKE)
        return f"There is a volume {alike[0]}, too: -v makes a volume where there is none of that name." if alike else ""
