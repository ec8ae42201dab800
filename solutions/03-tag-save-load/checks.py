"""Names of an image, and an archive that carries them to another engine."""

from itertools import groupby

from grader import Exercise

exercise = Exercise(title="An image on its way", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 60
NAMES = ("toolbox:1.0", "toolbox:stable")
ARCHIVE = "toolbox.tar"
# What the engine's diary says happened to images → the same in words.
EVENTS = {
    "tag": "a name given",
    "untag": "a name taken away",
    "delete": "an image deleted",
    "save": "an archive saved",
    "load": "an archive loaded",
    "import": "files imported",
}


@exercise.check(
    points=1,
    hint=(
        "Some commands read from their input, or write to their output, where they are not told a file. Is the one that is "
        "named above such a command?",
        "Commands that write and read archives can be told the name of the file.",
    ),
    read="Carry: save and load",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker image ls shows names and tags in two columns. Compare them letter by letter with those that are asked for.",
        "An image can have any number of names. What stands behind the colon is the tag; without one, Docker writes latest.",
        "If the names were there and are not any more: what did you load, and what was in it?",
    ),
    read="Tag",
)
def both_names_are_there(stage):
    """In the end the image that was called busybox is there as toolbox:1.0 and as toolbox:stable."""
    for name in NAMES:
        found = str(stage.image(name).about["Id"])
        if found != stage.given_image("busybox:latest"):
            raise stage.failed(
                f"{name} is another image than the one that was called busybox.",
                expected=f"the image with the id {short(stage.given_image('busybox:latest'))}",
                found=f"an image with the id {short(found)}",
                advice="docker import makes a new image of a container's files; the settings of the old one are lost."
                if "import" in stage.events("image")
                else "",
            )
    return stage


@exercise.check(
    both_names_are_there,
    points=3,
    hint=(
        "Docker says Untagged for a name that is taken away, and Deleted for an image that goes. Which of them did it say?",
        "An image goes with its last name. How many names did it have, and which of them was the first?",
        "It comes back from the archive, by the command that is made for it; not by a pull.",
    ),
    read="Remove: docker rmi",
)
def was_gone_and_came_back(stage):
    """In between the image was gone from the engine, under all its names, and it came back from your archive."""
    events = stage.events("image", stage.given_image("busybox:latest"))
    gone = events.index("delete") if "delete" in events else None
    if gone is None:
        raise stage.failed(
            "The image never left the engine.",
            expected="an image deleted, then loaded from your archive",
            found=diary(events),
            advice="A name was taken away, but the image had another one left." if "untag" in events else "",
        )
    if "load" not in events[gone:]:
        raise stage.failed(
            "The image was removed, but no archive was loaded after that.",
            expected="an image deleted, then loaded from your archive",
            found=diary(events),
        )


# The last one: it empties the engine.
@exercise.check(
    comes_to_an_end,
    points=4,
    hint=(
        "We loaded your archive into an engine without any image. An archive keeps the names that you save, and no others.",
        "One archive can hold several images and several names of one: they are all named in one command. A second archive of "
        "the same file name takes the place of the first.",
    ),
    read="Carry: save and load",
)
def the_archive_brings_both_names(stage):
    """Your archive toolbox.tar, loaded into an empty engine, brings the image with both its names."""
    saved = "save" in stage.events("image")
    stage.empty()
    if ARCHIVE not in (beside := stage.folder()):
        raise stage.failed(
            f"There is no file {ARCHIVE} beside commands.sh when your commands are done.",
            expected=f"an archive of images called {ARCHIVE}",
            found=f"only {', '.join(beside)}" if beside else "nothing but commands.sh",
            advice="Where docker save is told no file, it writes to its output." if saved and not beside else "",
        )
    loaded = stage.docker("load", "--input", f"/exercise/{ARCHIVE}", seconds=60)
    if loaded.exit_code != 0:
        raise stage.failed(
            f"{ARCHIVE} cannot be loaded into an engine.",
            expected="an archive of images, as docker load reads it",
            found=f"docker load said: {loaded.output.strip()}",
            advice="docker export writes the files of a container; docker load reads archives of images."
            if "export" in stage.events("container")
            else "",
        )
    names = [name for name in stage.images() if "<none>" not in name]
    if missing := [name for name in NAMES if name not in names]:
        raise stage.failed(
            f"{ARCHIVE} does not bring {' and '.join(missing)} to an empty engine.",
            expected=f"an image with the names {' and '.join(NAMES)}",
            found=f"only {', '.join(names)}" if names else "an image without a name",
            advice="" if names else "It was saved without a name: an id is none.",
        )
    for name in NAMES:
        said = stage.docker("run", "--rm", name, "echo", "it works")
        if "it works" not in said.output or stage.image(name).about["Id"] != stage.given_image("busybox:latest"):
            raise stage.failed(
                f"{name} from your archive is not the image that was called busybox.",
                expected="the same image, under another name",
                found=said.output.strip() or "another image",
            )


def short(identity):
    """An image's id, as docker image ls shows it."""
    return identity.removeprefix("sha256:")[:12]


def diary(events):
    """What happened to images, in words; what happened several times in a row, once."""
    return ", then ".join(EVENTS.get(one, one) for one, _again in groupby(events)) or "nothing happened to images"
