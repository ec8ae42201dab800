"""Names of an image, and an archive that carries them to another engine."""

from grader import Exercise

exercise = Exercise(title="An image on its way", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 60
NAMES = ("toolbox:1.0", "toolbox:stable")
BUSYBOX = "busybox:latest"
ARCHIVE = "toolbox.tar"


@exercise.check(
    points=1,
    hint=(
        "Some commands read from their input, or write to their output, unless they are given a file. Is the one named above "
        "such a command?",
        "Commands that write and read archives have an option for the name of the file.",
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
        "docker image ls shows names and tags. Compare them letter by letter with what the task asks for.",
        "An image can have any number of names. The part after the colon is the tag; without one, Docker uses latest.",
        "If the names were there and are gone now: what did you load, and what was in it?",
    ),
    read="Tag",
)
def both_names_are_there(sandbox):
    """At the end, the image that was called busybox is there as toolbox:1.0 and as toolbox:stable."""
    for name in NAMES:
        sandbox.image(name).expect_is(BUSYBOX)
    return sandbox


@exercise.check(
    both_names_are_there,
    points=3,
    hint=(
        "Docker says Untagged when it removes a name, and Deleted when it removes an image. Which of the two did it say?",
        "An image is removed with its last name. How many names did it have, and which was the first?",
        "It comes back from the archive, with the command made for that; not with a pull.",
    ),
    read="Remove: docker rmi",
)
def was_gone_and_came_back(sandbox):
    """In between the image was gone from the engine, under all its names, and it came back from your archive."""
    sandbox.image(NAMES[0]).expect_came_back()


# The last one: it empties the engine.
@exercise.check(
    comes_to_an_end,
    points=4,
    hint=(
        "We loaded your archive into an engine without any images. An archive holds the names that you save, and no others.",
        "One archive can hold several images, and several names of one: name them all in one command. A second archive with "
        "the same file name replaces the first.",
    ),
    read="Carry: save and load",
)
def the_archive_brings_both_names(sandbox):
    """Your archive toolbox.tar, loaded into an empty engine, brings the image with both its names."""
    sandbox.file(ARCHIVE).expect_loads()
    for name in NAMES:
        sandbox.image(name).expect_is(BUSYBOX).run("echo", "it works").expect(contains="it works")
