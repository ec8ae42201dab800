"""A volume is no backup: pack it into an archive, and bring it back with everything that belongs to it."""

from grader import Exercise, Inode

exercise = Exercise(title="A backup that can be restored", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
VOLUME, COPY = "ledger", "ledger-copy"
ARCHIVES = ("ledger.tar", "ledger.tar.gz", "ledger.tgz", "ledger.tar.bz2", "ledger.tar.xz")
MARK = "books/2025/penguins.csv"
NUMBERS = "".join(f"{number}\n" for number in range(1, 5001))
CHANGING = "numbers.txt"
BEFORE = f"what was in the volume {VOLUME} before your commands"
OTHER_MOMENT = (
    f"We ran your commands once more, and changed {CHANGING} in {VOLUME} all the time. The copy has it as it was at another "
    "moment than the archive: it was not unpacked from there."
)
OF_THE_COPY = (
    f"We ran your commands once more, and changed {MARK} in {COPY} all the time. The archive has that change: it was made of "
    "the copy."
)


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
        CHANGING: ("444", 999, 998, NUMBERS),
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


def inodes(facts):
    """The same, as it looks in a volume."""
    return {path: inode(*about) for path, about in contents(facts).items()}


def inode(mode, owner, group, text):
    """One of them."""
    if text is None:
        return Inode.folder(mode, owner, group)
    return Inode.link(text[1:]) if text.startswith("@") else Inode.file(text, mode, owner, group)


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
        "A program that reads an archive waits for its input, unless you name a file.",
    ),
    read="Backup and restore",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=1,
    hint=(
        "Compare the volume with what it was before. Which of your commands writes to it?",
        "If you only read a volume, mount it read-only: then no mistake can spoil it.",
    ),
    read="Backup and restore",
)
def the_ledger_is_untouched(sandbox):
    """The volume ledger is as it was."""
    sandbox.volume(VOLUME).tree().expect_same(inodes(sandbox.facts), of=BEFORE)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "tar -tvf lists what is in an archive. Compare it with what is in the volume, line by line.",
        "You can name a folder as a whole: the dot alone. An archive can hold a link as a link, or the file that it leads to.",
    ),
    read="Backup and restore",
)
def the_archive_holds_everything(sandbox):
    """Beside commands.sh there is the archive of the volume, with every file, folder and link, and with owners and modes."""
    packed = sandbox.file(*ARCHIVES).expect_archive_of(VOLUME, MARK)
    packed.expect_same(inodes(sandbox.facts), of=BEFORE)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "List both volumes with ls -la, and their folders as well. What is missing, and what does not belong there?",
        "Mount the new volume, and unpack there. Paths in the archive are relative to the folder that you unpack in.",
    ),
    read="A backup that was never restored is a hope",
)
def the_copy_has_the_same_contents(sandbox):
    """The volume ledger-copy is restored from the archive: the same files, folders and links, each in its place."""
    wanted = inodes(sandbox.facts)
    copy = sandbox.volume(COPY).tree().expect_same(wanted, of=BEFORE, owners=False)
    comes_from_the_archive(sandbox.run_again(changing={VOLUME: CHANGING, COPY: MARK}), wanted)
    return copy


@exercise.check(
    the_copy_has_the_same_contents,
    points=3,
    hint=(
        "ls -lan shows owners as numbers. Compare both volumes. Which user unpacks in your container?",
        "Some ways to copy make new files, which belong to whoever makes them. tar writes owners and modes into the archive, "
        "and cp has an option that keeps them.",
    ),
    read="A backup that was never restored is a hope",
)
def the_copy_has_the_same_owners(copy):
    """All files and folders in ledger-copy belong to whom they belonged, and have the same permissions."""
    copy.expect_same(inodes(copy.script.facts), of=BEFORE, contents=False)


def comes_from_the_archive(again, wanted):
    """What was changed in one place or the other meanwhile says what was made of what."""
    restored = again.volume(COPY).tree()
    there = [one for one in ARCHIVES if one in again.folder()] or [again.file(*ARCHIVES).name]
    archives = [again.file(one).expect_archive_of(VOLUME, MARK) for one in there]
    source = next((one for one in archives if one.get(CHANGING) == restored.get(CHANGING)), archives[0])
    source.only(MARK).expect_same({MARK: wanted[MARK]}, of=BEFORE, owners=False, advice=OF_THE_COPY)
    what = f"what is in {source.name}"
    restored.only(CHANGING).expect_same(source.only(CHANGING), of=what, owners=False, advice=OTHER_MOMENT)
