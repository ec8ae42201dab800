"""What a verdict depends on, as one key: the same key, the same verdict.

When in doubt something is part of it: a key that differs too often costs a run, one that differs too rarely tells a lie.
"""

import hashlib
import json
import os
import platform
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

from grader import settings
from grader.course.layout import NEVER_RELEASED, STARTER
from grader.engine import identity
from grader.engine.identity import Identity
from grader.run.job import Job
from grader.settings import SOLUTIONS
from grader.workspace.watch import Look, look

PACKAGE: Final = Path(__file__).resolve().parent.parent
_AT_IMPORT: Final = look(PACKAGE)
"""The source as this process has read it, or is still going to."""
_PASSING: Final = frozenset({"__pycache__", ".ipynb_checkpoints"})
_VARIANTS: Final = frozenset(NEVER_RELEASED) - {STARTER}
"""Folders of an exercise that no check sees: what is in them is handed in, one at a time."""
_TEXT: Final = 1_000_000
"""Bytes of the longest file in which names of images are looked for."""
_COMPUTED: Final = re.compile(rb"^.*(?:\bfrom\b|\bimage\b).*\$", re.IGNORECASE | re.MULTILINE)
"""A line that may name an image by a variable."""


@dataclass(frozen=True)
class Tree:
    """All that is in a folder.

    Attributes:
        digest: of every name, kind, mode, link and content.
        text: contents, for looking names up in.
    """

    digest: str
    text: bytes

    @classmethod
    def of(cls, folder: Path, *, without: frozenset[str] = frozenset()) -> "Tree":
        """Read a folder.

        Args:
            folder: any; links in it are not followed.
            without: names at its top that do not count.

        Raises:
            OSError: something in it cannot be read.
        """
        whole, text = hashlib.sha256(), []
        for path in _walk(folder, without):
            status = path.lstat()
            kind, content = stat.S_IFMT(status.st_mode), b""
            if stat.S_ISLNK(status.st_mode):
                content = os.fsencode(path.readlink())
            elif stat.S_ISREG(status.st_mode):
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest().encode()
                if status.st_size <= _TEXT:
                    text.append(path.read_bytes())
            # No field holds a zero byte, so no two folders say the same.
            fields = (os.fsencode(path.relative_to(folder)), b"%o" % kind, b"%o" % stat.S_IMODE(status.st_mode), content)
            whole.update(b"\0".join(fields) + b"\0")
        return cls(whole.hexdigest(), b"\n".join(text))


def _walk(folder: Path, without: frozenset[str]) -> Iterator[Path]:
    yield folder
    for top, folders, files in os.walk(folder, onerror=_stop):
        hidden = _PASSING | (without if Path(top) == folder else frozenset())
        folders[:] = sorted(name for name in folders if name not in hidden)
        yield from (Path(top, name) for name in sorted([*folders, *files]) if name not in hidden)


def _stop(error: OSError) -> None:
    raise error


class Inputs:
    """Makes keys; what is the same for all runs of a process is looked at once.

    Args:
        identify: asks the engine, each time.
        package: the grader's own source, and what it carries with it.
        read: the package when it was read.
    """

    def __init__(
        self, identify: Callable[[], Identity] = identity.identify, package: Path = PACKAGE, read: Look = _AT_IMPORT
    ) -> None:
        self._identify = identify
        self._package, self._read = package, read
        self._grader = Tree.of(package)
        self._machine = _machine()

    def key(self, job: Job, number: int = 1) -> str | None:
        """Return the key of a job; None where it cannot be told what would run, or on what.

        Args:
            job: what is run.
            number: which repetition it is: each is a run of its own.

        Raises:
            EngineUnavailable: no engine answers.
        """
        if look(self._package) != self._read:
            return None  # somebody has edited it since: what runs here is neither the old source nor the new
        try:
            exercise = Tree.of(job.course / SOLUTIONS / job.exercise_id, without=_VARIANTS)
            submission = Tree.of(job.submission)
        except OSError:
            return None  # for the run to tell
        engine = self._identify()
        whole = {
            "grader": self._grader.digest,
            "machine": self._machine,
            "engine": dict(engine.facts),
            "images": _meant(engine.images, submission.text, exercise.text, self._grader.text),
            "exercise": [job.exercise_id, exercise.digest],
            "submission": submission.digest,
            "learner": [job.learner, settings.facts_key()] if b"facts" in exercise.text else None,
            "number": number,
        }
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode(errors="surrogatepass")).hexdigest()


def _meant(images: Mapping[str, str], submission: bytes, *others: bytes) -> dict[str, str]:
    """The images that a run may come to use: those whose names are written somewhere, or all where a name is computed.

    Others come and go beside it: another exercise's, a learner's own.
    """
    if _COMPUTED.search(submission.replace(b"\\\n", b" ")):
        return dict(images)
    texts = (submission, *others)
    return {name: id_ for name, id_ in images.items() if any(_repository(name) in text for text in texts)}


def _repository(name: str) -> bytes:
    """An image's name without its tag, and without what may be left out of it."""
    return name.rpartition(":")[0].removeprefix("docker.io/").removeprefix("library/").encode()


def _machine() -> dict[str, Any]:
    """This machine's part: Python and its packages, docker's commands and their settings, who runs them."""
    client = settings.docker_client_folder()
    places = {"PATH", "HOME", "TMPDIR"}  # where things are; what they are is told by the rest
    return {
        "python": [platform.python_implementation(), platform.python_version(), platform.platform()],
        "packages": sorted({f"{one.name}=={one.version}" for one in distributions()}),
        "tools": identity.tools(),
        "environment": {name: value for name, value in settings.docker_environment().items() if name not in places},
        "settings": {name: _digest(client / name) for name in ("config.json", "buildx/current")},
        "bounded": settings.engine_bounded(),
        "user": os.getuid(),
    }


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""
