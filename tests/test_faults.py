"""The engine's own trouble, on an engine of our own that may be killed and filled: one clear sentence, and never a score."""

import gc
import os
import subprocess
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checks.image import Image
from grader.run import runner
from grader.values.errors import EngineUnavailable
from grader.values.outcome import Outcome, Report
from tests import core

pytestmark = pytest.mark.engine

IMAGE = "docker:28-dind"
SERVE = "FROM busybox\nCMD sleep 1000\n"


def _docker(*args: str, **options: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "DOCKER_HOST"} | options
    done = subprocess.run(["docker", *args], capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Nested:
    """An engine in a container of the machine's engine, with its socket in a folder of ours."""

    def __init__(self, folder: Path) -> None:
        self.host = f"unix://{folder}/docker.sock"
        self._socket = folder / "docker.sock"
        self._folder = folder
        self.id = ""
        try:
            self.start()
        except BaseException:
            self.kill()
            raise

    def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        self.id = _docker(
            *("run", "--detach", "--privileged", "--network", "none", "--label", "drydock=tests-nested", "--memory", "1g"),
            *("--mount", f"type=bind,src={self._folder},dst=/socket", "--tmpfs", "/var/lib/docker:size=96m,exec"),
            *(
                "--env",
                "DOCKER_TLS_CERTDIR=",
                IMAGE,
                "dockerd",
                "--host",
                "unix:///socket/docker.sock",
                "--storage-driver",
                "overlay2",
            ),
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if (
                self._socket.exists()
                and subprocess.run(["docker", "--host", self.host, "version"], check=False, capture_output=True).returncode == 0
            ):
                break
            time.sleep(0.2)
        else:
            raise AssertionError(_docker("logs", self.id))
        archive = self._folder / "busybox.tar"
        _docker("save", "--output", str(archive), "busybox:latest")
        _docker("--host", self.host, "load", "--input", str(archive))

    def exec(self, *command: str) -> str:
        return _docker("exec", self.id, *command)

    def runs(self) -> bool:
        return bool(self.id) and _docker("inspect", "--format", "{{.State.Running}}", self.id) == "true"

    def kill(self) -> None:
        if self.id:
            _docker("rm", "--force", "--volumes", self.id)
            self.id = ""

    def left(self) -> list[str]:
        """All containers, and the volumes and images that were not there from the start."""
        ours = [
            _docker("--host", self.host, *args)
            for args in (("ps", "-aq"), ("volume", "ls", "-q"), ("network", "ls", "-q", "-f", "type=custom"))
        ]
        images = _docker("--host", self.host, "images", "--format", "{{.Repository}}").split()
        return [*(line for one in ours for line in one.split()), *(one for one in images if one != "busybox")]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nested]:
    one = Nested(tmp_path_factory.mktemp("engine"))
    yield one
    one.kill()


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DRYDOCK_RUNTIME", str(tmp_path / "runtime"))
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.1)
    yield
    with warnings.catch_warnings():  # a connection that was refused is left open by the SDK
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def nested(engine: Nested, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nested]:
    if not engine.runs():  # an earlier test's fault may have ended it for good
        engine.kill()
        engine.start()
    monkeypatch.setenv("DOCKER_HOST", engine.host)
    yield engine
    assert engine.left() == []


def _report(folder: Path, dockerfile: str, check: core.ImageCheck | None = None) -> Report:
    work = core.submission(folder / "work", dockerfile)
    limits = replace(core.LIMITS, start_seconds=20)
    return runner.run(core.entry(work, check, limits=limits), work)


def _starts(image: Image) -> None:
    with image.start() as container:
        container.expect_running(for_seconds=1)


def test_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")
    with pytest.raises(EngineUnavailable, match=r"No Docker engine answers at unix:///nonexistent\.sock") as caught:
        _report(tmp_path, SERVE)
    assert "make engine" in caught.value.next_step
    assert not list((tmp_path / "runtime").glob("*"))


@pytest.mark.slow
def test_all_is_well_on_another_engine(tmp_path: Path, nested: Nested) -> None:
    """The others would prove little if nothing worked there; and what RUN steps use cannot be bounded from here."""
    report = _report(tmp_path, "FROM busybox\nRUN true\nCMD sleep 1000\n", _starts)
    assert report.full_score, report.checks
    assert any("cannot bound" in note for note in report.notes)


@pytest.mark.slow
def test_a_base_image_is_missing_and_there_is_no_network(tmp_path: Path, nested: Nested) -> None:
    report = _report(tmp_path, "FROM python:3.13-slim\n", _starts)
    by_id = {one.id: one for one in report.checks}
    assert by_id["builds"].outcome is Outcome.ERROR
    assert by_id["works"].outcome is Outcome.ERROR
    assert by_id["bystander"].outcome is Outcome.PASS
    assert report.score is None
    finding = by_id["builds"].finding
    assert finding is not None
    assert finding.message == "The base image python:3.13-slim is not on this machine and cannot be pulled."
    assert "grader doctor" in finding.advice


@pytest.mark.slow
@pytest.mark.parametrize("used", ["FROM busybox\nCOPY --from=biulder /bin/sh /sh\n", "FROM biulder\n"])
def test_a_misspelt_stage_is_the_learners_mistake_with_and_without_a_network(tmp_path: Path, nested: Nested, used: str) -> None:
    report = _report(tmp_path, f"FROM busybox AS builder\nRUN true\n{used}", _starts)
    builds = next(one for one in report.checks if one.id == "builds")
    assert builds.outcome is Outcome.FAIL
    assert builds.finding is not None
    assert builds.finding.message == "There is no stage called biulder."
    assert builds.finding.expected == "a stage of this Dockerfile: builder"


@pytest.mark.slow
def test_the_graders_own_helper_is_missing(tmp_path: Path, nested: Nested) -> None:
    def looks(image: Image) -> None:
        with image.start() as container:
            container.expect_main_process(not_uid=65534)

    _docker("--host", nested.host, "tag", "busybox:latest", "base:1")
    _docker("--host", nested.host, "rmi", "busybox:latest")
    try:
        report = _report(tmp_path, "FROM base:1\nCMD sleep 1000\n", looks)
    finally:
        _docker("--host", nested.host, "tag", "base:1", "busybox:latest")
        _docker("--host", nested.host, "rmi", "base:1")
    works = {one.id: one for one in report.checks}["works"]
    assert works.outcome is Outcome.ERROR
    assert report.score is None
    assert works.finding is not None
    assert works.finding.message == ("The image busybox, which this check needs, is not in the engine and cannot be pulled.")
    assert "make engine" in works.finding.advice


@pytest.mark.slow
def test_the_disk_is_full(tmp_path: Path, nested: Nested) -> None:
    # A little is left: containerd keeps its own books on this disk and may die without a byte.
    nested.exec("sh", "-c", "cd /var/lib/docker; dd if=/dev/zero of=filler bs=64k 2>/dev/null; truncate -s -4M filler")
    try:
        report = _report(tmp_path, "FROM busybox\nRUN dd if=/dev/zero of=/x bs=1M count=8\nCMD sleep 1000\n", _starts)
    finally:
        nested.exec("rm", "/var/lib/docker/filler")
    builds = report.checks[0]
    assert builds.outcome is Outcome.ERROR, builds
    assert report.score is None
    assert builds.finding is not None
    assert builds.finding.message == "The engine's disk is full."
    assert "docker system df" in builds.finding.advice


@pytest.mark.slow
def test_a_step_that_is_larger_than_the_disk_is_the_learners(tmp_path: Path, nested: Nested) -> None:
    """The room is there again afterwards: the step wanted more than there is."""
    report = _report(tmp_path, "FROM busybox\nRUN dd if=/dev/zero of=/x bs=1M count=500\n", _starts)
    assert report.checks[0].outcome is Outcome.FAIL
    assert "No space left on device" in core.seen(report.checks[0])


@pytest.mark.slow
@pytest.mark.parametrize("what", ["a build", "a container"])
def test_the_engine_dies_in_the_middle(tmp_path: Path, nested: Nested, what: str) -> None:
    dies = _Dies(nested)

    def check(image: Image) -> None:
        with image.start() as container:
            dies.now()
            container.expect_running(for_seconds=60)

    dockerfile = SERVE if what == "a container" else "FROM busybox\nRUN sleep 1000\n"
    work = core.submission(tmp_path / "work", dockerfile)
    begin = time.monotonic()
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            report = runner.run(core.entry(work, check), work, observe=dies.at_run_step if what == "a build" else None)
    finally:
        nested.start()
    assert any("not removed after a run" in str(one.message) for one in told)
    by_id = {one.id: one for one in report.checks}
    died = by_id["builds" if what == "a build" else "works"]
    assert died.outcome is Outcome.ERROR, died
    assert by_id["bystander"].outcome is Outcome.PASS
    assert report.score is None
    assert died.finding is not None
    assert "engine" in died.finding.message.lower()
    assert "Traceback" not in core.seen(died)
    assert died.finding.advice
    assert time.monotonic() - begin < 60


class _Dies:
    def __init__(self, engine: Nested) -> None:
        self._engine = engine
        self._done = False

    def now(self) -> None:
        if not self._done:
            self._done = True
            self._engine.kill()

    def at_run_step(self, event: object) -> None:
        if "RUN sleep 1000" in getattr(event, "line", ""):
            time.sleep(0.5)
            self.now()
