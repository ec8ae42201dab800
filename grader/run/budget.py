"""What this machine has for runs, shared by all of them, whichever process they are in.

A share is a file that its holder has locked. The kernel lets go of the lock when the process dies, however it dies, so what a
killed process held is free again. Who comes later waits, in the order of coming, until what they need is there all at once.
"""

import fcntl
import json
import math
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Final, Self

from grader import settings
from grader.engine import wait
from grader.engine.isolated.engine import Size
from grader.engine.sandbox.parts import SIZE
from grader.values.errors import Fault
from grader.values.limits import Limits
from grader.values.share import Share

TELL_AFTER_SECONDS: Final = 2.0
"""How long somebody waits before they are told for what."""

_TABLE: Final = "table"
_RESOURCES: Final = tuple(field.name for field in fields(Share))
_WORDS: Final = {"containers": "containers", "builds": "builds", "sandboxes": "sandbox engines", "memory": "memory"}


def share_of(limits: Limits, *, at_once: int, sandbox: bool, isolated: bool = False) -> Share:
    """What a run of a submission takes, at most, beside its builds.

    Args:
        limits: of the submission.
        at_once: checks that run side by side, each with a container.
        sandbox: whether it has a sandbox engine in place of containers of its own.
        isolated: whether its containers and builds are on an engine of its own.
    """
    if sandbox:
        return Share(containers=1, sandboxes=1, memory=SIZE.total_memory)
    if isolated:
        return Share(containers=at_once, memory=Size.of(limits).memory)
    return Share(containers=at_once, memory=at_once * limits.memory + limits.build_memory)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """All that the runs on this machine may have together; can be pickled.

    Attributes:
        containers, builds, sandboxes, memory: as in ``Share``.
        folder: where the shares are written down; one for all who share.
    """

    containers: int
    builds: int
    sandboxes: int
    memory: int
    folder: Path

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return the budget that every run of this user takes from: by processors, and three quarters of the memory."""
        processors, memory = _processors(), _memory() * 3 // 4
        return cls(
            containers=8 * processors,
            builds=2 * processors,
            sandboxes=max(1, min(2 * processors, memory // SIZE.total_memory)),
            memory=memory,
            folder=settings.runtime_folder() / "budget",
        )

    def at_once(self, share: Share) -> int:
        """How many such shares there are, at least one: what need not wait where nobody else has anything."""
        wanted = {name: getattr(share, name) for name in _RESOURCES if getattr(share, name)}
        return max(1, min((int(getattr(self, name)) // count for name, count in wanted.items()), default=1))

    def take(
        self,
        share: Share,
        cancelled: threading.Event = wait.NEVER,
        waiting: Callable[[str], None] = lambda _line: None,
    ) -> Callable[[], None]:
        """Wait until a share is free, and take it.

        Args:
            share: of more than there is, all is taken.
            cancelled: ends the waiting.
            waiting: told once what is waited for, when that takes a while.

        Returns:
            A function that gives it back; keep it. Called twice, it does nothing more.

        Raises:
            Cancelled: it was cancelled; nothing is taken.
            Fault: the folder cannot be written.
        """
        total = {name: int(getattr(self, name)) for name in _RESOURCES}
        wanted = {name: min(getattr(share, name), most) for name, most in total.items() if getattr(share, name)}
        try:
            ticket = _Ticket(self.folder, wanted, cancelled)
        except OSError as error:
            raise Fault(f"{self.folder} cannot be written: {error.strerror or error}.", "`grader doctor` helps.") from error
        begun, told = time.monotonic(), threading.Event()

        def tell() -> None:
            if not told.is_set() and time.monotonic() - begun >= TELL_AFTER_SECONDS:
                told.set()
                lacking = " and ".join(_WORDS[name] for name in ticket.short)
                waiting(f"waiting for {lacking}: other checks are running on this machine")

        try:
            wait.until(lambda: ticket.grant(total) or None, seconds=math.inf, alive=tell, cancelled=cancelled)
        except BaseException:
            ticket.leave()
            raise
        return ticket.leave


class _Ticket:
    """One's place in the queue, and then the share itself: a file that stays locked until it is given back.

    Attributes:
        short: what there was too little of when it was last looked.
    """

    def __init__(self, folder: Path, wanted: dict[str, int], cancelled: threading.Event) -> None:
        self.short: list[str] = []
        self._folder, self._wanted = folder, wanted
        self._leaving = threading.Lock()
        with _table(folder, cancelled):
            self._number = 1 + max((int(path.name) for path in _tickets(folder)), default=0)
            self._path = folder / str(self._number)
            self._file: IO[str] | None = self._path.open("x", encoding="utf-8")
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._write(self._file, held=False)

    def _write(self, file: IO[str], *, held: bool) -> None:
        file.seek(0)
        file.truncate()
        json.dump({"held": held, "wanted": self._wanted}, file)
        file.flush()

    def grant(self, total: dict[str, int]) -> bool:
        """Take the share, if all of it is free and nobody who came earlier waits for the same."""
        with _table(self._folder, wait.NEVER):
            free, earlier = dict(total), set[str]()
            for number, held, wanted in _living(self._folder):
                if number == self._number:
                    continue
                for name, count in wanted.items():
                    if held:
                        free[name] -= count
                    elif number < self._number:
                        earlier.add(name)
            self.short = [name for name, count in self._wanted.items() if count > free[name] or name in earlier]
            if not self.short and self._file is not None:
                self._write(self._file, held=True)
        return not self.short

    def leave(self) -> None:
        """Give it back, or leave the queue."""
        with self._leaving:
            if self._file is None:
                return
            with _table(self._folder, wait.NEVER):
                self._path.unlink(missing_ok=True)
                self._file.close()
                self._file = None
                if not _tickets(self._folder):  # the last one leaves nothing behind
                    (self._folder / _TABLE).unlink(missing_ok=True)
                    with suppress(OSError):
                        self._folder.rmdir()


@contextmanager
def _table(folder: Path, cancelled: threading.Event) -> Iterator[None]:
    """While the block lasts, nobody else reads or writes the shares."""
    with wait.until(lambda: _locked(folder), seconds=math.inf, cancelled=cancelled, every=0.002):
        yield


def _locked(folder: Path) -> IO[str] | None:
    path = folder / _TABLE
    file: IO[str] | None = None
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if folder.exists() and not folder.is_dir():
            raise
    try:
        file = path.open("w")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            return file
    except (BlockingIOError, FileNotFoundError):  # somebody is at it, or has just removed it
        pass
    if file is not None:
        file.close()
    return None


def _tickets(folder: Path) -> list[Path]:
    return sorted((path for path in folder.iterdir() if path.name.isdecimal()), key=lambda path: int(path.name))


def _living(folder: Path) -> Iterator[tuple[int, bool, dict[str, int]]]:
    """Number, whether it is held, and the share, of every ticket whose process lives; the others' are removed."""
    for path in _tickets(folder):
        with path.open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                said = json.load(file)
                yield int(path.name), bool(said["held"]), said["wanted"]
            else:
                path.unlink()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    """Bytes of memory for containers: this machine's, or what the engine's own container has."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    bound = re.fullmatch(r"(\d+)([kmgt]?)b?", settings.engine_bounded().lower())  # as docker writes it: 6g
    return min(whole, int(bound[1]) * 1024 ** " kmgt".index(bound[2] or " ")) if bound else whole
