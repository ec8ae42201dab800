"""What the engine says becomes typed values: from JSON as two image stores of 26.1 gave it, and on the engine that is here.

``inspected/`` holds ``docker inspect`` of a container with a bit of everything (two networks, published ports, mounts, a health
check that fails), of one whose command does not exist, and of one that has ended; of their image, network and volume.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from grader.engine import containers, images
from grader.engine.inspect import (
    Binding,
    Config,
    ContainerInfo,
    Endpoint,
    Health,
    Healthcheck,
    ImageInfo,
    Mount,
    NetworkInfo,
    State,
    VolumeInfo,
    moment,
)
from grader.engine.session import Session
from grader.values.errors import EngineUnavailable, ImageUnavailable
from tests import core

RECORDED = Path(__file__).parent / "inspected"
START = datetime(2026, 11, 22, 2, 3, 4, tzinfo=UTC)


@pytest.fixture(params=["classic", "containerd"])
def recorded(request: pytest.FixtureRequest) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((RECORDED / f"{request.param}.json").read_text())
    return read


def test_a_running_container(recorded: dict[str, Any]) -> None:
    web = ContainerInfo.parse(recorded["web"])
    assert (web.id, web.name, web.command) == (recorded["web"]["Id"], "web", ("sleep", "1000"))
    assert web.image == recorded["image"]["Id"]
    assert (web.restart_policy, web.restarts, web.memory) == ("on-failure", 0, 64 << 20)
    assert web.state.running
    assert (web.state.status, web.state.exit_code, web.state.error, web.state.finished) == ("running", 0, "", None)
    assert not web.state.restarting
    assert not web.state.oom_killed
    assert web.state.pid > 0
    assert web.state.started is not None
    assert web.created < web.state.started
    assert (web.config.image, web.config.user, web.config.workdir) == ("busybox", "1000", "/data")
    assert (web.config.stop_signal, web.config.entrypoint, web.config.cmd) == ("SIGINT", (), ("sleep", "1000"))
    assert web.config.env["A"] == "b=c"
    assert web.config.labels["role"] == "web"


def test_its_health(recorded: dict[str, Any]) -> None:
    web = ContainerInfo.parse(recorded["web"])
    assert web.config.healthcheck == Healthcheck(("CMD-SHELL", "echo fine; exit 1"), 1.0, 2.0, 3.0, 2)
    assert web.state.health.status == "unhealthy"
    assert [(one.exit_code, one.output) for one in web.state.health.runs] == [(1, "fine\n")] * 5
    starts = [one.started for one in web.state.health.runs]
    assert all(starts)
    assert sorted(set(starts), key=str) == starts


def test_its_ports_mounts_and_networks(recorded: dict[str, Any]) -> None:
    web = ContainerInfo.parse(recorded["web"])
    assert web.bindings == (
        Binding(80, "tcp", "0.0.0.0", 8000),
        Binding(80, "tcp", "::", 8000),
        Binding(90, "udp", "0.0.0.0", 9000),
        Binding(90, "udp", "::", 9000),
    )
    assert web.published() == {80: 8000}
    assert web.published("udp") == {90: 9000}
    assert web.mounts == (
        Mount("volume", "data", "/var/lib/docker/volumes/data/_data", "/data", writable=True),
        Mount("bind", "", "/tmp", "/tmp", writable=False),
        Mount("tmpfs", "", "", "/x", writable=True),
    )
    assert web.networks == {"back": Endpoint("172.19.0.2"), "bridge": Endpoint("172.18.0.2")}


def test_one_that_could_not_be_started(recorded: dict[str, Any]) -> None:
    broken = ContainerInfo.parse(recorded["broken"])
    assert (broken.state.status, broken.state.running, broken.state.exit_code) == ("created", False, 127)
    assert 'exec: "nope": executable file not found' in broken.state.error
    assert (broken.state.started, broken.state.finished, broken.state.lasted) == (None, None, 0.0)
    assert broken.state.age(START) == 0.0
    assert broken.state.health == Health("none", ())
    assert broken.bindings == ()


def test_one_that_has_ended(recorded: dict[str, Any]) -> None:
    ended = ContainerInfo.parse(recorded["ended"])
    assert (ended.state.status, ended.state.running, ended.state.exit_code) == ("exited", False, 3)
    # A brief one's end may be written down before its start.
    assert ended.state.finished
    assert ended.state.started
    assert ended.state.lasted == max((ended.state.finished - ended.state.started).total_seconds(), 0)
    assert ended.networks == {"bridge": Endpoint()}


def test_an_image(recorded: dict[str, Any]) -> None:
    image = ImageInfo.parse(recorded["image"])
    assert image.id == recorded["image"]["Id"]
    assert image.size > 1 << 20
    assert len(image.layers) == 1
    assert image.config.cmd == ("sh",)
    assert image.config.labels["org.drydock.stand-in.name"] == "busybox:latest"
    assert image.config.healthcheck is None


def test_a_network_and_a_volume(recorded: dict[str, Any]) -> None:
    network = NetworkInfo.parse(recorded["network"])
    assert (network.name, network.driver, network.internal, network.labels) == ("back", "bridge", True, {"role": "back"})
    assert network.id == recorded["web"]["NetworkSettings"]["Networks"]["back"]["NetworkID"]
    assert VolumeInfo.parse(recorded["volume"]) == VolumeInfo("data", "local", {"role": "data"})


def test_what_newer_engines_leave_out_is_as_good_as_empty(recorded: dict[str, Any]) -> None:
    """Since API 1.50 an image's settings come without those that are empty; since 1.52 more goes, and networks gain."""
    image = recorded["image"]
    full = ImageInfo.parse(image)
    image["Config"] = {name: value for name, value in image["Config"].items() if value}
    for name in ("Parent", "Comment", "DockerVersion", "Author", "GraphDriver", "RepoDigests"):
        del image[name]
    assert ImageInfo.parse(image | {"Descriptor": {"digest": image["Id"]}}) == full
    assert ImageInfo.parse({"Id": "sha256:0", "Size": 0}) == ImageInfo("sha256:0", 0, (), Config())

    web = recorded["web"]
    complete = ContainerInfo.parse(web)
    web["NetworkSettings"] = {name: web["NetworkSettings"][name] for name in ("SandboxID", "SandboxKey", "Ports", "Networks")}
    for one in web["NetworkSettings"]["Networks"].values():
        one["GwPriority"] = 0
    web["Config"] = {name: value for name, value in web["Config"].items() if value}
    assert ContainerInfo.parse(web | {"ImageManifestDescriptor": {}}) == complete


def test_an_image_that_switches_its_health_check_off() -> None:
    config = Config.parse({"Healthcheck": {"Test": ["NONE"]}, "Labels": None, "Env": ["A=1", "odd"]})
    assert config.healthcheck == Healthcheck(("NONE",))
    assert config.env == {"A": "1"}


def test_no_health_check_is_said_in_two_ways() -> None:
    assert Health.parse(None) == Health.parse({"Status": "none", "FailingStreak": 0, "Log": None}) == Health()


def test_times() -> None:
    assert moment("0001-01-01T00:00:00Z") is moment("") is None
    assert moment("2026-11-22T02:03:04.123456789Z") == START + timedelta(microseconds=123456)
    assert moment("2026-11-22T03:03:04+01:00") == START
    state = State("exited", started=START, finished=START + timedelta(seconds=2))
    assert (state.lasted, state.age(START + timedelta(seconds=3)), state.age(START - timedelta(seconds=3))) == (2.0, 3.0, 0.0)
    assert State("running", started=START, finished=START - timedelta(seconds=2)).lasted == 0.0  # restarted since


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(core.LIMITS) as session:
        yield session
    assert session.left == []


@pytest.mark.engine
def test_the_engine_that_is_here(session: Session) -> None:
    name = containers.volume(session, "inspected")
    spec = containers.Spec(
        image="busybox",
        command=["sh", "-c", "exit 3"],
        env={"A": "b=c"},
        user="7",
        workdir="/data",
        publish=80,
        network="bridge",
        volumes={name: "/data:ro"},
        memory=32 << 20,
        healthcheck=Healthcheck(("CMD", "true"), timeout_s=2),
    )
    identity = containers.create(session, spec)
    made = containers.inspect(session, identity)
    assert (made.id, made.image) == (identity, images.inspect(session, "busybox").id)
    assert (made.state.status, made.state.started, made.command) == ("created", None, ("sh", "-c", "exit 3"))
    assert (made.config.user, made.config.workdir, made.config.env["A"]) == ("7", "/data", "b=c")
    assert (made.memory, made.restart_policy, made.config.labels["drydock"]) == (32 << 20, "no", session.id)
    assert [(one.kind, one.name, one.target, one.writable) for one in made.mounts] == [("volume", name, "/data", False)]
    assert list(made.networks) == ["bridge"]

    containers.start(session, identity)
    running = containers.inspect(session, identity)
    if running.state.running:
        assert running.published().keys() == {80}
        assert running.networks["bridge"].address
    session.client.api.wait(identity)
    ended = containers.inspect(session, identity).state
    assert (ended.status, ended.running, ended.exit_code) == ("exited", False, 3)
    assert ended.started
    assert ended.finished


@pytest.mark.engine
def test_what_is_not_there_is_nobodys_score(session: Session) -> None:
    with pytest.raises(EngineUnavailable, match="removed by someone else"):
        containers.inspect(session, "0" * 64)
    with pytest.raises(ImageUnavailable):
        images.inspect(session, "drydock-no-such-image:1")
