"""What compose says when it cannot read a compose file, or cannot bring a stack up."""

import difflib
import re
from collections.abc import Iterable

from grader.diagnose.engine_trouble import fault_at_the_end
from grader.values.errors import CheckFailed, EngineUnavailable, Fault

Keys = tuple[str | int, ...]
_TOP = ("services", "networks", "volumes", "configs", "secrets", "name")
_PROGRESS = re.compile(r"(Container|Network|Volume|time=)\b.*")


FIRST_FORMAT = (
    "Here the services are at the left margin, as in compose's first format, which is gone: put “services:” above them, and "
    "indent them under it."
)
"""For a file that has no ``services:``."""


def reached_out(text: str) -> str:
    """Advice where compose wanted to fetch something: it reads a stack here without a network; otherwise empty."""
    signs = (
        "network is unreachable",
        "Could not resolve host",
        "no such host",
        "failed to pull OCI",
        "failed to access repository",
    )
    return (
        "Compose reads your files here without a network: what they need must be in your folder."
        if any(sign in text for sign in signs)
        else ""
    )


def no_compose(text: str) -> EngineUnavailable | None:
    """The fault, where it is docker itself that speaks, because there is no compose."""
    if any(words in text for words in ("is not a docker command", "unknown shorthand flag", "unknown command")):
        return EngineUnavailable("There is no `docker compose` on this machine.", "`make engine` installs it.")
    return None


def complaint(text: str) -> str:
    """What compose complains about in a file, without what its parts say to each other."""
    noise = r"^validating \S+: |: invalid compose project$|decoding failed due to the following error\(s\): ?"
    text = re.sub(r"yaml: unmarshal errors:\s+(line \d+): cannot unmarshal !!seq into \S+", r"\1: a list, not a mapping", text)
    return re.sub(noise, "", text).strip()


def place(text: str) -> int | Keys | None:
    """Where in a compose file a complaint points to: a line, the keys that lead there, or nowhere.

    Args:
        text: the complaint.
    """
    if line := re.search(r"\bline (\d+)", text):
        return int(line[1])
    if extra := _extra(text):
        return extra
    if dotted := re.search(r"\b((?:services|networks|volumes|configs|secrets)(?:[.\[][\w-]+\]?)+)", text):
        return tuple(_steps(dotted[1]))
    if service := re.search(r'\bservice "([^"]+)"', text):
        path: Keys = ("services", service[1])
        for key in ("volume", "network", "config", "secret"):
            if f"undefined {key} " in text:
                return (*path, f"{key}s")
        return (*path, "depends_on") if "depends on" in text else path
    return None


def _extra(text: str) -> Keys | None:
    """The place of a setting that compose does not know."""
    match = re.search(r"(\(root\)|[\w.-]+):? Additional property (\S+) is not allowed", text) or re.search(
        r"(?:(\(root\)|[\w.-]+):? )?additional properties '([^']+)'(?:, '[^']+')* not allowed", text
    )
    if not match:
        return None
    return (match[2],) if match[1] in {None, "(root)"} else (*_steps(match[1]), match[2])


def _steps(dotted: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in re.split(r"[.\[\]]+", dotted) if step]


def advice(text: str, *, settings: Iterable[str]) -> str:
    """What to make of a complaint, where it is one that beginners meet; otherwise empty.

    Args:
        text: the complaint.
        settings: names of what a service may have.
    """
    if extra := _extra(text):
        known = _TOP if len(extra) == 1 else tuple(settings)
        if near := difflib.get_close_matches(str(extra[-1]), known, n=1):
            return f"Did you mean “{near[0]}”?"
        return "Is it spelled correctly, and is it indented under the right thing?"
    if "undefined volume" in text or "undefined network" in text:
        kind = "volumes" if "undefined volume" in text else "networks"
        return f"A name that a service uses must also stand under “{kind}:” at the left margin."
    if "unexpected type map" in text:
        return "Write all entries alike: either “- NAME=value” or “NAME: value”, not a dash with a colon."
    if "must be a list" in text or "must be a array" in text:
        return "A list has one line for each entry, and each begins with a dash."
    if "must be a mapping" in text:
        return "Below this there must be lines of the form “name: value”, indented."
    return ""


def not_started(stderr: str) -> Fault | CheckFailed:
    """``docker compose up`` failed, and no container shows why."""
    lines = [line.strip() for line in stderr.splitlines()]
    if trouble := next((one for one in map(fault_at_the_end, lines) if one), None):
        return trouble
    said = next((line for line in reversed(lines) if line and not _PROGRESS.match(line)), "no reason given")
    if "address pool" in said:
        return EngineUnavailable("The engine has no room for another network.", "`docker network prune` removes unused ones.")
    if any(sign in said for sign in ("Error response from daemon", "dependency", "has no healthcheck configured")):
        return CheckFailed("The stack cannot be started.", expected="a stack that starts", found=said)
    return Fault(f"Compose could not start the stack: {said[:300]}", "`grader doctor` shows the versions in use.")
