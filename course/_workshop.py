"""Where a chapter works, and how it leaves nothing behind.

A chapter's first code cell calls `start`, its last one `finish`. All that a chapter makes in the engine carries the
label ``drydock.chapter=NN``; cleaning up removes what carries it, and nothing else.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

COURSE = Path(__file__).resolve().parent
LABEL = "drydock.chapter"


class NotReadyError(Exception):
    """Something that the chapter needs is missing; the reader sees the sentence, not a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython's own hook
        return [str(self)]


def start(chapter: str, *, images: tuple[str, ...] = ()) -> None:
    """Make ready for a chapter: engine, images, an empty folder to work in, nothing left from an earlier run.

    Afterwards the working folder is the chapter's own, ``$MARK`` holds the flag that puts the chapter's label on what
    ``docker build`` and ``docker run`` make, and the course's Python and tools come first on PATH.

    Args:
        chapter: two digits, as in the notebook's name.
        images: base images that the chapter uses; those that the engine lacks are pulled now, so that no later
            output is mixed with a download.

    Raises:
        NotReadyError: no engine answers, or an image is missing and cannot be pulled.
    """
    if _docker("version", "--format", "{{.Server.Version}}", check=False).returncode:
        raise NotReadyError(
            "No Docker engine answers, so this chapter cannot run yet. Ask `grader doctor` in a terminal what is wrong."
        )
    for image in images:
        present = _docker("image", "inspect", image, check=False).returncode == 0
        if not present and _docker("pull", "--quiet", image, check=False, seconds=600).returncode:
            raise NotReadyError(f"The engine has no {image} and could not pull it. `make engine` gets all base images.")
    _remove_all(chapter)
    folder = _folder(chapter)
    os.chdir(COURSE)  # a second run starts inside the folder that is now removed
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chdir(folder)
    tools = str(Path(sys.executable).parent)
    if os.environ["PATH"].split(os.pathsep)[0] != tools:
        os.environ["PATH"] = tools + os.pathsep + os.environ["PATH"]
    os.environ["MARK"] = f"--label={LABEL}={chapter}"
    os.environ["DOCKER_CLI_HINTS"] = "false"  # no advertisements below the commands' own output
    print(f"Ready. Chapter {chapter} works in a folder of its own, {folder.parent.name}/{folder.name}.")


def bring(*names: str) -> None:
    """Copy files of the running example from ``course/penguins`` into the chapter's folder."""
    for name in names:
        shutil.copy(COURSE / "penguins" / name, name)


def finish(chapter: str) -> None:
    """Remove all that the chapter made: containers, images, volumes, networks, its folder."""
    _remove_all(chapter)
    os.chdir(COURSE)
    folder = _folder(chapter)
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # another chapter may be at work beside it
        folder.parent.rmdir()
    print(f"Cleaned up: nothing that chapter {chapter} made is left. Your own containers and images were not touched.")


def _folder(chapter: str) -> Path:
    beside = COURSE / "work"
    if os.access(beside if beside.exists() else COURSE, os.W_OK):
        return beside / f"ch{chapter}"
    return Path(tempfile.gettempdir()) / f"drydock-{os.getuid()}" / f"ch{chapter}"


def _remove_all(chapter: str) -> None:
    """Containers first: an image, a volume or a network in use cannot go."""
    for listing, removal in (
        (("ps", "-aq"), ("rm", "-f", "-v")),
        (("image", "ls", "-aq"), ("image", "rm", "-f")),
        (("volume", "ls", "-q"), ("volume", "rm", "-f")),
        (("network", "ls", "-q"), ("network", "rm")),
    ):
        found = set(_docker(*listing, "--filter", f"label={LABEL}={chapter}").stdout.split())
        if found:
            _docker(*removal, *sorted(found), check=False)  # one may be gone already: `docker run --rm`


def _docker(*args: str, check: bool = True, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["docker", *args], check=check, capture_output=True, text=True, timeout=seconds)
    except FileNotFoundError:
        raise NotReadyError("There is no docker command here. Chapter 02 shows how to install it.") from None
    except subprocess.TimeoutExpired:
        raise NotReadyError("The Docker engine does not answer. Ask `grader doctor` what is wrong.") from None
    except subprocess.CalledProcessError as error:
        raise NotReadyError(f"docker {args[0]} failed: {error.stderr.strip()}") from None
