"""Control groups of this machine: made, read and removed as plain folders.

A version 2 machine has one tree. Version 1 has one for each controller, and a container runtime that is told a parent group
makes it in *all* of them, so all of them have to be cleaned.
"""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
SLOT = "drydock-build-"
_MOST_SLOTS = 64
_LET_GO_SECONDS = 5.0


def is_v2() -> bool:
    """Whether this machine has the one tree of version 2."""
    return (ROOT / "cgroup.controllers").exists()


def folder(controller: str, name: str) -> Path:
    """Where a group is that bounds ``memory`` or ``pids``."""
    return ROOT / name if is_v2() else ROOT / controller / name


def _remove(name: str) -> bool:
    """Remove a group from all trees, with everything below it, once the engine has let go of it."""
    trees = [ROOT] if is_v2() else [one for one in ROOT.iterdir() if (one / "cgroup.procs").exists()]
    groups = [tree / name for tree in trees]
    deadline = time.monotonic() + _LET_GO_SECONDS
    while left := [group for group in groups if group.exists()]:
        for group in left:
            for below, _names, _files in os.walk(group, topdown=False):
                with suppress(OSError):  # a step is still ending
                    Path(below).rmdir()
        if time.monotonic() > deadline:
            return False
        if any(group.exists() for group in left):
            time.sleep(0.05)
    return True


class Slot:
    """One of a row of groups, held by one run at a time.

    The group's name becomes part of BuildKit's cache key, so every build having a group of its own would never find
    anything in the cache. The first free one is taken: where one run goes at a time, it is always the same.

    Args:
        number: its place in the row.

    Attributes:
        name: of the group.

    Raises:
        BlockingIOError: another run holds it.
        OSError: no group can be made here.
    """

    def __init__(self, number: int) -> None:
        self.name = f"{SLOT}{number}"
        for controller in ("memory", "pids"):
            folder(controller, self.name).mkdir(exist_ok=True)
        # The lock is on the group itself, so that it holds for every user and every runtime folder of this machine.
        self._lock = os.open(folder("memory", self.name), os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(self._lock).st_ino != folder("memory", self.name).stat().st_ino:
                raise BlockingIOError  # whoever held it has just removed it
            for controller in ("memory", "pids"):
                folder(controller, self.name).mkdir(exist_ok=True)
        except OSError:
            os.close(self._lock)
            raise

    def release(self) -> None:
        """Remove the group, and let go of it."""
        _remove(self.name)
        os.close(self._lock)


def free_slot() -> Slot | None:
    """Take the first slot that nobody holds; None where no group can be made."""
    for number in range(_MOST_SLOTS):
        try:
            return Slot(number)
        except (BlockingIOError, FileNotFoundError):
            continue
        except OSError:
            return None
    return None


def remove_unused() -> None:
    """Remove the groups that killed runs left."""
    numbers = {int(one.name.removeprefix(SLOT)) for one in folder("memory", "x").parent.glob(f"{SLOT}[0-9]*")}
    for number in numbers:
        with suppress(OSError):
            Slot(number).release()


class OomWatch:
    """Tells whether processes of a group, or below it, were killed for its memory limit.

    Version 2 counts that for the whole tree. Version 1 counts it in the child's group, which is gone by then, but it tells
    whoever asked to be told (memory.txt of the kernel, section 10).

    Args:
        group: its folder.
    """

    def __init__(self, group: Path) -> None:
        self._group = group
        self._told = -1
        if not is_v2():
            self._told = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            control = os.open(group / "memory.oom_control", os.O_RDONLY | os.O_CLOEXEC)
            try:
                (group / "cgroup.event_control").write_text(f"{self._told} {control}")
            finally:
                os.close(control)

    def happened(self) -> bool:
        """Whether it has; ask before the group is removed."""
        if self._told < 0:
            with suppress(OSError):
                counts = dict(line.split() for line in (self._group / "memory.events").read_text().splitlines())
                return int(counts.get("oom_kill", 0)) > 0
            return False
        with suppress(OSError):  # nothing to read: it was not told
            return os.eventfd_read(self._told) > 0
        return False

    def close(self) -> None:
        """Stop watching."""
        if self._told >= 0:
            os.close(self._told)
            self._told = -1


def pids_refused(group: Path) -> bool:
    """Whether the group's own limit on processes was reached."""
    with suppress(OSError, ValueError):  # version 1 counts refusals where the fork was tried, but keeps the peak here
        if int((group / "pids.peak").read_text()) >= int((group / "pids.max").read_text()):
            return True
    with suppress(OSError, ValueError, IndexError):
        return int((group / "pids.events").read_text().split()[1]) > 0
    return False
