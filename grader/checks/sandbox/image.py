"""An image that a learner's commands left behind in the sandbox, and what to expect of it."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Self

from grader.checks.context import few
from grader.checks.exec_result import sentence
from grader.checks.sandbox.output import SandboxOutput
from grader.checks.sandbox.resource import SandboxResource
from grader.checks.sandbox.words import quoted
from grader.engine import layers, lost_output
from grader.engine.inspect import ImageInfo
from grader.engine.layers import Hit
from grader.engine.search.sought import Sought

# What the engine's diary says happened to images → the same in words.
_EVENTS = {
    "tag": "a name given",
    "untag": "a name taken away",
    "delete": "an image deleted",
    "save": "an archive saved",
    "load": "an archive loaded",
    "import": "files imported",
}
_SHOWN_CHARACTERS = 200


class SandboxImage(SandboxResource[ImageInfo]):
    """An image that the learner's commands left behind."""

    def happened(self) -> str:
        """What happened to it while the commands ran, in words; what happened several times in a row, once."""
        events = self.script.events("image", self.about.id)
        return ", then ".join(_EVENTS.get(one, one) for one, _again in groupby(events)) or "nothing happened to it"

    def run(self, *command: str, seconds: float = 30) -> SandboxOutput:
        """Run a container of it to its end; once more where it was silent, because a busy engine loses outputs.

        Args:
            command: in place of its own.
            seconds: deadline.
        """
        done = self.script.docker("run", "--rm", self.name, *command, seconds=seconds)
        if not done.output and (second := self.script.docker("run", "--rm", self.name, *command, seconds=seconds)).output:
            lost_output.note(self.script.engine.session, f"a container made from {self.name}")
            done = second
        return SandboxOutput(
            what=f"{quoted(command)} in a container made from {self.name}",
            exit_code=done.exit_code,
            stdout=done.stdout,
            stderr=done.stderr,
            duration_s=done.duration_s,
            script=self.script,
            of=self.name,
        )

    def read(self, path: str) -> str | None:
        """A text file in it, whether or not it has programs; None when there is no such file."""
        made = self.script.docker("create", self.name, "none").stdout.strip()
        try:
            return self.script.file_in(made, path)
        finally:
            self.script.docker("rm", "--force", made)

    # What to expect

    def expect_is(self, given: str) -> Self:
        """It is an image that was there before the commands, whatever it is called now.

        Args:
            given: what that one was called.
        """
        wanted = self.script.given[given].id
        if self.about.id != wanted:
            raise self._failed(
                f"{self.name} is another image than the one that was called {given}.",
                expected=f"the image with the id {_short(wanted)}",
                found=f"an image with the id {_short(self.about.id)}",
                advice="docker import makes a new image of a container's files; the settings of the old one are lost."
                if "import" in self.script.events("image")
                else "",
            )
        return self

    def expect_came_back(self) -> Self:
        """In between it was gone from the engine, under all its names, and came back from an archive."""
        events = self.script.events("image", self.about.id)
        deleted = events.index("delete") if "delete" in events else None
        expected = "an image deleted, then loaded from your archive"
        if deleted is None:
            raise self._failed(
                "The image never left the engine.",
                expected=expected,
                found=self.happened(),
                advice="A name was taken away, but the image had another one left."
                if "untag" in events
                else "An image was deleted, but it was another one."
                if "delete" in self.script.events("image")
                else "",
            )
        if "load" not in events[deleted:]:
            raise self._failed(
                "The image was removed, but no archive was loaded after that.", expected=expected, found=self.happened()
            )
        return self

    def expect_file(self, path: str, *, matches: str, what: str) -> Self:
        """A text file is in it.

        Args:
            path: of the file.
            matches: a regular expression, which must fit all of it, white space at its ends aside.
            what: how to speak of what should be in it.
        """
        found = self.read(path)
        if found is None or not re.fullmatch(matches, found.strip()):
            raise self._failed(
                f"The image {self.name} has {'no file' if found is None else 'something else in its file'} {path}.",
                expected=f"{what}, in its file {path}",
                found="no such file" if found is None else found.strip()[-_SHOWN_CHARACTERS:] or "an empty file",
                advice=self._why_no_file(path),
            )
        return self

    def expect_nowhere(self, text: str, what: str) -> Self:
        """A text is nowhere in it: in no layer, in no file that a later layer removes, not in its description, however packed.

        Args:
            text: e.g. a password.
            what: how to speak of it.
        """
        if hits := self._hits(text):
            where, advice = self._where(text, hits)
            raise self._failed(
                f"{sentence(what)} is in the image {self.name}, {where}: whoever gets the image has it.",
                expected=f"an image without {what}",
                found=f"{what}: {few([str(one) for one in hits])}",
                advice=advice,
            )
        return self

    # Why not

    def _hits(self, text: str) -> tuple[Hit, ...]:
        """Where a text is in it, as it is or packed."""
        session = self.script.engine.session
        archive = session.folder / f"{session.name('saved')}.tar"
        self.script.engine.save(self.name, archive)
        try:
            return layers.look_through(session, self.name, size=self.about.size, sought=Sought.text(text), saved=archive).hits
        finally:
            archive.unlink()

    def _where(self, text: str, hits: Sequence[Hit]) -> tuple[str, str]:
        """In which part of it a text is, and what to make of that."""
        hit = next((one for one in hits if not one.how), hits[0])
        if hit.how:
            where = "its description" if not hit.layer else "a file"
            return f"as {', '.join(hit.how)} in {where}", _PACKED
        if hit.layer and text in hit.path:
            return "in the name of a file", "The names of files are part of an image, just like their contents."
        if text in " ".join(self.about.config.env.values()):
            return "in a variable", "An image made from a container gets the container's variables, too."
        if text in self.script.docker("image", "inspect", "--format", "{{json .Config}}", self.name).stdout:
            return "in its settings, a label perhaps", "docker inspect shows an image's settings to everybody who has it."
        if text in self.script.docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", self.name).stdout:
            return "in its history", "docker history shows a build's arguments to everybody who has the image."
        if hit.layer and (seen := self.read(f"/{hit.path}")) is not None and text in seen:
            return "in a file", "What is copied into a container becomes part of it, and of an image made from it."
        if hit.layer:
            return "in a lower layer", "A file that a later step removes is still in the layer that had it."
        # Some engines keep the variables of the container that an image was made of, even those that it has no more.
        return "in what it was made of", "An image remembers what its container was given."

    def _why_no_file(self, path: str) -> str:
        """Why something is not in it, where that can be seen."""
        same = [name for name, one in self.script.given.items() if one.id == self.about.id]
        if same:
            return f"It is the image {same[0]} under another name."
        for name in self.script.containers():
            about = self.script.container_info(name)
            if about and any(f"{path}/".startswith(f"{one.target.rstrip('/')}/") for one in about.mounts):
                return "What is written to a mounted folder or volume belongs neither to the container nor to its image."
        return ""


_PACKED = "Base64, a zip archive and the like do not protect it: whoever has it can undo them."


def _short(identity: str) -> str:
    """An image's id, as docker image ls shows it."""
    return identity.removeprefix("sha256:")[:12]
