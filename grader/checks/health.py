"""What the engine's log of a health check tells: how it went, and when waiting for another answer is in vain."""

import re
import shlex
from collections.abc import Sequence

from grader.diagnose import program_output
from grader.engine.inspect import Healthcheck, HealthRun

KEPT = 5
"""So many runs of a health check does the engine keep."""
_MISSING = re.compile(r"sh: (?:line )?(?:\d+: )?\S+: (?:command )?not found|\bModuleNotFoundError\b")
"""A shell's and Python's own words, which survive the usual ``|| exit 1``."""
CONTENT = "Docker looks at the exit code of the health check and at nothing else: 0 means well."
ADVICE = "The health check runs inside the container, with the programs that its image has."


def command(check: Healthcheck | None) -> str:
    """A health check's command as it would be typed; empty where there is none."""
    kind, *words = (check.test if check else ()) or ("",)
    return " ".join(words) if kind == "CMD-SHELL" else shlex.join(words)


def last_in_words(log: Sequence[HealthRun]) -> str:
    """How the last run ended: ``exit code 1: no model``."""
    if not log:
        return "it has not ended once"
    said = log[-1].output.strip()
    return f"exit code {log[-1].exit_code}" + (f": {program_output.reason(said) or said[:300]}" if said else "")


def cannot_run(log: Sequence[HealthRun]) -> bool:
    """Whether the health check's own program, or a module of it, is missing: then patience does not help."""
    last = log[-2:]
    return len(last) == 2 and all(
        (one.exit_code in {126, 127, -1} and ("not found" in one.output or "no such file" in one.output.lower()))
        or (one.exit_code != 0 and _MISSING.search(one.output) is not None)
        for one in last
    )


def stays_content(log: Sequence[HealthRun], before: Sequence[HealthRun]) -> bool:
    """Whether it has succeeded again and again since an earlier look, and so will not notice what has happened meanwhile.

    Args:
        log: its last runs.
        before: its last runs then.
    """
    known = {one.started for one in before}
    if len(log) < KEPT or any(one.started in known for one in log):
        return False
    # The oldest of these may have begun before that look had ended.
    return all(one.exit_code == 0 for one in log[1:])
