"""A service that is not root: it writes what it must, and nothing else."""

from secrets import randbelow

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="Not as root",
    learner_files=("Dockerfile", ".dockerignore"),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=120),
)

PORT = 8000
SEEN = {"species": "Gentoo", "count": 1000 + randbelow(9000)}


def whose_folder(image):
    """What a fresh volume takes over: whose folder the image has at that place, in a sentence."""
    listed = image.run("-ldn", "/data", entrypoint=("ls",), user="0")
    if listed.exit_code:
        return "Your image has no folder /data. Docker makes it then, and what Docker makes belongs to root."
    return f"In your image, /data belongs to user id {listed.stdout.split()[2]}, and the fresh volume takes that over."


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. As which user did that step run?",
        "Making folders and users needs root. So the order matters: first prepare, then change the user.",
    ),
    read="Who runs it?",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=1,
    hint=(
        "The server does not start, or does not answer. What does its log say?",
        "The user must exist in the image, or be a number. And it must be able to read the program.",
    ),
    read="Who runs it?",
)
def serves(image):
    """GET /health on port 8000 answers 200."""
    with image.start(publish=PORT, volumes={"health": "/data"}) as api:
        api.http("/health").expect(status=200, json_has={"status": "ok"})
    return image


@exercise.check(
    serves,
    points=2,
    hint=(
        "Root is the user with the number 0, whatever it is called.",
        "The last USER of the last stage counts; comments, labels and variables do not. docker top shows all processes.",
    ),
    read="05: USER: who you are",
)
def is_not_root(image):
    """No process of the container runs as root, the server least of all."""
    with image.start(publish=PORT, volumes={"user": "/data"}) as api:
        # Once it serves: a start script may begin as root and hand over.
        api.http("/health").expect(status=200)
        api.expect_no_root(capabilities=False)
    return image


@exercise.check(
    is_not_root,
    points=4,
    hint=(
        "What did the server say when it should have written? If it wrote, is the list in the volume or elsewhere?",
        "A fresh named volume takes over what the image has at that path: files, owner and permissions. What does your "
        "image have there?",
        "The folder must exist in the image and belong to the server's user before the container starts. Changing the owner of "
        "a folder that is made later changes nothing.",
    ),
    read="A place to write",
)
def keeps_the_list(image):
    """With a fresh named volume at /data, a sighting is stored there, and a second container with that volume knows it."""
    volumes = {"list": "/data"}
    with image.start(publish=PORT, volumes=volumes) as first:
        message = "The service could not store a sighting: POST /sightings did not answer 201."
        try:
            first.http("/sightings", method="POST", json=SEEN).expect(status=201, message=message)
        except CheckFailed as error:
            raise error.but(advice=whose_folder(image)) from error
    kept = image.volume("list")
    # At its top, or in a folder of it: DATA_DIR may say so.
    path = next((one.path for one in kept.files() if one.path.endswith("/sightings.csv")), "sightings.csv")
    try:
        kept.expect(path, contains=f"{SEEN['species']},{SEEN['count']}")
    except CheckFailed as error:
        elsewhere = image.env.get("DATA_DIR", "/data")
        advice = f"Your image sets DATA_DIR to {elsewhere}: the list is kept there." if elsewhere != "/data" else ""
        raise error.but(advice=advice) from error
    with image.start(publish=PORT, volumes=volumes) as second:
        second.http("/sightings").expect(status=200, json={SEEN["species"]: SEEN["count"]})


@exercise.check(
    is_not_root,
    points=2,
    hint=(
        "We tried, as the server's user, to change app.py and to put a file beside it. Then we looked for other ways: "
        "other files that are run, and programs that would make root of the server.",
        "Copied files belong to root and can be read by everybody, unless you say otherwise. For the program, that is "
        "just right.",
        "The server needs to own only one folder. Is the program in /app, and does /app belong to root? A program that "
        "makes anybody root without a password has no place in the image.",
    ),
    read="Who runs it?",
)
def cannot_change_its_code(image):
    """The program is /app/app.py, and nothing in the container can change it or put a file beside it, by any way."""
    with image.start(publish=PORT, volumes={"code": "/data"}) as api:
        api.http("/health").expect(status=200)
        api.expect_file("/app/app.py")
        api.expect_cannot_write("/app/app.py")
        api.expect_cannot_write("/app/mischief.py")
        api.expect_cannot_change("/app")
