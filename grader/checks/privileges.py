"""Whether a container's processes are somebody's without power: every one of them, and by every way to get some."""

import hashlib
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.checks.diagnosis import DiagnosedContainer
from grader.checks.exec_result import sentence, shortened
from grader.checks.rights import ORDINARY, Accounts, ways_to_change
from grader.engine import containers, files, filesystem, processes
from grader.engine.filesystem import Filesystem
from grader.engine.processes import Process, Processes, powers
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

_PACKAGES = "/var/lib/dpkg/info"
_SUMS = ".md5sums"


def look(container: DiagnosedContainer) -> Processes:
    """All processes of a container that runs."""
    container.alive()
    seen = processes.look(container.session, container.id)
    if seen is None:
        raise container.death(container.state)
    return seen


def answerable(seen: Processes, ports: Iterable[int] = ()) -> tuple[Process, ...]:
    """Those whose rights are the container's: all of its own, and whoever serves one of its ports."""
    serving = (one for port in ports for one in seen.serving(port))
    return tuple(dict.fromkeys((*seen.own, *serving)))


def expect_no_root(container: DiagnosedContainer, seen: Processes, ports: Iterable[int], *, capabilities: bool) -> None:
    """None of a container's processes is root, or can become root again.

    Args:
        container: it.
        seen: its processes.
        ports: on which it is asked.
        capabilities: whether they may not keep any of root's rights either.
    """
    every = answerable(seen, ports)
    for one in every:
        whose = f"{shortened(' '.join(one.command))} runs as user id {one.uid}"
        if 0 in one.uids:
            again = "" if one.uid == 0 else ", and can become root (0) again: that is one of its other user ids"
            raise CheckFailed(
                f"A process of {container.what} runs as root."
                if one.uid == 0
                else f"A process of {container.what} is half root.",
                expected="none of its processes runs as root",
                found=whose + (" (root)" if one.uid == 0 else again) + _first_is_not(one, every),
                evidence=_table(every),
                advice="The first process is not all that matters: look at each, and at the one that serves."
                if one.pid > 1
                else "",
            )
        if one.lent == 0:
            raise CheckFailed(
                f"A process of {container.what} runs as root.",
                expected="none of its processes runs as root",
                found=f"{whose} here, and as root elsewhere: {one.program} makes root of whoever starts it (setuid)",
                evidence=_table(every),
            )
        if capabilities and (kept := one.powers):
            raise CheckFailed(
                f"A process of {container.what} is not root, but has kept some of root's rights.",
                expected="processes without capabilities",
                found=f"{whose}, with {', '.join(kept)}",
                evidence=_table(every),
            )


def _first_is_not(one: Process, every: Iterable[Process]) -> str:
    first = next((other for other in every if other.pid == 1), one)
    named = shortened(" ".join(first.command), 40)
    return f"; the first process, {named}, runs as user id {first.uid}" if first.uid != one.uid else ""


def _table(every: Iterable[Process]) -> Evidence:
    rows = (f"{one.pid:>5} {one.uid:>6}  {' '.join(one.command)[:100]}" for one in every)
    return Evidence("processes: number, user id, command", "\n".join(("  PID    UID  COMMAND", *rows)))


def expect_cannot_change(container: DiagnosedContainer, folder: str, ports: Iterable[int]) -> None:
    """None of a container's processes can change what is in a folder, or the code that it runs, by any way.

    Args:
        container: it.
        folder: where its code is.
        ports: on which it is asked.
    """
    tree = filesystem.export(container.session, container.id, also=(folder,))
    accounts, ordinary = _accounts(container, tree), _ordinary(container, tree)
    every = answerable(look(container), ports)
    for one in (*every, *(_at_the_next_start(container, one, tree) for one in every[:1])):
        for way in ways_to_change(folder, one, tree, accounts, ordinary):
            raise CheckFailed(
                f"{sentence(container.what)} can change its code.",
                expected=f"no way to change what is in {folder} or else what it runs, and none to become somebody who may",
                found=f"user id {one.uid}: {way}",
                evidence=Evidence("the process", " ".join(one.command)),
            )


def _at_the_next_start(container: DiagnosedContainer, process: Process, tree: Filesystem) -> Process:
    """What the container's command is, as if a process had it: a start script may have made way for what it starts."""
    about = containers.inspect(container.session, container.id)
    first = about.command[0]
    folders = ("",) if "/" in first else about.config.env.get("PATH", "").split(":")
    places = (posixpath.join(about.config.workdir or "/", folder, first) for folder in folders)
    program = next(filter(tree.real, places), process.program)
    return replace(process, command=about.command, workdir=about.config.workdir or "/", program=program, mapped=())


def _accounts(container: DiagnosedContainer, tree: Filesystem) -> Accounts:
    def text(*paths: str) -> str:
        found = [one for path in paths if path in tree for one in files.read(container.session, container.id, path) or ()]
        return "\n".join(one.content.decode("utf-8", "replace") for one in found)

    return Accounts(
        passwd=text("/etc/passwd"),
        group=text("/etc/group"),
        shadow=text("/etc/shadow"),
        sudoers=text("/etc/sudoers", "/etc/sudoers.d"),
        doas=text("/etc/doas.conf"),
    )


def _ordinary(container: DiagnosedContainer, tree: Filesystem) -> dict[str, bool]:
    """For each program with somebody else's rights: whether it is what its name says, and one that everybody has."""
    special = [path for path, one in tree.items() if one.setuid or one.setgid or powers(one.permitted)]
    named = [path for path in special if posixpath.basename(path) in ORDINARY]
    known = set(_sums(container)) if named else set()

    def genuine(path: str) -> bool:
        found = files.read(container.session, container.id, path) or ()
        sums = {hashlib.md5(one.content, usedforsecurity=False).hexdigest() for one in found}
        return any((posixpath.basename(path), one) in known for one in sums)

    return {path: path in named and (not known or genuine(path)) for path in special}


def _sums(container: DiagnosedContainer) -> Iterator[tuple[str, str]]:
    """Name and checksum of all that Debian's packages have brought; nothing where there are none of them."""
    for one in files.read(container.session, container.id, _PACKAGES) or ():
        if one.path.endswith(_SUMS):
            for line in one.content.decode("utf-8", "replace").splitlines():
                checksum, _, path = line.partition("  ")
                yield posixpath.basename(path), checksum
