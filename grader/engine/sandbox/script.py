"""Running a learner's commands in a sandbox, to their end or to a limit."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from grader.diagnose import docker_commands, limit_words
from grader.engine import containers, counters, wait
from grader.engine.sandbox import limits
from grader.engine.sandbox.parts import FOLDER, USER, Parts
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import LimitReached
from grader.values.events import EngineOutput

_SCRIPT = ".commands.sh"
_PATIENCE_SECONDS = 8.0
"""After which it is said what is waited for."""
# umask and chmod: `-v "$PWD":/backup` shall be writable for a container's other users, too.
# The shell that stays outside tells how many forks the kernel refused, by what it has built in: it may not be able to fork.
_RUN = r"""
umask 0
chmod -R a+rwX . 2>/dev/null
sh -x "$0" 2>&1
code=$?
for events in /sys/fs/cgroup/pids/pids.events /sys/fs/cgroup/pids.events; do
    if [ -f "$events" ]; then while read -r _ refused; do echo "$refused" >&2; done <"$events"; fi
done
exit $code
"""


@dataclass(frozen=True)
class ScriptEnd:
    """How a learner's commands ended.

    Attributes:
        exit_code: of the script.
        output: commands and what they said, in their order.
        cut_off: whether they said so much that the beginning may be lost.
        refused: forks that the kernel refused to them, at their limit on processes.
        began, ended: times as the engine's events have them.
    """

    exit_code: int
    output: str
    cut_off: bool
    refused: int
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
        # Not when it started: that is noted after the fact, and a busy machine may have done the first commands by then.
        began = containers.inspect(session, client).created
        begin = time.monotonic()
        containers.start(session, client)
        try:
            with suppress(wait.WaitTimeout):
                containers.wait_for_end(session, client, seconds=min(_PATIENCE_SECONDS, seconds))
            if begin + _PATIENCE_SECONDS <= time.monotonic():
                _tell_what_it_waits_for(session, client, seconds)
            state = containers.wait_for_end(session, client, seconds=max(begin + seconds - time.monotonic(), 0.1))
        except wait.WaitTimeout:
            # All of it: a command that follows a log may have said much.
            output = containers.logs(session, client, stderr=False, tail=None)
            if limit := limits.reached(session, parts, output, client=client):
                raise limit from None
            at = docker_commands.last_command(output)
            raise LimitReached(
                "Your commands did not come to an end.",
                expected=f"all of them done within {units.seconds(seconds)}",
                found=f"still at: {at}" if at else "the first of them still ran then",
                evidence=limits.said(output),
                advice=docker_commands.why_it_waits(at),
            ) from None
        output = containers.logs(session, client, stderr=False, tail=None)
        if limit := limits.reached(session, parts, output, client=client):
            raise limit
        counted = containers.logs(session, client, stdout=False, tail=1).strip()
        cut_off = counters.outgrew_its_log(session, client, output)
    session.emit(EngineOutput(line=f"your commands took {units.seconds(time.monotonic() - begin)}"))
    assert state.finished is not None
    # A busy engine may have lost that stream, as the container has ended: then the commands' own words have to do.
    refused = int(counted) if counted.isdecimal() else int(bool(limit_words.no_more_processes(output)))
    return ScriptEnd(state.exit_code, output, cut_off, refused, began.isoformat(), state.finished.isoformat())


def _tell_what_it_waits_for(session: Session, client: str, seconds: float) -> None:
    """Say which of the learner's commands takes its time, and how long it may."""
    at = docker_commands.last_command(containers.logs(session, client, stderr=False, tail=None))
    session.emit(EngineOutput(line=f"waiting for your commands, at most {units.seconds(seconds)}; now at: {at or 'the first'}"))
