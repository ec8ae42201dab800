"""What the engine's log of a health check tells: how it went, and when waiting for another answer is in vain."""

import shlex
from collections.abc import Sequence

from grader.diagnose import health_check
from grader.engine.inspect import Healthcheck, HealthRun

KEPT = 5
"""So many runs of a health check does the engine keep."""

CERTAIN_SECONDS = {"healthy": 15.0, "unhealthy": 12.0}
"""What is waited for → how long the opposite must go on until nobody waits any more: a check may look at notes that something
else takes every few seconds."""


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
    return all(one.exit_code == 0 for one in _since(log, before)) and bool(_since(log, before))


def stays_discontent(log: Sequence[HealthRun], before: Sequence[HealthRun]) -> bool:
    """Whether it has failed by itself, and was not ended at its time-out, again and again since an earlier look.

    Args:
        log: its last runs.
        before: its last runs then.
    """
    return all(one.exit_code > 0 for one in _since(log, before)) and bool(_since(log, before))


def _since(log: Sequence[HealthRun], before: Sequence[HealthRun]) -> Sequence[HealthRun]:
    """The runs since an earlier look, once the engine's log holds no others."""
    known = {one.started for one in before}
    if len(log) < KEPT or any(one.started in known for one in log):
        return ()
    return log[1:]  # the oldest of these may have begun before that look had ended
