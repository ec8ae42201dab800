"""Every door of the sandbox behind which a server might be reached: its own, and those of whoever may pass requests on."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.checks.sandbox.machine import NETWORK
from grader.checks.sandbox.script_run import ScriptRun
from grader.engine import probe
from grader.engine.inspect import ContainerInfo

DNS = "127.0.0.11"
_SOCKETS = "cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == \"0A\" { print $2 }'"
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
# Asks all addresses at once, and prints those where the text is in the answer.
_ASK = """
seconds=$1 text=$2; shift 2
for url; do
    { wget -q -O - -T "$seconds" "$url" 2>/dev/null | grep -q -F -e "$text" && echo "$url"; } &
done
wait
"""


@dataclass(frozen=True)
class Door:
    """An address and port at which something may answer.

    Attributes:
        of: the container whose it is.
        host: the address, as it stands in a URL.
        port: its number.
        published: whether it is a port of the machine.
    """

    of: str
    host: str
    port: int
    published: bool = False

    @property
    def url(self) -> str:
        """Where to ask."""
        return f"http://{self.host}:{self.port}/"

    def __str__(self) -> str:
        return (
            f"port {self.port} of the machine, which {self.of} has published" if self.published else f"{self.of}, at {self.url}"
        )


def listeners(script: ScriptRun, container: str) -> tuple[probe.Listener, ...]:
    """What listens in a running container's network, Docker's own DNS aside."""
    said = script.helper(f"--network=container:{container}", "sh", "-c", _SOCKETS).stdout
    return tuple(one for one in probe.listeners(said) if one.address != DNS)


def published(script: ScriptRun) -> Iterator[Door]:
    """The ports that running containers have published, loopback aside."""
    for about in running(script):
        for one in about.bindings:
            if not one.address.startswith("127.") and one.address != "::1":
                host = NETWORK if one.address in _EVERYWHERE else _in_url(one.address)
                yield Door(about.name, host, one.port, published=True)


def inside(script: ScriptRun) -> Iterator[Door]:
    """What listens in running containers, at all the addresses that they have."""
    for about in running(script):
        places = [_in_url(one) for place in about.networks.values() for one in (place.address, place.address6) if one]
        if places:
            ports = {one.port for one in listeners(script, about.name) if not one.loopback}
            yield from (Door(about.name, place, port) for place in places for port in sorted(ports))


def own(script: ScriptRun, container: str) -> Iterator[Door]:
    """What listens in a container's own network, which others may share."""
    for one in listeners(script, container):
        yield Door(container, "127.0.0.1", one.port)


def where_it_answers(script: ScriptRun, container: str, text: str, doors: list[Door], *, seconds: float) -> list[Door]:
    """The doors at which a text is answered to a container.

    Args:
        script: the run.
        container: who asks; it has to run.
        text: on one line, somewhere in the answer.
        doors: all are asked at once.
        seconds: to wait for answers.
    """
    asked = {one.url: one for one in doors}
    command = ("sh", "-c", _ASK, "ask", f"{seconds:.0f}", text, *asked)
    said = script.helper(f"--network=container:{container}", *command, seconds=2 * seconds + 20).stdout
    return [asked[url] for url in said.split() if url in asked]


def running(script: ScriptRun) -> Iterator[ContainerInfo]:
    """The containers that run."""
    for name in script.names("ps", "--format", "{{.Names}}"):
        if (about := script.container_info(name)) is not None:
            yield about


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address
