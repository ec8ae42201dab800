"""A stack's health checks at the grader's cadence, with the patience that the learner gave them."""

import re
from collections.abc import Mapping
from typing import Any

from grader.engine.containers import HEALTH_INTERVAL_S
from grader.engine.inspect import Healthcheck
from grader.values.limits import Limits

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIMEOUT_S = 10.0


def seconds(duration: str) -> float:
    """Read a duration as compose writes it, e.g. ``1m30s`` or ``500ms``; 0 for none."""
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ns|us|µs|ms|s|m|h)", duration))


def healthcheck(
    given: Mapping[str, Any], image: Healthcheck | None, limits: Limits, *, start_interval: bool
) -> dict[str, Any] | None:
    """The ``healthcheck`` to run a service with.

    The test is kept. Asked every half second instead of every 30, a service that takes 10 s to start would be given up after
    1.5 s where its author meant 90: so failures before the first success count only after the time that the author's own
    numbers allow, or the limits. From the first success on, the author's number of retries counts.

    Args:
        given: the service's ``healthcheck`` as ``docker compose config`` shows it; empty for none.
        image: the image's own; None for none.
        limits: ``start_seconds`` is used.
        start_interval: whether the engine knows that setting.

    Returns:
        It; None when neither the service nor its image has one.
    """
    own = image or Healthcheck()
    test = list(given.get("test") or own.test)
    if given.get("disable") or test[:1] == ["NONE"]:
        return {"disable": True}
    if not test:
        return None

    def duration(name: str, images: float, default: float) -> float:
        return seconds(str(given[name])) if name in given else images or default

    retries = int(given.get("retries") or own.retries or 3)
    interval = duration("interval", own.interval_s, 30)
    patience = duration("start_period", own.start_period_s, 0) + retries * interval
    check: dict[str, Any] = {
        "interval": f"{HEALTH_INTERVAL_S}s",
        "timeout": f"{min(duration('timeout', own.timeout_s, 30) or 30, _TIMEOUT_S):.3f}s",
        "retries": min(retries, 10),
        "start_period": f"{min(patience, limits.start_seconds):.3f}s",
    }
    if start_interval:  # else the engine's own, 5 s, would hold while the service starts
        check["start_interval"] = f"{HEALTH_INTERVAL_S}s"
    if given.get("test"):
        check["test"] = given["test"]
    return check
