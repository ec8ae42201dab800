"""What compose makes of a learner's file: ``docker compose config``, and its complaints in plain words with their line."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import settings
from grader.diagnose import compose_output
from grader.diagnose.engine_trouble import fault
from grader.engine.cli import run_cli
from grader.engine.compose.service import RULES
from grader.engine.compose.source import Source
from grader.engine.session import Session
from grader.values.errors import CheckFailed, LimitReached

SECONDS = 30.0
_WARNING = re.compile(r'^time="[^"]*" level=warning msg="(?P<text>.*)"$')


@dataclass(frozen=True)
class Config:
    """A stack as compose understands it.

    Attributes:
        model: the object that ``docker compose config --format json`` prints, with ``$$`` turned back into ``$``.
        warnings: what it warned of.
    """

    model: dict[str, Any]
    warnings: tuple[str, ...]


def configure(session: Session, source: Source, project: str) -> Config:
    """Have compose read, merge and normalise a learner's files.

    Args:
        session: the run.
        source: the files; copies of them are read.
        project: the project's name.

    Raises:
        CheckFailed: compose does not accept them; says why and where.
        LimitReached: compose did not end.
    """
    staged = session.folder / session.name("compose-source")
    staged.mkdir()
    (staged / "env").write_text(source.env, encoding="utf-8")
    # The .env is always named: else a COMPOSE_ENV_FILES inside it could name others.
    args = ["compose", "--project-name", project, "--project-directory", str(source.folder), "--env-file", str(staged / "env")]
    for number, text in enumerate(source.texts.values()):
        copy = staged / f"{number}.yaml"
        copy.write_text(text, encoding="utf-8", newline="")
        args += ["--file", str(copy)]
    result = run_cli(
        session, [*args, "config", "--format", "json"], seconds=SECONDS, cwd=source.folder, env=_unseen(source.folder)
    )
    if result.timed_out:
        raise LimitReached("Compose did not finish reading your compose file.", expected=f"an end within {SECONDS:.0f} s")
    if result.returncode != 0:
        raise _complaint(result.stderr, source, staged)
    try:
        model = json.loads(result.stdout.replace("$$", "$"))
        assert isinstance(model, dict)
    except (ValueError, AssertionError):
        raise CheckFailed(f"{source.name} grows too large when compose reads it.", expected="a few kilobytes") from None
    found = (_WARNING.match(line) for line in result.stderr.splitlines())
    return Config(model, tuple(_plain(one["text"].replace('\\"', '"'), source, staged) for one in found if one))


def _unseen(folder: Path) -> dict[str, str]:
    """Hides what the docker client reads from its environment: a compose file could print it with ``${DOCKER_…}``."""
    hidden = {name: "" for name in settings.docker_variables() if name != "DOCKER_CONFIG"}
    return {**hidden, "PWD": str(folder)}


def _plain(text: str, source: Source, staged: Path) -> str:
    """Name the learner's file instead of our copy of it."""
    for number, name in enumerate(source.texts):
        text = text.replace(str(staged / f"{number}.yaml"), name)
    return text.replace(f"{source.folder}/", "").replace(str(source.folder), "your folder")


def _complaint(said: str, source: Source, staged: Path) -> Exception:
    lines = [line for line in said.splitlines() if line.strip() and not _WARNING.match(line)]
    text = _plain(" ".join(lines), source, staged)
    if trouble := compose_output.no_compose(text) or fault(text):
        return trouble
    text = compose_output.complaint(text)
    named = compose_output.place(text)
    place = source.line(source.name, named) if isinstance(named, int) else source.place(named) if named else None
    return CheckFailed(
        f"{source.name} is not a compose file that compose accepts.",
        expected="a file that `docker compose config` reads without an error",
        found=text + (f" ({place})" if place else ""),
        advice=compose_output.advice(text, settings=RULES),
    )
