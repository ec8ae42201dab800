"""A toy exercise around one check, run on the real engine; nothing may be left behind."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.checks.image import Image
from grader.checks.work import Work
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.engine import ownership
from grader.engine.client import connect
from grader.run import runner
from grader.values.events import Event
from grader.values.limits import Limits
from grader.values.outcome import CheckResult, Outcome
from grader.values.units import KB, MB

LIMITS = Limits(
    memory=64 * MB, pids=64, cpus=0.5, log=100 * KB, file=20 * MB, build_seconds=60, build_memory=100 * MB, start_seconds=5
)

ImageCheck = Callable[[Image], object]


def entry(
    folder: Path, check: ImageCheck | None = None, *, limits: Limits = LIMITS, build: Mapping[str, str] | None = None
) -> Entry:
    """An exercise with ``builds``, the check behind it if there is one, and one that has nothing to do with either."""
    exercise = Exercise(title="A toy", learner_files=("Dockerfile",), limits=limits)

    @exercise.check(points=1, hint="It must build.")
    def builds(work: Work) -> Image:
        """The image builds."""
        return work.build(**(build or {}))  # type: ignore[arg-type]

    if check is not None:

        @exercise.check(builds, points=2, hint="It must do as it should.")
        def works(image: Image) -> object:
            """It works."""
            return check(image)

    @exercise.check(points=1)
    def bystander(work: Work) -> str:
        """Another file is there."""
        return work.text("note.txt")

    return Entry("99-toy", folder, exercise)


def submission(folder: Path, files: Mapping[str, str | bytes] | str | None) -> Path:
    """A submission: these files, or this Dockerfile; and what the bystander looks at."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "note.txt").write_text("here")
    if isinstance(files, str):
        files = {"Dockerfile": files}
    for name, content in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if name.endswith(".sh"):
            path.chmod(0o755)
    return folder


def left(owner: str) -> list[str]:
    """Everything on the engine that carries an owner's label."""
    client = connect()
    wanted = {"label": f"{ownership.OWNER_LABEL}={owner}"}
    try:
        return [
            *(f"container {one['Id'][:12]}" for one in client.api.containers(all=True, filters=wanted)),
            *(f"network {one['Name']}" for one in client.api.networks(filters=wanted)),
            *(f"volume {one['Name']}" for one in client.api.volumes(filters=wanted).get("Volumes") or ()),
            *(f"image {one['Id']}" for one in client.api.images(filters=wanted, all=True)),
        ]
    finally:
        client.close()


@contextmanager
def nothing_left(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Runs in the block are of an owner of their own, whose name it yields; afterwards nothing of theirs may be there."""
    monkeypatch.setenv("DRYDOCK_RUNTIME", str(runtime))
    monkeypatch.delenv("DRYDOCK_OWNER", raising=False)
    owner = ownership.owner()
    yield owner
    assert left(owner) == []
    assert list(runtime.iterdir()) == []


def run(
    folder: Path,
    files: Mapping[str, str | bytes] | str | None,
    check: ImageCheck | None = None,
    *,
    limits: Limits = LIMITS,
    observe: Callable[[Event], None] | None = None,
    cancelled: threading.Event | None = None,
    build: Mapping[str, str] | None = None,
) -> dict[str, CheckResult]:
    """Run the toy exercise. The bystander must pass, whatever the submission is.

    Returns:
        The results of ``builds`` and ``works``.
    """
    work = submission(folder / "work", files)
    report = runner.run(entry(folder, check, limits=limits, build=build), work, observe=observe, cancelled=cancelled)
    results = {one.id: one for one in report.checks}
    assert results.pop("bystander").outcome is Outcome.PASS
    return results


def seen(result: CheckResult) -> str:
    """All that a learner reads about a check that did not pass."""
    finding = result.finding
    assert finding is not None, f"{result.id} passed"
    evidence = "\n".join(f"{one.title}\n{one.text}" for one in finding.evidence)
    return f"{finding.message}\n{finding.expected}\n{finding.found}\n{finding.advice}\n{evidence}"
