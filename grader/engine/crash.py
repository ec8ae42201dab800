"""Ending a container the way a crash does."""

from contextlib import suppress

from grader.engine import containers, probe, wait
from grader.engine.session import Session
from grader.values.errors import EngineUnavailable
from grader.values.units import MB

_SECONDS = 20.0


def crash(session: Session, identity: str) -> None:
    """Kill a container's main process as the kernel would, so that its restart policy applies.

    ``docker kill`` will not do: the engine takes it for the user's wish and does not restart the container. The signal
    therefore comes from a helper of our own among the engine's processes.

    Args:
        session: the run.
        identity: a running container.

    Raises:
        EngineUnavailable: the helper could not do it.
    """
    before = containers.inspect(session, identity).state
    if not before.running:
        return
    spec = containers.Spec(
        image=probe.IMAGE,
        entrypoint=["kill", "-9", str(before.pid)],
        user="0",
        memory=64 * MB,
        pids=32,
        read_only=True,
        extra_host_config={"pid_mode": "host", "cap_drop": ["ALL"], "cap_add": ["KILL"]},
    )

    def gone() -> bool | None:
        now = containers.inspect(session, identity).state
        return True if not now.running or now.pid != before.pid else None

    with containers.ephemeral(session, spec) as helper:
        containers.start(session, helper)
        with suppress(wait.WaitTimeout):
            wait.until(gone, seconds=_SECONDS, cancelled=session.cancelled, every=0.02)
            return
    raise EngineUnavailable("The grader could not end a container.", "Try again; `grader doctor` helps.")
