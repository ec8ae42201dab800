"""Containers by the engine's API: made with the run's labels and limits, removed with the run."""

import io
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from docker.errors import APIError, NotFound
from docker.types import LogConfig, Ulimit

from grader.diagnose import container_start
from grader.diagnose.engine_trouble import disk_is_full
from grader.engine import images, lost_output, wait
from grader.engine.client import translated
from grader.engine.inspect import ContainerInfo, Healthcheck, State
from grader.engine.session import Session
from grader.values.errors import CheckFailed, EngineUnavailable
from grader.values.limits import Limits

HEALTH_INTERVAL_S = 0.5
"""The grader's cadence: nobody waits 30 s for ``--interval=30s``. The image's test command is kept."""

HEALTH_TIMEOUT_S = 5.0
"""The longest that one run of a health check may take here; the engine ends it then, and counts it as failed."""

HEALTH_RETRIES = 3
"""The most failures in a row that are waited for here; it is the engine's own default as well."""

LOOPBACK = "127.0.0.1"

_CANNOT_START = "The container cannot start."
_START_AGAIN_SECONDS = 0.5
_PROGRAMS = (b"\x7fELF", b"#!")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What to run.

    Attributes:
        image: id or name.
        command: replaces the image's CMD; None keeps it.
        entrypoint: replaces the image's ENTRYPOINT; None keeps it.
        env: added to the image's environment.
        user, workdir: replace the image's.
        publish: port inside that is published on a free port of the loopback address.
        network: name of a network, ``none``, or ``bridge``.
        volumes: volume name → path inside, ``:ro`` allowed behind it.
        files: path inside → content, put in place before the start.
        memory, pids: narrower than the session's limits.
        own_limits: bytes and processes instead of the session's, for the grader's own containers only.
        read_only: the root file system cannot be written.
        healthcheck: the image's own, to be run at the grader's cadence; None where it has none.
        extra_host_config: further arguments of the SDK's HostConfig, for the grader's own helpers only.
    """

    image: str
    command: Sequence[str] | None = None
    entrypoint: Sequence[str] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    workdir: str | None = None
    publish: int | None = None
    network: str = "none"
    volumes: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    memory: int | None = None
    pids: int | None = None
    own_limits: tuple[int, int] | None = None
    read_only: bool = False
    healthcheck: Healthcheck | None = None
    extra_host_config: Mapping[str, Any] = field(default_factory=dict)


def create(session: Session, spec: Spec) -> str:
    """Create a container; it is removed with the session at the latest.

    Returns:
        Its id.

    Raises:
        CheckFailed: the engine refuses the image's own settings.
    """
    limits, api = session.limits, session.client.api
    most_memory, most_pids = spec.own_limits or (limits.memory, limits.pids)
    memory = min(spec.memory or most_memory, most_memory)
    settings: dict[str, Any] = {
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": min(spec.pids or most_pids, most_pids),
        # A quota, not nano_cpus: the engine refuses those where it has fewer processors.
        "cpu_period": 100_000,
        "cpu_quota": int(limits.cpus * 100_000),
        "log_config": LogConfig(type="json-file", config=log_options(limits)),
        "ulimits": [Ulimit(name="fsize", soft=limits.file, hard=limits.file), Ulimit(name="core", soft=0, hard=0)],
        "security_opt": ["no-new-privileges"],
        "network_mode": spec.network,
        "port_bindings": {spec.publish: (LOOPBACK, None)} if spec.publish else None,
        "binds": [f"{volume}:{path}" for volume, path in spec.volumes.items()] or None,
        "read_only": spec.read_only,
    }
    host_config = api.create_host_config(**{**settings, **spec.extra_host_config})
    with translated():
        config = api.create_container_config(
            image=spec.image,
            command=list(spec.command) if spec.command is not None else None,  # type: ignore[arg-type]  # None keeps it
            entrypoint=list(spec.entrypoint) if spec.entrypoint is not None else None,
            environment=dict(spec.env),
            user=spec.user,
            working_dir=spec.workdir,
            ports=[spec.publish] if spec.publish else None,
            labels=session.labels,
            host_config=host_config,
        )
        if spec.healthcheck:
            config["Healthcheck"] = _at_our_cadence(spec.healthcheck)
        try:
            made = api.create_container_from_config(config, session.name("c"))  # type: ignore[no-untyped-call]
        except APIError as error:
            raise _unusable(error) from error
        identity = str(made["Id"])
        if spec.files:
            put(session, identity, spec.files)
    return identity


def _at_our_cadence(own: Healthcheck) -> dict[str, int]:
    """What replaces an image's own settings: nothing that would let us wait longer than its author has to.

    The engine keeps what is 0 or missing here as the image has it, its test command above all. A shorter time-out and fewer
    retries than ours are the author's wish. The start period stays: it ends with the first success.
    """
    every = int(HEALTH_INTERVAL_S * 1e9)
    return {
        "Interval": every,
        "StartInterval": every,
        "Timeout": int(min(own.timeout_s or HEALTH_TIMEOUT_S, HEALTH_TIMEOUT_S) * 1e9),
        "Retries": min(own.retries or HEALTH_RETRIES, HEALTH_RETRIES),
    }


def log_options(limits: Limits) -> dict[str, str]:
    """Settings of the json-file driver that bound a container's log.

    It is kept in two files: that there is a second one tells that the output has outgrown the limit.
    """
    return {"max-size": str(limits.log), "max-file": "2"}


def volume(session: Session, name: str) -> str:
    """A volume of this run: made when it is first asked for, removed with the run.

    Args:
        session: the run.
        name: within the run.

    Returns:
        Its name on the engine.
    """
    full = f"drydock-{session.id.lower()}-v-{name}"
    with translated():
        session.client.api.create_volume(full, labels=session.labels)  # one that exists is fine
    return full


def start(session: Session, identity: str) -> float:
    """Start a container.

    Returns:
        When it was started, on the monotonic clock.

    Raises:
        CheckFailed: its command cannot be run.
    """
    with translated():
        for last in (False, True):
            try:
                session.client.api.start(identity)
                break
            except APIError as error:
                trouble = _unusable(error)
                # What has no name here may be the engine's own hiccup on a busy machine: it is the learner's when it stays.
                if last or not (isinstance(trouble, CheckFailed) and trouble.finding.message == _CANNOT_START):
                    raise trouble from error
                session.cancelled.wait(_START_AGAIN_SECONDS)
    return time.monotonic()


def remove(session: Session, identity: str) -> None:
    """Kill and remove a container with its anonymous volumes; one that is gone is fine."""
    with translated():
        try:
            session.client.api.remove_container(identity, force=True, v=True)
        except NotFound:
            return
        except APIError as error:
            if "already in progress" not in str(error.explanation):
                raise


@contextmanager
def ephemeral(session: Session, spec: Spec) -> Iterator[str]:
    """A container of the grader's own for the length of a block: made, not started; removed in the background at its end.

    Args:
        session: the run.
        spec: its image is got where it is missing.

    Yields:
        Its id.

    Raises:
        ImageUnavailable: its image is not there, and cannot be pulled.
    """
    images.need(session, spec.image)
    identity = create(session, spec)
    discard = session.on_close(f"helper {identity[:12]}", lambda: remove(session, identity))
    try:
        yield identity
    finally:
        discard()


def output(session: Session, spec: Spec, *, seconds: float, tail: int | None = 200) -> str:
    """What a container of the grader's own writes to its standard output, from its start to its end.

    Args:
        session: the run.
        spec: what to run; it always writes something, so that silence is a lost output.
        seconds: deadline.
        tail: the last lines only; None for all that is kept.

    Raises:
        WaitTimeout: it did not end.
    """
    for _ in range(lost_output.TRIES):
        with ephemeral(session, spec) as identity:
            start(session, identity)
            wait_for_end(session, identity, seconds=seconds)
            if said := logs(session, identity, stderr=False, tail=tail):
                return said
        lost_output.note(session, "a helper of the grader's")
    return ""


def wait_for_end(session: Session, identity: str, *, seconds: float) -> State:
    """Wait until a container that was started has ended.

    Returns:
        Its state then.

    Raises:
        WaitTimeout: it did not end.
    """

    def ended() -> State | None:
        state = inspect(session, identity).state
        return None if state.running or state.status == "created" else state

    return wait.until(ended, seconds=seconds, cancelled=session.cancelled, every=0.02)


def inspect(session: Session, identity: str) -> ContainerInfo:
    """What the engine says of a container."""
    with translated():
        try:
            return ContainerInfo.parse(session.client.api.inspect_container(identity))
        except NotFound as error:
            raise EngineUnavailable(
                "A container of this run was removed by someone else.", "Run the check again, without pruning beside it."
            ) from error


def logs(session: Session, identity: str, *, stdout: bool = True, stderr: bool = True, tail: int | None = 200) -> str:
    """What a container wrote, as text; undecodable bytes replaced.

    Args:
        session: the run.
        identity: the container.
        stdout: with what it wrote there.
        stderr: likewise.
        tail: the last lines only; None for all that is kept.
    """
    with translated():
        data = session.client.api.logs(identity, stdout=stdout, stderr=stderr, tail=tail if tail is not None else "all")
    return bytes(data).decode("utf-8", "replace")


def put(session: Session, identity: str, files: Mapping[str, str | bytes], folder: str = "/") -> None:
    """Put files into a container.

    Args:
        session: the run.
        identity: the container; one that only reads can be given files where it has a volume.
        files: path below the folder → content.
        folder: must be there.

    Raises:
        CheckFailed: they cannot be put there.
    """
    try:
        session.client.api.put_archive(identity, folder, archive(files))
    except APIError as error:
        said = str(error.explanation or error)
        if "no space left on device" in said.lower():
            raise
        raise CheckFailed(
            "The grader cannot put its files into the container.",
            expected=f"folders for {', '.join(files)}",
            found=said,
            advice="Is something in your image a file where a folder is expected?",
        ) from error


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """A tar archive; programs and scripts in it can be executed.

    Args:
        files: path → content.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            about = tarfile.TarInfo(path.lstrip("/"))
            about.size, about.mode, about.mtime = len(data), 0o755 if data.startswith(_PROGRAMS) else 0o644, int(time.time())
            tar.addfile(about, io.BytesIO(data))
    return buffer.getvalue()


def _unusable(error: APIError) -> Exception:
    """The engine refuses to create or start a container: whose fault is it?"""
    said = str(error.explanation or error)
    if known := container_start.refused(said):
        return known
    if "no space left on device" in said.lower() and error.is_server_error():
        return disk_is_full()
    if error.status_code in {502, 503}:
        return error
    if error.is_server_error() or error.status_code == 400:
        return CheckFailed(_CANNOT_START, expected="a container that starts", found=container_start.reason(said))
    return error
