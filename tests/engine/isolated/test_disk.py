"""The disk that isolated engines begin with."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from grader.engine import containers, filesystem, layers
from grader.engine.isolated import disk, indexes
from grader.engine.isolated.disk import Disk
from grader.engine.isolated.engine import IsolatedEngine, Size
from grader.engine.session import Session
from grader.values.limits import Limits
from grader.values.units import GB

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAMES = ("busybox:latest",)


def test_the_base_image_says_where_packages_come_from() -> None:
    with Session() as session:
        hosts = indexes.hosts(session, disk.PYTHON_IMAGE)
    assert len(hosts) >= 3  # pip's two, and at least one of apt's
    assert all(host and "/" not in host and "@" not in host for host in hosts)


def test_what_is_missing_is_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instructor's lab has an empty engine, and a mirror with the base images."""
    monkeypatch.setenv("DRYDOCK_CACHE", str(tmp_path))
    late, never = "drydock-test-disk:late", "drydock-test-disk:never"
    asked: list[list[str]] = []

    def pull(session: Session, names: list[str]) -> None:
        asked.append(list(names))
        session.client.images.get("busybox:latest").tag(late)

    monkeypatch.setattr(disk, "_pull", pull)
    with Session() as session:
        session.on_close("the name of this test", lambda: session.client.api.remove_image(late))
        own = Disk(session, (*NAMES, late, never))
        session.on_close("the disk of this test", lambda: session.client.api.remove_volume(own.volume))
        own.need(session)
        assert Disk(session, (*NAMES, late, never)).volume == own.volume
        assert asked == [[late, never]]
        place = IsolatedEngine(session, (*NAMES, late, never), Size.of(Limits())).place
        with session.within(place) as inner:
            assert sorted(tag for one in inner.client.api.images() for tag in one["RepoTags"]) == [*NAMES, late]


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
                made = containers.create(inner, containers.Spec(image=NAMES[0]))
                listed = filesystem.export(inner, made)
                inner.place = replace(place, export=lambda _: iter(()))
                assert dict(listed) == dict(filesystem.export(inner, made))  # the engine's own, with all content
                inner.place = place
                folders = "/drydock/base/layers/overlay2/*/diff /var/lib/docker/overlay2/*/diff"
                written = f"for one in {folders}; do [ -e $one/bin ] && touch $one/bin 2>/dev/null && echo $one; done; true"
                assert place.shell(written) == (0, "")
            assert tags == list(NAMES)
            assert listed["/bin/busybox"].mode & 0o111
        finally:
            session.on_close("the disk of this test", lambda: api.remove_volume(own.volume))


def test_an_image_with_layers_of_a_base_image_can_be_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The classic store mounts each layer for that; those of base images are for reading only."""
    monkeypatch.setenv("DRYDOCK_CACHE", str(tmp_path))
    base, top = "drydock-test-disk:base", "drydock-test-disk:top"
    with Session() as session:
        _build(session, base, f"FROM {NAMES[0]}\nRUN mkdir /one && echo first > /one/file\nRUN echo second > /one/more\n")
        session.on_close("the image of this test", lambda: session.client.api.remove_image(base))
        own = Disk(session, (base,))
        session.on_close("the disk of this test", lambda: session.client.api.remove_volume(own.volume))
        place = IsolatedEngine(session, (base,), Size.of(Limits())).place
        with session.within(place) as inner:
            _build(inner, top, f"FROM {base}\nRUN echo third > /one/top\n")
            files = {one.path for one in layers.look_through(inner, top, size=GB).files}
        assert {"one/file", "one/more", "one/top", "bin/busybox"} <= files


def _build(session: Session, tag: str, dockerfile: str) -> None:
    session.client.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=tag, rm=True)
