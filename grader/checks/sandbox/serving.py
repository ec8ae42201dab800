"""Who serves a port in the sandbox: which container holds the socket, and who answers while others hold still.

Two containers may share a network, and one may pass on what it is asked to another: an answer alone does not say whose it is.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from grader.checks.sandbox import doors
from grader.checks.sandbox.script_run import ScriptRun
from grader.engine.inspect import ContainerInfo
from grader.values.errors import Fault

# Process namespaces that hold a socket which listens on a port, in the network of the process $1; $2: the port, in hex.
_HOLDERS = r"""
cat "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null |
    awk -v port=":$2" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }' |
    while read -r inode; do
        for place in /proc/[0-9]*; do
            ls -l "$place/fd" 2>/dev/null | grep -qF "socket:[$inode]" && readlink "$place/ns/pid"
        done
    done | sort -u
"""
_SPACES = 'for one; do readlink "/proc/$one/ns/pid"; done'
# A signal to all processes of some containers; $1: the signal, the others: a process of each.
_SIGNAL = r"""
signal=$1; shift
for first; do
    space=$(readlink "/proc/$first/ns/pid") || continue
    for place in /proc/[0-9]*; do
        [ "$(readlink "$place/ns/pid" 2>/dev/null)" = "$space" ] && kill -s "$signal" "${place#/proc/}" 2>/dev/null
    done
done
true
"""


def holders(script: ScriptRun, container: ContainerInfo, port: int) -> tuple[str, ...]:
    """Names of the containers whose processes listen on a port in a container's network; none where nobody can tell.

    Args:
        script: the engine.
        container: it runs.
        port: inside.
    """
    spaces = set(script.engine.shell(_HOLDERS, str(container.state.pid), f"{port:04X}").stdout.split())
    there = list(doors.running(script))
    seen = script.engine.shell(_SPACES, *(str(one.state.pid) for one in there)).stdout.split()
    return tuple(one.name for one, space in zip(there, seen, strict=False) if space in spaces)


def others(script: ScriptRun, *names: str) -> tuple[ContainerInfo, ...]:
    """The containers that run, but for some.

    Args:
        script: the engine.
        names: of those that are left out.
    """
    return tuple(one for one in doors.running(script) if one.name not in names)


@contextmanager
def held_still(script: ScriptRun, containers: Iterable[ContainerInfo]) -> Iterator[None]:
    """All processes of some containers are stopped meanwhile, as SIGSTOP does it: they stay, and do nothing."""
    first = [str(one.state.pid) for one in containers if one.state.pid]
    _send(script, "STOP", first)
    try:
        yield
    finally:
        _send(script, "CONT", first)


def _send(script: ScriptRun, signal: str, processes: list[str]) -> None:
    if processes and script.engine.shell(_SIGNAL, signal, *processes).returncode != 0:
        raise Fault("The checks cannot hold the containers of your commands still.", "Check again.")
