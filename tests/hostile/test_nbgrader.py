"""What was handed in stays a folder of files: nbgrader's autograde runs, imports, follows and shows nothing of it.

Each submission is right or wrong by its files, and tries something besides. A canary file, a canary variable and a canary in
a file of the host's tell whether it came through.
"""

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.notebook import toy
from tests.notebook.course import Course
from tests.notebook.warm import Nbgrader

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("nbgrader")]

SECRET: Final = "canary-of-the-host"
FULL: Final = toy.MAX
NOTHING: Final = dict.fromkeys(toy.MAX, 0.0)
Trick = Callable[[Path, Path], object]
"""Takes the submission's folder and a folder beside the course, with the canaries."""


def touches(outside: Path) -> str:
    """A program that says that it ran."""
    return f"import os, pathlib\npathlib.Path({str(outside / 'ran')!r}).write_text(os.environ.get('HOME', ''))\n"


def modules(folder: Path, outside: Path) -> None:
    """Whatever starting a kernel, nbgrader or the grader might import."""
    names = (
        "ipykernel_launcher",
        "ipykernel",
        "IPython",
        "sitecustomize",
        "usercustomize",
        "grader",
        "nbgrader",
        "docker",
        "json",
    )
    for name in names:
        (folder / f"{name}.py").write_text(touches(outside))
    (folder / "evil.pth").write_text(f"import pathlib; pathlib.Path({str(outside / 'ran')!r}).touch()\n")
    package = folder / "grader" / "notebook"
    package.mkdir(parents=True)
    for place in (folder / "grader", package):
        (place / "__init__.py").write_text(touches(outside))
    (package / "graded.py").write_text(touches(outside))


def a_course(folder: Path, outside: Path) -> None:
    """Definitions of one's own, in every place where somebody might look for a course."""
    for place in (folder, folder / "solutions" / toy.ID, folder / toy.ID, folder.parent / "solutions" / toy.ID):
        place.mkdir(parents=True, exist_ok=True)
        (place / "checks.py").write_text(touches(outside) + toy.CHECKS.replace("contains=", "exit_code=0) #"))
    (folder / "nbgrader_config.py").write_text(touches(outside))


def settings(folder: Path, outside: Path) -> None:
    """Settings of programs that grade, where they look for them."""
    for name in ("jupyter_config", "jupyter_nbconvert_config", "jupyter_server_config", "ipython_config", "conftest", "setup"):
        (folder / f"{name}.py").write_text(touches(outside))
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "-p evil"\n')
    (folder / ".docker" / "cli-plugins").mkdir(parents=True)
    (folder / ".docker" / "config.json").write_text(
        '{"credsStore": "evil", "proxies": {"default": {"httpProxy": "http://127.0.0.1:1"}}}'
    )
    for name in ("docker", "docker-credential-evil", ".docker/cli-plugins/docker-buildx"):
        (folder / name).write_text(f"#!/bin/sh\ntouch {outside / 'ran'}\n")
        (folder / name).chmod(0o755)


def a_huge_notebook(folder: Path, _outside: Path) -> None:
    """Outputs and metadata that would fill memory and a browser."""
    text = {"output_type": "stream", "name": "stdout", "text": "x" * 30_000_000}
    (folder / f"{toy.ID}.ipynb").write_text(toy.notebook(toy.cell("code", "x", id="a") | {"outputs": [text]}))


def markup(folder: Path, _outside: Path) -> None:
    """Files whose names and texts act in a browser."""
    script = f"<script>alert('{SECRET}')</script><img src=x onerror=alert(1)>"
    (folder / "<img src=x onerror=alert(1)>.md").write_text(f"[x](javascript:alert(1)) {script}")
    (folder / "picture.svg").write_text(f"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>{script}</svg>")
    (folder / "page.html").write_text(script)


def cells(folder: Path, outside: Path) -> None:
    """A notebook whose cells run, and whose text acts in a browser."""
    script = f"<script>fetch('/api/contents')</script><img src=x onerror=alert('{SECRET}')>"
    book = [
        toy.cell("markdown", script, id="text"),
        toy.cell("markdown", "[x](javascript:alert(1))", id="link", attachments={"a.svg": {"image/svg+xml": "PHN2Zy8+"}}),
        toy.cell("code", touches(outside), id="code"),
        toy.cell("code", "x", id="output")
        | {"outputs": [{"output_type": "display_data", "data": {"text/html": script}, "metadata": {}}]},
    ]
    (folder / f"{toy.ID}.ipynb").write_text(toy.notebook(*book))


def no_notebook(folder: Path, _outside: Path) -> None:
    (folder / f"{toy.ID}.ipynb").unlink()


def broken_notebook(folder: Path, _outside: Path) -> None:
    (folder / f"{toy.ID}.ipynb").write_bytes(b"\x00{[" * 100)


def kernelspec(folder: Path, outside: Path) -> None:
    """A notebook that names a kernel of its own."""
    book = json.loads((folder / f"{toy.ID}.ipynb").read_text())
    book["metadata"]["kernelspec"] = {"name": "evil", "display_name": "evil", "language": "python"}
    (folder / f"{toy.ID}.ipynb").write_text(json.dumps(book))
    spec = folder / "kernels" / "evil"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({"argv": ["touch", str(outside / "ran")], "display_name": "evil"}))


def link(folder: Path, outside: Path) -> None:
    (folder / "leak.txt").symlink_to(outside / "secret")


def link_in_place_of_the_notebook(folder: Path, outside: Path) -> None:
    (folder / f"{toy.ID}.ipynb").unlink()
    (folder / f"{toy.ID}.ipynb").symlink_to(outside / "secret")


def linked_folder(folder: Path, outside: Path) -> None:
    (folder / "all").symlink_to(outside)


def linked_timestamp(folder: Path, outside: Path) -> None:
    (folder / "timestamp.txt").symlink_to(outside / "secret")


def dangling_link(folder: Path, _outside: Path) -> None:
    (folder / "nowhere").symlink_to("/no/such/place")


def hard_link(folder: Path, outside: Path) -> None:
    os.link(outside / "secret", folder / "leak.txt")


def pipe(folder: Path, _outside: Path) -> None:
    os.mkfifo(folder / "pipe")


def pipe_as_dockerfile(folder: Path, _outside: Path) -> None:
    (folder / "Dockerfile").unlink()
    os.mkfifo(folder / "Dockerfile")


def pipe_as_timestamp(folder: Path, _outside: Path) -> None:
    os.mkfifo(folder / "timestamp.txt")


def a_socket(folder: Path, _outside: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)  # the address of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("socket")
    finally:
        os.chdir(here)


def a_name_that_turns(folder: Path, _outside: Path) -> None:
    (folder / "evil\u202egnp.exe").write_text("x")


def a_name_of_bytes(folder: Path, _outside: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9\n")).write_text("x")


def deep(folder: Path, _outside: Path) -> None:
    """Deeper than a path can say."""
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("f" * 200, dir_fd=descriptor)
        below = os.open("f" * 200, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)


def many_folders(folder: Path, _outside: Path) -> None:
    for number in range(20_100):
        (folder / f"empty-{number}").mkdir()


def large(folder: Path, _outside: Path) -> None:
    with (folder / "large").open("wb") as file:
        file.truncate(300_000_000)


# Right answers that try something: graded like any other. What cannot be taken: every check fails, and says why.
TAKEN: dict[str, Trick] = {
    one.__name__: one
    for one in (modules, a_course, settings, cells, a_huge_notebook, markup, no_notebook, broken_notebook, kernelspec)
}
REFUSED: dict[str, tuple[Trick, str]] = {
    "link": (link, "leak.txt is a symbolic link"),
    "notebook": (link_in_place_of_the_notebook, f"{toy.ID}.ipynb is a symbolic link"),
    "folder": (linked_folder, "all is a symbolic link"),
    "when": (linked_timestamp, "timestamp.txt is a symbolic link"),
    "dangling": (dangling_link, "nowhere is a symbolic link"),
    "hardlink": (hard_link, "leak.txt is a further name"),
    "pipe": (pipe, "pipe is a pipe"),
    "dockerfile": (pipe_as_dockerfile, "Dockerfile is a pipe"),
    "clock": (pipe_as_timestamp, "timestamp.txt is a pipe"),
    "socket": (a_socket, "socket is a socket"),
    "turned": (a_name_that_turns, "evil\\u202egnp.exe is no name that can be shown"),
    "bytes": (a_name_of_bytes, "caf\\udce9\\n is no name that can be shown"),
    "deep": (deep, "It cannot be read"),
    "folders": (many_folders, "more than 20,000 files and folders"),
    "large": (large, "It holds 300 MB"),
}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("outside")
    (place / "secret").write_text(SECRET)
    return place


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, outside: Path) -> Iterator[Course]:
    top = tmp_path_factory.mktemp("hostile")
    (top / "elsewhere").mkdir()
    with Nbgrader(top) as nbgrader:
        made = Course(nbgrader, top, toy.make(top / "course"))
        assert made.instructor("generate", "generate_assignment", toy.ID).status == 0
        for name, trick in {**TAKEN, **{name: trick for name, (trick, _) in REFUSED.items()}}.items():
            folder = made.root / "submitted" / name / toy.ID
            folder.parent.mkdir(parents=True)
            shutil.copytree(made.root / "exercises" / toy.ID, folder)
            (folder / "Dockerfile").write_text(toy.REFERENCE)
            trick(folder, outside)
        made.instructor("autograde", "autograde", toy.ID, CANARY=SECRET)
        made.note_scores("autograde")
        made.instructor("feedback", "generate_feedback", toy.ID)
        yield made
    for name in ("folders", "large", "deep"):
        shutil.rmtree(made.root / "submitted" / name)


def test_every_submission_is_graded(course: Course) -> None:
    assert course.done["autograde"].status == 0, course.done["autograde"].output[-3000:]
    assert course.done["feedback"].status == 0


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_right_is_right_whatever_lies_beside_it(course: Course, name: str) -> None:
    assert course.scores["autograde"][name] == FULL


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_fails_and_says_why(course: Course, name: str) -> None:
    assert course.scores["autograde"][name] == NOTHING
    assert REFUSED[name][1] in page(course, name)


def test_nothing_of_a_submission_ran(course: Course, outside: Path) -> None:
    assert course.done["autograde"].status == 0
    assert not (outside / "ran").exists()


@pytest.mark.parametrize("name", [*TAKEN, *REFUSED])
def test_nothing_of_the_host_is_copied_or_shown(course: Course, name: str) -> None:
    for kind in ("autograded", "feedback"):
        for path in (course.root / kind / name).rglob("*"):
            assert not path.is_symlink()
            assert path.is_dir() or SECRET.encode() not in path.read_bytes() or name in {"cells", "markup"}
    assert SECRET not in course.done["autograde"].output


def page(course: Course, name: str) -> str:
    return (course.root / "feedback" / name / toy.ID / f"{toy.ID}.html").read_text()


def test_an_instructor_opens_only_what_the_course_and_the_grader_wrote(course: Course) -> None:
    graded = (course.root / "autograded" / "cells" / toy.ID / f"{toy.ID}.ipynb").read_text()
    for text in (graded, page(course, "cells")):
        assert SECRET not in text
        assert "onerror=alert" not in text
        assert "javascript:alert" not in text
    assert "Make the container say hello." in graded
    shown = page(course, "markup")
    assert "&lt;img src=x" in shown
    assert not [one for one in ("<img", "<script", "<svg") if one in shown]


@pytest.mark.parametrize("name", ["link", "hardlink", "pipe"])
def test_collect_follows_nothing_either(course: Course, outside: Path, name: str, tmp_path: Path) -> None:
    released = course.instructor("release", "release_assignment", toy.ID, "--force")
    assert released.status == 0, released.output
    student = f"collected-{name}"
    home = course.home(student) / toy.ID
    home.parent.mkdir(parents=True)
    shutil.copytree(course.root / "exercises" / toy.ID, home)
    assert course.student(student, "submit", toy.ID, f"--student={student}").status == 0
    inbound = course.top / "exchange" / "drydock" / "inbound"
    [place] = inbound.glob(f"{student}+*")
    REFUSED[name][0](place, outside)
    collected = course.instructor("collect", "collect", toy.ID)
    assert collected.status == 0, collected.output
    for path in (course.root / "submitted" / student).rglob("*"):
        assert path.is_symlink() or path.is_dir() or SECRET.encode() not in path.read_bytes()
    graded = course.instructor("late", "autograde", toy.ID, f"--student={student}")
    assert graded.status == 0, graded.output
    course.note_scores("late")
    assert course.scores["late"][student] == NOTHING
