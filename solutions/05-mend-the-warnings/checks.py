"""A linter's warnings: mended, not silenced, and the image still does what it did."""

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="Mend the warnings",
    learner_files=("Dockerfile",),
    limits=Limits(memory=128 * MB, pids=64, build_seconds=120, start_seconds=20),
)

FOLDER = "/srv/penguins"
GENTOO = "Gentoo: 14 seen, flipper 217.6 mm, 5002 g"
ADELIE = "Adelie: 22 seen, flipper 190.0 mm, 3754 g"
CHINSTRAP = "Chinstrap: 24 seen, flipper 195.4 mm, 3827 g"
# Versions of packages: nothing here installs any, and chapter 5 does not ask for it.
PINNING = ("DL3008", "DL3013", "DL3018")


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read that step's own words, and then the steps above it: what had they "
        "brought until then?",
        "One of the two files is an archive. One instruction unpacks archives, the other copies them as they are. hadolint "
        "complains about one line only.",
    ),
    read="COPY and ADD: bringing files in",
)
def builds(work):
    """The image builds."""
    work.build()
    return work


@exercise.check(
    builds,
    points=5,
    hint=(
        "Begin with the first line that is named. Its rule has a page of its own, with an example of how it is meant.",
        "One complaint may need two changes, and a change may bring a new complaint: look again after each.",
        "The names of folders may be written in full; what only a shell knows needs a shell, and a list may begin with one.",
    ),
    read="Let tools read your Dockerfile",
)
def is_quiet(work):
    """In your Dockerfile, hadolint finds no errors and no warnings, whatever comments or settings say."""
    work.lint().expect_quiet(at_least="warning", except_for=PINNING)


@exercise.check(
    builds,
    points=2,
    hint=(
        "Compare what the container wrote with what it wrote before you changed anything. Which line made that happen?",
        "Where an instruction stands twice and only one of them can count, it is the last.",
        "In a list nobody fills in variables: that is a shell's business, and it can only be done when the container runs.",
    ),
    read="Two ways to write it",
)
def describes(work):
    """A container describes the Gentoos, or the species that -e SPECIES=… names; one that nobody has seen is exit status 3."""
    image = work.build()
    for env, line, message in (
        ({}, GENTOO, "A plain “docker run IMAGE” does not describe the Gentoos any more."),
        ({"SPECIES": "Adelie"}, ADELIE, "With -e SPECIES=Adelie, the container does not describe the Adelies any more."),
    ):
        image.run(env=env).expect(output=line, message=message).expect(exit_code=0)
    image.run(env={"SPECIES": "Emperor"}).expect(
        exit_code=3,
        message="With -e SPECIES=Emperor, which nobody has seen, the container does not end with exit status 3 any more.",
    )


@exercise.check(
    builds,
    points=1,
    hint=(
        "In which folder did containers start before you changed anything? pwd tells.",
        "A relative folder is meant below the one before it.",
        "A WORKDIR also counts for all that comes after it. A RUN that changes the folder counts for itself alone.",
    ),
    read="WORKDIR: where you are",
)
def keeps_its_place(work):
    """Containers start in /srv/penguins, and find the script and its data there."""
    image = work.build()
    image.expect_workdir(FOLDER)
    image.run("penguins.sh", "Chinstrap", entrypoint=("sh",)).expect(exit_code=0, output=CHINSTRAP)


@exercise.check(
    builds,
    points=1,
    hint=(
        "MAINTAINER is gone for good reason. What takes its place? docker image inspect shows what your image has.",
        "It is a label, and its long name stands in the task.",
    ),
    read="You will still see…",
)
def says_whose_it_is(work):
    """The label org.opencontainers.image.authors says rico@example.org."""
    work.build().expect_label("org.opencontainers.image.authors", "rico@example.org")
