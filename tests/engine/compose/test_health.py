"""Health checks at the grader's cadence, with the learner's patience."""

from typing import Any

import pytest

from grader.engine.compose.health import healthcheck, seconds
from grader.engine.inspect import Healthcheck
from grader.values.limits import Limits

LIMITS = Limits(start_seconds=20)
TEST = ["CMD", "true"]
IMAGES = Healthcheck(tuple(TEST), interval_s=2.0, retries=4)


@pytest.mark.parametrize(
    ("text", "expected"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("1h0m0.5s", 3600.5), ("100µs", 0.0001), ("", 0)]
)
def test_reads_durations(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "image", "patience", "retries"),
    [
        ({"test": TEST}, None, 20, 3),  # 90 s, bounded by the limits
        ({"test": TEST, "interval": "1s", "retries": 5}, None, 5, 5),
        ({"test": TEST, "interval": "1s", "start_period": "4s"}, None, 7, 3),
        ({}, IMAGES, 8, 4),
        ({"interval": "1s"}, IMAGES, 4, 4),
        ({"test": TEST, "interval": "1s", "retries": 60}, None, 20, 10),
    ],
)
def test_keeps_the_patience(given: dict[str, Any], image: Healthcheck | None, patience: float, retries: int) -> None:
    check = healthcheck(given, image, LIMITS, start_interval=True)
    assert check is not None
    assert check["interval"] == check["start_interval"] == "0.5s"
    assert seconds(check["start_period"]) == patience
    assert check["retries"] == retries
    assert check.get("test") == given.get("test")


def test_says_nothing_where_there_is_none() -> None:
    assert healthcheck({}, None, LIMITS, start_interval=True) is None
    assert healthcheck({"interval": "1s"}, Healthcheck(), LIMITS, start_interval=True) is None


@pytest.mark.parametrize("given", [{"disable": True}, {"test": ["NONE"]}])
def test_switched_off_stays_off(given: dict[str, Any]) -> None:
    assert healthcheck(given, Healthcheck(tuple(TEST)), LIMITS, start_interval=True) == {"disable": True}


def test_an_older_engine_is_not_asked_for_what_it_does_not_know() -> None:
    assert "start_interval" not in (healthcheck({"test": TEST}, None, LIMITS, start_interval=False) or {})
