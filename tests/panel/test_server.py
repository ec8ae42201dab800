"""The panel's requests, on a real Jupyter server; there is no engine behind it."""

import hashlib
import io
import json
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from grader.values import names
from tests import toys
from tests.panel.support import TOKEN, Server, jupyter


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    top = tmp_path_factory.mktemp("server")
    course, work = toys.course(top / "course"), top / "work"
    toys.write(work / "exercises" / toys.TOY, toys.VARIANTS["starter"])
    with jupyter(top, {"--ServerApp.base_url": "/base/"}, {"DRYDOCK_COURSE": str(course)}) as running:
        yield running


def test_nobody_comes_in_without_the_token(server: Server) -> None:
    for path in ("course", "doctor", f"exercise/{toys.TOY}"):
        assert server.ask(f"/base/drydock/api/{path}", token="")[0] == 403
        assert server.ask(f"/base/drydock/api/{path}", token="guessed")[0] == 403
    assert server.ask(f"/base/drydock/api/exercise/{toys.TOY}/check", token="", body={})[0] == 403


def test_both_pages_and_what_they_need(server: Server) -> None:
    for page, words in (("", "home.js"), (f"exercise/{toys.TOY}", "exercise.js")):
        status, text = server.ask(f"/base/drydock/{page}")
        assert status == 200
        assert words in text
    status, text = server.ask("/base/drydock/static/style.css")
    assert (status, "{" in str(text)) == (200, True)
    assert server.ask("/base/drydock/static/../session.py")[0] in {403, 404}


def test_the_course_and_the_machine(server: Server) -> None:
    assert server.api("course")["score"]["exercises"] == 1
    found = server.api("doctor")
    assert found["state"] == "bad"
    assert any(one["name"] == "engine" and one["fix"] for one in found["diagnoses"])


def test_a_chapter_is_marked_as_read(server: Server) -> None:
    cells = [{"cell_type": "markdown", "source": "# 01 · One"}]
    toys.write(server.work / "course", {"01-first.ipynb": json.dumps({"cells": cells})})
    (before,) = server.api("course")["chapters"]
    assert not before["read"]
    assert server.api("chapter/01", {"read": True})["chapters"][0]["read"]
    assert server.api("course")["chapters"][0]["read"]
    assert not server.api("chapter/01", {"read": False})["chapters"][0]["read"]


def test_handing_in_asks_for_a_name_once_and_gives_one_archive(server: Server) -> None:
    at = f"exercise/{toys.TOY}/hand-in"
    assert server.api(at) == {
        "learner": "", "fixed": False, "rule": names.RULE, "exchange": False, "last": None,
    }  # fmt: skip
    for name, words in (("", "Say who you are."), ("../x", "cannot be used as a name")):
        status, said = server.ask(f"/base/drydock/api/{at}", body={"name": name})
        assert (status, words in said["message"]) == (404, True)
    said = server.api(at, {"name": " Ada Lovelace "})
    assert (said["learner"], said["renamed"], said["exchange"]) == ("Ada Lovelace", True, False)
    again = server.api(at, {})
    assert (again["learner"], again["renamed"]) == ("Ada Lovelace", False)
    assert server.api(at)["last"] == again
    assert server.api("course")["learner"] == "Ada Lovelace"
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/base/drydock/api/{at}/{again['checksum']}", headers={"Authorization": f"token {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        content = answer.read()
        assert again["name"].replace(" ", "%20") in answer.headers["Content-Disposition"]
    assert hashlib.sha256(content).hexdigest() == again["checksum"]
    assert f"{toys.TOY}/Dockerfile" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert server.ask(f"/base/drydock/api/{at}/{'0' * 64}")[0] == 404
    assert "login" in str(server.ask(f"/base/drydock/api/{at}/{again['checksum']}", token="")[1]).lower()


def test_where_labs_share_an_exchange_home_asks_who_is_learning(tmp_path: Path) -> None:
    course = toys.course(tmp_path / "course")
    (tmp_path / "work").mkdir()
    environment = {"DRYDOCK_COURSE": str(course), "DRYDOCK_EXCHANGE": str(tmp_path / "exchange")}
    with jupyter(tmp_path, {"--ServerApp.base_url": "/base/"}, environment) as running:
        assert running.api("course")["nameless"] is True
        assert running.ask("/base/drydock/api/learner", body={"name": "a/b"})[0] == 404
        named = running.api("learner", {"name": "ada"})
        assert (named["nameless"], named["learner"]) == (False, "ada")
        toys.write(tmp_path / "work" / "exercises" / toys.TOY, toys.VARIANTS["starter"])
        said = running.api(f"exercise/{toys.TOY}/hand-in", {})  # nothing was released yet: the archive is there all the same
        assert (said["exchange"], said["trouble"].split(":")[0]) == (False, "The exchange is not ready")
        assert running.ask(f"/base/drydock/api/exercise/{toys.TOY}/feedback")[0] == 404


def test_what_jupyterlab_saves_by_the_clock_is_told_from_what_somebody_saved(server: Server) -> None:
    """By the hook that every save goes through: watching does not begin a check before the file has come to rest."""
    path = f"/base/api/contents/exercises/{toys.TOY}/Dockerfile"
    server.api(f"exercise/{toys.TOY}/watch", {"on": True})
    while server.api(f"exercise/{toys.TOY}")["phase"] != "idle":
        time.sleep(0.1)
    begun = server.api(f"exercise/{toys.TOY}")["run"]
    model = {"type": "file", "format": "text", "content": "FROM busybox\n# half a li"}
    assert server.ask(path, body=model, method="PUT")[0] == 200
    time.sleep(2)
    state = server.api(f"exercise/{toys.TOY}")
    assert (state["changed"], state["run"]) == (True, begun)
    server.api(f"exercise/{toys.TOY}/saved", {})
    deadline = time.monotonic() + 20
    while server.api(f"exercise/{toys.TOY}")["changed"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    server.api(f"exercise/{toys.TOY}/watch", {"on": False})


def test_what_is_not_there_is_told(server: Server) -> None:
    for name in ("99-none", "01-to"):
        status, value = server.ask(f"/base/drydock/api/exercise/{name}")
        assert (status, bool(value["message"])) == (404, True)
    status, value = server.ask(f"/base/drydock/api/exercise/{toys.TOY}/solution", body={})
    assert (status, "more attempts" in value["message"]) == (409, True)


def test_without_an_engine_a_check_says_so(server: Server) -> None:
    assert server.api(f"exercise/{toys.TOY}/check", {})["phase"] == "running"
    deadline = time.monotonic() + 30
    while (state := server.api(f"exercise/{toys.TOY}"))["phase"] != "idle":
        assert time.monotonic() < deadline
    assert state["run"]["verdict"] == "not_graded"
    assert "No Docker engine answers" in state["run"]["trouble"]["message"]
    assert state["run"]["trouble"]["next_step"]


def test_a_page_is_told_of_a_saved_file(server: Server) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/base/drydock/api/exercise/{toys.TOY}/events",
        headers={"Authorization": f"token {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=30) as events:
        assert events.headers["Content-Type"].startswith("text/event-stream")
        assert next_state(events)["files"][0]["exists"]
        server.api(f"exercise/{toys.TOY}/watch", {"on": True})
        assert next_state(events)["watch"]
        server.api(f"exercise/{toys.TOY}/watch", {"on": False})
        while next_state(events)["watch"]:
            pass
        threading.Timer(0.2, (server.work / "exercises" / toys.TOY / "Dockerfile").unlink).start()
        while next_state(events)["files"][0]["exists"]:
            pass
    (server.work / "exercises" / toys.TOY / "Dockerfile").write_text("FROM busybox\n")


def next_state(events: IO[bytes]) -> dict[str, Any]:
    while True:
        line = events.readline().decode()
        assert line
        if line.startswith("event: state"):
            state: dict[str, Any] = json.loads(events.readline().decode().removeprefix("data: "))
            return state


def test_a_foreign_page_cannot_press_the_button(server: Server) -> None:
    """With a browser's cookie and without the header that only our own pages can set."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/base/drydock/?token={TOKEN}", timeout=30) as answer:
        cookies = "; ".join(one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie"))
    assert "_xsrf=" in cookies
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/base/drydock/api/exercise/{toys.TOY}/check",
        headers={"Cookie": cookies, "Content-Type": "application/json"}, data=b"{}", method="POST",
    )  # fmt: skip
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with refused.value as error:
        assert error.code == 403
