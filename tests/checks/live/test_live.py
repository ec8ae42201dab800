"""What a drill may expect, on states that are made here: both verdicts of each verb, and the line of the second."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from grader.checks.live.lab import Lab
from grader.checks.live.view import Before, Unsettled, View
from grader.engine.inspect import (
    Binding,
    Config,
    ContainerInfo,
    Endpoint,
    Health,
    ImageInfo,
    Mount,
    NetworkInfo,
    State,
    VolumeInfo,
)
from grader.engine.observer import Happening, ImageRow, Snapshot
from grader.values.errors import CheckFailed
from grader.values.units import MB

MADE = datetime(2026, 1, 1, tzinfo=UTC)
BOX = ContainerInfo(
    id="c1",
    name="ch02-box-x",
    created=MADE,
    command=("sleep", "600"),
    image="i1",
    state=State("running", running=True, started=MADE, health=Health("unhealthy")),
    config=Config(image="busybox", env={"MODEL": "a"}),
    memory=64 * MB,
    bindings=(Binding(8000, "tcp", "127.0.0.1", 20000),),
    mounts=(Mount("volume", "ch02-data-x", "", "/data", True),),
    networks={"ch02-net-x": Endpoint()},
)
IMAGE = ImageInfo("i1", 5 * MB, ("l1",), Config(user="app", workdir="/srv", env={"A": "1"}, labels={"l": "v"}))
STATE = Snapshot(
    {"c1": BOX},
    {"n1": NetworkInfo("n1", "ch02-net-x", "bridge", False, {})},
    {"ch02-data-x": VolumeInfo("ch02-data-x", "local", {})},
    {"i1": ImageRow("i1", ("busybox:latest",), 5 * MB, 0, {})},
    seen=1,
)
DRAWN = {"box": "ch02-box-x", "data": "ch02-data-x", "net": "ch02-net-x", "port": "20000", "word": "a"}


class Asked:
    def image(self, identity: str) -> ImageInfo | None:
        return IMAGE if identity == "i1" else None

    def read(self, container: str, path: str) -> str | None:
        return "a\n" if path == "/note" else None

    def logs(self, container: str) -> str:
        return "ready: a\n"


def lab(now: Snapshot = STATE, before: Before | None = None, happened: tuple[Happening, ...] = ()) -> Lab:
    return Lab(View(now, before or Before(), DRAWN, happened, Asked(), {}))


def with_box(**changes: Any) -> Snapshot:
    return replace(STATE, containers={"c1": replace(BOX, **changes)})


def ended(code: int) -> Snapshot:
    return with_box(state=State("exited", exit_code=code, started=MADE, finished=MADE))


HOLDS: list[Callable[[], object]] = [
    lambda: lab().container("box").expect_running(for_seconds=0),
    lambda: lab(ended(3)).container("box").expect_exited(3),
    lambda: lab(with_box(state=State("paused"))).container("box").expect_state("paused"),
    lambda: lab(with_box(state=State("running", health=Health("healthy")))).container("box").expect_healthy(),
    lambda: lab(before=Before(frozenset({"c1"}))).container("box").expect_not_new(),
    lambda: lab().container("box").expect_new(),
    lambda: lab().container("box").expect_from("busybox"),
    lambda: lab().container("box").expect_program("sleep"),
    lambda: lab().container("box").expect_published(8000, "port", address="127.0.0.1"),
    lambda: lab(with_box(bindings=())).container("box").expect_nothing_published(),
    lambda: lab().container("box").expect_mount("/data/", volume="data", kind="volume", writable=True),
    lambda: lab().container("box").expect_env("MODEL", "word"),
    lambda: lab().container("box").expect_on("net"),
    lambda: lab().container("box").expect_memory(64 * MB),
    lambda: lab().container("box").expect_restart_policy("no"),
    lambda: lab().container("box").expect_log("ready"),
    lambda: lab().container("box").expect_file("/note", "word"),
    lambda: lab(replace(STATE, containers={})).volume("data").expect_unused(),
    lambda: lab().network("net").expect_members("box"),
    lambda: lab(before=Before(images={"old:1": "i1"})).image("busybox").expect_is("old:1"),
    lambda: lab(before=Before(images={"old:1": "i1"})).expect_kept("old:1"),
    lambda: lab().image("busybox").expect_workdir("/srv").expect_user("app").expect_env("A", "1").expect_label("l", "v"),
    lambda: lab().image("busybox").expect_at_most(5 * MB, named="5 MB"),
]


@pytest.mark.parametrize("holds", HOLDS)
def test_what_holds_is_silent(holds: Callable[[], object]) -> None:
    holds()


LINES: list[tuple[Callable[[], object], str]] = [
    (
        lambda: lab(ended(0)).container("box").expect_running(),
        "The container ch02-box-x is not running: its program “sleep 600” has ended with exit code 0. "
        "A container runs as long as its program.",
    ),
    (
        lambda: lab(with_box(state=State("restarting"))).container("box").expect_running(),
        "The container ch02-box-x does not stay: its program ends again and again, and is started again.",
    ),
    (
        lambda: lab(with_box(state=State("created"))).container("box").expect_running(),
        "The container ch02-box-x is not running: it was made, and never started.",
    ),
    (lambda: lab().container("box").expect_running(), "The container ch02-box-x is running; let us see whether it stays."),
    (lambda: lab().container("box").expect_exited(), "The container ch02-box-x has not ended: it is running."),
    (
        lambda: lab(ended(4)).container("box").expect_exited(3),
        "The container ch02-box-x has ended with exit code 4, and not with 3.",
    ),
    (lambda: lab().container("box").expect_state("paused"), "The container ch02-box-x is not paused: it is running."),
    (lambda: lab().container("box").expect_healthy(), "The container ch02-box-x is unhealthy, and not healthy."),
    (
        lambda: lab(with_box(state=State("running"))).container("box").expect_healthy(),
        "The container ch02-box-x has no health check.",
    ),
    (
        lambda: lab().container("box").expect_not_new(),
        "The container ch02-box-x is a new one, and not the one that was there at the beginning.",
    ),
    (
        lambda: lab(before=Before(frozenset({"c1"}))).container("box").expect_new(),
        "The container ch02-box-x is still the old one.",
    ),
    (
        lambda: lab().container("box").expect_from("debian"),
        "The container ch02-box-x is made from busybox, and not from debian.",
    ),
    (
        lambda: lab(with_box(image="i0")).container("box").expect_from("busybox"),
        "The container ch02-box-x is made from the image that was called busybox before.",
    ),
    (lambda: lab().container("box").expect_program("httpd"), "The program of the container ch02-box-x is “sleep 600”."),
    (
        lambda: lab().container("box").expect_published(80, "port"),
        "The container ch02-box-x has published 127.0.0.1:20000 → 8000 inside; port 20000 should lead to 80 inside.",
    ),
    (
        lambda: (
            lab(with_box(bindings=(Binding(8000, "tcp", "::", 20000),)))
            .container("box")
            .expect_published(8000, "port", address="127.0.0.1")
        ),
        "Port 20000 of the container ch02-box-x is open on every address, and not on 127.0.0.1 alone.",
    ),
    (
        lambda: lab().container("box").expect_nothing_published(),
        "The container ch02-box-x has published 127.0.0.1:20000 → 8000 inside.",
    ),
    (
        lambda: lab().container("box").expect_mount("/cache"),
        "The container ch02-box-x has nothing mounted at /cache: it has the volume ch02-data-x at /data.",
    ),
    (
        lambda: lab().container("box").expect_mount("/data", kind="bind"),
        "At /data the container ch02-box-x has the volume ch02-data-x, and not a bind mount.",
    ),
    (lambda: lab().container("box").expect_mount("/data", writable=False), "The container ch02-box-x may write to /data."),
    (lambda: lab().container("box").expect_env("SEED", "1"), "The container ch02-box-x has no variable SEED."),
    (lambda: lab().container("box").expect_env("MODEL", "b"), "In the container ch02-box-x, MODEL is “a”, and not “b”."),
    (
        lambda: lab().container("box").expect_on("other"),
        "The container ch02-box-x is not on the network other; it is on ch02-net-x.",
    ),
    (
        lambda: lab().container("box").expect_memory(128 * MB),
        "The container ch02-box-x has a limit of 64 MB, and not one of 128 MB.",
    ),
    (
        lambda: lab().container("box").expect_restart_policy("always"),
        "The restart policy of the container ch02-box-x is no, and not always.",
    ),
    (lambda: lab().container("box").expect_log("done"), "The container ch02-box-x has not written “done”."),
    (lambda: lab().container("box").expect_file("/other", "a"), "The container ch02-box-x has no file /other."),
    (lambda: lab().container("box").expect_file("/note", "b"), "In the container ch02-box-x, /note says “a”, and not “b”."),
    (lambda: lab().volume("data").expect_unused(), "The volume ch02-data-x is mounted in ch02-box-x."),
    (lambda: lab().network("net").expect_members("box", "other"), "other is not on the network ch02-net-x."),
    (lambda: lab().network("net").expect_members(), "ch02-box-x is on the network ch02-net-x, too."),
    (
        lambda: lab(before=Before(images={"old:1": "i0"})).expect_kept("old:1"),
        "The image that was called old:1 is gone: it went with its last name.",
    ),
    (lambda: lab().image("busybox").expect_is("old:1"), "busybox is another image than the one that was called old:1."),
    (lambda: lab().image("busybox").expect_workdir("/app"), "The working folder of busybox is /srv, and not /app."),
    (lambda: lab().image("busybox").expect_user("root"), "The user of busybox is app, and not root."),
    (lambda: lab().image("busybox").expect_env("B", "1"), "In the image busybox, B is not set; it should be “1”."),
    (lambda: lab().image("busybox").expect_label("m", "v"), "The label m of busybox is missing; it should be “v”."),
    (
        lambda: lab().image("busybox").expect_at_most(MB, named="1 MB"),
        "The image busybox has 5 MB; at most 1 MB were asked for.",
    ),
    (lambda: lab().expect_gone("container", "box"), "The container ch02-box-x is still there: it is running."),
    (lambda: lab().expect_gone("volume", "data"), "The volume ch02-data-x is still there; ch02-box-x has it mounted."),
    (lambda: lab().expect_gone("network", "net"), "The network ch02-net-x is still there; ch02-box-x is on it."),
    (lambda: lab().expect_gone("image", "busybox"), "The image busybox is still there."),
    (lambda: lab().volume("cache"), "There is no volume cache; your new one is called ch02-data-x."),
    (lambda: lab(Snapshot(seen=1)).container("box"), "There is no container ch02-box-x yet."),
    (
        lambda: lab().container("other", called="the name in {box}"),
        "No container has the name in ch02-box-x; your new one is called ch02-box-x.",
    ),
    (
        lambda: lab(replace(STATE, containers={}), Before(containers={"ch02-box-x": "c1"})).container("box"),
        "The container ch02-box-x is gone: it was removed.",
    ),
]


@pytest.mark.parametrize(("fails", "line"), LINES, ids=[line[:60] for _, line in LINES])
def test_what_does_not_is_one_line_that_names_what_was_seen(fails: Callable[[], object], line: str) -> None:
    with pytest.raises(CheckFailed) as told:
        fails()
    assert told.value.finding.message == line


def test_what_is_gone_is_gone() -> None:
    for kind in ("container", "volume", "network", "image"):
        lab().expect_gone(kind, "other")


def test_what_only_time_can_tell_says_when_to_look_again() -> None:
    with pytest.raises(Unsettled) as told:
        lab().container("box").expect_running(for_seconds=2)
    assert 0 < told.value.again <= 2
    with pytest.raises(Unsettled):
        lab().container("box").expect_log("done")
    with pytest.raises(CheckFailed) as final:
        lab(ended(0)).container("box").expect_log("done")
    assert not isinstance(final.value, Unsettled)


def test_what_another_chapter_makes_is_not_taken_for_the_learners() -> None:
    others = replace(BOX, id="c9", name="ch05-other")
    state = replace(STATE, containers={"c9": others})
    with pytest.raises(CheckFailed, match=r"There is no container ch02-box-x yet\."):
        lab(state).container("box")


def test_the_end_of_what_removed_itself_is_told() -> None:
    happened = tuple(
        Happening(1.0, "container", action, "c1", "ch02-box-x", about)
        for action, about in (("die", {"exitCode": "7"}), ("destroy", {}))
    )
    with pytest.raises(CheckFailed, match="is gone: its program ended with exit code 7, and it was removed"):
        lab(Snapshot(seen=1), happened=happened).container("box")
