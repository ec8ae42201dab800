"""Serve a model: right, small, unprivileged, still alive."""

import json
from math import exp
from secrets import choice, randbelow

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="Serve a model",
    learner_files=("Dockerfile", ".dockerignore"),
    limits=Limits(memory=512 * MB, pids=128, build_seconds=300),
)

PORT = 8000
# The base image takes about 125 MB and the packages in requirements.txt about 85 MB. What is left is for other ways to do it:
# a virtual environment, compiled bytecode, pip's cache. A compiler, or all packages a second time, does not fit.
SIZE = 280 * MB

# model.json once more, so that nothing in the learner's folder decides what is right.
FEATURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
SPECIES = ("Adelie", "Chinstrap", "Gentoo")
MEAN = (45.130079, 17.218882, 200.980171, 4191.883608)
SPREAD = (5.267318, 1.901631, 13.151246, 767.914611)
WEIGHTS = (
    (-3.347436, 2.092712, 1.254723),
    (0.854951, 1.273262, -2.128213),
    (-2.190276, -0.161715, 2.35199),
    (-0.544384, -0.937771, 1.482155),
)
BIASES = (-0.912665, 1.505205, -0.592541)

OTHER_SPECIES = "POST /predict names another species than the model does."
OTHER_PROBABILITIES = "POST /predict names the right species, but gives other probabilities than the model."
AS_THE_MODEL = "the species and the probabilities that the model in model.json gives, to six digits"
# From where penguins are drawn, a range for each feature, of each species and of what is in between: never the same ones twice.
RANGES = (
    ((44.0, 51.0), (13.5, 16.5), (208.0, 226.0), (4600.0, 5800.0)),
    ((35.0, 42.0), (17.0, 20.0), (180.0, 200.0), (3000.0, 4200.0)),
    ((46.0, 53.0), (17.0, 20.0), (185.0, 205.0), (3300.0, 4200.0)),
    ((43.0, 46.0), (16.5, 17.5), (198.0, 204.0), (3900.0, 4400.0)),
)


def penguins():
    """Draw a penguin from each range."""
    return [tuple(round(low + (high - low) * randbelow(1000) / 1000, 3) for low, high in ranges) for ranges in RANGES]


def no_measurements(asked):
    """What must be refused: for each kind of mistake the measurements with one feature, drawn at random, spoilt."""
    for wrong in ("wide", -1 - randbelow(100), 0, None):
        yield asked | {choice(FEATURES): wrong}
    left_out = choice(FEATURES)
    yield {feature: value for feature, value in asked.items() if feature != left_out}


def prediction(penguin):
    """What the model says about a penguin: softmax over a weighted sum."""
    inputs = [(value - mean) / spread for value, mean, spread in zip(penguin, MEAN, SPREAD, strict=True)]
    scores = [
        bias + sum(one * row[species] for one, row in zip(inputs, WEIGHTS, strict=True)) for species, bias in enumerate(BIASES)
    ]
    powers = [exp(score) for score in scores]
    probabilities = {species: round(power / sum(powers), 6) for species, power in zip(SPECIES, powers, strict=True)}
    return {"species": max(probabilities, key=probabilities.__getitem__), "probabilities": probabilities}


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says, and the line that it points to.",
        "Each step sees only what the steps before it have put into the image, and works as the user whom they have chosen.",
    ),
    read="The Dockerfile that most people write",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=3,
    hint=(
        "Is the container still there after five seconds? If it is not, its log says why. If it is, what does it listen on?",
        "A server in a container must listen on every address of the container, not only on the one called localhost, and on "
        "the port that the task names.",
        "The container lives as long as its first process. That should be the server itself, in the foreground, and the user "
        "that it runs as must be able to read every file that the server needs.",
    ),
    read="From a script to a service",
)
def stays_healthy(image):
    """GET /health on port 8000 answers 200, and still does after five seconds; no health check of its own says otherwise."""
    with image.start(publish=PORT) as api:
        api.http("/health").expect(status=200, json_has={"status": "ok"})
        api.expect_running(for_seconds=5)
        api.http("/health").expect(status=200)
        # An image need not have a health check; if it has one, that must be able to say that it is healthy.
        if api.health != "none":
            api.expect_healthy(
                message="GET /health answers 200, but the image's own health check does not say that it is healthy."
            )
    return image


@exercise.check(
    stays_healthy,
    points=3,
    hint=(
        "The server is alive, but it cannot predict. The container's log shows the error behind the answer.",
        "app.py reads model.json when it is first asked for a prediction. Is the file in the image? Beside app.py? May the "
        "server's user read it?",
        "Two files of yours decide what is in the image: the Dockerfile, and the one that keeps things out of the build.",
    ),
    read="The Dockerfile that most people write",
)
def predicts_like_the_model(image):
    """POST /predict gives the species and the probabilities that the model gives, and refuses what is not a measurement."""
    with image.start(publish=PORT) as api:
        for penguin in penguins():
            asked = dict(zip(FEATURES, penguin, strict=True))
            answer = api.http("/predict", method="POST", json=asked)
            try:
                answer.expect(status=200)
            except CheckFailed as error:
                raise error.but(advice=image.left_out("model.json")) from error
            model = prediction(penguin)
            try:
                answer.expect(json_has={"species": model["species"]}, message=OTHER_SPECIES)
                answer.expect(json=model, message=OTHER_PROBABILITIES)
            except CheckFailed as error:
                raise error.but(expected=AS_THE_MODEL, found=f"{answer.text.strip()[:200]} for {json.dumps(asked)}") from error
        for spoilt in no_measurements(asked):
            answer = api.http("/predict", method="POST", json=spoilt)
            try:
                answer.expect(status=range(400, 500))
            except CheckFailed as error:
                message = "POST /predict did not refuse what is not a measurement."
                raise error.but(message=message, found=f"status {answer.status} for {json.dumps(spoilt)}") from error
        api.http("/health").expect(status=200)


@exercise.check(
    stays_healthy,
    points=2,
    hint=(
        "A hole in the server would be a hole in everything the container may do: root may do all of it.",
        "One instruction says whom the container runs as. The last one in the last stage counts; comments and labels do not.",
        "Installing packages needs root; serving does not. So the order matters: first install, then change the user.",
    ),
    read="Who runs it?",
)
def is_not_root(image):
    """No process of the container runs as root, the server least of all."""
    with image.start(publish=PORT) as api:
        # Once it serves: a start script may begin as root and hand over.
        api.http("/health").expect(status=200)
        api.expect_no_root()


@exercise.check(
    builds,
    points=1,
    hint=(
        "Look at the step that adds most. Does the server need all that it brought?",
        "Everything in requirements.txt comes ready to use: nothing has to be compiled. A file that a later step changes, "
        "if only its owner, is stored a second time.",
    ),
    read="07: What paid off?",
)
def is_small(image):
    """The image is at most 280 MB."""
    image.expect_size(at_most=SIZE)
