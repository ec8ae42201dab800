"""What strangers hand in is built and run on an engine of its own: it reaches nothing, fills nothing, and leaves nothing."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from grader.checks.image import Image
from grader.checks.work import Work
from grader.course import base_images
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine.isolated.pool import IsolatedEngines
from grader.engine.session import Session
from grader.run import runner
from grader.values.outcome import CheckResult, Outcome
from grader.values.units import MB
from tests import core

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
IMAGES = base_images.names(ROOT)
SECRET = "canary-of-the-graders-environment"
FOREIGN = f"drydock-canary-of-{os.getpid()}:latest"
"""Of this process: others may run the same tests."""


class _Canary(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"canary-of-the-host")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def canary() -> Iterator[tuple[int, list[str]]]:
    """A server on every address of this machine: its port, and what it was asked."""
    handler = type("_One", (_Canary,), {"asked": []})
    server = HTTPServer(("", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, handler.asked  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """An image of this machine's engine that no submission may see."""
    with Session() as session:
        session.client.api.tag("busybox", FOREIGN.partition(":")[0], "latest")
        yield FOREIGN
        session.client.api.remove_image(FOREIGN)


@pytest.fixture(scope="module")
def engines() -> Iterator[IsolatedEngines]:
    with IsolatedEngines(IMAGES) as made:
        yield made


def _runs(image: Image) -> None:
    image.run(seconds=60).expect(exit_code=0, contains="all is well")


@dataclass(frozen=True)
class Case:
    """A submission, and what has to come of it.

    Attributes:
        dockerfile: ``{port}`` is the canary's, ``{foreign}`` an image of this machine's engine.
        outcome: of the check that it ends in.
        words: that the learner reads there.
    """

    dockerfile: str
    outcome: Outcome
    words: str


ASK = "for one in 127.0.0.1 172.17.0.1 10.0.2.2 {host}; do wget -T 2 -q -O- http://$one:{port}/; done; env"
FILL = "for n in 1 2 3 4 5 6; do dd if=/dev/zero of=/{where}$n bs=1M count=700 || exit 1; done"

CASES = {
    "RUN asks the machine": Case("FROM busybox\nRUN " + ASK + "; exit 1\n", Outcome.FAIL, "does not build"),
    "ADD asks the machine": Case("FROM busybox\nADD http://{host}:{port}/x /x\n", Outcome.FAIL, "not allowed"),
    "ADD asks a name": Case("FROM busybox\nADD http://no-such.example/x /x\n", Outcome.FAIL, "does not build"),
    "ADD asks a repository": Case("FROM busybox\nADD git://no-such.example/x.git /x\n", Outcome.FAIL, "does not build"),
    "ADD asks by a proxy's word": Case(
        "FROM busybox\nARG HTTP_PROXY=http://{host}:{port}\nADD http://no-such.example/x /x\n", Outcome.FAIL, "does not build"
    ),
    "FROM a foreign image": Case("FROM {foreign}\nCMD echo all is well\n", Outcome.FAIL, "cannot be pulled"),
    "FROM a registry that there is not": Case("FROM no-such.example/x\n", Outcome.FAIL, "cannot be pulled"),
    "a mount from a foreign image": Case(
        "FROM busybox\nRUN --mount=from={foreign},target=/x ls /x\n", Outcome.FAIL, "cannot be pulled"
    ),
    "RUN fills the disk": Case("FROM busybox\nRUN " + FILL.format(where="x"), Outcome.LIMIT, "filled the disk"),
    "a container fills the disk": Case(
        "FROM busybox\nCMD " + FILL.format(where="x") + "; echo all is well\n", Outcome.LIMIT, "filled the disk"
    ),
    "RUN eats memory": Case('FROM busybox\nRUN a=x; while :; do a="$a$a"; done\n', Outcome.LIMIT, "more memory"),
    "RUN forks": Case(
        "FROM busybox\nRUN i=0; while [ $i -lt 2000 ]; do sleep 100 & i=$((i+1)); done; wait\n", Outcome.LIMIT, "more processes"
    ),
}


def _exercise(folder: Path) -> Entry:
    exercise = Exercise("A toy", learner_files=("Dockerfile",), limits=replace(core.LIMITS, file=900 * MB, start_seconds=60))

    @exercise.check(points=1)
    def builds(work: Work) -> Image:
        """The image builds."""
        return work.build()

    @exercise.check(builds, points=1)
    def runs(image: Image) -> None:
        """It runs."""
        _runs(image)

    return Entry("99-toy", folder, exercise)


def _own_address() -> str:
    """The address of this machine in its network, or loopback where it has none."""
    with Session() as session:
        network = session.client.api.inspect_network("bridge")
    return str(network["IPAM"]["Config"][0].get("Gateway") or "127.0.0.1")


def _decided(results: dict[str, CheckResult]) -> CheckResult:
    return next(one for one in results.values() if one.outcome is not Outcome.PASS)


def _run(
    folder: Path, files: dict[str, str], engines: IsolatedEngines, make: Callable[[Path], Entry]
) -> dict[str, CheckResult]:
    submission = core.submission(folder, files)
    report = runner.run(make(submission), submission, isolated=engines)
    return {one.id: one for one in report.checks}


@pytest.mark.parametrize("name", CASES)
def test_it_reaches_nothing_and_fills_nothing(
    name: str,
    engines: IsolatedEngines,
    canary: tuple[int, list[str]],
    foreign: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port, asked = canary
    monkeypatch.setenv("DRYDOCK_CANARY", SECRET)
    case = CASES[name]
    text = case.dockerfile
    for key, value in {"port": str(port), "host": _own_address(), "foreign": foreign}.items():
        text = text.replace("{" + key + "}", value)
    decided = _decided(_run(tmp_path / "work", {"Dockerfile": text}, engines, _exercise))
    told = f"{decided.finding}"
    assert decided.outcome is case.outcome, told
    assert case.words in told
    assert asked == []
    assert SECRET not in told
    assert "canary-of-the-host" not in told


def test_what_is_right_is_right_and_sees_its_own_engine_only(engines: IsolatedEngines, tmp_path: Path) -> None:
    answer = 'FROM busybox\nRUN echo "all is well" >/said\nVOLUME /data\nCMD cat /said\n'
    results = _run(tmp_path / "work", {"Dockerfile": answer}, engines, _exercise)
    assert [one.outcome for one in results.values()] == [Outcome.PASS, Outcome.PASS]


def test_one_submission_finds_nothing_of_another(engines: IsolatedEngines, tmp_path: Path) -> None:
    """Neither in the build cache, nor in a cache mount, nor among images and volumes."""
    cache = "--mount=type=cache,id=shared,target=/c"
    write = "echo mine >/c/x; cat /proc/sys/kernel/random/uuid >/when"
    answer = f"FROM busybox\nRUN {cache} cat /c/x >/found; {write}\nCMD cat /found /when"
    said: list[str] = []

    def make(folder: Path) -> Entry:
        exercise = Exercise("A toy", learner_files=("Dockerfile",), limits=core.LIMITS)

        @exercise.check(points=1)
        def builds(work: Work) -> None:
            """The image builds."""
            image = work.build()
            said.append(image.run().stdout)
            listed = work.session.client.api.images(all=True)
            assert {tag for one in listed for tag in one["RepoTags"] or () if "drydock" not in tag} <= set(IMAGES)
            assert not work.session.client.api.volumes()["Volumes"]

        return Entry("99-toy", folder, exercise)

    for name in ("one", "two"):
        results = _run(tmp_path / name, {"Dockerfile": answer}, engines, make)
        assert results["builds"].outcome is Outcome.PASS, results["builds"].finding
    assert said[0] != said[1]
    assert "mine" not in "".join(said)


def test_nothing_is_left_when_all_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with core.nothing_left(tmp_path / "runtime", monkeypatch), IsolatedEngines(IMAGES) as engines:
        engines.ahead(core.LIMITS)
        answer = "FROM busybox\nCMD echo all is well\n"
        results = _run(tmp_path / "work", {"Dockerfile": answer}, engines, _exercise)
        assert [one.outcome for one in results.values()] == [Outcome.PASS, Outcome.PASS]
        engines.ahead(core.LIMITS)  # and one that nobody takes


def test_what_a_killed_grader_leaves_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with core.nothing_left(tmp_path / "runtime", monkeypatch) as owner:
        code = f"""
            import time
            from grader.engine.isolated.pool import IsolatedEngines
            from grader.engine.session import Session
            from tests import core
            with IsolatedEngines({IMAGES!r}) as engines, Session(core.LIMITS) as run:
                inner = engines.session(run)
                inner.client.api.create_volume("inside")
                print("up", flush=True)
                time.sleep(600)
        """
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ)
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert core.left(owner)
        with Session() as session:
            assert session.swept
