"""All builds of a run are bounded by the same control group: its name is part of BuildKit's cache key."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checks.work import Work
from grader.engine import cgroups
from grader.engine.build.confine import NOTE, BuildGroup
from grader.engine.session import Session
from grader.values.errors import Cancelled, LimitReached
from grader.values.facts import Facts
from grader.values.limits import Limits
from grader.values.units import MB
from tests import core

pytestmark = pytest.mark.engine


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(core.LIMITS) as session:
        with BuildGroup(session):
            if NOTE in session.notes:
                pytest.skip(NOTE)
        yield session


def test_a_run_keeps_its_slot_while_another_one_builds(session: Session) -> None:
    with BuildGroup(session) as group:
        first = group.name
    with Session(core.LIMITS) as other, BuildGroup(other) as group:
        assert group.name != first
    with BuildGroup(session) as group:
        assert group.name == first


def test_builds_of_one_run_wait_for_each_other(session: Session) -> None:
    names: list[str] = []

    def second() -> None:
        with BuildGroup(session) as group:
            names.append(group.name)

    with BuildGroup(session) as group:
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.3)
        assert names == []
        held = group.name
    thread.join(10)
    assert names == [held]


def test_who_waits_can_be_stopped(session: Session) -> None:
    with BuildGroup(session):
        session.cancelled.set()
        with pytest.raises(Cancelled):
            BuildGroup(session)


def test_nothing_is_left_after_the_run() -> None:
    with Session(core.LIMITS) as session, BuildGroup(session) as group:
        name = group.name.removeprefix("/")
    if name:
        assert not cgroups.folder("memory", name).exists()


def test_a_limit_that_one_build_reached_is_not_held_against_the_next(tmp_path: Path) -> None:
    hog = "FROM busybox\nRUN dd if=/dev/zero of=/dev/null bs=300M count=1\n"
    honest = "FROM busybox\nRUN echo honest && exit 3\n"
    with Session(Limits(build_memory=100 * MB, build_seconds=60)) as session:
        if _unbounded(session):
            pytest.skip(NOTE)
        with pytest.raises(LimitReached):
            Work(session, core.submission(tmp_path / "hog", hog), Facts("somebody", "99-toy")).build()
        with pytest.raises(Exception, match="does not build"):
            Work(session, core.submission(tmp_path / "honest", honest), Facts("somebody", "99-toy")).build()


def _unbounded(session: Session) -> bool:
    with BuildGroup(session) as group:
        return not group.name
