"""A first Dockerfile: a script, its data, and the arguments that it is given."""

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

# Other penguins than those that ship with the exercise: only a script that really runs can summarise them.
OTHER_DATA = """\
species,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g
Emperor,80,25,330,30000
Emperor,82,27,340,32000
Rockhopper,44,20,170,2400
Rockhopper,46,20,172,2600
"""
OTHER_SUMMARY = """\
4 penguins
Emperor: bill 81.0 x 26.0 mm, flipper 335.0 mm, 31000 g
Rockhopper: bill 45.0 x 20.0 mm, flipper 171.0 mm, 2500 g"""


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read that step's own words: they are usually about a file name.",
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
        "RUN works while the image is built. What happens when a container starts is another instruction's business. "
        "Written as a list, that instruction wants double quotes, and each word on its own.",
    ),
    read="The first Dockerfile",
)
def prints_the_summary(image):
    """A container from your image prints the summary of the penguins and ends with exit status 0."""
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
    changed = {f"{place.rstrip('/')}/penguins.csv": OTHER_DATA for place in places}
    image.run(files=changed).expect(
        exit_code=0,
        contains=OTHER_SUMMARY,
        message="We gave the container another penguins.csv, and it does not print that one's summary.",
    )


@exercise.check(
    builds,
    points=1,
    hint=(
        "Every image remembers a directory that its containers start in.",
        "A cd inside RUN is forgotten when that step ends. One instruction is made for this; a line that starts with # "
        "is not an instruction.",
    ),
    read="WORKDIR: where you are",
)
def starts_in_app(image):
    """Containers start in the directory /app."""
    image.expect_workdir("/app")


@exercise.check(
    prints_the_summary,
    points=2,
    hint=(
        "Words after the image's name replace CMD. Was your script still run?",
        "There are two instructions that say what a container runs. Words after the image's name are added to one of "
        "them, and take the place of the other.",
        "The instruction that keeps its words has two forms. The form without brackets starts a shell, and the shell "
        "ignores what comes after.",
    ),
    read="CMD and ENTRYPOINT: what starts",
)
def takes_arguments(image):
    """Words after the image's name reach the script: four measurements in, the right species out."""
    image.run("38.9", "18.6", "187", "3550").expect(exit_code=0, contains="species: Adelie")
    image.run("49.9", "18.8", "198", "3700").expect(exit_code=0, contains="species: Chinstrap")
    image.run("46.8", "14.9", "219", "5200").expect(exit_code=0, contains="species: Gentoo")
    return image


@exercise.check(
    takes_arguments,
    points=2,
    hint=(
        "Something stands between the script and the end of the container.",
        "A container's exit status is that of its first process. A pipe, or a command after the script, has a status "
        "of its own.",
    ),
    read="Two ways to write it",
)
def hands_on_the_exit_status(image):
    """When the script fails, the container fails too: with measurements that are no numbers, exit status 3."""
    message = "The script failed with exit status 3, but the container did not."
    image.run("38.9", "wide", "187", "3550").expect(exit_code=3, contains="expected four numbers", message=message)
    image.run("38.9").expect(exit_code=3, message=message)
