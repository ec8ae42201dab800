"""The observer on the real engine: what it sees, what it leaves alone, and what it finds when it has been away."""

import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.engine.client import connect
from grader.engine.observer import Observer, Snapshot, shared_layers, watch
from grader.engine.observer.events import FILTERS
from grader.engine.ownership import LABEL
from tests.engine.observer.kit import PATIENT_SECONDS, Onlooker, Way, docker, engine_things

pytestmark = pytest.mark.engine

NAME = f"observed-{secrets.token_hex(3)}"
RUN = ("run", "--detach", "--name", NAME)
# Ends at once when it is asked to.
WAITS = ("sh", "-c", 'trap "exit 3" TERM; while :; do sleep 1 & wait $!; done')


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    with engine_things(NAME):
        yield


@pytest.fixture
def observer() -> Iterator[Observer]:
    made = Observer()
    yield made
    made.close()


def test_the_life_of_a_container(observer: Observer) -> None:
    on = Onlooker(observer)
    on.until(lambda now: now.seen, "the first state")
    docker(*RUN, "--publish", "127.0.0.1::8000", "busybox", *WAITS)
    now = on.until(lambda now: (one := now.container(NAME)) and one.state.running and one.bindings, "it runs")
    one = now.container(NAME)
    assert one is not None
    assert one.published() == {8000: one.bindings[0].port}
    docker("pause", NAME)
    on.until(lambda now: (one := now.container(NAME)) and one.state.status == "paused", "it is paused")
    docker("unpause", NAME)
    docker("stop", NAME)
    on.until(lambda now: (one := now.container(NAME)) and (one.state.status, one.state.exit_code) == ("exited", 3), "it ended")
    docker("rm", NAME)
    on.until(lambda now: now.container(NAME) is None, "it is gone")
    assert "die" in {event.action for event in observer.happened() if event.name == NAME}


def test_a_crash_its_restarts_and_its_health(observer: Observer) -> None:
    on = Onlooker(observer)
    docker(*RUN, "--restart", "on-failure:2", "busybox", "sh", "-c", "sleep 1; exit 7")
    on.until(lambda now: (one := now.container(NAME)) and one.restarts == 2 and one.state.exit_code == 7, "it crashed thrice")
    docker("rm", "--force", NAME)
    check = ("--health-cmd", "test -e /well", "--health-interval", "1s", "--health-retries", "1")
    docker(*RUN, *check, "busybox", *WAITS)
    on.until(lambda now: (one := now.container(NAME)) and one.state.health.status == "unhealthy", "it is unhealthy")
    docker("exec", NAME, "touch", "/well")
    on.until(lambda now: (one := now.container(NAME)) and one.state.health.status == "healthy", "it is healthy")


def test_networks_volumes_and_who_has_them(observer: Observer) -> None:
    on = Onlooker(observer)
    docker("network", "create", NAME)
    docker("volume", "create", NAME)
    docker(*RUN, "--volume", f"{NAME}:/data", "busybox", *WAITS)
    on.until(lambda now: [one.name for one in now.mounting(NAME)] == [NAME] and NAME in now.volumes, "it has the volume")
    docker("network", "connect", NAME, NAME)
    on.until(lambda now: [one.name for one in now.members(NAME)] == [NAME] and now.network(NAME), "it is on the network")
    docker("network", "disconnect", NAME, NAME)
    on.until(lambda now: not now.members(NAME), "it has left the network")
    docker("rm", "--force", NAME)
    docker("network", "rm", NAME)
    docker("volume", "rm", NAME)
    on.until(lambda now: now.network(NAME) is None and NAME not in now.volumes, "all is gone")


def test_an_unnamed_volume_of_the_graders_own_container_is_left_out(observer: Observer) -> None:
    on = Onlooker(observer)
    on.until(lambda now: now.seen, "the first state")
    docker("create", "--label", f"{LABEL}=20260101T000000-abc", "--name", NAME, "--volume", "/unnamed", "busybox")
    unnamed = docker("inspect", "--format", "{{(index .Mounts 0).Name}}", NAME)
    try:
        docker("volume", "create", f"{NAME}-one")
        assert unnamed not in on.until(lambda now: f"{NAME}-one" in now.volumes, "a volume").volumes
        docker("rm", NAME)
        docker("volume", "create", f"{NAME}-two")
        assert unnamed in on.until(lambda now: f"{NAME}-two" in now.volumes, "another volume").volumes, "nobody's is shown"
    finally:
        docker("volume", "rm", "--force", unnamed, f"{NAME}-one", f"{NAME}-two", check=False)


def test_an_image_its_names_and_its_layers(observer: Observer) -> None:
    on = Onlooker(observer)
    recipe = f"FROM busybox\nRUN echo {NAME} > /mark\n"
    subprocess.run(["docker", "build", "--tag", NAME, "-"], input=recipe, check=True, capture_output=True, text=True)
    now = on.until(lambda now: now.image(NAME), "the image")
    made, base = now.image(NAME), now.image("busybox")
    assert made is not None
    assert base is not None
    images = {one: about for one in (made.id, base.id) if (about := observer.image(one))}
    assert {made.id, base.id} in [set(ids) for ids in shared_layers(images).values()]
    docker("tag", NAME, f"{NAME}:two")
    on.until(lambda now: now.image(f"{NAME}:two"), "its second name")
    docker("image", "rm", f"{NAME}:two", NAME)
    on.until(lambda now: now.image(NAME) is None and now.image(f"{NAME}:two") is None, "it is gone")


def test_health_checks_and_execs_do_not_reach_us() -> None:
    client = connect()
    made = docker(*RUN, "--health-cmd", "true", "--health-interval", "1s", "busybox", *WAITS)
    stream = client.api.events(since=int(time.time()) - 5, filters={**FILTERS, "container": [made]}, decode=True)
    docker("exec", NAME, "true")
    actions = []
    for said in stream:
        actions.append(said["Action"])
        if said["Action"].startswith("exec_die") and actions.count(said["Action"]) > 2:
            break
    stream.close()
    client.close()
    assert "health_status: healthy" in actions
    assert not [one for one in actions if one.startswith(("exec_create", "exec_start"))]


def test_only_who_asks_for_it_is_told_that_a_command_has_ended_inside(observer: Observer) -> None:
    docker(*RUN, "busybox", *WAITS)
    on, other = Onlooker(observer, inside=True), Onlooker(observer)
    on.until(lambda now: now.container(NAME), "the container")
    docker("exec", NAME, "sh", "-c", "echo here > /note")
    end = time.monotonic() + PATIENT_SECONDS
    while not any(one.inside for one in on.updates):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert observer.read(NAME, "/note") == "here\n"
    assert observer.read(NAME, "/nothing") is None
    # Others' doings on a shared engine may have brought an update of its own.
    assert all(one.changes or not one.inside or one is other.updates[0] for one in other.updates)


def test_what_a_container_wrote_can_be_read_when_it_has_ended(observer: Observer) -> None:
    on = Onlooker(observer)
    docker(*RUN, "busybox", "sh", "-c", "echo out; echo err >&2; sleep 1")
    on.until(lambda now: (one := now.container(NAME)) and one.state.status == "exited", "it ended")
    assert sorted(observer.logs(NAME).split()) == ["err", "out"]


def test_what_happened_while_nobody_looked_is_found_by_comparing(observer: Observer) -> None:
    docker(*RUN, "busybox", *WAITS)
    first = Onlooker(observer)
    first.until(lambda now: now.container(NAME), "the container")
    first.leave()
    assert not observer.watching
    docker("rm", "--force", NAME)
    docker("volume", "create", NAME)
    second = Onlooker(observer)
    second.until(lambda now: NAME in now.volumes, "the volume")
    told = {(one.kind, one.what) for one in second.changes if one.name == NAME}
    assert told == {("container", "gone"), ("volume", "appeared")}


def test_an_engine_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    way = Way(Path(f"/tmp/{NAME}.sock"))  # a socket's path must be short
    way.open()
    observer = Observer(way.address)
    try:
        docker(*RUN, "busybox", *WAITS)
        on = Onlooker(observer)
        on.until(lambda now: now.container(NAME), "the container")
        way.cut()
        now = on.until(lambda now: now.trouble, "that the engine is away")
        assert now.container(NAME) is not None, "what was last seen is kept"
        docker("rm", "--force", NAME)
        docker("volume", "create", NAME)
        way.open()
        now = on.until(lambda now: not now.trouble and NAME in now.volumes, "what happened meanwhile")
        assert now.container(NAME) is None
        assert {("container", "gone"), ("volume", "appeared")} <= {
            (one.kind, one.what) for one in on.changes if one.name == NAME
        }
        docker("volume", "rm", NAME)
        on.until(lambda now: NAME not in now.volumes, "what happens from then on")
    finally:
        observer.close()
        way.cut()


def test_a_state_that_cannot_be_read_is_told_and_asked_again(observer: Observer, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> Snapshot:
        raise LookupError("Status")

    with monkeypatch.context() as patched:
        patched.setattr(watch, "look", unreadable)
        on = Onlooker(observer)
        on.until(lambda now: "could not be read (LookupError" in now.trouble, "that it cannot be read")
    on.until(lambda now: now.seen and not now.trouble, "the state, once it can")


def test_who_asks_is_given_a_state_that_is_newer(observer: Observer) -> None:
    on = Onlooker(observer)
    on.until(lambda now: now.seen, "the first state")
    number = observer.look_again()
    assert observer.snapshot.answers < number
    on.until(lambda now: now.answers >= number, "a state that was looked at since")


def test_where_no_engine_is_at_the_beginning_one_is_found_when_it_comes() -> None:
    way = Way(Path(f"/tmp/{NAME}.sock"))
    observer = Observer(way.address)
    try:
        on = Onlooker(observer)
        assert "there is no such socket" in on.until(lambda now: now.trouble, "that there is none").trouble
        way.open()
        on.until(lambda now: now.seen and not now.trouble and now.images, "the engine")
    finally:
        observer.close()
        way.cut()


@pytest.mark.slow
def test_an_engine_that_is_restarted() -> None:
    """A whole engine of its own, in a container: what happens to it happens to the observer's connections as well."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    begin = ("dockerd", "--host=tcp://0.0.0.0:2375", "--tls=false")
    docker("run", "--detach", "--privileged", "--name", NAME, f"--publish=127.0.0.1:{port}:2375", "docker:28-dind", *begin)
    observer = Observer(address)
    try:
        on = Onlooker(observer)
        on.until(lambda now: now.seen and not now.trouble, "the engine")
        docker("--host", address, "volume", "create", "kept")
        on.until(lambda now: "kept" in now.volumes, "the volume")
        docker("stop", "--time", "60", NAME)
        on.until(lambda now: now.trouble, "that the engine is away")
        docker("start", NAME)
        on.until(lambda now: not now.trouble and "kept" in now.volumes, "the engine again")
        docker("--host", address, "volume", "rm", "kept")
        on.until(lambda now: not now.volumes, "what happens from then on")
    finally:
        observer.close()
