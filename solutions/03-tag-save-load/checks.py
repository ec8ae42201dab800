"""Names of an image, and an archive that carries them to another engine."""

from grader import Exercise

exercise = Exercise(title="An image on its way", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 60
NAMES = ("toolbox:1.0", "toolbox:stable")
ARCHIVE = "toolbox.tar"


@exercise.check(
    points=1,
    hint=(
        "Look at the last command in what you see above: it did not come back.",
        "Some commands read from their input, or write to their output, where they are not told a file. Is it such a one?",
    ),
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.play(seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker image ls shows names and tags in two columns. Compare them letter by letter with those that are asked for.",
        "An image can have any number of names. What stands behind the colon is the tag; without one, Docker writes latest.",
        "If the names were there and are not any more: what did you load, and what was in it?",
    ),
)
def both_names_are_there(stage):
    """In the end the image that was called busybox is there as toolbox:1.0 and as toolbox:stable."""
    for name in NAMES:
        found = str(stage.image(name).about["Id"])
        if found != stage.given_image("busybox:latest"):
            raise stage.failed(
                f"{name} is another image than the one that was called busybox.",
                expected=stage.given_image("busybox:latest")[:19],
                found=found[:19],
                advice="docker export and docker import make a new image of a container's files; its settings are lost.",
            )
    return stage


@exercise.check(
    both_names_are_there,
    points=3,
    hint=(
        "Docker says Untagged for a name that is taken away, and Deleted for an image that goes. Which of them did it say?",
        "An image goes with its last name. How many names did it have?",
        "And it comes back from the archive, by the command that is made for it; not by a pull.",
    ),
)
def was_gone_and_came_back(stage):
    """In between the image was gone from the engine, under all its names, and it came back from your archive."""
    events = stage.events("image")
    gone = events.index("delete") if "delete" in events else None
    if gone is None:
        raise stage.failed(
            "The image never left the engine.",
            expected="its last name taken away, so that the image is deleted; then loaded from the archive",
            found=", ".join(events) or "nothing happened to images",
        )
    if "load" not in events[gone:]:
        raise stage.failed(
            "The image was removed, but no archive was loaded after that.",
            expected="removed, then loaded",
            found=", ".join(events),
        )


# The last one: it empties the engine.
@exercise.check(
    comes_to_an_end,
    points=4,
    hint=(
        "We loaded your archive into an engine without any image. What came out of it is above.",
        "An archive keeps the names that you save, and no others. An id is no name.",
        "One archive can hold several images and several names of one: they are all named in one command. A second archive of "
        "the same file name takes the place of the first.",
    ),
)
def the_archive_brings_both_names(stage):
    """Your archive toolbox.tar, loaded into an empty engine, brings the image with both its names."""
    stage.empty()
    loaded = stage.docker("load", "--input", f"/exercise/{ARCHIVE}", seconds=60)
    if loaded.exit_code != 0:
        missing = "no such file" in loaded.output
        raise stage.failed(
            f"There is no file {ARCHIVE} beside commands.sh." if missing else f"{ARCHIVE} cannot be loaded into an engine.",
            expected="an archive of images, as docker load reads it",
            found=loaded.output.strip(),
        )
    names = [name for name in stage.images() if "<none>" not in name]
    if missing := [name for name in NAMES if name not in names]:
        raise stage.failed(
            f"{ARCHIVE} does not bring {' and '.join(missing)} to an empty engine.",
            expected=" and ".join(NAMES),
            found=", ".join(names) or "an image without a name",
        )
    for name in NAMES:
        said = stage.docker("run", "--rm", name, "echo", "it works")
        if "it works" not in said.output or stage.image(name).about["Id"] != stage.given_image("busybox:latest"):
            raise stage.failed(
                f"{name} from your archive is not the image that was called busybox.",
                expected="the same image, under another name",
                found=said.output.strip() or "another image",
            )
