"""What a run tells of images and stacks, against what the engine itself says of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import docker
import pytest

from grader.checks.image import Image
from grader.checks.work import Work
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.events import EngineObserved, Event, ImageBuilt, ServiceObserved, StackObserved
from grader.values.facts import Facts
from tests import core

pytestmark = pytest.mark.engine

DOCKERFILE = """\
FROM busybox AS first
RUN echo thrown away > /away
FROM busybox
ARG NAME=world
COPY note.txt /
RUN head -c 2000000 /dev/zero > /big && \\
    echo $NAME
CMD echo hello
"""
STACK = """\
services:
  web:
    build: .
    command: httpd -f -p 80 -h /srv
    init: true
    ports: ["8000:80"]
    volumes: ["./site:/srv:ro", "numbers:/data"]
    networks: [front, back]
    depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}}
  db:
    image: busybox
    init: true
    command: httpd -f -p 5432 -h /etc
    networks: [back]
    healthcheck: {test: wget -q -O /dev/null localhost:5432/passwd, interval: 30s, retries: 3}
  job: {image: busybox, command: "true", scale: 2}
volumes: {numbers: }
networks: {front: , back: }
"""


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def session(events: list[Event]) -> Iterator[Session]:
    with Session(replace(core.LIMITS, start_seconds=30), observe=events.append) as session:
        yield session
    assert session.left == []


def work(session: Session, folder: Path, files: dict[str, str | bytes]) -> Work:
    return Work(session, core.submission(folder / "work", files), Facts("a learner", "99-toy"))


def images(events: list[Event]) -> list[ImageBuilt]:
    return [one for one in events if isinstance(one, ImageBuilt)]


def stacks(events: list[Event]) -> list[StackObserved]:
    return [one for one in events if isinstance(one, StackObserved)]


def test_an_image_is_told_of_once_and_as_the_engine_has_it(session: Session, events: list[Event], tmp_path: Path) -> None:
    mine = work(session, tmp_path, {"Dockerfile": DOCKERFILE})
    image = mine.build()
    assert mine.build() is image
    (told,) = images(events)
    client = docker.from_env()
    history = client.api.history(image.id)[::-1]  # type: ignore[no-untyped-call]
    assert [one.size for one in told.layers] == [one["Size"] for one in history]
    assert told.size == client.images.get(image.id).attrs["Size"]
    assert (told.base, told.base_layers) == ("busybox:latest", len(client.images.get("busybox").history()))
    client.close()
    assert [one.command for one in told.layers[told.base_layers :]] == [
        "ARG NAME=world",
        "COPY note.txt /",
        "RUN head -c 2000000 /dev/zero > /big && echo $NAME",
        "CMD echo hello",
    ]
    assert told.file == "Dockerfile"
    assert told.steps == image.steps
    assert told.changed == ()
    assert [(size, command) for size, command in image.layers()] == [(one.size, one.command) for one in told.layers]


def test_a_changed_copy_says_so_and_a_probe_is_not_told_of(session: Session, events: list[Event], tmp_path: Path) -> None:
    mine = work(session, tmp_path, {"Dockerfile": "FROM scratch\nCOPY note.txt /\n"})
    mine.sent()
    assert images(events) == []
    mine.with_files({"note.txt": "new"}).with_files({"more": "", "note.txt": "newer"}).build()
    (told,) = images(events)
    assert told.changed == ("note.txt", "more")
    assert (told.base, told.base_layers) == ("", 0)


def test_a_base_that_the_engine_does_not_have_by_name_is_told_from_the_builds_steps(
    session: Session, events: list[Event], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the lab, where the builder gets what nobody has pulled."""
    monkeypatch.setattr(Image, "base", ("", 0))
    work(session, tmp_path, {"Dockerfile": DOCKERFILE}).build()
    work(session, tmp_path / "other", {"Dockerfile": "FROM busybox\nCMD true\n"}).build()
    told, nothing = images(events)
    assert told.base.startswith("busybox")
    assert told.layers[told.base_layers].command == "COPY note.txt /"
    assert (nothing.base, nothing.base_layers) == ("", 0)  # no step of its own to begin with


def test_what_does_not_build_is_not_told_of(session: Session, events: list[Event], tmp_path: Path) -> None:
    with pytest.raises(CheckFailed):
        work(session, tmp_path, {"Dockerfile": "FROM busybox\nRUN false\n"}).build()
    assert images(events) == []


def test_telling_never_fails_a_check(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Image, "base", property(breaks))
    assert work(session, tmp_path, {"Dockerfile": "FROM busybox\n"}).build().id


def test_nothing_is_looked_up_for_nobody(tmp_path: Path) -> None:
    with Session(core.LIMITS) as session:
        image = work(session, tmp_path, {"Dockerfile": "FROM busybox\n"}).build()
        assert "history" not in vars(image)


@pytest.mark.slow
def test_a_stack_that_came_up(session: Session, events: list[Event], tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"compose.yaml": STACK, "Dockerfile": "FROM busybox\n", "site/index.html": "x"}
    stack = work(session, tmp_path, files).compose()
    (told,) = stacks(events)
    assert told == StackObserved(
        file="compose.yaml",
        services=(
            ServiceObserved(name="db", image="busybox", state="running", health="healthy", networks=("back",)),
            ServiceObserved(name="job", image="busybox", state="exited (0)", networks=("default",), replicas=2),
            ServiceObserved(
                name="web",
                image="built from .",
                state="running",
                ports=("8000:80/tcp",),
                needs=(("db", "service_healthy"), ("job", "service_completed_successfully")),
                networks=("back", "front"),
                volumes=("./site:/srv:ro", "numbers:/data"),
            ),
        ),
    )
    (image,) = images(events)
    assert (image.file, image.layers[0].size > 0) == ("Dockerfile", True)
    assert {name: one.state.status for name, one in stack.services.items()} == {
        one.name: one.state.split()[0] for one in told.services
    }
    stack.down()
    stack.up()
    assert len(stacks(events)) == 2


FAILS = {
    "stops": (
        "web: {image: busybox, command: sh -c 'exit 3', depends_on: [db]}\n"
        "  db: {image: busybox, command: sleep 100, init: true}",
        {"web": ("exited (3)", ""), "db": ("running", "")},
    ),
    "neighbour never healthy": (
        "a: {image: busybox, depends_on: {b: {condition: service_healthy}}}\n"
        "  b: {image: busybox, command: sleep 100, init: true, "
        "healthcheck: {test: 'echo no; exit 1', interval: 1s, retries: 1}}",
        {"a": ("created", ""), "b": ("running", "unhealthy")},
    ),
    "does not build": ("a: {build: ./nope}\n  b: {image: busybox}", {"a": ("not created", ""), "b": ("not created", "")}),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", FAILS)
def test_a_stack_that_did_not(session: Session, events: list[Event], tmp_path: Path, how: str) -> None:
    services, expected = FAILS[how]
    with pytest.raises(CheckFailed):
        work(session, tmp_path, {"compose.yaml": f"services:\n  {services}\n"}).compose()
    (told,) = stacks(events)
    assert {one.name: (one.state, one.health) for one in told.services} == expected


COMMANDS = """\
docker network create lab
docker run -d --name web --network lab -p 20001:8000 -p 127.0.0.1:20002:8000/udp -v data:/d busybox sleep 1000
docker run -d --name guest --network container:web busybox sleep 1000
docker run --name ended busybox sh -c 'printf "a\\n"; exit 3'
docker volume create bare
"""


def test_what_commands_have_left_is_told_once(session: Session, events: list[Event], tmp_path: Path) -> None:
    mine = work(session, tmp_path, {"commands.sh": COMMANDS})
    mine.run_script(setup=(("volume", "create", "given"), ("create", "--name", "note", "--volume", "given:/g:ro", "busybox")))
    (told,) = [one for one in events if isinstance(one, EngineObserved)]
    containers = {one.name: one for one in told.containers}
    assert list(containers) == ["ended", "guest", "note", "web"]
    assert (told.networks, told.volumes, told.images) == (("lab",), ("bare", "data", "given"), ("busybox:latest",))
    web = containers["web"]
    assert (web.image, web.state, web.given, web.networks) == ("busybox", "running", False, ("lab",))
    assert web.published == (("0.0.0.0", 20001, "8000"), ("127.0.0.1", 20002, "8000/udp"))
    assert sorted(web.mounts) == [("data", "/d", True, True)]
    assert containers["guest"].networks == ("that of web",)
    assert containers["ended"].state == "exited (3)"
    assert (containers["note"].given, containers["note"].state) == (True, "created")
    assert containers["note"].mounts == (("given", "/g", False, True),)
