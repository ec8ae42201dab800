"""Makes ``exercises/`` from ``solutions/``: ``python -m grader.notebook.generate [ID…] [--check]``.

First the graded cells of each master notebook are written from ``checks.py``. Then nbgrader's own Generate Assignment
runs, with the course's configuration but without a gradebook, in a temporary copy of the course, so that a crash half-way
leaves no half exercise behind. *Generate* in formgrader gives the same files, and puts them into the gradebook.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from grader import settings
from grader.authoring.cells import master
from grader.course import catalogue, layout
from grader.course.catalogue import Entry
from grader.values.errors import Fault, GraderError

_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
Tree = dict[str, tuple[bytes, bool]]
"""Relative path -> content, and whether it is executable."""


def release(root: Path, entries: Iterable[Entry]) -> dict[str, Tree]:
    """What nbgrader makes of the exercises, per exercise; nothing in the course is changed.

    Args:
        root: the course, with its ``nbgrader_config.py``.
        entries: the exercises.

    Raises:
        Fault: nbgrader failed; the message is its own.
    """
    with tempfile.TemporaryDirectory(prefix="drydock-release-") as scratch:
        course = Path(scratch)
        shutil.copyfile(root / layout.CONFIG, course / layout.CONFIG)
        for entry in entries:
            source = course / layout.SOURCE / entry.id
            shutil.copytree(entry.folder, source, symlinks=True, ignore=_LEFT_OUT)
            layout.notebook_of(source).write_text(master(entry), encoding="utf-8")
        _run_nbgrader(course)
        return {entry.id: tree(course / layout.RELEASE / entry.id) for entry in entries}


def _run_nbgrader(course: Path) -> None:
    """Run Generate Assignment for all of a course in one process: starting nbgrader takes longer than its work."""
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "generate_assignment", "--assignment=*"]
    command += ["--no-db", f"--course-dir={course}", "--log-level=ERROR"]
    environment = settings.whole_environment()
    environment |= {
        # nbgrader starts alembic by its name, also where the virtual environment is not activated.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)]),
        # The user's own settings must not change what the course releases.
        "JUPYTER_CONFIG_DIR": str(course / ".jupyter"),
        settings.RELEASED: layout.RELEASE,
    }
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Fault("nbgrader could not release the exercises.", (done.stderr or done.stdout).strip())


def tree(folder: Path) -> Tree:
    """All files below a folder.

    Args:
        folder: may be missing.
    """
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }


def differences(wanted: Tree, found: Tree) -> list[str]:
    """Say in one line per file how two trees differ; empty when they do not."""
    lines = [f"missing      {name}" for name in sorted(wanted.keys() - found.keys())]
    lines += [f"not ours     {name}" for name in sorted(found.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        if wanted[name][0] != found[name][0]:
            lines.append(f"differs      {name}")
        elif wanted[name][1] != found[name][1]:
            lines.append(f"execute bit  {name}")
    return lines


def check(root: Path, ids: Sequence[str] = ()) -> list[str]:
    """How the course's generated files differ from what generation makes; empty when they do not.

    Args:
        root: the course.
        ids: exercises; all, and what is left over of removed ones, when none is named.
    """
    entries = _entries(root, ids)
    lines = []
    for entry in entries:
        path = layout.notebook_of(entry.folder)
        if not path.is_file() or path.read_text(encoding="utf-8") != master(entry):
            lines.append(f"differs      {path.relative_to(root)}")
    for identity, wanted in release(root, entries).items():
        place = f"{layout.RELEASE}/{identity}"
        lines += [f"{line} in {place}" for line in differences(wanted, tree(root / place))]
    return lines + [f"not ours     {path.relative_to(root)}" for path in _left_over(root, ids)]


def generate(root: Path, ids: Sequence[str] = ()) -> list[str]:
    """Write the graded cells and ``exercises/``; files that are right already are not touched.

    Args:
        root: the course.
        ids: exercises; all when none is named.

    Returns:
        What changed, relative to the course.
    """
    entries = _entries(root, ids)
    changed = []
    for entry in entries:
        path, text = layout.notebook_of(entry.folder), master(entry)
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    for identity, wanted in release(root, entries).items():
        target = root / layout.RELEASE / identity
        if differences(wanted, tree(target)):
            _replace(target, wanted)
            changed.append(target)
    for path in _left_over(root, ids):
        shutil.rmtree(path)
        changed.append(path)
    return [str(path.relative_to(root)) for path in changed]


def _entries(root: Path, ids: Sequence[str]) -> list[Entry]:
    return [catalogue.find(root, identity) for identity in ids] if ids else catalogue.entries(root)


def _left_over(root: Path, ids: Sequence[str]) -> list[Path]:
    if ids or not (root / layout.RELEASE).is_dir():
        return []
    known = {entry.id for entry in catalogue.entries(root)}
    return [path for path in sorted((root / layout.RELEASE).iterdir()) if path.is_dir() and path.name not in known]


def _replace(target: Path, wanted: Tree) -> None:
    shutil.rmtree(target, ignore_errors=True)
    for name, (content, executable) in wanted.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if executable else 0o644)


@click.command(help=__doc__)
@click.argument("ids", metavar="[ID]…", nargs=-1)
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit with 1 when something would change.")
def main(ids: tuple[str, ...], only_check: bool) -> None:
    """See the module."""
    try:
        root = catalogue.course_root()
        lines = check(root, ids) if only_check else generate(root, ids)
    except GraderError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if only_check and lines:
        click.echo("exercises/ is not what generation makes of solutions/:", err=True)
        click.echo("\n".join(f"  {line}" for line in lines), err=True)
        click.echo("Run: python -m grader.notebook.generate", err=True)
        sys.exit(1)
    click.echo("\n".join(f"wrote {line}" for line in lines) if lines else "Nothing to change.")


if __name__ == "__main__":
    main()
