"""A linter's warnings: fixed, not silenced, and the image still does what it did."""

import io
import secrets
import tarfile

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="Fix the warnings",
    learner_files=("Dockerfile",),
    limits=Limits(memory=128 * MB, pids=64, build_seconds=120, start_seconds=20),
)

FOLDER = "/srv/penguins"
GENTOO = "Gentoo: 14 seen, flipper 217.6 mm, 5002 g"
ADELIE = "Adelie: 22 seen, flipper 190.0 mm, 3754 g"
CHINSTRAP = "Chinstrap: 24 seen, flipper 195.4 mm, 3827 g"
ARCHIVE = "sightings.tar.gz"
YEARS = ("2023.csv", "2024.csv", "2025.csv")
CHANCE = secrets.SystemRandom()
KNOWN = ("Adelie", "Chinstrap", "Gentoo")
STRANGERS = ("Emperor", "King", "Macaroni", "Rockhopper", "Magellanic", "Humboldt", "Fiordland", "Galapagos")
# Versions of packages: nothing here installs any, and chapter 5 does not ask for it.
PINNING = ("DL3008", "DL3013", "DL3018")


class Sightings:
    """Other sightings than those that ship with the exercise, with a species that these do not have.

    Attributes:
        archive: sightings.tar.gz, with a file for each of the same three years.
        species: all that were seen.
        stranger: the one that is not among those of the exercise.
        unseen: one that nobody has seen.
    """

    def __init__(self):
        self.stranger, self.unseen = CHANCE.sample(STRANGERS, 2)
        self.species = (*KNOWN, self.stranger)
        self._rows = []
        # All of them in each year: whoever leaves one out describes other penguins.
        years = {year: [self._seen(name) for name in self.species for _ in range(CHANCE.randint(2, 5))] for year in YEARS}
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for year, lines in years.items():
                data = "".join(CHANCE.sample(lines, len(lines))).encode()
                file = tarfile.TarInfo(f"sightings/{year}")
                setattr(file, "size", len(data))  # noqa: B010 - the one way to say it
                archive.addfile(file, io.BytesIO(data))
        self.archive = buffer.getvalue()

    def _seen(self, species):
        row = (species, CHANCE.randint(170, 240), CHANCE.randint(2500, 6500))
        self._rows.append(row)
        return ",".join(map(str, row)) + "\n"

    def line(self, species):
        """What penguins.sh says of a species."""
        of_it = [row for row in self._rows if row[0] == species]
        flipper, mass = (sum(row[column] for row in of_it) / len(of_it) for column in (1, 2))
        return f"{species}: {len(of_it)} seen, flipper {flipper:.1f} mm, {mass:.0f} g"


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says, and then the steps above it: which "
        "files had they brought by then?",
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
        "Begin with the first line that is named. Each rule has its own page, with an example of the right form.",
        "One complaint may need two changes, and a change may bring a new complaint: look again after each.",
        "You may write the names of folders in full. What only a shell can do needs a shell, and a list may begin with one.",
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
        "If an instruction appears twice and only one can count, it is the last.",
        "Nobody fills in the variables in a list: a shell does that, and only when the container runs.",
    ),
    read="Two ways to write it",
)
def describes(work):
    """A container describes the Gentoos, or the species that -e SPECIES=… names; one that nobody has seen is exit status 3."""
    image, seen = work.build(), Sightings()
    image.run().expect(output=GENTOO, message="A plain “docker run IMAGE” does not describe the Gentoos any more.").expect(
        exit_code=0
    )
    image.run(env={"SPECIES": "Adelie"}).expect(
        output=ADELIE, message="With -e SPECIES=Adelie, the container does not describe the Adelies any more."
    ).expect(exit_code=0)
    image.run(env={"SPECIES": seen.unseen}).expect(
        exit_code=3,
        message="With a species in SPECIES that nobody has seen, the container does not end with exit status 3 any more.",
    )
    other, said = work.with_files({ARCHIVE: seen.archive}).build(), "the line that penguins.sh writes about them"
    other.run().expect(
        output=seen.line("Gentoo"),
        expected=said,
        message="We built your image with other sightings in the archive, and the container does not describe those Gentoos.",
    )
    other.run(env={"SPECIES": seen.stranger}).expect(
        output=seen.line(seen.stranger),
        expected=said,
        message="We built your image with one species more in the archive, and with its name in SPECIES the container does not "
        "describe it.",
    )


@exercise.check(
    builds,
    points=1,
    hint=(
        "In which folder did containers start before you changed anything? pwd prints it.",
        "A relative folder is below the one before it.",
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
        "MAINTAINER is deprecated for a good reason. What takes its place? docker image inspect shows what your image has.",
        "It is a label, and its long name is in the task.",
    ),
    read="You will still see…",
)
def says_whose_it_is(work):
    """The label org.opencontainers.image.authors says rico@example.org."""
    work.build().expect_label("org.opencontainers.image.authors", "rico@example.org")
