"""A chapter that runs: in a copy of the course, with the reader's answers filled in, alone, and nothing of it left."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from tests.course.chapters import COURSE, answer


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """A chapter's names exist once in the engine: no second run of it at the same time."""
    with (Path(tempfile.gettempdir()) / f"drydock-{file.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            remove_leftovers(file)


def leftovers(file: Path) -> list[str]:
    """What of a chapter is in the engine: what carries its label or has a name that begins as its own do."""
    number = file.name[:2]
    found: set[str] = set()
    for kind, *every in (("container", "--all"), ("image", "--all"), ("volume",), ("network",)):
        named = (f"reference=ch{number}-*", f"reference=ch{number}_*") if kind == "image" else (f"name=^/?ch{number}[-_]",)
        for one in (f"label=drydock.chapter={number}", *named):
            command = ["docker", kind, "ls", "--quiet", *every, "--filter", one]
            listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.split()
            found |= {f"{kind} {name}" for name in listed}
    return sorted(found)


def nameless_images(file: Path, since: float) -> list[str]:
    """Images that were given a chapter's name since a time, and lost it, and are still there."""
    command = ["docker", "events", f"--since={since:.3f}", f"--until={time.time():.3f}", "--filter=type=image",
               "--filter=event=tag", "--format", '{{.ID}} {{index .Actor.Attributes "name"}}']  # fmt: skip
    given = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
    ids = {line.split()[0] for line in given if line.split()[1].rsplit("/", 1)[-1].startswith(f"ch{file.name[:2]}-")}
    inspect = ["docker", "image", "inspect", "--format", "{{.Id}} {{.RepoTags}} {{.RepoDigests}}"]
    left = (subprocess.run([*inspect, one], check=False, capture_output=True, text=True, timeout=60) for one in sorted(ids))
    return [one.stdout.split()[0] for one in left if one.stdout.endswith(" [] []\n")]


def remove_leftovers(file: Path) -> None:
    """Remove them: after a chapter that failed."""
    for item in leftovers(file):
        kind, name = item.split()
        subprocess.run(["docker", kind, "rm", "--force", name], check=False, capture_output=True, timeout=60)


def copy_course(folder: Path) -> Path:
    """A copy of the course whose reader has completed every cell."""
    course = Path(shutil.copytree(COURSE, folder / "course", ignore=shutil.ignore_patterns("work", "__pycache__")))
    for file in course.glob("*.ipynb"):
        notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            cell.source = answer(cell) or cell.source
        nbformat.write(notebook, file)  # type: ignore[no-untyped-call]
    return course


def environment(folder: Path) -> dict[str, str]:
    """The environment of a chapter's run: nobody's settings, and nobody's progress."""
    return os.environ | {"IPYTHONDIR": str(folder / "ipython"), "DRYDOCK_WORK": str(folder / "work"), "NO_COLOR": "1"}
