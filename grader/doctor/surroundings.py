"""What a person's machine brings with it and a check would trip over, or does otherwise than the person's own commands."""

import json
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from grader import settings
from grader.doctor.diagnosis import Diagnosis, State
from grader.engine import endpoint

_MODULES: Final = ("docker.py", "yaml.py", "grader.py", "nbgrader.py")
"""Files that, beside a notebook, are taken for libraries of the same name."""
_COMPOSE: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_RUN_INSIDE: Final = ("*.sh", "Dockerfile", "*.env", ".env")
_PRIVATE: Final = 0o077


def variables() -> Iterator[Diagnosis]:
    """Variables that change what the docker command builds and runs, and that checks do without."""
    for name, value in settings.left_out().items():
        seen = f"{name} is {value}. Checks do without it; what you build and run yourself may differ."
        yield Diagnosis("variables", State.WARN, seen, f"`unset {name}` makes both the same.")


def client_settings() -> Iterator[Diagnosis]:
    """The builder that was chosen, and proxies for containers."""
    current = _json(settings.docker_client_folder() / "buildx" / "current")
    builder = str(current.get("Name") or "")
    if builder and builder != endpoint.context():
        seen = f"You have chosen the builder {builder}. Checks build with the engine's own, {endpoint.context()}."
        yield Diagnosis("builder", State.WARN, seen, f"`docker buildx use {endpoint.context()}` makes both the same.")
    if endpoint.proxies():
        seen = "The docker client's settings give proxies to containers. Builds of a check get them, its containers do not."
        yield Diagnosis(
            "proxies", State.WARN, seen, f"They stand under “proxies” in {settings.docker_client_folder()}/config.json."
        )


def files(work: Path) -> Iterator[Diagnosis]:
    """Modes that a drive or a umask gives to files, line endings, and files that are in the way of others."""
    if not work.is_dir():
        return
    with tempfile.TemporaryDirectory(dir=work, prefix=".drydock-doctor-") as trial:
        path = Path(trial) / "script"
        path.touch()
        made = stat.S_IMODE(path.stat().st_mode)
        path.chmod(0o640)
        if stat.S_IMODE(path.stat().st_mode) != 0o640:
            seen = f"The drive of {work} keeps no file modes: whatever you copy into an image can be written by everyone."
            yield Diagnosis("file modes", State.WARN, seen, "Work in a folder of a Linux file system, in WSL below your home.")
        elif not made & 0o044:
            seen = f"Files that you make here can be read by you alone (mode {made:o}); COPY keeps that."
            yield Diagnosis("file modes", State.WARN, seen, "`umask 022` before you make them, or `chmod a+r` behind.")
    for folder in sorted(one for one in (work / settings.EXERCISES).glob("*/") if one.is_dir()):
        yield from _of_an_exercise(folder)


def _of_an_exercise(folder: Path) -> Iterator[Diagnosis]:
    for name in _MODULES:
        if (folder / name).is_file():
            seen = f"{folder.name}/{name} has the name of a library that the notebook's cells need."
            yield Diagnosis("files", State.WARN, seen, "Give it another name.")
    several = [name for name in _COMPOSE if (folder / name).is_file()]
    if len(several) > 1:
        seen = f"{folder.name} has {' and '.join(several)}: compose reads the first of them only."
        yield Diagnosis("files", State.WARN, seen, "Keep one.")
    for pattern in _RUN_INSIDE:
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and b"\r\n" in path.read_bytes()[:65536]:
                seen = f"{folder.name}/{path.name} has Windows line endings, which a container takes for part of the words."
                fix = "Save it with the line ending LF. For git: `git config core.autocrlf input`, then get the file again."
                yield Diagnosis("files", State.WARN, seen, fix)


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
