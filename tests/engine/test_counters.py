"""What is counted where containers run into their limits, on the real engine; whose words need no engine, without."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from grader.engine import containers, counters, wait
from grader.engine.session import Session
from grader.values.limits import Limits
from grader.values.units import MB
from tests import core

EATS = "a=x; while :; do a=$a$a; done"
FORKS = "i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(core.LIMITS) as session:
        yield session
    assert session.left == []


def _started(session: Session, script: str) -> str:
    identity = containers.create(session, containers.Spec(image="busybox", command=["sh", "-c", script]))
    session.on_close("container", lambda: containers.remove(session, identity))
    containers.start(session, identity)
    return identity


def _says(session: Session, identity: str, words: str) -> str:
    """Wait until it has; return its log."""

    def said() -> str | None:
        log = containers.logs(session, identity, tail=None)
        return log if words in log else None

    return wait.until(said, seconds=20)


@pytest.mark.engine
def test_several_containers_are_counted_by_one_helper(session: Session) -> None:
    quiet = _started(session, "sleep 1000")
    hungry = _started(session, f"sh -c '{EATS}'; echo fed; exec sleep 1000")
    many = _started(session, f"({FORKS}) 2>/dev/null; echo forked; exec sleep 1000")
    ended = _started(session, "exit 3")
    containers.wait_for_end(session, ended, seconds=20)
    for identity, word in ((hungry, "fed"), (many, "forked")):
        _says(session, identity, word)
    counted = counters.read(session, [quiet, hungry, many, ended])
    assert set(counted) == {quiet, hungry, many}
    assert counted[quiet] == counters.Counts(pids_refused=0, oom_kills=0)
    assert (counted[hungry].oom_kills > 0, counted[hungry].pids_refused) == (True, 0)
    assert (counted[many].pids_refused > 0, counted[many].oom_kills) == (True, 0)
    assert counters.was_out_of_memory(session, containers.inspect(session, hungry))
    assert not counters.was_out_of_memory(session, containers.inspect(session, many))


@pytest.mark.engine
@pytest.mark.parametrize(("lines", "outgrew"), [(1000, False), (5000, True)])
def test_a_log_that_outgrows_its_limit_has_a_second_file(session: Session, lines: int, outgrew: bool) -> None:
    identity = _started(session, f"seq 1 {lines}; exec sleep 1000")
    left = _says(session, identity, f"\n{lines}\n")
    assert counters.outgrew_its_log(session, identity, left) is outgrew


def test_nobody_is_asked_about_a_short_log() -> None:
    nobody = cast(Session, SimpleNamespace(limits=Limits(log=8 * MB)))
    assert not counters.outgrew_its_log(nobody, "c1", "x" * 79_999)


def test_where_no_container_runs_nobody_is_asked() -> None:
    assert counters.read(cast(Session, None), []) == {}
