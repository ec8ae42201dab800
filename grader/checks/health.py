"""What the engine's log of a health check tells: how it went, and when waiting for another answer is in vain."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from grader.diagnose import program_output

Run = Mapping[str, Any]
"""One run of a health check, as the engine keeps the last five of them: Start, End, ExitCode, Output."""

KEPT = 5
_MISSING = re.compile(r"sh: (?:line )?(?:\d+: )?\S+: (?:command )?not found|\bModuleNotFoundError\b")
"""A shell's and Python's own words, which survive the usual ``|| exit 1``."""
CONTENT = "Docker looks at the exit code of the health check and at nothing else: 0 means well."
ADVICE = "The health check runs inside the container, with the programs that its image has."


def runs(state: Mapping[str, Any]) -> Sequence[Run]:
    """The last runs of a health check, oldest first.

    Args:
        state: a container's state.
    """
    log: Sequence[Run] = (state.get("Health") or {}).get("Log") or ()
    return log


def command(test: Sequence[str] | None) -> str:
    """A health check's command as it would be typed; ``test`` is its setting, with a first word that says how it is run."""
    kind, *words = test or ("",)
    return " ".join(words) if kind == "CMD-SHELL" else shlex.join(words)


def last_in_words(log: Sequence[Run]) -> str:
    """How the last run ended: ``exit code 1: no model``."""
    if not log:
        return "it has not ended once"
    said = str(log[-1].get("Output", "")).strip()
    return f"exit code {log[-1].get('ExitCode')}" + (f": {program_output.reason(said) or said[:300]}" if said else "")


def cannot_run(log: Sequence[Run]) -> bool:
    """Whether the health check's own program, or a module of it, is missing: then patience does not help."""
    last = log[-2:]
    return len(last) == 2 and all(
        (one.get("ExitCode") in {126, 127, -1} and ("not found" in one["Output"] or "no such file" in one["Output"].lower()))
        or (one.get("ExitCode") and _MISSING.search(one["Output"]) is not None)
        for one in last
    )


def stays_content(log: Sequence[Run], before: Sequence[Run]) -> bool:
    """Whether it has succeeded again and again since an earlier look, and so will not notice what has happened meanwhile.

    Args:
        log: its last runs.
        before: its last runs then.
    """
    known = {one["Start"] for one in before}
    if len(log) < KEPT or any(one["Start"] in known for one in log):
        return False
    # The oldest of these may have begun before that look had ended.
    return all(one["ExitCode"] == 0 for one in log[1:])
