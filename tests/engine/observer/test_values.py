"""What is read from events and states, without an engine."""

from dataclasses import replace

import pytest

from grader.engine.inspect import Config, ContainerInfo, ImageInfo, State, VolumeInfo, moment
from grader.engine.observer import ImageRow, Snapshot, compare, shared_layers
from grader.engine.observer.events import Happening, Outdated


def _event(kind: str, action: str, **about: str) -> Happening:
    return Happening.parse({"Type": kind, "Action": action, "Actor": {"ID": "x1", "Attributes": about}, "timeNano": 5})


@pytest.mark.parametrize(
    ("event", "outdated"),
    [
        (_event("container", "die", exitCode="1"), Outdated(containers={"x1"})),
        (_event("container", "health_status: healthy"), Outdated(containers={"x1"})),
        (_event("container", "exec_die"), Outdated(inside=True)),
        (_event("container", "kill", signal="15"), Outdated()),
        (_event("network", "connect", container="c9"), Outdated(containers={"c9"})),
        (_event("network", "create"), Outdated(networks=True)),
        (_event("volume", "destroy"), Outdated(volumes=True)),
        (_event("image", "untag"), Outdated(images=True)),
    ],
    ids=lambda one: f"{one.kind}-{one.action}" if isinstance(one, Happening) else "",
)
def test_an_event_makes_no_more_be_asked_than_it_may_have_changed(event: Happening, outdated: Outdated) -> None:
    found = Outdated()
    found.take(event)
    assert found == outdated


def test_what_a_run_of_the_graders_made_is_no_business_of_who_looks_on() -> None:
    assert _event("container", "start", drydock="20260101T000000-abc").ours
    assert not _event("container", "start", image="busybox").ours


def _container(name: str, **state: object) -> ContainerInfo:
    made = moment("2026-01-01T00:00:00Z")
    assert made is not None
    return ContainerInfo(f"id-{name}", name, made, ("sleep",), "i1", State(**{"status": "running", **state}), Config())  # type: ignore[arg-type]


def test_two_states_are_compared_thing_by_thing() -> None:
    one, two = _container("one"), _container("two")
    before = Snapshot({one.id: one, two.id: two}, volumes={"v": VolumeInfo("v", "local", {})})
    ended = replace(one, state=State("exited", exit_code=3))
    after = replace(before, containers={one.id: ended}, volumes={}, images={"i": ImageRow("i", ("a:1",), 1, 1, {})})
    assert [(one.kind, one.what, one.name) for one in compare(before, after)] == [
        ("container", "changed", "one"),
        ("container", "gone", "two"),
        ("volume", "gone", "v"),
        ("image", "appeared", "a:1"),
    ]
    assert compare(after, after) == ()


def test_an_image_is_found_by_any_of_its_names() -> None:
    row = ImageRow.parse({"Id": "sha256:0123456789abcdef", "RepoTags": ["b:latest", "host:5000/a:1"], "Size": 1, "Created": 1})
    nameless = ImageRow.parse({"Id": "sha256:fedcba9876543210", "RepoTags": ["<none>:<none>"], "Size": 1, "Created": 1})
    state = Snapshot(images={row.id: row, nameless.id: nameless})
    assert state.image("b") is row
    assert state.image("host:5000/a:1") is row
    assert state.image("host:5000/a") is None
    assert nameless.name == "fedcba987654"


def test_layers_that_only_one_image_has_are_not_shared() -> None:
    images = {one: ImageInfo(one, 1, layers, Config()) for one, layers in (("a", ("1", "2")), ("b", ("1", "3")), ("c", ("4",)))}
    assert shared_layers(images) == {"1": ("a", "b")}
