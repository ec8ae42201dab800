"""What a user may change in a container, and by which ways they become somebody who may: owners and modes, no attempts."""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from grader.engine.filesystem import Entry, Filesystem
from grader.engine.processes import Process, powers

_ACCOUNTS = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/sudoers.d", "/etc/pam.d", "/etc/ld.so.preload")
"""Who can change one of these becomes root with the next su, or the next start."""
_LIBRARY = re.compile(r"^(/.*?/lib/python3(?:\.\d+)?)/")
_ASKS_NOTHING = re.compile(r"\bNOPASSWD\b|!authenticate\b")
_COMMENT = re.compile(r"\s*#(?!\d)")
"""A number behind it is a user's."""
_ALIAS = re.compile(r"^User_Alias\s+(\w+)\s*=\s*(.*)$")
_SHOWN = 3

# fmt: off
ORDINARY = frozenset((
    "su", "sudo", "sudoedit", "doas", "passwd", "chfn", "chsh", "chage", "expiry", "gpasswd", "newgrp", "sg", "mount",
    "umount", "fusermount", "fusermount3", "mount.nfs", "mount.cifs", "unix_chkpwd", "ssh-agent", "ssh-keysign",
    "dbus-daemon-launch-helper", "pkexec", "polkit-agent-helper-1", "ping", "ping6", "arping", "traceroute",
    "newuidmap", "newgidmap", "at", "crontab", "wall", "write", "bbsuid",
))
# fmt: on
"""Programs with somebody else's rights that decide by themselves for whom they do what."""


@dataclass(frozen=True)
class Accounts:
    """Who is who in a container, and what is asked of them.

    Attributes:
        passwd, group, shadow: the files of that name in /etc; empty where there are none.
        sudoers: /etc/sudoers and all that is in /etc/sudoers.d.
        doas: /etc/doas.conf.
    """

    passwd: str = ""
    group: str = ""
    shadow: str = ""
    sudoers: str = ""
    doas: str = ""

    def names(self, uids: Collection[int]) -> set[str]:
        """What users with these numbers are called."""
        return {name for name, _, uid, *_ in _fields(self.passwd) if uid.isdigit() and int(uid) in uids}

    def groups(self, gids: Collection[int]) -> set[str]:
        """What groups with these numbers are called."""
        return {name for name, _, gid, *_ in _fields(self.group) if gid.isdigit() and int(gid) in gids}

    def without_password(self, name: str) -> bool:
        """Whether an empty password is the right one."""
        shadows = {user: secret for user, secret, *_ in _fields(self.shadow, 2)}
        return any(
            user == name and not (shadows.get(user) if secret == "x" else secret)  # noqa: S105 - x: it is in the other file
            for user, secret, *_ in _fields(self.passwd)
        )

    def sudo(self, names: Collection[str], groups: Collection[str], uids: Collection[int]) -> str:
        """The line of sudo's settings by which these users become somebody else without a password; empty where none does."""
        whole = re.sub(r"\\\n\s*", " ", self.sudoers)
        lines = [line for line in whole.splitlines() if line.strip() and not _COMMENT.match(line)]
        aliases = [(match[1], match[2]) for line in lines if (match := _ALIAS.match(line.strip()))]
        subjects = {"ALL", *names, *(f"%{one}" for one in groups), *(f"#{one}" for one in uids)}
        subjects |= {name for name, members in aliases if subjects & set(re.split(r"[\s,]+", members))}
        nothing_asked = any(line.startswith("Defaults") and "!authenticate" in line for line in lines)
        nothing_asked = nothing_asked or any(map(self.without_password, names))
        for line in lines:
            who = line.split(maxsplit=1)[0]
            if set(who.split(",")) & subjects and "=" in line and (nothing_asked or _ASKS_NOTHING.search(line)):
                return " ".join(line.split())
        return ""

    def doas_line(self, names: Collection[str], groups: Collection[str]) -> str:
        """The line of doas' settings that does the same."""
        subjects = {*names, *(f":{one}" for one in groups)}
        found = (line for line in self.doas.splitlines() if line.startswith("permit") and "nopass" in line.split())
        return next((line for line in found if subjects & set(line.split())), "")


def _fields(text: str, least: int = 3) -> Iterator[list[str]]:
    return (fields for line in text.splitlines() if len(fields := line.split(":")) >= least)


@dataclass(frozen=True)
class Rights:
    """What somebody may do with the files of a container.

    Attributes:
        tree: the files.
        uids, gids: whose rights they have.
    """

    tree: Filesystem
    uids: frozenset[int]
    gids: frozenset[int]

    @classmethod
    def of(cls, tree: Filesystem, process: Process) -> "Rights":
        """Those of a process."""
        return cls(tree, frozenset(process.uids), frozenset((*process.gids, *process.groups)))

    def write(self, path: str) -> str:
        """Why they may write a file, or in a folder, and make themselves able to; empty where they may not."""
        entry = self.tree[path]
        if entry.kind not in {"file", "folder"}:
            return ""
        if 0 in self.uids:
            return "root may write everywhere"
        if entry.uid in self.uids:
            return f"it is the owner of {path}"
        if entry.gid in self.gids:
            return f"its group may write {path}" if entry.mode & 0o020 else ""
        return f"everybody may write {path}" if entry.mode & 0o002 else ""

    def change(self, path: str) -> str:
        """Why they may change what is at a path, or put something else in its place; empty where they may not."""
        way = self.tree.way(path)
        if not way:
            return ""
        for one in way:
            folder = posixpath.dirname(one)
            if one != "/" and (why := self.write(folder)) and self._may_take_away(one, self.tree[folder]):
                return f"{why}, and so may put something else in the place of {one}"
        return self.write(way[-1])

    def _may_take_away(self, path: str, folder: Entry) -> bool:
        return not folder.sticky or bool({folder.uid, self.tree[path].uid} & self.uids)

    def change_below(self, folder: str) -> str:
        """Why they may change something in a folder, at any depth, or the folder; empty where they may not."""
        return self.change(folder) or next(filter(None, map(self.write, self.tree.below(self.tree.real(folder)))), "")

    def start(self, entry: Entry) -> bool:
        """Whether they may run a program."""
        by = 0o100 if entry.uid in self.uids else 0o010 if entry.gid in self.gids else 0o001
        return bool(entry.mode & by)

    def with_those_of(self, entry: Entry) -> "Rights":
        """What they may do once they have started a program with its owner's or its group's rights."""
        return Rights(
            self.tree,
            self.uids | ({entry.uid} if entry.setuid else set()),
            self.gids | ({entry.gid} if entry.setgid else set()),
        )


def code_of(process: Process, tree: Filesystem) -> Iterator[str]:
    """What a process runs: its program, its libraries, its script and what lies beside that; paths of files and folders."""
    yield from (path for path in (process.program, *process.mapped) if path and tree.real(path))
    yield from dict.fromkeys(match[1] for path in process.mapped if (match := _LIBRARY.match(path)) and tree.real(match[1]))
    modules = (posixpath.join(process.workdir, path) for path in process.modules)
    yield from filter(tree.real, modules)
    words = process.command[1:]
    paths = (posixpath.normpath(posixpath.join(process.workdir, word)) for word in words)
    script = next((path for path in paths if (real := tree.real(path)) and tree[real].kind == "file"), "")
    if script:
        yield script
        if script.endswith(".py"):
            yield posixpath.dirname(script)
    elif {"-m", "-c"} & set(words) and "python" in posixpath.basename(process.program):
        yield process.workdir  # where Python looks for modules first


def ways_to_change(
    folder: str, process: Process, tree: Filesystem, accounts: Accounts, ordinary: Mapping[str, bool]
) -> Iterator[str]:
    """Each way by which a process can change its code, in words.

    Args:
        folder: where the code should be.
        process: it.
        tree: the files of its container.
        accounts: who is who there.
        ordinary: for each program with somebody else's rights whether it is one of those that everybody has.
    """
    rights = Rights.of(tree, process)
    if held := process.powers:
        yield f"it has kept {_few(held)}, and so may do some of what root may"
    if why := rights.change_below(folder):
        yield why
    for path in code_of(process, tree):
        below = tree[tree.real(path)].kind == "folder"
        if why := rights.change_below(path) if below else rights.change(path):
            yield f"{why}, and it runs {'what is in ' if below else ''}{path}"
    for path in _ACCOUNTS:
        if why := rights.change(path):
            yield f"{why}: whoever can change that becomes root"
    yield from _by_programs(folder, rights, ordinary)
    yield from _without_password(rights, accounts)


def _by_programs(folder: str, rights: Rights, ordinary: Mapping[str, bool]) -> Iterator[str]:
    for path, entry in rights.tree.items():
        if ordinary.get(path) or not rights.start(entry):
            continue
        if entry.kind == "file" and (given := powers(entry.permitted)):
            yield f"whoever starts {path} gets {_few(given)}"
        elif entry.setuid and entry.uid == 0:
            yield f"{path} runs as root, whoever starts it (mode {entry.mode:04o})"
        elif (entry.setuid or entry.setgid) and (why := rights.with_those_of(entry).change_below(folder)):
            whose = f"user id {entry.uid}" if entry.setuid else f"group id {entry.gid}"
            yield f"{path} runs with the rights of {whose}, whoever starts it (mode {entry.mode:04o}), and {why}"


def _without_password(rights: Rights, accounts: Accounts) -> Iterator[str]:
    programs = {posixpath.basename(path) for path, entry in rights.tree.items() if entry.setuid and entry.uid == 0}
    names, groups = accounts.names(rights.uids), accounts.groups(rights.gids)
    if "sudo" in programs and (line := accounts.sudo(names, groups, rights.uids)):
        yield f"sudo lets it become somebody else without a password: “{line}”"
    if "doas" in programs and (line := accounts.doas_line(names, groups)):
        yield f"doas lets it become somebody else without a password: “{line}”"
    if "su" in programs and accounts.without_password("root"):
        yield "root has no password, so that su makes root of anybody"


def _few(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:_SHOWN]) + (f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else "")
