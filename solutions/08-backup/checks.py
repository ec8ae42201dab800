"""A volume is no backup: pack it into an archive, and bring it back with everything that belongs to it."""

import hashlib

from grader import Exercise
from grader.checks import archive
from grader.checks.played import Inode

exercise = Exercise(title="A backup that can be restored", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
VOLUME, COPY = "ledger", "ledger-copy"
ARCHIVES = ("ledger.tar", "ledger.tar.gz", "ledger.tgz", "ledger.tar.bz2", "ledger.tar.xz")
MARK = "books/2025/penguins.csv"
NUMBERS = "".join(f"{number}\n" for number in range(1, 5001))
SHOWN = 8


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


@exercise.prepare
def situation(bench):
    """There is a volume called ledger. Look what is in it: files, folders, links, and who they belong to."""
    bench.docker("volume", "create", VOLUME)
    bench.docker(
        "run", "--rm", "--volume", f"{VOLUME}:/ledger", "--workdir", "/ledger", "busybox", "sh", "-c",
        script(contents(bench.facts)),
    )  # fmt: skip


@exercise.check(
    points=1,
    hint=(
        "Look at the last command in what you see above: it did not come back.",
        "A program that reads an archive from its input waits for it, where it is not told a file.",
    ),
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    stage = work.play(prepare=situation, seconds=SECONDS)
    stage.wanted = inodes(contents(work.facts))
    return stage


@exercise.check(
    comes_to_an_end,
    points=1,
    hint=(
        "Compare the volume with what it was. Which of your commands writes into it?",
        "Who only reads a volume can mount it read-only; then no mistake can spoil it.",
    ),
)
def the_ledger_is_untouched(stage):
    """The volume ledger is as it was."""
    expect_same(stage, stage.volume(VOLUME).tree(), stage.wanted, "The volume ledger is not what it was.", "contents", "owners")


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "tar -tvf lists what is in an archive. Compare it with what is in the volume, line by line.",
        "A star stands for all names, except for those that begin with a dot. A folder can be named as a whole: the dot alone.",
        "An archive can hold a link as a link, or what it leads to. And where does the archive stand: beside commands.sh?",
    ),
)
def the_archive_holds_everything(stage):
    """Beside commands.sh there is the archive of the volume, with every file, folder and link, and with owners and modes."""
    name = next((one for one in stage.folder() if one in ARCHIVES), None)
    data = stage.file(name) if name else None
    if name is None or data is None:
        raise stage.failed(
            "There is no archive beside commands.sh.",
            expected=" or ".join(ARCHIVES[:2]),
            found=", ".join(stage.folder()) or "nothing beside commands.sh",
            advice="A container writes into a file system of its own. To leave one in your folder, it needs it mounted.",
        )
    if not data:
        raise stage.failed(f"{name} is empty.", expected="an archive of the volume ledger", found="0 bytes")
    found = archive.read(data, name)
    # The volume may have been mounted anywhere; what is above it in the archive does not matter.
    top = next((path.removesuffix(MARK) for path in found if path.endswith(MARK)), None)
    if top is None:
        raise stage.failed(f"{name} does not hold the ledger.", expected=f"an archive with {MARK} in it", found=shown(found))
    inside = {path.removeprefix(top): one for path, one in found.items() if path.startswith(top) and path != top.rstrip("/")}
    expect_same(stage, inside, stage.wanted, f"{name} does not hold everything as it was.", "contents", "owners")


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "List what is in both volumes, with ls -la and in the folders below as well. What is missing, what is too much?",
        "Mount the new volume, and unpack there. A path in the archive is counted from the folder in which it is unpacked.",
    ),
)
def the_copy_has_the_same_contents(stage):
    """The volume ledger-copy has the same files, folders and links, byte for byte, at the same places."""
    tree = stage.volume(COPY).tree()
    expect_same(stage, tree, stage.wanted, "The volume ledger-copy does not hold what is in ledger.", "contents")
    return stage, tree


@exercise.check(
    the_copy_has_the_same_contents,
    points=3,
    hint=(
        "ls -lan shows owners as numbers. Compare both volumes.",
        "Only root can give a file to somebody else. As whom does your container unpack?",
        "Some ways to copy make new files, which belong to whoever makes them. tar writes owners and modes into the archive, "
        "and cp has an option that keeps them.",
    ),
)
def the_copy_has_the_same_owners(found):
    """All files and folders in ledger-copy belong to whom they belonged, and have the same permissions."""
    stage, tree = found
    expect_same(stage, tree, stage.wanted, "In ledger-copy not everything belongs to whom it belonged.", "owners")


def expect_same(stage, found, wanted, message, *what):
    """Hold a tree against what it should be: contents, or owners and modes."""
    differences = []
    for path in sorted(found.keys() | wanted.keys()):
        one, other = wanted.get(path), found.get(path)
        if one is None or other is None:
            differences += [f"{path}: {'not there' if other is None else 'too much'}"] if "contents" in what else []
        elif one.kind != other.kind:
            differences += [f"{path}: {other.kind}, not {one.kind}"] if "contents" in what else []
        elif "contents" in what and (one.size, one.content) != (other.size, other.content):
            differences.append(
                f"{path}: leads to {other.content}" if one.kind == "symbolic link" else f"{path}: other contents"
            )
        # A link has no permissions, and its owner is of no importance.
        elif "owners" in what and one.kind != "symbolic link" and rights(one) != rights(other):
            differences.append(f"{path}: {rights(other)}, not {rights(one)}")
    if differences:
        more = f" … and {len(differences) - 3} more" if len(differences) > 3 else ""
        raise stage.failed(
            message,
            expected="what is in the volume ledger, and nothing else",
            found="; ".join(differences[:3]) + more,
            advice=advice(found),
        )


def rights(one):
    return f"{one.uid}:{one.gid} mode {one.mode}"


def advice(found):
    """Where the numbers are those behind user namespaces, docker cp has written them."""
    if any(one.uid > 65535 for one in found.values()):
        return (
            "docker cp writes owners as the engine's machine knows them. tar in a container writes them as containers see them."
        )
    return ""


def shown(found):
    return ", ".join(list(found)[:SHOWN]) + (" …" if len(found) > SHOWN else "") or "nothing"
