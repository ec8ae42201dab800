"""Building images with ``docker buildx build``: the SDK's own build uses the removed classic builder (docker-py #2230)."""

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.diagnose import build_output, missing_source
from grader.diagnose.engine_trouble import fault
from grader.engine import images, probe
from grader.engine.build import context, dockerfile
from grader.engine.build.confine import FEWEST_PIDS, BuildGroup
from grader.engine.build.ignore import Ignore
from grader.engine.build.place_group import PlaceGroup
from grader.engine.cli import CliResult, run_cli
from grader.engine.client import translated
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import CheckFailed, EngineUnavailable, Fault, LimitReached, WorkError
from grader.values.events import BuildStep, EngineOutput
from grader.values.outcome import Evidence
from grader.values.share import Share

_LOG_LINES = 15
_SHOWN = 4000
_KEPT = 20_000


@dataclass(frozen=True)
class Built:
    """A finished build.

    Attributes:
        image_id: ``sha256:…``.
        steps: in the order they were begun.
        warnings: of the Dockerfile's checks, e.g. ``FromAsCasing: … (line 3)``; empty where the builder has none.
        context: what was sent.
        ignore: what kept the rest of the folder out of it.
        duration_s: seconds.
    """

    image_id: str
    steps: tuple[BuildStep, ...]
    warnings: tuple[str, ...]
    context: context.ContextSize
    ignore: Ignore
    duration_s: float


@dataclass
class _Vertex:
    name: str
    cached: bool = False
    started: datetime | None = None
    completed: datetime | None = None
    error: str = ""
    log: list[str] = field(default_factory=list)


class _Progress:
    """Reads BuildKit's status stream (``--progress=rawjson``: JSON objects one behind the other, pretty or not)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._decoder = json.JSONDecoder()
        self._buffer = ""
        self._vertices: dict[str, _Vertex] = {}
        self.warnings: dict[str, None] = {}
        self.other: list[str] = []
        self._lock = threading.Lock()

    def feed(self, line: str) -> None:
        """Take a line of output."""
        if not self._buffer and not line.lstrip().startswith("{"):
            self.other.append(line)
            return
        self._buffer += line
        if line.rstrip().endswith("}"):
            try:
                status, end = self._decoder.raw_decode(self._buffer.lstrip())
            except ValueError:
                return  # not whole yet
            self._buffer = self._buffer.lstrip()[end:].lstrip()
            with self._lock:
                self._take(status)

    def _take(self, status: dict[str, Any]) -> None:
        for one in status.get("vertexes") or ():
            vertex = self._vertices.setdefault(one["digest"], _Vertex(one.get("name", "")))
            begun = vertex.started is not None
            vertex.cached = vertex.cached or bool(one.get("cached"))
            vertex.started = _time(one.get("started")) or vertex.started
            vertex.completed = _time(one.get("completed")) or vertex.completed
            vertex.error = one.get("error") or vertex.error
            if vertex.started and not begun and not vertex.name.startswith("[internal]"):
                self._session.emit(EngineOutput(line=vertex.name))
        for one in status.get("logs") or ():
            text = _decoded(one.get("data", ""))
            if vertex := self._vertices.get(one.get("vertex", "")):  # type: ignore[assignment]
                vertex.log.append(text[-_KEPT:])
                del vertex.log[:-400]
            for line in text[-_SHOWN:].splitlines()[-_LOG_LINES:]:  # of a flood, the end
                if line.strip():
                    self._session.emit(EngineOutput(line=line))
        for one in status.get("warnings") or ():
            place = (one.get("range") or [{}])[0].get("start", {}).get("line")
            self.warnings[_decoded(one.get("short", "")) + (f" (line {place})" if place else "")] = None

    def steps(self) -> tuple[BuildStep, ...]:
        """What was built so far."""
        with self._lock:
            began = [vertex for vertex in self._vertices.values() if vertex.started]
            first = min((vertex.started for vertex in began if vertex.started), default=None)
            return tuple(_step(vertex, first) for vertex in began if first)


def _step(vertex: _Vertex, first: datetime) -> BuildStep:
    assert vertex.started is not None
    end = vertex.completed or vertex.started
    return BuildStep(
        name=vertex.name,
        cached=vertex.cached,
        started_s=(vertex.started - first).total_seconds(),
        duration_s=max((end - vertex.started).total_seconds(), 0.0),
        error=vertex.error,
        log="".join(vertex.log),
    )


def _time(text: str | None) -> datetime | None:
    # Nanoseconds come with 1 to 9 digits; Python reads 6.
    return datetime.fromisoformat(re.sub(r"\.(\d{1,9})", lambda m: f".{m[1][:6]:0<6}", text)) if text else None


def _decoded(data: str) -> str:
    return base64.b64decode(data).decode("utf-8", "replace")


def build(
    session: Session,
    folder: Path,
    *,
    file: str = "Dockerfile",
    where: str = ".",
    args: Mapping[str, str] | None = None,
    target: str | None = None,
    no_cache: bool = False,
    owner: Path | None = None,
) -> Built:
    """Build an image from a learner's folder.

    Args:
        session: the run; the image carries its labels and goes with it.
        folder: the submission.
        file: the Dockerfile, below ``folder``.
        where: the context, below ``folder``.
        args: build arguments.
        target: the stage to stop at.
        no_cache: build every step again.
        owner: the submission whose cache mounts are used; by default ``folder``.

    Raises:
        CheckFailed: the Dockerfile cannot be read, asks for what is refused, or does not build.
        LimitReached: the context is too large, or the build hit its time, memory or process limit.
        ImageUnavailable, EngineUnavailable, DiskFull: not the learner's fault.
    """
    begin = time.monotonic()
    text = dockerfile.vet(context.read_text(folder, file), file)
    root = context.root(folder, where)
    ignore, ignore_text = context.ignore_file(root, file)
    sent = context.measure(root, ignore_text, session.limits)
    staged = session.folder / session.name("dockerfile")
    staged.mkdir()
    # What was vetted is what is built: from a copy, so that an editor cannot change it in between.
    (staged / "Dockerfile").write_text(text, encoding="utf-8", newline="")
    if ignore and ignore != context.IGNORE:
        (staged / "Dockerfile.dockerignore").write_text(ignore_text, encoding="utf-8")
    with PlaceGroup(session) if session.place else BuildGroup(session) as group:
        name = session.name("image") + ":run"
        command = ["buildx", "build", "--progress=rawjson", "--load", "--provenance=false"]
        command += ["--file", str(staged / "Dockerfile"), "--tag", name]
        for label, value in session.labels.items():
            command += ["--label", f"{label}={value}"]
        # Cache mounts are the learner's own: what one submission leaves in them must not reach another.
        namespace = hashlib.sha256(str((owner or folder).resolve()).encode()).hexdigest()[:16]
        given = {
            **(args or {}),
            "BUILDKIT_CACHE_MOUNT_NS": namespace,
            **(session.place.build_arguments if session.place else {}),
        }
        for argument, value in given.items():
            command += ["--build-arg", f"{argument}={value}"]
        if target:
            command += ["--target", target]
        if no_cache:
            command += ["--no-cache"]
        if group.name:
            command += ["--cgroup-parent", group.name]
        progress = _Progress(session)
        give_back = session.take(Share(builds=1))
        try:
            result = run_cli(session, [*command, str(root)], seconds=session.limits.build_seconds, on_stderr=progress.feed)
        finally:
            give_back()
        steps = progress.steps()
        session.emit(EngineOutput(line="", steps=steps))
        # Asked of the engine: what the builder calls the id is the config's digest, which is no name in the containerd store.
        built = images.find(session, name) if result.returncode == 0 else None
        if built is None:
            raise _failure(session, file, text, root, result, steps, progress.other, group)
    kept_out = Ignore(ignore_text)
    return Built(built.id, steps, tuple(progress.warnings), sent, kept_out, time.monotonic() - begin)


def _failure(
    session: Session,
    file: str,
    text: str,
    root: Path,
    result: CliResult,
    steps: tuple[BuildStep, ...],
    other: list[str],
    group: BuildGroup | PlaceGroup,
) -> Exception:
    """Tell apart: a limit, the engine's fault, a base image that is not to be had, and the learner's mistake.

    What a step printed, and its own words in the builder's message, are the learner's: a fault is never read out of them.
    """
    said = "".join(other).strip()
    failed = next((step for step in steps if step.error and "context canceled" not in step.error), None)
    with translated():
        session.client.ping()
    if result.timed_out:
        unfinished = (step for step in reversed(steps) if not step.cached and (step.error or not step.duration_s))
        return build_output.too_slow(next(unfinished, None), text, session.limits.build_seconds)
    if failed is not None and (counted := group.reached(failed.error)):
        words = {"memory": "memory", "pids": "processes"}
        bound = (
            units.size(session.limits.build_memory)
            if counted == "memory"
            else f"{max(session.limits.pids, FEWEST_PIDS)} processes"
        )
        return LimitReached(
            f"A step of the build used more {words[counted]} than it may.",
            expected=f"at most {bound} for all RUN steps",
            found=f"{failed.name} was stopped there",
            evidence=Evidence("output of that step", build_output.tail(failed.log)),
        )
    if not steps:
        return fault(said) or EngineUnavailable(
            f"The image builder did not start: {build_output.error_line(said)}.",
            "Drydock needs docker-buildx 0.13 or newer; `grader doctor` helps.",
        )
    if failed is None:
        return fault(said) or build_output.unreadable(file, said)
    trouble: Fault | WorkError | None = None
    if not build_output.ran(failed):
        trouble = build_output.missing_image(failed, said, text) or _missing_source(failed, root, file)
        if not trouble and not build_output.fetches(failed):  # the words of an address' server are its own
            trouble = fault(failed.error)
    elif "no space left on device" in failed.log.lower():
        trouble = probe.full_disk(session)
    if trouble:
        return trouble
    return build_output.step_failed(file, text, failed, said)


def _missing_source(failed: BuildStep, root: Path, file: str) -> CheckFailed | None:
    missing = missing_source.read(failed)
    if missing is None:
        return None
    if missing.stage:
        return missing.not_in_stage()
    path = root / missing.path
    if path.exists():
        return missing.left_out(Ignore(context.ignore_file(root, file)[1]).left_out_by(missing.path))
    return missing.not_there(sorted(one.name for one in path.parent.iterdir()) if path.parent.is_dir() else [])
