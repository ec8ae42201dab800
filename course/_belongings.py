"""What in the engine belongs to a chapter, and how it goes.

A chapter's own things have a name that begins with ``chNN-`` (Compose also makes ``chNN_…``), were made from an image of
that name, or carry the label ``drydock.chapter=NN``. An image that had such a name and lost it to a later build has
neither: `remember` notes its id while the chapter runs.
"""

import contextlib
import json
import re
import subprocess
import time
from pathlib import Path

LABEL = "drydock.chapter"
_NAMELESS = ("<none>", "moby-dangling")


class NotReadyError(Exception):
    """Something that the chapter needs is missing; the reader sees the sentence, not a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython's own hook
        return [str(self)]


def docker(*args: str, check: bool = True, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a docker command.

    Raises:
        NotReadyError: there is no docker command, it does not end, or (with ``check``) it fails.
    """
    try:
        return subprocess.run(["docker", *args], check=check, capture_output=True, text=True, timeout=seconds)
    except FileNotFoundError:
        raise NotReadyError("There is no docker command here. Chapter 02 shows how to install it.") from None
    except subprocess.TimeoutExpired:
        raise NotReadyError("The Docker engine does not answer. Ask `grader doctor` what is wrong.") from None
    except subprocess.CalledProcessError as error:
        raise NotReadyError(f"docker {args[0]} failed: {error.stderr.strip()}") from None


class Memory:
    """The ids of images that had a chapter's name at any time; a file, so that a restarted kernel knows them as well.

    Args:
        chapter: two digits.
        path: of the file; made when there is something to note.
    """

    def __init__(self, chapter: str, path: Path) -> None:
        self.chapter, self.path = chapter, path
        self._asked = time.time()

    @property
    def ids(self) -> set[str]:
        """All that were noted."""
        try:
            return set(self.path.read_text().split())
        except OSError:
            return set()

    def remember(self) -> None:
        """Note those that have such a name now, and those that were given one since the last time."""
        since, self._asked = self._asked - 2, time.time()
        listed = docker("image", "ls", "--no-trunc", "--format", "{{.ID}}\t{{.Repository}}", seconds=10).stdout
        # A cell may build twice under one name: only the engine's events know of the first.
        given = docker(
            "events", f"--since={since:.3f}", f"--until={self._asked:.3f}", "--filter=type=image", "--filter=event=tag",
            "--format", '{{.ID}}\t{{index .Actor.Attributes "name"}}', seconds=10,
        ).stdout  # fmt: skip
        pairs = (line.split("\t") for line in (listed + given).splitlines() if "\t" in line)
        found = {number for number, name in pairs if is_mine(self.chapter, name)}
        if found - (known := self.ids):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("\n".join(sorted(found | known)))

    def forget(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


def is_mine(chapter: str, name: str) -> bool:
    """Whether a name is a chapter's: ``ch03-web``, ``/ch03-web``, ``localhost:5000/ch03-web:1.0``; for 03."""
    return re.match(rf"ch{re.escape(chapter)}[-_]", name.rsplit("/", 1)[-1]) is not None


def remove_all(chapter: str, remembered: set[str]) -> None:
    """Remove all that is a chapter's: containers first, because an image, a volume or a network in use cannot go.

    Args:
        chapter: two digits.
        remembered: ids of images that had its name; those that have a foreign name by now stay.
    """
    _remove(("rm", "-f", "-v"), _labelled(chapter, "ps", "-aq") | _containers(chapter))
    named = {
        name
        for name in docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.splitlines()
        if is_mine(chapter, name) and "<none>" not in name
    }
    _remove(("image", "rm", "-f"), named)  # by name: another name of the same image stays
    _remove(("image", "rm", "-f"), _labelled(chapter, "image", "ls", "-aq") | _nameless(chapter, remembered))
    for kind, removal in (("volume", ("volume", "rm", "-f")), ("network", ("network", "rm"))):
        names = docker(kind, "ls", "--format", "{{.Name}}").stdout.split()
        _remove(removal, {name for name in names if is_mine(chapter, name)} | _labelled(chapter, kind, "ls", "-q"))


def _remove(command: tuple[str, ...], found: set[str]) -> None:
    if found:
        docker(*command, *sorted(found), check=False)  # one may be gone already: `docker run --rm`


def _labelled(chapter: str, *listing: str) -> set[str]:
    return set(docker(*listing, "--filter", f"label={LABEL}={chapter}").stdout.split())


def _containers(chapter: str) -> set[str]:
    lines = docker("ps", "-a", "--format", "{{.ID}}\t{{.Names}}\t{{.Image}}").stdout.splitlines()
    return {number for number, *names in (line.split("\t") for line in lines) if any(is_mine(chapter, name) for name in names)}


def _nameless(chapter: str, remembered: set[str]) -> set[str]:
    """Those of the remembered images that nobody else has given a name."""
    found = set()
    for number in remembered:
        said = docker("image", "inspect", number, check=False).stdout
        with contextlib.suppress(ValueError, LookupError):  # gone already
            image = json.loads(said)[0]
            names = (image.get("RepoTags") or []) + (image.get("RepoDigests") or [])
            if all(is_mine(chapter, name) or name.startswith(_NAMELESS) for name in names):
                found.add(number)
    return found
