"""What the engine's log of a health check tells: how it went, and when waiting for another answer is in vain."""

import shlex
from collections.abc import Sequence

from grader.diagnose import health_check
from grader.engine.inspect import Healthcheck, HealthRun

KEPT = 5
"""So many runs of a health check does the engine keep."""


def command(check: Healthcheck | None) -> str:
    """A health check's command as it would be typed; empty where there is none."""
    kind, *words = (check.test if check else ()) or ("",)
    return " ".join(words) if kind == "CMD-SHELL" else shlex.join(words)


def last_in_words(log: Sequence[HealthRun]) -> str:
    """How the last run ended: ``exit code 1: no model``."""
    return health_check.ended(log[-1].exit_code, log[-1].output) if log else "it has not ended once"


def cannot_run(log: Sequence[HealthRun]) -> bool:
    """Whether the health check's own program, or a module of it, is missing: then patience does not help."""
    last = log[-2:]
    return len(last) == 2 and all(health_check.cannot_run(one.exit_code, one.output) for one in last)


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
