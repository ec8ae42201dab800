"""Serve a model: right, small, unprivileged, still alive."""

from math import exp

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

PENGUINS = (
    (38.9, 18.6, 187, 3550),
    (49.9, 18.8, 198, 3700),
    (46.8, 14.9, 219, 5200),
    (44.3, 17.1, 201.5, 4010.5),  # somewhere in between
)


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
        "The build stops at the first step that fails. Read that step's own words, and the line that it points to.",
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
    """GET /health on port 8000 answers 200, and still does five seconds after the start."""
    with image.start(publish=PORT) as api:
        api.http("/health").expect(status=200, json_has={"status": "ok"})
        api.expect_running(for_seconds=5)
        api.http("/health").expect(status=200)
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
    """POST /predict gives the species and the probabilities that the model gives, and refuses what is no measurement."""
    with image.start(publish=PORT) as api:
        for penguin in PENGUINS:
            asked = dict(zip(FEATURES, penguin, strict=True))
            try:
                api.http("/predict", method="POST", json=asked).expect(status=200, json=prediction(penguin))
            except CheckFailed as error:
                raise error.but(advice=image.left_out("model.json")) from error
        for wrong in ({"bill_length_mm": "wide"}, {"body_mass_g": -1}):
            asked = dict(zip(FEATURES, PENGUINS[0], strict=True)) | wrong
            api.http("/predict", method="POST", json=asked).expect(status=range(400, 500))
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
    """The server does not run as root."""
    with image.start(publish=PORT) as api:
        # Once it serves: a start script may begin as root and hand over.
        api.http("/health").expect(status=200)
        api.expect_main_process(not_uid=0)


@exercise.check(
    builds,
    points=1,
    hint=(
        "Look at the step that adds most. Does the server need all that it brought?",
        "Everything in requirements.txt comes ready to use: nothing has to be compiled. A file that a later step changes, "
        "if only its owner, is stored a second time.",
    ),
    read="07: What paid?",
)
def is_small(image):
    """The image is at most 280 MB."""
    image.expect_size(at_most=SIZE)
