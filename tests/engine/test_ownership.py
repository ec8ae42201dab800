import fcntl
import os
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import docker
import pytest

from grader import settings
from grader.engine import ownership


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRYDOCK_RUNTIME", str(tmp_path))
    monkeypatch.delenv("DRYDOCK_OWNER", raising=False)
    return tmp_path


class _Engine:
    """The seam: what the sweeper asks an engine, answered from a list."""

    def __init__(self, *objects: tuple[str, dict[str, str]], age: float = 0) -> None:
        self.objects = dict(objects)
        self.created = time.time() - age
        self.api = self

    def _with(self, label: str) -> list[dict[str, Any]]:
        key, _, value = label.partition("=")
        return [
            {"Id": name, "Labels": labels, "Created": self.created}
            for name, labels in self.objects.items()
            if key in labels and (not value or labels[key] == value)
        ]

    def containers(self, *, all: bool, filters: dict[str, str]) -> list[dict[str, Any]]:  # noqa: A002 - the SDK's name
        return self._with(filters["label"])

    def remove_container(self, name: str, *, force: bool, v: bool) -> None:
        assert force
        assert v
        del self.objects[name]

    def networks(self, *, filters: dict[str, str]) -> list[dict[str, Any]]:
        return []

    def volumes(self, *, filters: dict[str, str]) -> dict[str, None]:
        return {"Volumes": None}

    def images(self, *, filters: dict[str, str], all: bool) -> list[dict[str, Any]]:  # noqa: A002
        return []


def _sweep(engine: _Engine) -> list[str]:
    return ownership.sweep(cast(docker.DockerClient, engine))


def _labels(run_id: str, owner: str | None = None) -> dict[str, str]:
    return {ownership.LABEL: run_id, ownership.OWNER_LABEL: owner if owner is not None else ownership.owner()}


def test_a_run_has_an_id_a_folder_and_a_lock(runtime: Path) -> None:
    run = ownership.RunLock()
    assert run.folder.is_dir()
    assert (runtime / f"{run.id}.lock").exists()
    assert run.folder.stat().st_mode & 0o077 == 0
    assert run.release()
    assert list(runtime.iterdir()) == []


def test_a_live_run_is_left_alone(runtime: Path) -> None:
    run = ownership.RunLock()
    engine = _Engine(("c", _labels(run.id)))
    assert _sweep(engine) == []
    assert "c" in engine.objects
    assert run.folder.is_dir()
    run.release()


def test_a_dead_run_is_swept(runtime: Path) -> None:
    code = "import os; from grader.engine.ownership import RunLock; print(RunLock().id, flush=True); os.kill(os.getpid(), 9)"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout.strip()
    assert (runtime / dead).is_dir()
    engine = _Engine(("c", _labels(dead)), ("other", {"unrelated": "1"}))
    assert _sweep(engine) == ["container c", f"folder {dead}"]
    assert set(engine.objects) == {"other"}
    assert list(runtime.iterdir()) == []


DAYS = 2 * 24 * 3600


@pytest.mark.parametrize("owner", [None, "someone-else"])
@pytest.mark.parametrize("said", ["20200101T000000-abcdef", "29990101T000000-abcdef", "nonsense"])
@pytest.mark.parametrize(("age", "gone"), [(3600, False), (DAYS, True)])
def test_what_is_in_no_record_is_swept_when_the_engine_says_that_it_is_old(
    owner: str | None, said: str, age: int, gone: bool
) -> None:
    """A label that claims an age or an owner is what anybody can write."""
    engine = _Engine(("c", _labels(said, owner)), age=age)
    _sweep(engine)
    assert ("c" not in engine.objects) is gone


def test_what_claims_to_be_of_a_live_run_stays_however_old(runtime: Path) -> None:
    run = ownership.RunLock()
    engine = _Engine(("c", _labels(run.id, "someone-else")), age=DAYS)
    assert _sweep(engine) == []
    run.release()


def test_a_run_that_could_not_be_cleaned_keeps_its_record(runtime: Path) -> None:
    run = ownership.RunLock()
    assert run.release(clean=False)
    engine = _Engine(("c", _labels(run.id)))
    assert _sweep(engine) == ["container c", f"folder {run.id}"]
    assert list(runtime.iterdir()) == []


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_age_does_not_depend_on_the_time_zone(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        made = datetime.now(UTC) - timedelta(seconds=100)
        assert 99 < ownership._age(made.timestamp()) < 110
        assert 99 < ownership._age(made.strftime("%Y-%m-%dT%H:%M:%S.123456789Z")) < 110
        assert 99 < ownership._age(made.astimezone().isoformat()) < 110
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_has_no_age_is_new() -> None:
    assert ownership._age(None) == ownership._age("") == 0


def test_objects_without_an_owner_are_none_of_our_business() -> None:
    engine = _Engine(("c", {ownership.LABEL: "something else called drydock"}))
    assert _sweep(engine) == []


def test_docker_commands_of_a_dead_run_are_ended(runtime: Path) -> None:
    dead = "20260101T000000-abcdef"
    (runtime / f"{dead}.lock").touch()
    environment = {**os.environ, settings.RUN: dead}
    orphan = subprocess.Popen(["sleep", "300"], env=environment)
    stranger = subprocess.Popen(["sleep", "300"], env={**os.environ, settings.RUN: "another"})
    try:
        time.sleep(0.1)
        assert f"process {orphan.pid}" in _sweep(_Engine())
        assert orphan.wait(5) == -9
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
        orphan.kill()
        orphan.wait()


def test_nobody_can_take_a_lock_while_it_is_judged(runtime: Path) -> None:
    lock = runtime / "x.lock"
    lock.touch()
    with ownership._dead(lock) as dead, lock.open() as other:
        assert dead
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_many_runs_begin_while_others_sweep(runtime: Path) -> None:
    code = """
from grader import settings
from grader.engine.ownership import RunLock
for _ in range(150):
    run = RunLock()
    assert run.folder.is_dir(), "swept alive"
    run.release()
"""
    runs = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(2)]
    while any(one.poll() is None for one in runs):
        _sweep(_Engine())
    for one in runs:
        assert one.stderr is not None
        with one.stderr:
            assert one.wait() == 0, one.stderr.read().decode()


def test_one_owner_for_one_machine_and_runtime_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = ownership.owner()
    assert first == ownership.owner()
    monkeypatch.setenv("DRYDOCK_RUNTIME", str(tmp_path / "another"))
    assert ownership.owner() != first
    monkeypatch.setenv("DRYDOCK_OWNER", "lab-7")
    assert ownership.owner() == "lab-7"


def test_what_may_not_be_written_goes_too() -> None:
    """A copy of a learner's folder keeps its modes. Tried as somebody who is not root, and whom they stop."""
    code = """
        import os, tempfile
        from pathlib import Path
        from grader.engine.ownership import RunLock
        if os.geteuid() == 0:
            os.setgid(4321), os.setuid(4321)
        with tempfile.TemporaryDirectory(dir="/tmp") as runtime:
            os.environ["DRYDOCK_RUNTIME"] = runtime
            lock = RunLock()
            inner = lock.folder / "copy" / "data"
            inner.mkdir(parents=True)
            (inner / "rows.csv").touch()
            (inner / "outside").symlink_to(runtime)
            inner.chmod(0)
            inner.parent.chmod(0o500)
            before = os.stat(runtime).st_mode
            assert lock.release()
            assert os.listdir(runtime) == []
            assert os.stat(runtime).st_mode == before
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
