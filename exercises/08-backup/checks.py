"""A volume is no backup: pack it into an archive, and bring it back with everything that belongs to it."""

import hashlib

from grader import Exercise
from grader.checks import archive
from grader.checks.sandbox.resources import Inode

exercise = Exercise(title="A backup that can be restored", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
VOLUME, COPY = "ledger", "ledger-copy"
ARCHIVES = ("ledger.tar", "ledger.tar.gz", "ledger.tgz", "ledger.tar.bz2", "ledger.tar.xz")
MARK = "books/2025/penguins.csv"
NUMBERS = "".join(f"{number}\n" for number in range(1, 5001))
SHOWN = 8
LARGEST = 65535  # number of a user, as containers see them


def contents(facts):
    """What the volume holds: path → (mode, owner, group, text of a file | target of a link | None for a folder)."""
    return {
        "books": ("2770", 1000, 1001, None),
        "books/2025": ("755", 1000, 1001, None),
        MARK: ("640", 1000, 1001, "species,mass\nAdelie,3700\nGentoo,5100\n"),
        "books/2025/entry of the day.txt": ("644", 1000, 1000, f"The word is {facts.word('entry')}.\n"),
        "inbox": ("1777", 0, 0, None),
        "empty": ("700", 999, 999, None),
        ".settings": ("600", 999, 999, "currency=fish\n"),
        "close-the-books": ("750", 0, 1001, "#!/bin/sh\necho closed\n"),
        "numbers.txt": ("444", 999, 998, NUMBERS),
        "latest": ("777", 0, 0, "@books/2025"),
        "books/2025/tomorrow": ("777", 0, 0, "@../2026"),
    }


def script(wanted):
    """Shell commands that make all this below the folder that they run in."""
    # On a learner's own engine there may be a volume of that name already, with something else in it.
    lines = ["set -e", '[ -z "$(ls -A)" ] || { echo "you have a volume of this name, and it is not empty" >&2; exit 1; }']
    for path, (_mode, _owner, _group, text) in wanted.items():
        if text is None:
            lines.append(f"mkdir '{path}'")
        elif text.startswith("@"):
            lines.append(f"ln -s '{text[1:]}' '{path}'")
        elif text is NUMBERS:
            lines.append(f"seq 1 5000 >'{path}'")
        else:
            lines.append(f"cat >'{path}' <<'END'\n{text}END")
    for path, (mode, owner, group, text) in wanted.items():
        if not (text or "").startswith("@"):
            lines.append(f"chown {owner}:{group} '{path}'; chmod {mode} '{path}'")
    return "\n".join(lines)


def inodes(wanted):
    """The same, as it looks in a volume."""
    return {path: inode(*about) for path, about in wanted.items()}


def inode(mode, owner, group, text):
    if text is None:
        return Inode("directory", mode, owner, group, 0, "")
    if text.startswith("@"):
        return Inode("symbolic link", mode, owner, group, 0, text[1:])
    data = text.encode()
    return Inode("regular file", mode, owner, group, len(data), hashlib.sha256(data).hexdigest())


@exercise.setup
def situation(setup):
    """There is a volume called ledger. Look what is in it: files, folders, links, and who they belong to."""
    setup.docker("volume", "create", VOLUME)
    setup.docker(
        "run", "--rm", "--volume", f"{VOLUME}:/ledger", "--workdir", "/ledger", "busybox", "sh", "-c",
        script(contents(setup.facts)),
    )  # fmt: skip


@exercise.check(
    points=1,
    hint=(
        "What does the program in the command that is named above wait for?",
        "A program that reads an archive from its input waits for it, where it is not told a file.",
    ),
    read="Backup and restore",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    stage = work.run_script(setup=situation, seconds=SECONDS)
    stage.wanted = inodes(contents(work.facts))
    return stage


@exercise.check(
    comes_to_an_end,
    points=1,
    hint=(
        "Compare the volume with what it was. Which of your commands writes into it?",
        "Who only reads a volume can mount it read-only; then no mistake can spoil it.",
    ),
    read="Backup and restore",
)
def the_ledger_is_untouched(stage):
    """The volume ledger is as it was."""
    expect_same(stage, stage.volume(VOLUME).tree(), stage.wanted, "The volume ledger is not what it was.", "contents", "owners")


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "tar -tvf lists what is in an archive. Compare it with what is in the volume, line by line.",
        "A folder can be named as a whole: the dot alone. An archive can hold a link as a link, or what it leads to.",
    ),
    read="Backup and restore",
)
def the_archive_holds_everything(stage):
    """Beside commands.sh there is the archive of the volume, with every file, folder and link, and with owners and modes."""
    name = next((one for one in stage.folder() if one in ARCHIVES), None)
    data = stage.file(name) if name else None
    if name is None or data is None:
        raise stage.failed(
            "There is no archive beside commands.sh when your commands are done.",
            expected=f"a file called {' or '.join(ARCHIVES[:2])}",
            found=f"only {', '.join(there)}" if (there := stage.folder()) else "nothing but commands.sh",
            advice="" if there else "What a container writes stays in it, unless it writes to a place that is mounted.",
        )
    if not data:
        raise stage.failed(f"{name} is empty.", expected="an archive of the volume ledger", found="a file of 0 bytes")
    found = archive.read(data, name)
    # The volume may have been mounted anywhere; what is above it in the archive does not matter.
    top = next((path.removesuffix(MARK) for path in found if path.endswith(MARK)), None)
    if top is None:
        others = sorted(set(stage.volumes()) - {VOLUME, COPY})
        raise stage.failed(
            f"{name} does not hold what is in the volume ledger.",
            expected=f"an archive with the file {MARK} and all the others in it",
            found=shown(found),
            advice=f"There is a volume {others[0][:20]}, too: -v makes a volume where there is none of that name."
            if others
            else "docker export writes a container's own files; what is in a volume is not among them."
            if "export" in stage.events("container")
            else "",
        )
    inside = {path.removeprefix(top): one for path, one in found.items() if path.startswith(top) and path != top.rstrip("/")}
    expect_same(
        stage, inside, stage.wanted, f"{name} does not hold everything as it is in the volume ledger.", "contents", "owners"
    )


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "List what is in both volumes, with ls -la and in the folders below as well. What is missing, what is too much?",
        "Mount the new volume, and unpack there. A path in the archive is counted from the folder in which it is unpacked.",
    ),
    read="A backup that was never restored is a hope",
)
def the_copy_has_the_same_contents(stage):
    """The volume ledger-copy has the same files, folders and links, byte for byte, at the same places."""
    tree = stage.volume(COPY).tree()
    expect_same(stage, tree, stage.wanted, "The volume ledger-copy does not hold the same as ledger.", "contents")
    return stage, tree


@exercise.check(
    the_copy_has_the_same_contents,
    points=3,
    hint=(
        "ls -lan shows owners as numbers. Compare both volumes. As whom does your container unpack?",
        "Some ways to copy make new files, which belong to whoever makes them. tar writes owners and modes into the archive, "
        "and cp has an option that keeps them.",
    ),
    read="A backup that was never restored is a hope",
)
def the_copy_has_the_same_owners(found):
    """All files and folders in ledger-copy belong to whom they belonged, and have the same permissions."""
    stage, tree = found
    expect_same(stage, tree, stage.wanted, "In ledger-copy not everything belongs to whom it belongs in ledger.", "owners")


def expect_same(stage, found, wanted, message, *what):
    """Hold a tree against what it should be: contents, or owners and modes."""
    differences = []
    for path in sorted(found.keys() | wanted.keys()):
        one, other = wanted.get(path), found.get(path)
        if one is None or other is None:
            differences += (
                [f"{path} {'is missing' if other is None else 'does not belong there'}"] if "contents" in what else []
            )
        elif one.kind != other.kind:
            differences += [f"{path} is a {other.kind}, and was a {one.kind}"] if "contents" in what else []
        elif "contents" in what and (one.size, one.content) != (other.size, other.content):
            differences.append(
                f"{path} leads to {other.content}, and led to {one.content}"
                if one.kind == "symbolic link"
                else f"{path} has other contents"
            )
        # A link has no permissions, and its owner is of no importance.
        elif "owners" in what and one.kind != "symbolic link" and rights(one) != rights(other):
            differences.append(f"{path} belongs to {rights(other)}, and belonged to {rights(one)}")
    if differences:
        more = f" … and {len(differences) - 3} more" if len(differences) > 3 else ""
        raise stage.failed(
            message,
            expected="what was in the volume ledger before your commands, and nothing else"
            if "contents" in what
            else "the owners (user:group) and modes that are in the volume ledger",
            found="; ".join(differences[:3]) + more,
            advice=stage.advice() or why(found, wanted, what),
        )


def rights(one):
    return f"{one.uid}:{one.gid} (mode {one.mode})"


def why(found, wanted, what):
    """What to make of a tree that differs, where it can be told."""
    missing = wanted.keys() - found.keys()
    if not found:
        return "It is empty: the archive was unpacked somewhere else, or not at all."
    if (where := next((path for path in found if path.endswith(f"/{MARK}")), None)) is not None:
        return f"All of it is one folder too deep, in {where.removesuffix(f'/{MARK}')}."
    if missing and all(path.startswith(".") for path in missing):
        return "A * stands for all names but those that begin with a dot."
    if any(wanted[path].kind == "symbolic link" != one.kind for path, one in found.items() if path in wanted):
        return "A link is a small file of its own. Here is what the link leads to, in its place."
    owners = {one.uid for path, one in found.items() if path in wanted} if "owners" in what else set()
    if any(owner > LARGEST for owner in owners):
        # Numbers from behind user namespaces: docker cp has written them.
        return (
            "docker cp writes owners as the engine's machine knows them. tar in a container writes them as containers see them."
        )
    if len(owners) == 1:
        return (
            f"All of it belongs to user {owners.pop()}: a new file belongs to whoever makes it, and only root can give it away."
        )
    return ""


def shown(found):
    return ", ".join(list(found)[:SHOWN]) + (" …" if len(found) > SHOWN else "") or "an archive with nothing in it"
