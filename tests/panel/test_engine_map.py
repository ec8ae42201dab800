"""The engine's map: what a page shows of a snapshot, and that it follows the real engine."""

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from grader import settings
from grader.engine.inspect import Binding, Endpoint, Health, HealthRun, Mount, State
from grader.engine.observer import Observer, Snapshot
from grader.panel.engine_map import MapDesk, engine_map
from tests.panel.made_up import RUNNING, container, exited, image, many, snapshot
from tests.panel.support import TOKEN, Server, jupyter

PATIENT_SECONDS: Final = 120.0
PREFIX: Final = "drydock-test-map"


def things(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Key → thing."""
    return {one["key"]: one for section in state["sections"] for group in section["groups"] for one in group["things"]}


def said(thing: dict[str, Any], label: str) -> list[str]:
    return [one["text"] for one in thing["facts"].get(label, [])]


def only(state: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in things(state).values() if one["name"] == name]
    return found


@pytest.mark.parametrize(
    ("state", "word", "tone"),
    [
        (RUNNING, "running", "good"),
        (replace(RUNNING, health=Health("healthy")), "running, healthy", "good"),
        (replace(RUNNING, health=Health("starting")), "running, health check starting", "warn"),
        (replace(RUNNING, health=Health("unhealthy")), "running, unhealthy", "bad"),
        (replace(RUNNING, status="paused"), "paused", "warn"),
        (replace(RUNNING, status="restarting", restarting=True, exit_code=1), "restarting after exit code 1", "bad"),
        (State("created"), "created, never started", "quiet"),
        (State("created", exit_code=127, error="not found"), "could not start", "bad"),
        (exited(0), "exited, exit code 0", "quiet"),
        (exited(1), "exited, exit code 1", "bad"),
        (exited(127), "exited, exit code 127 (the command was not found)", "bad"),
        (exited(143), "exited, exit code 143 (ended by SIGTERM, the request to stop)", "warn"),
        (exited(137, oom_killed=True), "killed at its memory limit, exit code 137 (killed by SIGKILL)", "bad"),
        (State("dead"), "dead", "bad"),
    ],
)
def test_a_containers_state_is_a_word_and_a_tone(state: State, word: str, tone: str) -> None:
    one = only(engine_map(snapshot(container("box", state)), {}), "box")
    assert (one["word"], one["tone"]) == (word, tone)


def test_what_is_known_of_a_container() -> None:
    python, about = image("python:3.13-slim")
    health = Health("unhealthy", (HealthRun(None, 1, "connection refused\n"),))
    web = container(
        "web",
        replace(RUNNING, health=health),
        image="python:3.13-slim",
        bindings=(
            *(Binding(8000, "tcp", address, 8041) for address in ("0.0.0.0", "::")),
            Binding(53, "udp", "127.0.0.1", 5353),
            Binding(9000, "tcp", "192.0.2.7", 9000),
        ),
        mounts=(
            Mount("volume", "data", "", "/data", writable=False),
            Mount("bind", "", "/srv", "/srv", writable=True),
            Mount("tmpfs", "", "", "/t", writable=True),
        ),
        networks={"shop": Endpoint("172.18.0.2"), "gone": Endpoint()},
        restarts=2,
        restart_policy="always",
    )
    guest = container("guest", exited(0), network_mode=f"container:{web.id}")
    state = engine_map(snapshot(web, guest, networks=("shop",), volumes=("data",), images=(python,)), {about.id: about})
    one = only(state, "web")
    ports = one["facts"]["Ports"]
    assert [(port["text"], port.get("port")) for port in ports] == [
        ("127.0.0.1:5353 → 53/udp", None),
        ("8041 → 8000", 8041),
        ("192.0.2.7:9000 → 9000", None),
    ]
    assert said(one, "Networks") == ["gone", "shop (172.18.0.2)"]
    assert said(one, "Mounts") == ["data at /data, read-only", "/srv at /srv", "memory at /t"]
    assert said(one, "Why") == ["health check: exit code 1 connection refused"]
    assert said(one, "Restarts") == ["2 times, policy always"]
    assert said(only(state, "guest"), "Networks") == ["that of web"]
    connected = {things(state)[key]["name"] for key in one["links"]}
    assert connected == {"shop", "data", "/srv", "python:3.13-slim", "guest"}
    for other in things(state).values():
        assert all(other["key"] in things(state)[key]["links"] for key in other["links"]), "what is connected is so both ways"
    assert said(only(state, "shop"), "On it") == ["web"]
    assert said(only(state, "data"), "Mounted by") == ["web at /data, read-only"]
    assert said(only(state, "/srv"), "Kind") == ["a folder or file of the host"]


def test_images_tell_which_layers_they_share() -> None:
    pairs = [image("app:1", "base", "python", "code"), image("python:3", "base", "python"), image("other:1", "else")]
    state = engine_map(snapshot(images=tuple(row for row, _ in pairs)), {about.id: about for _, about in pairs})
    app, other = only(state, "app:1"), only(state, "other:1")
    assert said(app, "Shared with") == ["2 with python:3"]
    assert (said(app, "Layers"), app["layers"]) == (["3 layers, 2 shared"], [True, True, False])
    assert (said(other, "Layers"), said(other, "Shared with")) == (["1 layer, none shared"], [])
    assert app["links"] == [], "images that share layers are not marked as what a container is connected with"


def test_what_a_drill_speaks_of_is_marked_and_comes_first() -> None:
    boxes = [container(f"box{n}", exited(0, minute=n), minute=n) for n in range(9)]
    images = tuple(image(name)[0] for name in ("app:1", "apple:1", "app-web:1"))
    state = engine_map(
        snapshot(*boxes, networks=("lan_default", "lane"), volumes=("store",), images=images),
        {},
        ("box0", "lan", "store", "app"),
    )
    marked = [one["name"] for one in things(state).values() if one["spoken"]]
    assert marked == ["box0", "lan_default", "store", "app-web:1", "app:1"]
    (_, stopped) = state["sections"][0]["groups"]
    assert [one["name"] for one in stopped["things"]][:2] == ["box0", "box8"]


def test_many_things_are_few_words() -> None:
    state = engine_map(*many(200))
    assert [section["count"] for section in state["sections"]] == [200, 28, 30, 40]
    assert all(len(said(one, "Shared with")) <= 9 for one in things(state).values())
    assert len(json.dumps(state)) < 400_000


def test_an_engine_that_nobody_has_seen_is_not_an_empty_one() -> None:
    assert engine_map(Snapshot(), {})["seen"] is False
    away = engine_map(replace(snapshot(container("box", RUNNING)), trouble="No engine answers."), {})
    assert away["trouble"] == "No engine answers."
    assert only(away, "box"), "what was seen last is still there"


def test_nobody_looks_at_the_engine_when_no_page_does() -> None:
    observer = Observer("unix:///nowhere/engine.sock")
    desk = MapDesk(observer, tuple, lambda: None)
    looks = []
    try:
        for step in (desk.enter, desk.enter, desk.leave, desk.leave, desk.enter):
            step()
            looks.append(observer.watching)
    finally:
        observer.close()
    assert looks == [True, True, True, False, True]


class Page:
    """What a page of the map is sent."""

    def __init__(self, server: Server) -> None:
        url = f"http://127.0.0.1:{server.port}/drydock/api/map/events"
        request = urllib.request.Request(url, headers={"Authorization": f"token {TOKEN}"})
        self._answer = urllib.request.urlopen(request, timeout=PATIENT_SECONDS)
        self._news = threading.Condition()
        self._states: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self._answer:
                if line.startswith(b"data: "):
                    with self._news:
                        self._states.append(json.loads(line[6:]))
                        self._news.notify()
        except (OSError, ValueError):
            return

    def until(self, holds: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENT_SECONDS
        with self._news:
            while not (self._states and holds(self._states[-1])):
                assert self._news.wait(end - time.monotonic()), f"never sent: {what}"
            return self._states[-1]

    def thing(self, name: str, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        def there(state: dict[str, Any]) -> bool:
            return any(one["name"] == name and holds(one) for one in things(state).values())

        return only(self.until(there, name), name)

    def gone(self, name: str) -> None:
        self.until(lambda state: all(one["name"] != name for one in things(state).values()), f"that {name} is gone")


def docker(*args: str, given: str = "") -> None:
    subprocess.run(["docker", *args], check=True, capture_output=True, input=given.encode())


@pytest.mark.engine
def test_the_map_follows_the_engine(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    web, crash, greedy, net, volume, tag = (f"{PREFIX}-{one}" for one in ("web", "crash", "greedy", "net", "volume", "image"))
    here = {"DOCKER_HOST": settings.docker_host() or "unix:///var/run/docker.sock"}
    try:
        with jupyter(tmp_path, {}, here) as server:
            assert server.ask("/drydock/map")[0] == 200
            assert "data: " not in server.ask("/drydock/api/map/events", token="")[1], "a stranger is sent to sign in"
            page = Page(server)
            page.until(lambda state: state["seen"], "the engine")
            docker("network", "create", net)
            page.thing(net, lambda one: one["word"] == "no containers")
            docker("volume", "create", volume)
            page.thing(volume, lambda one: one["word"] == "no mounts")
            serve = ("httpd", "-f", "-p", "8000")
            run = (
                "run",
                "--detach",
                "--name",
                web,
                "--network",
                net,
                "--volume",
                f"{volume}:/data",
                "--publish",
                "127.0.0.1::8000",
            )
            docker(*run, "busybox", *serve)
            one = page.thing(web, lambda one: one["word"] == "running" and "Ports" in one["facts"])
            assert one["facts"]["Ports"][0]["port"] > 0
            assert said(page.thing(net, lambda one: one["links"]), "On it") == [web]
            assert said(page.thing(volume, lambda one: one["links"]), "Mounted by") == [f"{web} at /data"]
            docker("network", "disconnect", net, web)
            page.thing(net, lambda one: not one["links"])
            docker("kill", web)
            page.thing(web, lambda one: "137" in one["word"] and one["tone"] == "warn")
            docker("run", "--detach", "--name", crash, "busybox", "sh", "-c", "sleep 1; exit 3")
            page.thing(crash, lambda one: one["word"] == "exited, exit code 3" and one["tone"] == "bad")
            # A second, so that the engine does not lose the end of one that lived for milliseconds.
            eat = "sleep 1; a=x; while :; do a=$a$a; done"
            docker("run", "--detach", "--name", greedy, "--memory", "8m", "--memory-swap", "8m", "busybox", "sh", "-c", eat)
            page.thing(greedy, lambda one: one["word"].startswith("killed at its memory limit"))
            docker("build", "--tag", tag, "-", given="FROM busybox\nRUN echo made > /made\n")
            built = page.thing(f"{tag}:latest", lambda one: one["layers"])
            assert built["layers"] == [True] * (len(built["layers"]) - 1) + [False]
            docker("rm", "--force", web)
            page.gone(web)
            docker("volume", "rm", volume)
            page.gone(volume)
    finally:
        subprocess.run(["docker", "rm", "--force", web, crash, greedy], check=False, capture_output=True)
        subprocess.run(["docker", "network", "rm", net], check=False, capture_output=True)
        subprocess.run(["docker", "volume", "rm", "--force", volume], check=False, capture_output=True)
        subprocess.run(["docker", "image", "rm", "--force", tag], check=False, capture_output=True)


def test_without_an_engine_the_map_says_so(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with jupyter(tmp_path, {}, {}) as server:
        state = Page(server).until(lambda state: state["trouble"], "that there is no engine")
        assert "No Docker engine answers" in state["trouble"]
        assert state["seen"] is False
