"""The instructor's page over HTTP, on a real Jupyter server with formgrader; there is no engine behind it."""

import csv
import io
import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.support import ROOT
from tests.panel.support import TOKEN, Server, jupyter

from . import toy
from .archives import moodle

pytestmark = pytest.mark.slow
API = "/base/drydock/api/teach"
EXTENSIONS = (
    "{'grader.panel': True, 'grader.notebook.teaching': True, 'nbgrader.server_extensions.formgrader': True,"
    " 'nbgrader.server_extensions.course_list': False}"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    top = tmp_path_factory.mktemp("teaching")
    work = toy.make(top / "work")
    settings = {
        "--ServerApp.base_url": "/base/",
        "--ServerApp.jpserver_extensions": EXTENSIONS,
        "--CourseDirectory.root": work,
    }
    environment = {"DRYDOCK_COURSE": str(work), "DRYDOCK_RELEASED": "released", "PYTHONPATH": str(ROOT)}
    with jupyter(top, settings, environment) as running:
        yield running


def done(server: Server, what: str, **body: Any) -> dict[str, Any]:
    """Begin a task and wait for its end."""
    status, task = server.ask(f"{API}/{toy.ID}/{what}", body=body)
    assert status == 200, task
    deadline = time.monotonic() + 120
    while True:
        now: dict[str, Any]
        [now] = [one for one in server.ask(f"{API}/tasks")[1]["tasks"] if one["number"] == task["number"]]
        if now["state"] in {"done", "failed", "cancelled"}:
            return now
        assert time.monotonic() < deadline, now
        time.sleep(0.1)


def post(server: Server, path: str, content: bytes) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", data=content, headers={"Authorization": f"token {TOKEN}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def rows(server: Server) -> dict[str, dict[str, Any]]:
    status, said = server.ask(f"{API}/{toy.ID}")
    assert status == 200, said
    return {row["student"]: row for row in said["rows"]}


def grades(server: Server) -> dict[str, dict[str, str]]:
    status, text = server.ask(f"{API}/grades.csv")
    assert status == 200, text
    return {row["student_id"]: row for row in csv.DictReader(io.StringIO(str(text)))}


def test_nobody_comes_in_without_the_token(server: Server) -> None:
    for path in ("course", "tasks", toy.ID):
        assert "login" in str(server.ask(f"{API}/{path}", token="guessed")[1]).lower()
    assert server.ask(f"{API}/{toy.ID}/generate", token="", body={})[0] == 403


def test_the_round_without_an_engine(server: Server, tmp_path: Path) -> None:
    # The page, and the way to it.
    assert "teach.js" in str(server.ask("/base/drydock/teach/")[1])
    assert server.ask("/base/drydock/api/course")[1]["teaching"] is True
    [exercise] = server.ask(f"{API}/course")[1]["exercises"]
    assert (exercise["generated"], exercise["handed_in"]) == (False, 0)

    # Nothing is graded that the gradebook does not know.
    placed = server.work / "submitted" / "early" / toy.ID
    placed.mkdir(parents=True)
    early = done(server, "autograde")
    assert (early["state"], "generate it first" in early["reason"]) == ("failed", True)
    shutil.rmtree(placed.parent)

    # Generate leaves the folder alone in which the instructor works as a learner does.
    mine = server.work / "exercises" / toy.ID / "Dockerfile"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    generated = done(server, "generate")
    assert generated["state"] == "done", generated["log"]
    assert mine.read_text() == "mine"
    assert (server.work / "released" / toy.ID / "Dockerfile").read_text() == toy.STARTER
    assert server.ask(f"{API}/course")[1]["exercises"][0]["generated"]

    # Without an exchange nothing is released, and that is said in a sentence.
    status, refused = server.ask(f"{API}/{toy.ID}/release", body={})
    assert (status, refused["message"].split(":")[0]) == (409, "No exchange folder is set")

    # Files of a course platform.
    status, found = post(server, f"{API}/{toy.ID}/look?name=week-1.zip", moodle(tmp_path))
    assert status == 200, found
    works = {one["key"]: {"student": one["student"], "exercise": one["exercise"]} for one in found["works"]}
    status, taken = server.ask(f"{API}/take/{found['key']}", body={"works": works})
    assert (status, len(taken["taken"])) == (200, 3)
    status, refused = post(server, f"{API}/{toy.ID}/look?name=x.zip", b"no archive")
    assert (status, refused["message"]) == (409, "It is no archive that can be read (ReadError).")
    for folder in ("..", "/etc", ".", "no-such-folder"):
        assert post(server, f"{API}/{toy.ID}/look?folder={folder}", b"")[0] == 409
    before = rows(server)
    assert {(row["name"], row["state"]) for row in before.values()} == {
        (name, "handed in, not graded yet") for name in ("Ada Lovelace", "Bob Baker", "Cleo Clark")
    }
    assert {row["score"] for row in grades(server).values()} == {""}

    # No engine: nothing is scored, and why is said in the list, in the export and by formgrader.
    (server.work / "submitted" / "bob" / toy.ID / "timestamp.txt").write_text("yesterday")
    graded = done(server, "autograde")
    assert (graded["state"], graded["total"]) == ("failed", 3)
    assert set(graded["of"].values()) == {"failed"}
    assert graded["reason"] == "3 could not be graded; the table says why."
    assert all(row["state"] == "not graded" and "engine" in row["reason"] for row in rows(server).values())
    exported = grades(server)
    assert {row["score"] for row in exported.values()} == {""}
    assert all(row["status"].startswith("not graded: ") and "engine" in row["status"] for row in exported.values())
    assert exported["ada"]["last_name"] == "Lovelace"
    status, said = post(server, f"/base/formgrader/api/submission/{toy.ID}/ada/autograde", b"")
    assert (status, said["success"]) == (200, False)
    assert said["error"].startswith("Not graded. ")
    listed = json.loads(str(json.dumps(server.ask(f"/base/formgrader/api/submissions/{toy.ID}")[1])))
    assert {one["student"] for one in listed} == {"ada", "bob", "Cleo Clark"}
    assert "formgrader.js" in str(server.ask(f"/base/formgrader/manage_submissions/{toy.ID}")[1])


def test_what_is_not_there_is_said(server: Server) -> None:
    assert server.ask(f"{API}/99-nothing")[0] == 409
    assert server.ask(f"{API}/take/00", body={"works": {}})[1]["message"].startswith("That upload is no longer there.")
    assert server.ask(f"{API}/{toy.ID}/feedback/%2E%2E")[0] == 404
    assert server.ask(f"{API}/feedback.zip?assignment={toy.ID}")[0] == 409
