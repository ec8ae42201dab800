"""What compose makes of a learner's file: ``docker compose config``, and its complaints in plain words with their line."""

import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import settings
from grader.engine.cli import run_cli
from grader.engine.client import fault
from grader.engine.compose.service import RULES
from grader.engine.compose.source import Path_, Place, Source
from grader.engine.session import Session
from grader.values.errors import CheckFailed, EngineUnavailable, LimitReached

SECONDS = 30.0
_TOP = ("services", "networks", "volumes", "configs", "secrets", "name")
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
    if "is not a docker command" in text or "unknown shorthand flag" in text or "unknown command" in text:
        return EngineUnavailable("There is no `docker compose` on this machine.", "`make engine` installs it.")
    if trouble := fault(text):
        return trouble
    text = re.sub(r"^validating \S+: |: invalid compose project$|decoding failed due to the following error\(s\): ?", "", text)
    place = _place(text, source)
    return CheckFailed(
        f"{source.name} is not a compose file that compose accepts.",
        expected="a file that `docker compose config` reads without an error",
        found=f"{text.strip()}" + (f" ({place})" if place else ""),
        advice=_advice(text),
    )


def _place(text: str, source: Source) -> Place | None:
    if line := re.search(r"\bline (\d+)", text):
        return source.line(source.name, int(line[1]))
    if extra := _extra(text):
        return source.place(extra)
    if dotted := re.search(r"\b((?:services|networks|volumes|configs|secrets)(?:[.\[][\w-]+\]?)+)", text):
        return source.place(tuple(_steps(dotted[1])))
    if service := re.search(r'\bservice "([^"]+)"', text):
        path: Path_ = ("services", service[1])
        for key in ("volume", "network", "config", "secret"):
            if f"undefined {key} " in text:
                return source.place((*path, f"{key}s"))
        return source.place((*path, "depends_on") if "depends on" in text else path)
    return None


def _extra(text: str) -> Path_ | None:
    """The place of a setting that compose does not know."""
    match = re.search(r"(\(root\)|[\w.-]+):? Additional property (\S+) is not allowed", text) or re.search(
        r"(\(root\)|[\w.-]+):? additional properties '([^']+)' not allowed", text
    )
    if not match:
        return None
    return (match[2],) if match[1] == "(root)" else (*_steps(match[1]), match[2])


def _steps(dotted: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in re.split(r"[.\[\]]+", dotted) if step]


def _advice(text: str) -> str:
    if extra := _extra(text):
        known = _TOP if len(extra) == 1 else tuple(RULES)
        if near := difflib.get_close_matches(str(extra[-1]), known, n=1):
            return f"Did you mean “{near[0]}”?"
        return "Is it spelled right, and is it indented under the right thing?"
    if "undefined volume" in text or "undefined network" in text:
        kind = "volumes" if "undefined volume" in text else "networks"
        return f"A name that a service uses must also stand under “{kind}:” at the left margin."
    if "unexpected type map" in text:
        return "Write all entries alike: either “- NAME=value” or “NAME: value”, not a dash with a colon."
    if "must be a list" in text:
        return "A list has one line for each entry, and each begins with a dash."
    if "must be a mapping" in text:
        return "Below this there must be lines of the form “name: value”, indented."
    return ""
