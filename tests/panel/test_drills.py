"""Drills through a real Jupyter server, on the real engine: what a page is sent, and what outlives the server."""

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from grader import settings
from grader.course import catalogue, drills
from grader.engine.observer import Observer
from grader.panel.drills import DrillDesk
from grader.progress.drills import Drills
from grader.run.drill import DrillRun
from tests.panel.support import TOKEN, Server, jupyter

PATIENT_SECONDS: Final = 120.0
ROOT = catalogue.course_root()
DRILL = "02-stay-up"
HERE = {"DRYDOCK_COURSE": str(ROOT), "DOCKER_HOST": settings.docker_host() or "unix:///var/run/docker.sock"}


class Page:
    """What a page of drills is sent."""

    def __init__(self, server: Server, chapter: str = "02") -> None:
        url = f"http://127.0.0.1:{server.port}/drydock/api/drills/{chapter}/events"
        request = urllib.request.Request(url, headers={"Authorization": f"token {TOKEN}"})
        self._answer = urllib.request.urlopen(request, timeout=PATIENT_SECONDS)
        self._news = threading.Condition()
        self.states: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self._answer:
                if line.startswith(b"data: "):
                    with self._news:
                        self.states.append(json.loads(line[6:]))
                        self._news.notify()
        except (OSError, ValueError):
            return

    def until(self, holds: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENT_SECONDS
        with self._news:
            while not (self.states and holds(self.states[-1])):
                assert self._news.wait(end - time.monotonic()), f"never sent: {what}; last: {self.states[-1:]}"
            return self.states[-1]

    def drill(self, holds: Callable[[dict[str, Any]], object], what: str, drill: str = DRILL) -> dict[str, Any]:
        return row(self.until(lambda state: holds(row(state, drill)), what), drill)


def row(state: dict[str, Any], drill: str = DRILL) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in state["drills"] if one["id"] == drill)
    return found


def begin(server: Server, action: str = "begin", drill: str = DRILL) -> dict[str, Any]:
    status, state = server.ask(f"/drydock/api/drill/{drill}/{action}", body={})
    assert status == 200, state
    return row(state, drill)


def docker(*args: str) -> None:
    subprocess.run(["docker", *args], check=True, capture_output=True)


@contextmanager
def cleaned(work: Path, drill: str = DRILL) -> Iterator[None]:
    try:
        yield
    finally:
        (entry,) = drills.find(ROOT, drill)
        DrillRun(entry, work, Observer(), lambda _: None).remove()


@pytest.mark.engine
def test_a_drill_is_begun_seen_and_repeated(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with jupyter(tmp_path, {}, HERE) as server, cleaned(work):
        page = Page(server)
        state = page.until(lambda state: state["drills"], "the drills")
        assert [one["phase"] for one in state["drills"]] == ["new"] * len(state["drills"])
        assert row(state)["task"] == "", "nothing is drawn before it is begun"
        assert begin(server)["phase"] in {"preparing", "open"}
        (name,) = page.drill(lambda one: one["phase"] == "open" and one["line"], "the task")["names"]
        page.drill(lambda one: one["line"] == f"There is no container {name} yet.", "the line")
        docker("run", "--detach", "--name", name, "busybox")
        page.drill(lambda one: "is not running" in one["line"], "the mistake")
        docker("rm", "--force", name)
        docker("run", "--detach", "--name", name, "busybox", "sleep", "600")
        done = page.drill(lambda one: one["phase"] == "done", "that it is done")
        assert [one["done"] for one in done["steps"]] == [True]
        assert done["times_done"] == 1
        begin(server, "again")
        fresh = page.drill(lambda one: one["phase"] == "open" and one["names"] != [name], "another name")
        assert fresh["times_done"] == 1
        found = subprocess.run(["docker", "ps", "-aq", "--filter", f"name={name}"], check=True, capture_output=True)
        assert found.stdout == b"", "what was made for the first time is gone"
        assert server.ask("/drydock/api/drill/02-nothing/begin", body={})[0] == 404
        assert server.ask("/drydock/drills/02")[0] == 200
        assert server.ask("/drydock/api/drills/02", token="")[0] == 403
        course = server.ask("/drydock/api/course")[1]
        assert next(one for one in course["chapters"] if one["number"] == "02")["drills"]["done"] == 1


@pytest.mark.engine
def test_a_server_that_is_killed_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    first, second, work = tmp_path / "first", tmp_path / "second", tmp_path / "first" / "work"
    work.mkdir(parents=True)
    second.mkdir()
    (second / "work").symlink_to(work)
    with cleaned(work):
        with jupyter(first, {}, HERE) as server:
            page = Page(server)
            begin(server)
            (name,) = page.drill(lambda one: one["phase"] == "open", "the task")["names"]
            server.kill()
        docker("run", "--detach", "--name", name, "busybox", "sleep", "600")
        with jupyter(second, {}, HERE) as server:
            Page(server).drill(lambda one: one["phase"] == "done", "what happened while there was no server")
        assert Drills(work).times_done() == {DRILL: 1}


def test_without_an_engine_the_page_says_so(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with jupyter(tmp_path, {}, {"DRYDOCK_COURSE": str(ROOT)}) as server:
        state = Page(server).until(lambda state: state["trouble"], "that there is no engine")
        assert "No Docker engine answers" in state["trouble"]
        status, said = server.ask(f"/drydock/api/drill/{DRILL}/begin", body={})
        assert status == 500
        assert "No Docker engine answers" in said["message"]
        assert server.ask("/drydock/api/drills/01")[1]["drills"] == []


def test_pages_are_told_of_an_engine_that_is_away_though_no_drill_is_begun(tmp_path: Path) -> None:
    told = threading.Event()
    observer = Observer(f"unix://{tmp_path}/nobody.sock")
    desk = DrillDesk(tmp_path, observer, lambda _: told.set())
    try:
        desk.enter("02")
        assert told.wait(PATIENT_SECONDS)
        assert desk.state("02", ROOT / "course", str)["trouble"]
    finally:
        desk.close()
        observer.close()


@pytest.mark.engine
def test_nobody_looks_at_the_engine_when_no_page_does(tmp_path: Path) -> None:
    observer = Observer()
    desk = DrillDesk(tmp_path, observer, lambda _: None)
    try:
        desk.enter("02")
        desk.enter("02")
        assert observer.watching
        desk.leave("02")
        assert observer.watching
        desk.leave("02")
        assert not observer.watching
    finally:
        desk.close()
        observer.close()
