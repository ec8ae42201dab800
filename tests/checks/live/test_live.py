"""What a drill may expect, on states that are made here: both verdicts of each verb, and the line of the second."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from grader.checks.live.container import LiveContainer
from grader.checks.live.lab import Lab
from grader.checks.live.things import LiveImage
from grader.checks.live.view import Before, Unsettled, View
from grader.engine.files import StoredFile
from grader.engine.inspect import (
    Binding,
    Config,
    ContainerInfo,
    Endpoint,
    Health,
    Healthcheck,
    HealthRun,
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
    memory=64 << 20,
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
BUILT = replace(IMAGE, id="i2", layers=("l1", "l2", "l3"), config=Config(entrypoint=("echo",), cmd=("hello",)))
WITH_BUILT = replace(STATE, images={**STATE.images, "i2": ImageRow("i2", ("ch02-app-x:1",), 8 * MB, 0, {})})
OTHER = replace(BOX, id="c2", name="ch02-other-x")
WITH_OTHER = replace(STATE, containers={"c1": BOX, "c2": OTHER})
CHECKED = replace(OTHER, config=Config(healthcheck=Healthcheck(("CMD", "true"))))
WITH_CHECKED = replace(STATE, containers={"c1": BOX, "c2": CHECKED})
A, B = StoredFile("a", b"1", 10001, 10001, 0o600), StoredFile("d/b", b"2", 0, 0, 0o644)
FILES = {("c1", "/data"): (A, B), ("c2", "/data"): (A, B), ("c2", "/moved"): (), ("c1", "/moved"): (B,)}
DRAWN = {"box": "ch02-box-x", "data": "ch02-data-x", "net": "ch02-net-x", "port": "20000", "word": "a"}


class Asked:
    def image(self, identity: str) -> ImageInfo | None:
        return {"i1": IMAGE, "i2": BUILT}.get(identity)

    def read(self, container: str, path: str) -> str | None:
        return "a\n" if path == "/note" else None

    def files(self, container: str, folder: str) -> tuple[StoredFile, ...] | None:
        return FILES.get((container, folder))

    def processes(self, container: str) -> tuple[tuple[str, str], ...]:
        return (("root" if container == "c2" else "10001", "sleep 600"),)

    def logs(self, container: str) -> str:
        return "ready: a\n"


def lab(now: Snapshot = STATE, before: Before | None = None, happened: tuple[Happening, ...] = ()) -> Lab:
    return Lab(View(now, before or Before(), DRAWN, happened, Asked(), {}))


def made_by_compose(project: str, service: str, oneoff: str = "False") -> LiveContainer:
    made = {"project": project, "service": service, "oneoff": oneoff}
    labels = {f"com.docker.compose.{key}": value for key, value in made.items()}
    return lab(with_box(config=Config(image="busybox", labels=labels))).container("box")


def with_box(**changes: Any) -> Snapshot:
    return replace(STATE, containers={"c1": replace(BOX, **changes)})


def ended(code: int) -> Snapshot:
    return with_box(state=State("exited", exit_code=code, started=MADE, finished=MADE))


def started(entrypoint: str, *cmd: str) -> Snapshot:
    return with_box(image="i2", config=Config(image="app", entrypoint=(entrypoint,), cmd=cmd))


def built() -> LiveImage:
    return lab(WITH_BUILT).image("ch02-app-x:1")


def with_files(**of: StoredFile | None) -> Callable[[], object]:
    """A look at a folder in which one file is another one, or missing, or too many."""

    class Changed(Asked):
        def files(self, container: str, folder: str) -> tuple[StoredFile, ...] | None:
            now = {one.path: one for one in FILES["c1", "/data"]} | ({} if container == "c2" else dict(of))
            return tuple(one for one in now.values() if one)

    view = View(WITH_OTHER, Before(), DRAWN, (), Changed(), {})
    return lambda: Lab(view).container("box").expect_same_files("/data", as_in="ch02-other-x")


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
    lambda: made_by_compose("stack", "web").expect_of("stack", "web"),
    lambda: lab().container("box").expect_memory(64 << 20),
    lambda: lab().container("box").expect_restart_policy("no"),
    lambda: lab().container("box").expect_log("ready"),
    lambda: lab().container("box").expect_file("/note", "word"),
    lambda: lab(replace(STATE, containers={})).volume("data").expect_unused(),
    lambda: lab().network("net").expect_members("box"),
    lambda: lab(before=Before(images={"old:1": "i1"})).image("busybox").expect_is("old:1"),
    lambda: lab(before=Before(images={"old:1": "i1"})).expect_kept("old:1"),
    lambda: lab().image("busybox").expect_workdir("/srv").expect_user("app").expect_env("A", "1").expect_label("l", "v"),
    lambda: lab().image("busybox").expect_at_most(5 * MB, named="5 MB"),
    lambda: lab(with_box(state=State("running", health=Health("unhealthy")))).container("box").expect_unhealthy(),
    lambda: lab(started("echo", "hello")).container("box").expect_arguments(),
    lambda: lab(started("echo", "a")).container("box").expect_arguments("word"),
    lambda: lab(with_box(ipc_mode="private", shared_memory=64 << 20)).container("box").expect_shared_memory(64 << 20),
    lambda: lab().container("box").expect_no_file("/data/c").expect_owner("/data/a", 10001).expect_not_root(),
    lambda: lab(WITH_OTHER).container("box").expect_same_files("/data", as_in="ch02-other-x"),
    lambda: lab(WITH_OTHER).container("box").expect_same_check("ch02-other-x"),
    lambda: built().expect_layers_above("busybox", at_least=2),
    lambda: lab(WITH_BUILT).image("busybox").expect_differs_in(0, other="ch02-app-x:1"),
    lambda: built().expect_built_on("busybox").expect_layers_above("busybox", 2).expect_differs_in(2, other="busybox"),
    lambda: built().expect_adds_at_most(3 * MB, base="busybox", named="3 MB"),
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
        "The container ch02-box-x is not running: it was created, but never started.",
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
        lambda: lab().container("box").expect_of("stack", "web"),
        "The container ch02-box-x is not one of the service web of the project stack: Compose did not make it.",
    ),
    (
        lambda: made_by_compose("other", "web").expect_of("stack", "web"),
        "The container ch02-box-x is not one of the service web of the project stack:"
        " it is one of the service web of the project other.",
    ),
    (
        lambda: made_by_compose("stack", "web", oneoff="True").expect_of("stack", "web"),
        "The container ch02-box-x is not one of the service web of the project stack: docker compose run made it.",
    ),
    (
        lambda: lab().container("box").expect_on("other"),
        "The container ch02-box-x is not on the network other; it is on ch02-net-x.",
    ),
    (
        lambda: lab().container("box").expect_memory(128 << 20),
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
    (
        lambda: (
            lab(with_box(state=State("running", health=Health("unhealthy", (HealthRun(MADE, 1, "curl: not found\n"),)))))
            .container("box")
            .expect_healthy()
        ),
        "The container ch02-box-x is unhealthy, and not healthy: its check says “curl: not found”.",
    ),
    (
        lambda: lab(with_box(state=State("running", health=Health("starting")))).container("box").expect_unhealthy(),
        "The container ch02-box-x is starting, and not unhealthy.",
    ),
    (
        lambda: lab(started("cat")).container("box").expect_arguments(),
        "The container ch02-box-x was started with an --entrypoint of its own.",
    ),
    (
        lambda: lab(started("echo", "you")).container("box").expect_arguments(),
        "The container ch02-box-x was started with “you” after the image's name, not with nothing.",
    ),
    (
        lambda: lab(started("echo", "hello")).container("box").expect_arguments("word"),
        "The container ch02-box-x was started with nothing after the image's name, not with “a”.",
    ),
    (
        lambda: lab(with_box(image="i0")).container("box").expect_arguments(),
        "The image that the container ch02-box-x is made from is gone.",
    ),
    (
        lambda: lab(with_box(ipc_mode="host")).container("box").expect_shared_memory(1 << 20),
        "The container ch02-box-x uses the shared memory of the host.",
    ),
    (
        lambda: lab(with_box(ipc_mode="private", shared_memory=64 << 20)).container("box").expect_shared_memory(256 << 20),
        "The container ch02-box-x has 64 MB of shared memory, and not 256 MB.",
    ),
    (lambda: lab().container("box").expect_no_file("/data/d"), "In the container ch02-box-x there is /data/d/b."),
    (lambda: lab().container("box").expect_no_file("/other/d"), "The container ch02-box-x has no folder /other."),
    (lambda: lab().container("box").expect_owner("/data/c", 1), "The container ch02-box-x has no file /data/c."),
    (
        lambda: lab().container("box").expect_owner("/data/a", 1),
        "In the container ch02-box-x, /data/a belongs to user 10001, and not to 1.",
    ),
    (
        lambda: lab(WITH_OTHER).container("ch02-other-x").expect_not_root(),
        "In the container ch02-other-x, “sleep 600” runs as root.",
    ),
    (with_files(a=None), "In the container ch02-box-x, /data/a is missing."),
    (
        with_files(c=replace(B, path="c")),
        "In the container ch02-box-x, /data/c is one too many: ch02-other-x has none.",
    ),
    (
        with_files(a=replace(A, uid=0, gid=0)),
        "In the container ch02-box-x, /data/a belongs to 0:0, and in ch02-other-x to 10001:10001.",
    ),
    (with_files(a=replace(A, mode=0o644)), "In the container ch02-box-x, /data/a has the mode 644, and in ch02-other-x 600."),
    (with_files(a=replace(A, content=b"")), "In the container ch02-box-x, /data/a does not say what it says in ch02-other-x."),
    (
        lambda: lab().container("box").expect_same_files("/data", as_in="ch02-other-x"),
        "There is no container ch02-other-x; your new one is called ch02-box-x.",
    ),
    (
        lambda: lab(WITH_BUILT).image("busybox").expect_built_on("ch02-app-x:1"),
        "The image busybox is not built on ch02-app-x:1.",
    ),
    (lambda: built().expect_built_on("debian"), "There is no image debian to compare ch02-app-x:1 with."),
    (lambda: built().expect_not_built_on("busybox"), "The image ch02-app-x:1 has the layers of busybox in it."),
    (
        lambda: built().expect_layers_above("busybox", 1),
        "The image ch02-app-x:1 has 2 layers on top of busybox, and not 1.",
    ),
    (
        lambda: built().expect_layers_above("busybox", at_least=3),
        "The image ch02-app-x:1 has 2 layers on top of busybox, and not at least 3.",
    ),
    (
        lambda: lab(WITH_CHECKED).container("ch02-other-x").expect_same_check("box"),
        "The container ch02-other-x has another health check than ch02-box-x.",
    ),
    (
        lambda: lab().container("box").expect_same_check("ch02-other-x"),
        "There is no container ch02-other-x; your new one is called ch02-box-x.",
    ),
    (
        lambda: built().expect_adds_at_most(MB, base="busybox", named="1 MB"),
        "The image ch02-app-x:1 adds 3 MB to busybox; at most 1 MB were asked for.",
    ),
    (
        lambda: built().expect_differs_in(1, other="busybox"),
        "The image ch02-app-x:1 has 2 layers that busybox has not; there should be 1.",
    ),
    (
        lambda: built().expect_differs_in(1, other="ch02-app-x:1"),
        "The image ch02-app-x:1 has no layer that ch02-app-x:1 has not; there should be 1.",
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


def test_a_newcomer_with_a_drawn_name_is_the_learners_before_all_others() -> None:
    others = {"c8": replace(BOX, id="c8", name="somebody"), "c9": replace(BOX, id="c9", name="ch02-box-x-2")}
    for there, line in ((others, "your new one is called ch02-box-x-2."), ({"c8": others["c8"]}, "is called somebody.")):
        with pytest.raises(CheckFailed, match=line):
            lab(replace(STATE, containers=there)).container("box")
