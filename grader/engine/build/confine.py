"""Bounding what RUN steps may use.

``docker build --memory`` is silently ignored by BuildKit. A parent control group does hold, where three things are true:
the engine's driver is cgroupfs, the engine runs on this very machine, and we may write there. Elsewhere the limit of the
engine's own container is all there is, and the report says so.
"""

import os
import threading
from pathlib import Path
from typing import Self

from docker.errors import APIError

from grader import settings
from grader.engine import cgroups
from grader.engine.client import translated
from grader.engine.session import Session
from grader.values.limits import Limits

FEWEST_PIDS = 512
"""A build may have so many processes even where a container may have fewer: compilers and package managers need them."""

"""Set where the engine's own container has limits, as in the lab: then nothing is missing."""

NOTE = "This engine cannot bound the memory and the processes of RUN steps; only its own limits hold."


class _Slot:
    """The slot of a run. Its name is part of BuildKit's cache key, so all builds of a run have the same one, one at a time.

    Args:
        session: the run.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._slot: cgroups.Slot | None = None
        self._in_use = threading.Lock()
        session.on_close("the control group for builds", self._release)

    def take(self) -> cgroups.Slot | None:
        """Wait until no other build of the run has it; None where no group can be made.

        Raises:
            Cancelled: the run was stopped meanwhile.
        """
        while not self._in_use.acquire(timeout=0.1):
            self._session.check_cancelled()
        if self._slot is None:
            self._slot = cgroups.free_slot()
        if self._slot is None:
            self._in_use.release()
        return self._slot

    def give_back(self, *, spent: bool) -> None:
        """Let the run's next build have it; one whose counters have moved is spent, and is made again."""
        if spent:
            self._release()
        self._in_use.release()

    def _release(self) -> None:
        if self._slot is not None:
            self._slot.release()
            self._slot = None


class BuildGroup:
    """A control group for the RUN steps of one build; does nothing where it cannot hold.

    Attributes:
        name: value for ``--cgroup-parent``, or empty where no group could be made.
    """

    def __init__(self, session: Session) -> None:
        self.name = ""
        self._of_run = session.only(_Slot)
        self._slot: cgroups.Slot | None = None
        self._counted = ""
        self._watch: cgroups.OomWatch | None = None
        self._closing = threading.Lock()
        if _engine_is_here(session):
            self._slot = self._of_run.take()
        if self._slot is None or not self._bound(self._slot, session.limits):
            self.close()
            if not settings.engine_bounded() and NOTE not in session.notes:
                session.notes.append(NOTE)
            return
        self.name = f"/{self._slot.name}"
        session.on_close(f"control group {self._slot.name}", self.close)

    def _bound(self, slot: cgroups.Slot, limits: Limits) -> bool:
        memory, pids = cgroups.folder("memory", slot.name), cgroups.folder("pids", slot.name)
        limit = "memory.max" if cgroups.is_v2() else "memory.limit_in_bytes"
        try:
            (memory / limit).write_text(str(limits.build_memory))
            (pids / "pids.max").write_text(str(max(limits.pids, FEWEST_PIDS)))
            self._watch = cgroups.OomWatch(memory)
        except OSError:
            return False
        return True

    def reached(self, _error: str = "") -> str:
        """What the kernel counted as over the limit so far: ``memory``, ``pids`` or nothing."""
        if self._watch is not None and self._watch.happened():
            self._counted = "memory"
        elif self._slot is not None and cgroups.pids_refused(cgroups.folder("pids", self._slot.name)):
            self._counted = "pids"
        return self._counted

    def close(self) -> None:
        """Give the group back to the run."""
        with self._closing:
            if self._slot is not None:
                spent = not self.name or bool(self.reached())
                self._slot = None
                self._of_run.give_back(spent=spent)
            if self._watch is not None:
                self._watch.close()
                self._watch = None
            self.name = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _engine_is_here(session: Session) -> bool:
    """Whether the engine runs on this machine, lets a build name a parent group, and we may make one."""
    if not os.access(cgroups.ROOT, os.W_OK):
        return False
    try:
        with translated():
            info = session.client.info()
        # Its data folder is this machine's folder of that name: its engine-id file tells.
        identity = (Path(info["DockerRootDir"]) / "engine-id").read_text().strip()
        return info.get("CgroupDriver") == "cgroupfs" and identity == info["ID"]
    except (APIError, KeyError, OSError):
        return False
