"""What the kernel and the engine have counted of the limits that containers ran into."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from docker.errors import APIError

from grader.engine import containers, probe
from grader.engine.client import translated
from grader.engine.inspect import ContainerInfo, moment
from grader.engine.session import Session
from grader.engine.wait import WaitTimeout
from grader.values.errors import CheckFailed, EngineUnavailable, Fault
from grader.values.units import MB

_SECONDS = 20.0
_THERE = "/there"
_MOST_PER_CHARACTER = 100
"""Bytes: the engine stores each line with its time and its stream, and some characters as \\u0000."""


@dataclass(frozen=True)
class Counts:
    """What the kernel has counted for a running container, since its last start.

    Attributes:
        pids_refused: forks that the limit on processes has refused.
        oom_kills: processes that were killed at the memory limit.
    """

    pids_refused: int
    oom_kills: int


# Prints a line for each container. The control groups are those of the engine's machine: version 2 has one tree, version 1
# several.
_SCRIPT = r"""
count() { sed -n "s/^$1 //p" $(find . -maxdepth 8 -path "*$id*" -name "$2" 2>/dev/null | head -n 1) /dev/null; }
for id; do
    pids=$(count max pids.events)
    oom=$(count oom_kill memory.events)
    [ -n "$oom" ] || oom=$(count oom_kill memory.oom_control)
    [ -z "$pids$oom" ] || echo "$id ${pids:-0} ${oom:-0}"
done
echo counted
"""
_IS_THERE = 'test -e "$1" && echo yes || echo no'


def read(session: Session, identities: Sequence[str]) -> dict[str, Counts]:
    """Read the kernel's counters of running containers, by a helper that nothing in their images can fool.

    Args:
        session: the run.
        identities: the containers' ids.

    Returns:
        By id; one that has ended meanwhile, and its counters with it, is missing.

    Raises:
        ImageUnavailable: the helper's image is not there.
        EngineUnavailable: the helper gave no answer.
    """
    if not identities:
        return {}
    try:
        rows = [line.split() for line in _look(session, _SCRIPT, identities, "/sys/fs/cgroup").splitlines()[:-1]]
        return {identity: Counts(int(pids), int(oom)) for identity, pids, oom in rows}
    except (CheckFailed, APIError, WaitTimeout, ValueError) as error:
        raise EngineUnavailable("The grader could not look into the container.", "Try again; `grader doctor` helps.") from error


def was_out_of_memory(session: Session, about: ContainerInfo) -> bool:
    """Whether something in a container was killed at its memory limit in any of its lives: a restart clears all counters.

    The engine remembers its last 256 events; what is older is forgotten.

    Args:
        session: the run.
        about: the container.
    """
    wanted = {"container": about.id, "event": "oom"}
    with translated():
        api = session.client.api
        # By the engine's own clock: a time to come would be waited for. As text: the SDK would cut a time to whole seconds.
        now = moment(api.info()["SystemTime"]) or about.created
        until: Any = f"{now.timestamp():.6f}"
        return bool(list(api.events(since=about.created, until=until, filters=wanted)))


def outgrew_its_log(session: Session, identity: str, output: str) -> bool:
    """Whether a container has written more than the limit on its log, so that what is left may not be all of it.

    Args:
        session: the run.
        identity: the container's id.
        output: what is left.

    Returns:
        False also where the engine does not let anybody see its files: then nothing is known.
    """
    if len(output) * _MOST_PER_CHARACTER < session.limits.log:
        return False
    kept = PurePosixPath(containers.inspect(session, identity).log)
    try:
        return _look(session, _IS_THERE, [f"{kept.name}.1"], str(kept.parent)).strip() == "yes"
    except (CheckFailed, Fault, APIError, WaitTimeout):
        return False


def _look(session: Session, script: str, words: Sequence[str], folder: str) -> str:
    """What a script prints, given some words, in a folder of the engine's host."""
    spec = containers.Spec(
        image=probe.IMAGE,
        entrypoint=["sh", "-c", script, "sh"],
        command=list(words),
        user="0",
        workdir=_THERE,
        read_only=True,
        own_limits=(64 * MB, 32),
        extra_host_config={
            "cap_drop": ["ALL"],
            "mounts": [{"Type": "bind", "Source": folder, "Target": _THERE, "ReadOnly": True}],
        },
    )
    return containers.output(session, spec, seconds=_SECONDS)
