"""Where in a running stack a secret can be seen by those who need not know it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from docker.errors import NotFound

from grader.checks.context import few
from grader.checks.exec_result import sentence
from grader.engine import containers, layers, probe
from grader.engine.client import translated
from grader.engine.search.sought import Sought
from grader.engine.session import Session
from grader.values.errors import CheckFailed

if TYPE_CHECKING:
    from grader.checks.compose.stack import Service

_SECONDS: Final = 30.0

# A line for each process: its number, its environment and its command, in hexadecimal.
_SCRIPT: Final = r"""
hex() { od -An -v -tx1 | tr -d ' \n'; }
for at in /proc/[0-9]*; do
    printf '%s|%s|%s\n' "${at#/proc/}" "$(hex <"$at/environ")" "$(hex <"$at/cmdline")"
done 2>/dev/null
echo end
"""


def expect_not_shown(service: "Service", sought: Sought, what: str) -> None:
    """What is sought is in nothing that ``docker inspect`` prints of a service, and in no process's environment or command.

    Args:
        service: whose containers are looked at.
        sought: e.g. a password.
        what: how to speak of it.
    """
    session = service.stack.session
    for identity in service.ids:
        with translated():
            described = session.client.api.inspect_container(identity)
        found = [key for key, value in _values(described) if sought.found_in(value.encode()) is not None]
        if found:
            raise CheckFailed(
                f"{sentence(what)} can be read in what docker inspect prints of {service.name}.",
                expected=f"{what} in nothing that docker inspect prints: everybody who may use this engine can read that",
                found="it is in " + few(list(dict.fromkeys(found))),
            )
        for where in _in_processes(session, identity, sought):
            raise CheckFailed(
                f"{sentence(what)} is in {where} of {service.name}.",
                expected="programs that read it from its file: an environment is handed on to every program that is started",
                found=f"it is in {where}",
            )


def expect_not_logged(service: "Service", texts: Sequence[str], what: str) -> None:
    """None of some texts is in a line that a service has written.

    Args:
        service: whose containers are looked at.
        texts: e.g. a password; several: none of them.
        what: how to speak of it.
    """
    sought = Sought.text(*texts)
    for identity in service.ids:
        lines = containers.logs(service.stack.session, identity, tail=None).splitlines()
        found = [(number, line) for number, line in enumerate(lines, 1) if sought.found_in(line.encode()) is not None]
        if found:
            number, line = found[0]
            for text in texts:
                line = line.replace(text, "…")
            raise CheckFailed(
                f"{sentence(what)} is in the log of {service.name}.",
                expected="a log that anybody may read",
                found=f"{len(found)} of {len(lines)} lines have it; line {number} is the first: {line.strip()[:200]}",
            )


def expect_nowhere(service: "Service", sought: Sought, what: str) -> None:
    """What is sought is in no file that a service's containers can read, in their volumes included.

    Args:
        service: whose containers are looked at.
        sought: e.g. a password.
        what: how to speak of it.
    """
    session = service.stack.session
    for identity in service.ids:
        found = [f"/{path}" for path in _in_files(session, identity, sought)]
        if found:
            raise CheckFailed(
                f"{sentence(what)} is in a file of {service.name}.",
                expected=f"{what} only where it is needed: {service.name} works without it",
                found=few(found),
            )


def _values(described: object, key: str = "") -> Iterator[tuple[str, str]]:
    """All texts of what the engine says, each with where it is; of ``NAME=value`` the name belongs to that place."""
    if isinstance(described, str):
        name, equals, _ = described.partition("=")
        yield (f"{key}: {name}" if equals and name.isidentifier() else key), described
    elif isinstance(described, Mapping):
        for name, value in described.items():
            where = f"{key}.{name}" if key else str(name)
            yield where, str(name)
            yield from _values(value, where)
    elif isinstance(described, Sequence):
        for value in described:
            yield from _values(value, key)


def _in_processes(session: Session, identity: str, sought: Sought) -> Iterator[str]:
    def read(said: str) -> list[tuple[bytes, bytes]]:
        if not said.endswith("end\n"):
            raise ValueError(said[-200:])
        rows = [line.split("|") for line in said.splitlines()[:-1]]
        return [(bytes.fromhex(environment), bytes.fromhex(command)) for _, environment, command in rows]

    reads = ("SYS_PTRACE", "DAC_READ_SEARCH")
    every = probe.ask_inside(session, identity, _SCRIPT, read, seconds=_SECONDS, capabilities=reads, tail=None)
    for environment, command in every or ():
        named = command.replace(b"\0", b" ").decode("utf-8", "replace").strip()
        if sought.found_in(command) is not None:
            yield "the command line of a process"
        for one in environment.split(b"\0"):
            if sought.found_in(one) is not None:
                yield f"the environment of the process “{named[:60]}”, as {one.partition(b'=')[0].decode('utf-8', 'replace')},"


def _in_files(session: Session, identity: str, sought: Sought) -> list[str]:
    api: Any = session.client.api
    with translated():
        found = layers.look_into(session, iter(api.export(identity)), sought)
        for mount in containers.inspect(session, identity).mounts:  # an export leaves out what is in a volume
            try:
                chunks, _about = api.get_archive(identity, mount.target)
            except NotFound:
                continue
            above = mount.target.strip("/").rpartition("/")[0]
            found += [f"{above}/{one}".lstrip("/") for one in layers.look_into(session, iter(chunks), sought)]
    return list(dict.fromkeys(found))
