import itertools
import threading
import time
from collections.abc import Iterator

import pytest

from grader.engine import wait
from grader.values.errors import Cancelled, CheckFailed


def test_gives_what_the_probe_gives() -> None:
    answers: Iterator[str | None] = iter([None, None, "there"])
    assert wait.until(lambda: next(answers), seconds=5, every=0.001) == "there"


def test_false_is_an_answer() -> None:
    assert wait.until(lambda: False, seconds=5) is False


def test_asks_at_least_once_and_stops_at_the_deadline() -> None:
    asked: list[int] = []
    begin = time.monotonic()
    with pytest.raises(wait.WaitTimeout):
        wait.until(lambda: asked.append(1), seconds=0)
    with pytest.raises(wait.WaitTimeout):
        wait.until(lambda: None, seconds=0.2)
    assert asked == [1]
    assert 0.2 <= time.monotonic() - begin < 1


def test_stops_at_once_when_there_is_nothing_left_to_wait_for() -> None:
    def dead() -> None:
        raise CheckFailed("It died.")

    begin = time.monotonic()
    with pytest.raises(CheckFailed, match="It died"):
        wait.until(lambda: None, seconds=30, alive=dead)
    assert time.monotonic() - begin < 1


def test_cancelling_wakes_it() -> None:
    cancelled = threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    begin = time.monotonic()
    with pytest.raises(Cancelled):
        wait.until(lambda: None, seconds=30, cancelled=cancelled, every=10)
    assert time.monotonic() - begin < 2


def test_the_pause_grows_and_stays_bounded() -> None:
    times: list[float] = []

    def probe() -> bool | None:
        times.append(time.monotonic())
        return True if len(times) == 20 else None

    wait.until(probe, seconds=10, every=0.002)
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert pauses[-1] > pauses[0]
