"""Where a chapter works, and how it leaves nothing behind.

A chapter's first code cell calls `start`, its last one `finish`. What a chapter makes in the engine has a name that begins
with ``chNN-``; cleaning up removes that, and nothing else: see `_belongings`.
"""

import contextlib
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from _belongings import LABEL, Memory, NotReadyError, docker, remove_all
from _shell import install
from IPython import get_ipython

COURSE = Path(__file__).resolve().parent
_started: list[Memory] = []
"""Of the chapter that this kernel is at."""


def start(chapter: str, *, images: tuple[str, ...] = ()) -> None:
    """Make ready for a chapter: engine, images, an empty folder to work in, nothing left from an earlier run.

    Afterwards the working folder is the chapter's own, ``%%bash`` is that of `_shell`, and the course's Python and tools come
    first on PATH. ``$MARK`` holds a flag that puts the chapter's label on the rare thing that cannot have a name.

    Args:
        chapter: two digits, as in the notebook's name.
        images: base images that the chapter uses; those that the engine lacks are pulled now, so that no later
            output is mixed with a download.

    Raises:
        NotReadyError: no engine answers, or an image is missing and cannot be pulled.
    """
    if docker("version", "--format", "{{.Server.Version}}", check=False).returncode:
        raise NotReadyError(
            "No Docker engine answers, so this chapter cannot run yet. Ask `grader doctor` in a terminal what is wrong."
        )
    for image in images:
        present = docker("image", "inspect", image, check=False).returncode == 0
        if not present and docker("pull", "--quiet", image, check=False, seconds=600).returncode:
            raise NotReadyError(f"The engine has no {image} and could not pull it. `make engine` gets all base images.")
    folder = _folder(chapter)
    memory = Memory(chapter, folder.parent / f".ch{chapter}-images")
    remove_all(chapter, memory.ids)
    memory.forget()
    os.chdir(COURSE)  # a second run starts inside the folder that is now removed
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chdir(folder)
    for name in [one for one in os.environ if one.startswith("COMPOSE_")]:  # they would overrule what a chapter's files say
        del os.environ[name]
    tools = str(Path(sys.executable).parent)
    if os.environ["PATH"].split(os.pathsep)[0] != tools:
        os.environ["PATH"] = tools + os.pathsep + os.environ["PATH"]
    os.environ["MARK"] = f"--label={LABEL}={chapter}"
    os.environ["DOCKER_CLI_HINTS"] = "false"  # no advertisements below the commands' own output
    _started[:] = [memory]
    if shell := get_ipython():
        install(shell)
        with contextlib.suppress(ValueError):
            shell.events.unregister("post_run_cell", _after_a_cell)
        shell.events.register("post_run_cell", _after_a_cell)
    print(f"Ready. Chapter {chapter} works in a folder of its own, {folder.parent.name}/{folder.name}.")


def bring(*names: str) -> None:
    """Copy files of the running example from ``course/penguins``, or a folder in it, into the chapter's folder."""
    for name in names:
        shutil.copy(COURSE / "penguins" / name, Path(name).name)


def address(port: int) -> None:
    """Say where a browser finds what a container publishes on a port: in the lab behind the lab's own address."""
    if os.environ.get("DRYDOCK_OWNER") == "lab":
        host = os.environ.get("DRYDOCK_PAGES_HOST") or "localhost"
        print(f"http://{host}:{os.environ.get('DRYDOCK_PORT', '8888')}/proxy/{port}/")
    else:
        print(f"http://localhost:{port}/")


def own_address() -> None:
    """Put this machine's address in its network into ``$ADDRESS``, and print it; without a network, that of Docker's bridge."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("203.0.113.1", 9))  # sends nothing: the system only chooses the address that it would send from
            found = str(probe.getsockname()[0])
        except OSError:
            gateway = "{{(index .IPAM.Config 0).Gateway}}"
            found = docker("network", "inspect", "--format", gateway, "bridge").stdout.strip()
    os.environ["ADDRESS"] = found
    print(found)


def chapter() -> str:
    """Return the number of the chapter that was started.

    Raises:
        NotReadyError: none was.
    """
    if not _started:
        raise NotReadyError("Run the first cell of the chapter, then this one again.")
    return _started[0].chapter


def work() -> Path:
    """Return the work folder that the learner's progress is kept in."""
    if named := os.environ.get("DRYDOCK_WORK", "").strip():
        return Path(named).expanduser()
    top = COURSE.parent
    return top / "work" if (top / "grader").is_dir() else top  # a checkout, or a learner's copy


def finish(chapter: str) -> None:
    """Remove all that the chapter made: containers, images, volumes, networks, its folder."""
    folder = _folder(chapter)
    memory = Memory(chapter, folder.parent / f".ch{chapter}-images")
    for one in _started:
        one.remember()  # what this very cell has made
    _started.clear()
    remove_all(chapter, memory.ids)
    memory.forget()
    os.chdir(COURSE)
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # another chapter may be at work beside it
        folder.parent.rmdir()
    print(f"Cleaned up: nothing that chapter {chapter} made is left. Your own containers and images were not touched.")


def _after_a_cell(_result: object) -> None:
    with contextlib.suppress(NotReadyError):  # whatever the reader did to the engine, it is not this that tells them
        for memory in _started:
            memory.remember()


def _folder(chapter: str) -> Path:
    beside = COURSE / "work"
    if os.access(beside if beside.exists() else COURSE, os.W_OK):
        return beside / f"ch{chapter}"
    return Path(tempfile.gettempdir()) / f"drydock-{os.getuid()}" / f"ch{chapter}"
