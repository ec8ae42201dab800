"""Arguments of a build: what they change, and what is left of them in the image."""

import json
import random
import re
import secrets

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="Build arguments",
    learner_files=("Dockerfile",),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=120),
)

LABEL = "org.opencontainers.image.version"
CHANCE = secrets.SystemRandom()
SEED = 5
SPECIES = {  # as in train.py
    "Adelie": ((190.0, 6.0), (3700.0, 420.0)),
    "Chinstrap": ((196.0, 6.5), (3730.0, 360.0)),
    "Gentoo": ((217.0, 6.0), (5080.0, 470.0)),
}


def versions():
    """Two versions that nobody has seen before; the second one with all that a version may have."""
    first, second = (".".join(str(CHANCE.randint(1, 40)) for _ in range(3)) for _ in range(2))
    return first, f"{second}-rc.{CHANCE.randint(1, 9)}+build.{CHANCE.randint(100, 999)}"


def averages(rows):
    """What penguins.py says of a model that train.py has made of so many penguins: no other number makes the same."""
    chance = random.Random(SEED)  # noqa: S311 - as in train.py
    seen = {species: [] for species in SPECIES}
    for number in range(rows):
        species = list(SPECIES)[number % len(SPECIES)]
        seen[species].append([chance.gauss(average, spread) for average, spread in SPECIES[species]])
    found = {
        species: [round(sum(column) / len(column), 1) for column in zip(*measured, strict=True)]
        for species, measured in seen.items()
    }
    return "\n".join(f"{species}: flipper {flipper} mm, {mass} g" for species, (flipper, mass) in found.items())


@exercise.check(
    points=1,
    hint=(
        "We build your image without any --build-arg. Which step fails, and what does it say that it was given?",
        "An argument that nobody sets is empty, unless the line that declares it has a default.",
    ),
    read="ARG and ENV: values",
)
def builds(work):
    """The image builds, without any argument too."""
    work.build()
    return work


@exercise.check(
    builds,
    points=2,
    hint=(
        "Compare what the container printed with what the task says for a build without arguments.",
        "A default comes after the argument's name. It must be set where the build can see it: a line above FROM is "
        "outside the image.",
    ),
    read="ARG and ENV: values",
)
def has_defaults(work):
    """Built without arguments, the program is of version dev and its model is trained on 200 penguins."""
    plain = work.build().run()
    plain.expect(exit_code=0, line="penguins dev", message="Built without arguments, the program does not say “penguins dev”.")
    plain.expect(
        contains="trained on 200 penguins", message="Built without arguments, the model knows another number of penguins."
    )


@exercise.check(
    builds,
    points=2,
    hint=(
        "The program reads APP_VERSION from its environment. Does the value that we gave to the build ever get there?",
        "ARG is gone when a container starts; ENV stays. One can pass its value on to the other.",
        "Each FROM starts again from nothing: an argument is known from its own line down to the next FROM. An ENV of "
        "the same name wins.",
    ),
    read="ARG and ENV: values",
)
def shows_the_version(work):
    """Two builds with two values of VERSION: each program says its own version."""
    for version in versions():
        work.build(args={"VERSION": version}).run().expect(
            exit_code=0,
            line=f"penguins {version}",
            message=f"Built with --build-arg VERSION={version}, the program does not say that version.",
        )


@exercise.check(
    builds,
    points=2,
    hint=(
        "Look at the labels of your image: docker image inspect shows them.",
        "The label's name must be exactly the one in the task, and the argument must be known in the line where you use it.",
    ),
    read="LABEL: a luggage tag",
)
def carries_the_label(work):
    """The label org.opencontainers.image.version says the same version."""
    for version in versions():
        work.build(args={"VERSION": version}).expect_label(LABEL, version)


@exercise.check(
    builds,
    points=2,
    hint=(
        "A model with other averages was trained on other penguins, whatever it says about their number.",
        "An argument is known only below its own line. Where does train.py run, and where is ROWS declared?",
        "Training belongs in the build: our containers cannot write to their file system.",
    ),
    read="RUN: doing something at build time",
)
def trains_in_the_build(work):
    """Built with another value of ROWS, the model is trained on so many penguins, and the container has nothing to train."""
    for rows in CHANCE.sample(range(40, 400), 2):
        image = work.build(args={"ROWS": str(rows)})
        given = f"Built with --build-arg ROWS={rows}, the image"
        with image.start(read_only=True) as container:
            ended = container.wait(20).expect(
                exit_code=0,
                contains=f"trained on {rows} penguins",
                message=f"{given} does not hold a model of so many penguins.",
            )
            ended.expect(
                contains=averages(rows), message=f"{given} says so of its model, but its averages are those of other penguins."
            )
    # Another model in place of the image's: what trains at its start, wherever it may write, does not show that one.
    number = CHANCE.randint(1000, 9999)
    other = json.dumps({"trained_on": number, "averages": {"Adelie": [190.0, 3700.0]}})
    models = {f"/{one.path}": other for one in image.files("**/model.json")}
    image.run(files=models).expect(
        contains=f"trained on {number} penguins",
        message="We gave the container another model.json in place of the image's, and it does not show that one."
        if models
        else "The image holds no model.json: its containers make their own when they start.",
    )
    return work


@exercise.check(
    trains_in_the_build,
    points=1,
    hint=(
        "The container's environment tells everyone how many penguins were used. The program needs only APP_VERSION.",
        "Of the two instructions that name a value, one is for the build alone.",
    ),
    read="ARG and ENV: values",
)
def rows_stay_in_the_build(work):
    """ROWS is nowhere in the environment of the containers, under this or another name."""
    rows = CHANCE.randint(1000, 9999)
    image = work.build(args={"ROWS": str(rows)})
    image.expect_env(ROWS=None)
    told = [f"{name}={value}" for name, value in image.env.items() if re.search(rf"(?<!\d){rows}(?!\d)", value)]
    if told:
        raise CheckFailed(
            f"Built with --build-arg ROWS={rows}, the image says so in its environment, under another name.",
            expected=f"no variable in which {rows} stands",
            found=" and ".join(told),
        )
