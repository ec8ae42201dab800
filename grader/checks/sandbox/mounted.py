"""A container of the sandbox, and what it has mounted."""

import shlex
from pathlib import PurePosixPath
from secrets import token_hex
from typing import Self

from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.networked import NetworkedContainer
from grader.checks.sandbox.words import is_named, mounted
from grader.engine.inspect import Mount
from grader.engine.sandbox.parts import FOLDER

# What somebody could do to a folder, each with how it is said. What succeeds is undone as far as that can be.
_CHANGES = {
    "make a file in it": 'touch "$1/.new" && rm "$1/.new"',
    "make a folder in it": 'mkdir "$1/.new" && rmdir "$1/.new"',
    "write to a file of it": 'for one in "$1"/*; do true >>"$one" && exit; done; false',
    "change who may read a file of it": 'for one in "$1"/*; do chmod "$(stat -c %a "$one")" "$one" && exit; done; false',
    "give a file of it another name": 'for one in "$1"/*; do mv "$one" "$one.new" && exec mv "$one.new" "$one"; done; false',
    "remove a file of it": 'for one in "$1"/*; do rm "$one" && exit; done; false',
}
_CHANGES_ITSELF = {"write to it": 'true >>"$1"'}
_SHOWN_CHARACTERS = 200


class MountedContainer(NetworkedContainer):
    """What has to do with volumes and folders."""

    def mount(self, at: str) -> Mount | None:
        """What it has mounted at a place; None when there is nothing."""
        return next((one for one in self.about.mounts if one.target.rstrip("/") == at), None)

    def why_not_in(self, volume: str, at: str) -> str:
        """Why what it writes to a place does not end up in a volume; empty where that cannot be told.

        Args:
            volume: its name.
            at: the place.
        """
        mount = self.mount(at)
        if mount is None:
            return f"The program writes to {at}, and nothing is mounted there: what it writes goes when the container goes."
        if mount.kind == "bind":
            return f"At {at} there is a folder. What begins with a slash, or with a dot and a slash, is a path, not a name."
        if mount.name != volume and is_named(mount.name):
            return f"At {at} there is the volume {mount.name}. Names are compared letter by letter."
        if mount.name == volume and not mount.writable:
            return f"At {at} there is the volume {volume}, mounted so that it can only be read."
        if mount.name != volume:
            return f"At {at} there is a volume without a name: each container gets one of its own."
        return ""

    def expect_reads_folder(self, name: str, *, at: str) -> Self:
        """It sees a folder of the learner's, and what is changed there; and cannot change anything in it itself.

        Its image must have a shell. Root tries, inside: whoever the program runs as may be somebody else tomorrow.

        Args:
            name: of the folder, beside the commands.
            at: its place in the container.
        """
        listed = self._root("sh", "-c", 'ls -A "$1"', "sh", at)
        if listed.exit_code != 0 or not listed.stdout.strip():
            raise self._failed(
                f"The container {self.name} does not see your folder {name}.",
                expected=f"your folder {name}, with its files, at {at} in the container",
                found=f"{self._at(at)}; {'an empty folder' if listed.exit_code == 0 else 'no such folder'}",
                advice=self._why_no_folder(at),
            )
        self._expect_cannot_change(name, at)
        self._expect_sees_changes(name, at, listed.stdout.split()[0])
        return self

    def _expect_cannot_change(self, name: str, at: str) -> None:
        for how, code in _CHANGES.items():
            if not self._can(code, at):
                continue
            if self.mount(at) is None:
                raise self._failed(
                    f"The container {self.name} does not see your folder {name}: at {at} it has one of its own.",
                    expected=f"your folder {name} at {at}, as a whole",
                    found=f"{self._at(at)}; below it {' and '.join(self._below(at)) or 'nothing either'}",
                )
            raise self._failed(
                f"The container {self.name} can change your folder {name}: it could {how}.",
                expected=f"your folder {name}, mounted so that nothing in it can be changed",
                found=f"{self._at(at)}; from inside the container we could {how}",
                advice=self._why_it_can(at),
            )
        for place in self._elsewhere(name, at):
            if how := next((how for how, code in {**_CHANGES, **_CHANGES_ITSELF}.items() if self._can(code, place)), ""):
                raise self._failed(
                    f"The container {self.name} can change your folder {name} in another way: {place}.",
                    expected=f"your folder {name}, and no place in the container where anything in it can be changed",
                    found=f"{self._at(at)}, which only reads; at {place} from inside the container we could {how}",
                    advice="A folder can be mounted several times, and as part of the folder around it. Each mount has its "
                    "own rights.",
                )

    def _can(self, code: str, place: str) -> bool:
        """Whether root, inside, succeeds with a piece of shell that sees a place as ``$1``."""
        return self._root("sh", "-c", code, "sh", place).exit_code == 0

    def _elsewhere(self, name: str, at: str) -> list[str]:
        """Other places in it where a folder beside the commands is, or something of that folder, and that it may write to."""
        folder = PurePosixPath(FOLDER, name)
        places = []
        for one in self.about.mounts:
            source = PurePosixPath(one.source)
            if one.kind != "bind" or not one.writable or one.target.rstrip("/") == at:
                continue
            if folder.is_relative_to(source):
                places.append(str(PurePosixPath(one.target) / folder.relative_to(source)))
            elif source.is_relative_to(folder):
                places.append(one.target)
        return sorted(places)

    def _expect_sees_changes(self, name: str, at: str, file: str) -> None:
        path, text = f"{FOLDER}/{name}/{file}", f"changed by the checks: {token_hex(4)}"
        self.script.helper(f"--volume={FOLDER}:{FOLDER}", "sh", "-c", f"echo '{text}' >{shlex.quote(path)}")
        seen = self._root("cat", f"{at}/{file}").output.strip()
        if seen != text:
            raise self._failed(
                f"The container {self.name} has a copy of your folder {name}: it does not see what is changed in yours.",
                expected=f"in {at}/{file} what we wrote into your {name}/{file}: {text}",
                found=f"{seen[:_SHOWN_CHARACTERS] or 'an empty file'}; {self._at(at)}",
                advice=self._why_no_folder(at),
            )

    def _root(self, *command: str) -> ExecResult:
        """Run a command of the grader's own in it, as root."""
        return self.script.docker("exec", "--user", "0", self.name, *command)

    def _below(self, at: str) -> list[str]:
        """Places below one that have mounts of their own."""
        return sorted(one.target for one in self.about.mounts if one.target.startswith(f"{at}/"))

    def _at(self, at: str) -> str:
        return f"at {at} there is {mounted(self.mount(at))}"

    def _why_no_folder(self, at: str) -> str:
        """Why a folder is not there, by what is mounted in its place."""
        mount = self.mount(at)
        if mount is None:
            return ""
        if mount.kind == "bind":
            return "Compare the path in front of the colon with your folder's name: where there is none, -v makes an empty one."
        return "A name without a slash is the name of a volume. To mean your folder, write a path."

    def _why_it_can(self, at: str) -> str:
        """Why a folder can be changed, by what is mounted."""
        mount = self.mount(at)
        below = self._below(at)
        if mount is not None and mount.writable and below:
            return f"{below[0]} has a mount of its own. What counts is the folder: anything could be put into it."
        if mount is None or not mount.writable:
            return ""
        if "w" not in self._root("stat", "-c", "%A", at).output:
            return "Permissions do not keep root out. A mount can, with the right option."
        return "A mount can be written to unless you say otherwise: there is an option for that."
