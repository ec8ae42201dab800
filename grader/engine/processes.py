"""Every process of a container, as the kernel shows it to a helper of our own: whose it is, what it may do, what it serves."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.engine import probe
from grader.engine.probe import Listener
from grader.engine.session import Session

_SECONDS = 30.0
_FIRST = 1
_SETUID = 0o4000
_ENDED = "ZX"
"""States of processes that have ended."""

# In the order of their numbers.
# fmt: off
_CAPABILITIES = (
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
)
# fmt: on
_HARMLESS = {"net_bind_service", "net_raw", "net_broadcast"}
"""What a service may well need, and what neither reads nor changes anybody's files."""

# A line for each process, its fields in hexadecimal; then one for each listening socket. What vanishes meanwhile is left out.
_SCRIPT = r"""
hex() { od -An -v -tx1 | tr -d ' \n'; }
for at in /proc/[0-9]*; do
    printf 'process|%s|%s|%s|%s|%s|%s|%s|%s|%s\n' "$(hex <"$at/stat")" "$(hex <"$at/status")" "$(hex <"$at/cmdline")" \
        "$(readlink "$at/cwd" | hex)" "$(readlink "$at/exe" | hex)" \
        "$(ls -l "$at/fd" | sed -n 's|^.* -> socket:|socket:|p' | hex)" \
        "$(sed -n 's|^[^ ]* ..x[^/]*\(/.*\)$|\1|p' "$at/maps" | sort -u | hex)" \
        "$(stat -L -c '%a %u' "$at/exe" | hex)" "$(tr '\0' '\n' <"$at/environ" | sed -n 's/^PYTHONPATH=//p' | hex)"
done 2>/dev/null
awk '$4 == "0A" {print "listens|" $2 "|" $10}' /proc/net/tcp /proc/net/tcp6 2>/dev/null
echo end
"""


def powers(bits: int) -> tuple[str, ...]:
    """Return the capabilities of a set that go beyond what any user may do, as Linux calls them, e.g. ``CAP_CHOWN``."""
    return tuple(
        f"CAP_{name.upper()}" for number, name in enumerate(_CAPABILITIES) if bits >> number & 1 and name not in _HARMLESS
    )


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process.

    Attributes:
        pid, parent: its number, and its parent's; 0 where the parent is not in the container.
        state: a letter, e.g. ``S`` or ``Z``.
        begun: when it was started, in ticks since the machine was: with its number it is like no other.
        uids, gids: real, effective, saved, and that for files.
        groups: the others that it is in.
        permitted: the capabilities that it has, or can take at any moment, as a set of bits.
        command: its arguments.
        workdir, program: its working directory, and the file that it runs.
        mapped: files that it has in its memory as code: its program, libraries, extension modules.
        sockets: numbers of those that it holds.
        lent: the user whose rights its program gives to whoever starts it (setuid); None for no such program. It does so in a
            container without limits: the grader's own containers let nobody gain rights.
        modules: folders where Python looks for modules because PYTHONPATH says so.
    """

    pid: int
    parent: int
    state: str = "S"
    begun: int = 0
    uids: tuple[int, ...]
    gids: tuple[int, ...]
    groups: tuple[int, ...] = ()
    permitted: int = 0
    command: tuple[str, ...] = ()
    workdir: str = "/"
    program: str = ""
    mapped: tuple[str, ...] = ()
    sockets: frozenset[str] = frozenset()
    lent: int | None = None
    modules: tuple[str, ...] = ()

    @property
    def uid(self) -> int:
        """Its effective user id."""
        return self.uids[1]

    @property
    def powers(self) -> tuple[str, ...]:
        """The capabilities that it has beyond what any user may do."""
        return powers(self.permitted)


@dataclass(frozen=True)
class Processes:
    """All processes of a container, those that were put into it from outside (``docker exec``) among them.

    Attributes:
        every: those that have not ended.
        listeners: each listening socket, and its number.
    """

    every: tuple[Process, ...]
    listeners: tuple[tuple[Listener, str], ...] = ()

    @cached_property
    def own(self) -> tuple[Process, ...]:
        """Those that the container's first process has started, and that one."""
        parents = {one.pid: one.parent for one in self.every}

        def first(pid: int) -> int:
            seen: set[int] = set()
            while (above := parents.get(pid, 0)) and pid not in seen:
                seen.add(pid)
                pid = above
            return pid

        return tuple(one for one in self.every if first(one.pid) == _FIRST)

    def serving(self, port: int | None = None) -> tuple[Process, ...]:
        """Those that hold a socket which others can reach.

        Args:
            port: only this one.
        """
        open_ = {number for one, number in self.listeners if not one.loopback and port in {None, one.port}}
        return tuple(one for one in self.every if one.sockets & open_)


def look(session: Session, identity: str) -> Processes | None:
    """Look at all processes of a running container; see ``probe.ask_inside``."""
    # It reads what other users' processes hold, and changes nothing.
    reads = ("SYS_PTRACE", "DAC_READ_SEARCH")
    return probe.ask_inside(session, identity, _SCRIPT, _processes, seconds=_SECONDS, capabilities=reads, tail=None)


def _processes(said: str) -> Processes:
    if not said.endswith("end\n"):
        raise ValueError(said[-200:])
    rows = [line.split("|") for line in said.splitlines()]
    every = [_process(*fields) for kind, *fields in rows if kind == "process" and fields[0] and fields[1]]
    listeners = [(probe.listeners(fields[0])[0], fields[1]) for kind, *fields in rows if kind == "listens"]
    return Processes(tuple(one for one in every if one.state not in _ENDED), tuple(listeners))


def _process(*fields: str) -> Process:
    stat, status, command, workdir, program, sockets, mapped, owned, modules = (
        bytes.fromhex(one).decode("utf-8", "replace") for one in fields
    )
    mode, owner, *_ = *owned.split(), "0", "0"
    # The program's name, in brackets, may have anything in it.
    pid, rest = stat.partition(" (")[0], stat.rpartition(") ")[2].split()
    about = dict(_pairs(status))
    return Process(
        pid=int(pid),
        parent=int(rest[1]),
        state=rest[0],
        begun=int(rest[19]),
        uids=tuple(map(int, about["Uid"].split())),
        gids=tuple(map(int, about["Gid"].split())),
        groups=tuple(map(int, about["Groups"].split())),
        permitted=int(about["CapPrm"], 16) | int(about["CapEff"], 16),
        command=tuple(command.rstrip("\0").split("\0")),
        workdir=workdir.strip() or "/",
        program=program.strip().removesuffix(" (deleted)"),
        mapped=tuple(one.removesuffix(" (deleted)") for one in mapped.splitlines()),
        sockets=frozenset(one.removeprefix("socket:[").removesuffix("]") for one in sockets.split()),
        lent=int(owner) if int(mode, 8) & _SETUID else None,
        modules=tuple(filter(None, modules.strip().split(":"))),
    )


def _pairs(status: str) -> Iterator[tuple[str, str]]:
    for line in status.splitlines():
        name, _, value = line.partition(":")
        yield name, value.strip()
