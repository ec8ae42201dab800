"""Running a learner's commands in a sandbox, to their end or to a limit."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError

from grader.diagnose import docker_commands
from grader.engine import containers, wait
from grader.engine.client import translated
from grader.engine.inspect import State
from grader.engine.sandbox.parts import FOLDER, USER, Parts
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import LimitReached
from grader.values.events import EngineOutput
from grader.values.outcome import Evidence

_SCRIPT = ".commands.sh"
# umask and chmod: `-v "$PWD":/backup` shall be writable for a container's other users, too.
_RUN = 'umask 0; chmod -R a+rwX . 2>/dev/null; exec sh -x "$0" 2>&1'
_LOOK = r"""
df -P /var/lib/docker /exercise | awk 'NR > 1 { print $NF, $(NF - 1) }'
for peak in /sys/fs/cgroup/pids/pids.peak /sys/fs/cgroup/pids.peak; do
    if [ -f "$peak" ]; then echo "peak $(cat "$peak")"; fi
done
"""
_FULL_PERCENT = 99
_SPARE_PIDS = 8
"""So near to the limit counts as having reached it: a fork that was refused is not among those that are counted."""


@dataclass(frozen=True)
class ScriptEnd:
    """How a learner's commands ended.

    Attributes:
        exit_code: of the script.
        output: commands and what they said, in their order.
        began, ended: times as the engine's events have them.
    """

    exit_code: int
    output: str
    began: str
    ended: str


def run(session: Session, parts: Parts, script: str, files: Mapping[str, bytes], *, seconds: float) -> ScriptEnd:
    """Run a learner's commands with ``sh -x`` in a client of the sandbox.

    Args:
        session: the run.
        parts: the sandbox's.
        script: the commands.
        files: name → content, in the folder that they run in.
        seconds: deadline.

    Raises:
        LimitReached: the deadline, memory, processes or disk: what still works of the sandbox is not known then.
    """
    containers.put(session, parts.engine, {**files, _SCRIPT: script}, FOLDER)
    parts.run(["chown", "-R", f"{USER}:{USER}", FOLDER], seconds=20, cancelled=session.cancelled)
    with containers.ephemeral(session, parts.client(["sh", "-c", _RUN, f"{FOLDER}/{_SCRIPT}"])) as client:
        limits = _Limits(session, parts, client)
        # Not when it started: that is noted after the fact, and a busy machine may have done the first commands by then.
        began = containers.inspect(session, client).created
        begin = time.monotonic()
        containers.start(session, client)
        try:
            state = containers.wait_for_end(session, client, seconds=seconds)
        except wait.WaitTimeout:
            output = containers.logs(session, client, tail=30)
            limits.check(output)
            at = docker_commands.last_command(output)
            raise LimitReached(
                "Your commands did not come to an end.",
                expected=f"all of them done within {units.seconds(seconds)}",
                found=f"still at: {at}" if at else "the first of them still ran then",
                evidence=_evidence(output),
                advice=docker_commands.why_it_waits(at),
            ) from None
        output = containers.logs(session, client, tail=None)
        limits.check(output)
    session.emit(EngineOutput(line=f"your commands took {units.seconds(time.monotonic() - begin)}"))
    assert state.finished is not None
    return ScriptEnd(state.exit_code, output, began.isoformat(), state.finished.isoformat())


@dataclass(frozen=True)
class _Limits:
    """The sandbox's limits, and whether a learner's commands have reached one.

    Attributes:
        session: the run.
        parts: the sandbox's.
        client: the container that the commands run in.
    """

    session: Session
    parts: Parts
    client: str

    def check(self, output: str) -> None:
        """Raise LimitReached when the commands have used up the sandbox; ``output`` is what they said."""
        size = self.parts.size
        mine, engine = (containers.inspect(self.session, one).state for one in (self.client, self.parts.engine))
        for what, state, most in (("Your commands", mine, size.client_memory), ("Your containers", engine, size.memory)):
            if state.oom_killed and (state is mine or self._out_of_memory(state)):
                raise _reached(f"{what} used more memory than the sandbox has.", f"at most {units.size(most)}", output)
        if not engine.running:
            raise _reached("Your commands ended the sandbox engine.", "an engine that still runs", output)
        seen = self._look()
        for what, processes, most in (
            ("Your commands", self._processes(self.client), size.client_pids),
            ("Your containers", seen.get("peak") or self._processes(self.parts.engine), size.pids),
        ):
            if processes >= most - _SPARE_PIDS:
                raise _reached(f"{what} started more processes than the sandbox allows.", f"at most {most}", output)
        for place, most, what in (
            ("/var/lib/docker", size.disk, "images, containers and volumes together"),
            (FOLDER, size.files, "your own folder"),
        ):
            if seen.get(place, 0) >= _FULL_PERCENT:
                raise _reached("Your commands filled the sandbox's disk.", f"at most {units.size(most)} for {what}", output)

    def _look(self) -> dict[str, int]:
        """How full its disks are, in per cent, and the most processes that it ever had; empty when none can be started."""
        said = self.parts.run(_LOOK, seconds=10, cancelled=self.session.cancelled).stdout
        return {name: int(number.rstrip("%")) for name, number in (line.split() for line in said.splitlines())}

    def _out_of_memory(self, state: State) -> bool:
        """Whether it was the sandbox's own limit. Where groups report those below them, a container's is told of, too."""
        if not state.running:
            return True
        events = ["cat", "/sys/fs/cgroup/memory.events.local"]
        said = self.parts.run(events, seconds=10, cancelled=self.session.cancelled)
        counts = dict(line.split() for line in said.stdout.splitlines() if len(line.split()) == 2)
        return said.returncode != 0 or int(counts.get("oom", "1")) > 0

    def _processes(self, identity: str) -> int:
        """How many processes a container has now; 0 when it has ended. Asked of the engine: no process could be added."""
        with translated(), suppress(APIError):
            about: dict[str, Any] = self.session.client.api.stats(identity, stream=False, one_shot=True)
            return int((about.get("pids_stats") or {}).get("current") or 0)
        return 0


def _reached(message: str, expected: str, output: str) -> LimitReached:
    return LimitReached(message, expected=expected, found="more than that", evidence=_evidence(output))


def _evidence(output: str) -> Evidence:
    return Evidence("your commands and what they said", "\n".join(output.rstrip().splitlines()[-25:]))
