"""A first Dockerfile: a script, its data, and the arguments that it is given."""

import secrets
from statistics import fmean

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="A first Dockerfile",
    learner_files=("Dockerfile",),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=180),
)

SUMMARY = """\
120 penguins
Adelie: bill 39.0 x 18.3 mm, flipper 190.0 mm, 3698 g
Chinstrap: bill 48.6 x 18.5 mm, flipper 195.4 mm, 3645 g
Gentoo: bill 47.1 x 15.1 mm, flipper 218.2 mm, 5110 g"""

CHANCE = secrets.SystemRandom()
HEAD = "species,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g"
# Of each measurement: where other penguins may have it, on average.
OTHERS = ((30.0, 90.0), (12.0, 28.0), (150.0, 350.0), (2000.0, 30000.0))
NAMES = ("Emperor", "King", "Macaroni", "Rockhopper", "Magellanic", "Humboldt", "Fiordland", "Galapagos")
# Average of each measurement, species by species, and spreads of all of them together: what the model knows.
AVERAGES = {
    "Adelie": (39.0, 18.3, 190.0, 3698.0),
    "Chinstrap": (48.6, 18.5, 195.4, 3645.0),
    "Gentoo": (47.1, 15.1, 218.2, 5110.0),
}
SPREADS = (5.0, 1.9, 13.5, 780.0)


def other_penguins():
    """A penguins.csv that nobody has seen before, and the summary of it: only a script that really runs can make that one."""
    penguins = {
        name: [[round(CHANCE.uniform(*one), 1) for one in OTHERS] for _ in range(2)] for name in CHANCE.sample(NAMES, 2)
    }
    rows = [",".join([name, *map(str, row)]) for name, of_it in penguins.items() for row in of_it]
    lines = [f"{len(rows)} penguins"]
    for name, of_it in penguins.items():
        length, depth, flipper, mass = (fmean(column) for column in zip(*of_it, strict=True))
        lines.append(f"{name}: bill {length:.1f} x {depth:.1f} mm, flipper {flipper:.1f} mm, {mass:.0f} g")
    return "\n".join([HEAD, *rows, ""]), "\n".join(lines)


def misleading_penguin(species):
    """A penguin that is nearest to a species, clearly; by the length of its bill or flipper alone, another one is nearer."""
    while True:
        measured = [CHANCE.uniform(low, high) for low, high in ((36, 52), (14, 20), (184, 224), (3300, 5400))]
        apart = {
            name: [((m - a) / s) ** 2 for m, a, s in zip(measured, average, SPREADS, strict=True)]
            for name, average in AVERAGES.items()
        }
        first, second = sorted(apart, key=lambda name: sum(apart[name]))[:2]
        misled = all(1.3 * min(of_it[one] for of_it in apart.values()) < apart[species][one] for one in (0, 2))
        if first == species and misled and sum(apart[second]) > 1.3 * sum(apart[first]):
            return [f"{measured[0]:.1f}", f"{measured[1]:.1f}", f"{measured[2]:.0f}", f"{measured[3]:.0f}"]


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says: it is usually about a file name.",
        "COPY sees only the folder that you build in. It needs names that exist there, and a place to put them.",
    ),
    read="COPY and ADD: bringing files in",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=3,
    hint=(
        "What did the container print, and what was its exit status? That tells you how far it got.",
        "Three things must come together: the script, its data, and an instruction that says what a container runs.",
        "RUN works while the image is built. Another instruction says what happens when a container starts. Written as "
        "a list, it needs double quotes around each argument.",
    ),
    read="The first Dockerfile",
)
def prints_the_summary(image):
    """A container from your image prints the summary of the penguins and exits with status 0."""
    image.run().expect(exit_code=0, contains=SUMMARY, message="A container from your image does not print the summary.")
    return image


@exercise.check(
    prints_the_summary,
    points=1,
    hint=(
        "The container still told us about the penguins that were there when the image was built.",
        "When does penguins.py run: while the image is built, or each time a container starts?",
    ),
    read="A recipe, a kitchen, a dish",
)
def reads_the_data(image):
    """The summary is made when the container runs: with other data in penguins.csv, it is another summary."""
    places = {"/app", image.workdir}
    data, summary = other_penguins()
    image.run(files={f"{place.rstrip('/')}/penguins.csv": data for place in places}).expect(
        exit_code=0,
        contains=summary,
        expected="the summary of the other data: how many penguins, and a line for each of the two species in it",
        message="We gave the container another penguins.csv, and it does not print that one's summary.",
    )


@exercise.check(
    builds,
    points=1,
    hint=(
        "Every image remembers a folder that its containers start in.",
        "A cd inside RUN is forgotten when that step ends. One instruction is made for this; a line that starts with # "
        "is not an instruction.",
    ),
    read="WORKDIR: where you are",
)
def starts_in_app(image):
    """Containers start in the folder /app."""
    image.expect_workdir("/app")


@exercise.check(
    prints_the_summary,
    points=2,
    hint=(
        "What you write after the image's name replaces CMD. Was your script still run?",
        "Two instructions say what a container runs. Arguments after the image's name are added to one of them, and "
        "replace the other.",
        "The instruction that is kept has two forms. The form without brackets starts a shell, and the shell "
        "ignores what comes after.",
    ),
    read="CMD and ENTRYPOINT: what starts",
)
def takes_arguments(image):
    """Arguments after the image's name reach the script: four measurements in, the right species out."""
    for species in AVERAGES:
        image.run(*misleading_penguin(species)).expect(
            exit_code=0, contains=f"species: {species}", expected="species: and the name that penguins.py gives such a penguin"
        )
    return image


@exercise.check(
    takes_arguments,
    points=2,
    hint=(
        "Something else runs between the script and the end of the container.",
        "A container's exit status is that of its first process. A pipe, or a command after the script, has a status "
        "of its own.",
    ),
    read="Two ways to write it",
)
def hands_on_the_exit_status(image):
    """When the script fails, the container fails too: with measurements that are no numbers, exit status 3."""
    message = "The script failed with exit status 3, but the container did not."
    wrong = f"broad{CHANCE.randrange(1000, 10000)}"
    image.run("38.9", wrong, "187", "3550").expect(exit_code=3, contains="expected four numbers", message=message)
    image.run("38.9").expect(exit_code=3, message=message)
