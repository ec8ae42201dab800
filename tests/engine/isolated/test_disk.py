"""The disk that isolated engines begin with."""

from pathlib import Path

import pytest

from grader.engine.isolated import disk, indexes
from grader.engine.isolated.disk import Disk
from grader.engine.isolated.engine import IsolatedEngine, Size
from grader.engine.session import Session
from grader.values.limits import Limits

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAMES = ("busybox:latest",)


def test_the_base_image_says_where_packages_come_from() -> None:
    with Session() as session:
        hosts = indexes.hosts(session, disk.PYTHON_IMAGE)
    assert len(hosts) >= 3  # pip's two, and at least one of apt's
    assert all(host and "/" not in host and "@" not in host for host in hosts)


def test_a_disk_that_somebody_removed_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though its record stayed, and the engine made an empty volume of that name for whoever asked for it."""
    monkeypatch.setenv("DRYDOCK_CACHE", str(tmp_path))
    with Session() as session:
        own = Disk(session, NAMES)
        api = session.client.api
        try:
            hosts = own.need(session)
            api.remove_volume(own.volume)
            api.create_volume(own.volume)
            assert own.need(session) == hosts
            place = IsolatedEngine(session, NAMES, Size.of(Limits())).place
            with session.within(place) as inner:
                tags = [tag for one in inner.client.api.images() for tag in one["RepoTags"]]
            assert tags == list(NAMES)
        finally:
            session.on_close("the disk of this test", lambda: api.remove_volume(own.volume))
