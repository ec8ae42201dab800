"""A sandbox's limits, and whether a learner's commands, or what these left running, have reached one."""

from contextlib import suppress
from typing import Any

from docker.errors import APIError

from grader.engine import containers
from grader.engine.client import translated
from grader.engine.inspect import State
from grader.engine.sandbox.parts import FOLDER, Parts
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import LimitReached
from grader.values.outcome import Evidence

_LOOK = r"""
df -P /var/lib/docker /exercise | awk 'NR > 1 { print $NF, $(NF - 1) }'
for peak in /sys/fs/cgroup/pids/pids.peak /sys/fs/cgroup/pids.peak; do
    if [ -f "$peak" ]; then echo "peak $(cat "$peak")"; fi
done
"""
_FULL_PERCENT = 99
_SPARE_PIDS = 8
"""So near to the limit counts as having reached it: a fork that was refused is not among those that are counted."""
_MINE = "Your commands"
_THEIRS = "Your containers"


def reached(session: Session, parts: Parts, output: str, *, client: str = "", refused: int = 0) -> LimitReached | None:
    """Say whether a limit was reached.

    Args:
        session: the run.
        parts: the sandbox's.
        output: what the commands said.
        client: the container that they run in; empty once they have ended.
        refused: forks that were refused to it.
    """
    size, evidence = parts.size, said(output)
    engine = containers.inspect(session, parts.engine).state
    mine = containers.inspect(session, client).state if client else None

    def limit(message: str, allowed: str, found: str) -> LimitReached:
        return LimitReached(message, expected=f"at most {allowed}", found=found, evidence=evidence)

    for what, killed, most in (
        (_MINE, mine is not None and mine.oom_killed, size.client_memory),
        (_THEIRS, engine.oom_killed and _out_of_memory(session, parts, engine), size.memory),
    ):
        if killed:
            found = "the kernel ended a process of theirs at that limit"
            return limit(f"{what} used more memory than the sandbox has.", units.size(most), found)
    if not engine.running:
        return LimitReached(
            "Your commands ended the sandbox engine.",
            expected="an engine that still runs",
            found="it has ended",
            evidence=evidence,
        )
    message = "{} started more processes than the sandbox allows."
    if refused:
        return limit(message.format(_MINE), f"{size.client_pids} at a time", f"the kernel refused {refused} more")
    seen = _look(session, parts)
    for what, processes, most in (
        (_MINE, _processes(session, client) if client else 0, size.client_pids),
        (_THEIRS, seen.get("peak") or _processes(session, parts.engine), size.pids),
    ):
        if processes >= most - _SPARE_PIDS:
            return limit(message.format(what), f"{most} at a time", f"{processes} at a time, and no room for more")
    for place, most, what in (
        ("/var/lib/docker", size.disk, "images, containers and volumes together"),
        (FOLDER, size.files, "your own folder"),
    ):
        if (percent := seen.get(place, 0)) >= _FULL_PERCENT:
            return limit(
                "Your commands filled the sandbox's disk.", f"{units.size(most)} for {what}", f"{percent}% of it in use"
            )
    return None


def said(output: str) -> Evidence:
    """What the commands said, as evidence."""
    return Evidence("your commands and what they said", "\n".join(output.rstrip().splitlines()[-25:]))


def _look(session: Session, parts: Parts) -> dict[str, int]:
    """How full its disks are, in per cent, and the most processes that it ever had; empty when none can be started."""
    out = parts.run(_LOOK, seconds=10, cancelled=session.cancelled).stdout
    return {name: int(number.rstrip("%")) for name, number in (line.split() for line in out.splitlines())}


def _out_of_memory(session: Session, parts: Parts, state: State) -> bool:
    """Whether it was the sandbox's own limit. Where groups report those below them, a container's is told of, too."""
    if not state.running:
        return True
    events = ["cat", "/sys/fs/cgroup/memory.events.local"]
    told = parts.run(events, seconds=10, cancelled=session.cancelled)
    counts = dict(line.split() for line in told.stdout.splitlines() if len(line.split()) == 2)
    return told.returncode != 0 or int(counts.get("oom", "1")) > 0


def _processes(session: Session, identity: str) -> int:
    """How many processes a container has now; 0 when it has ended. Asked of the engine: no process could be added."""
    with translated(), suppress(APIError):
        about: dict[str, Any] = session.client.api.stats(identity, stream=False, one_shot=True)
        return int((about.get("pids_stats") or {}).get("current") or 0)
    return 0
