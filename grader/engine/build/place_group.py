"""The control group for RUN steps on an isolated engine: made and read by shell, in the container that the engine runs in."""

import threading
from typing import Final, Self

from grader.engine.build.confine import FEWEST_PIDS
from grader.engine.session import Session
from grader.values.errors import EngineUnavailable

_NAME: Final = "drydock-build"
_KILLED: Final = "exit code: 137"

# A group that was used before is made again, so that its counters begin at nothing.
_MAKE: Final = rf"""
cd /sys/fs/cgroup
if [ -e cgroup.controllers ]; then
    rmdir {_NAME} 2>/dev/null; mkdir -p {_NAME} && echo "$MEMORY" >{_NAME}/memory.max && echo "$PIDS" >{_NAME}/pids.max
else
    for one in memory pids; do rmdir $one/{_NAME} 2>/dev/null; mkdir -p $one/{_NAME} || exit; done
    echo "$MEMORY" >memory/{_NAME}/memory.limit_in_bytes && echo "$PIDS" >pids/{_NAME}/pids.max
fi
"""
# Prints: kernel's version of control groups, memory, processes; each a count of what was refused or killed.
# Version 1 counts refused processes where the fork was tried, which is gone, but keeps the peak.
_READ: Final = rf"""
cd /sys/fs/cgroup
if [ -e cgroup.controllers ]; then
    echo 2 "$(sed -n 's/^oom_kill //p' {_NAME}/memory.events)" "$(sed -n 's/^max //p' {_NAME}/pids.events)"
else
    peak=$(cat pids/{_NAME}/pids.peak 2>/dev/null || echo 0)
    echo 1 "$(cat memory/{_NAME}/memory.failcnt)" "$(($peak >= $(cat pids/{_NAME}/pids.max)))"
fi
"""


class PlaceGroup:
    """Bounds the RUN steps of one build on the engine of a session's place; builds of a run wait for one another.

    Attributes:
        name: value for ``--cgroup-parent``.

    Raises:
        EngineUnavailable: it cannot be made there.
    """

    def __init__(self, session: Session) -> None:
        assert session.place is not None
        self._shell = session.place.shell
        self._turn = session.only(_Turn).lock
        while not self._turn.acquire(timeout=0.1):
            session.check_cancelled()
        status, said = self._shell(
            f"MEMORY={session.limits.build_memory}; PIDS={max(session.limits.pids, FEWEST_PIDS)}; {_MAKE}"
        )
        if status != 0:
            self._turn.release()
            raise EngineUnavailable(f"The isolated engine cannot bound RUN steps: {said.strip()[-200:]}", "Try again.")
        self.name = f"/{_NAME}"

    def reached(self, error: str) -> str:
        """What the kernel counted as over the limit: ``memory``, ``pids`` or nothing.

        Args:
            error: the builder's words about the step that failed: version 1 only counts that memory was short, which a cache
                that could be dropped is a reason for as well, so there the step has to have been killed.
        """
        status, said = self._shell(_READ)
        counts = said.split()
        if status != 0 or len(counts) != 3:
            return ""
        version, memory, pids = (int(one) for one in counts)
        if memory and (version > 1 or _KILLED in error):
            return "memory"
        return "pids" if pids else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._turn.release()


class _Turn:
    def __init__(self, _session: Session) -> None:
        self.lock = threading.Lock()
