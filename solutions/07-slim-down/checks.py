"""A small image: what nobody needs is not in it, what is needed is in it once, and everything still works."""

from hashlib import sha256
from secrets import randbelow, token_bytes

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="A smaller image",
    learner_files=("Dockerfile", ".dockerignore"),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=240, start_seconds=20),
)

PORT = 8000
# The base image takes about 125 MB and the model 60 MB. What is left is for other ways to do it, such as a virtual environment.
# Each of the things that should go takes 60 MB or more, and so does the whole model in two layers.
SIZE = 230 * MB
# The base image's own layers are far above; a file of the model in two layers is below. dive sees files: a folder that is
# deleted or moved as a whole it does not count, and there the size tells.
EFFICIENCY = 0.9

# What make_files.py has packed, and what prepare.py makes of it.
MODEL = {
    "weights.bin": "78c95748a376ec16010b2250aa64539f896ae528850762c6bf6bc0899d69af4e",
    "index.bin": "be76c06ed4a32632bcde44e3c2e76fd869055a95acd0cb6c4ecaaeb58b4ae264",
}
WEIGHTS = "**/model/weights.bin"
BEAKS = [round(30 + randbelow(300) / 10, 1) for _ in range(3)]


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says: it is usually about a file name.",
        "Two of your files decide what a step can see: the Dockerfile, and the one that keeps things out of the build.",
    ),
    read="05: .dockerignore: what stays at home",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=3,
    hint=(
        "Something that the service needs is missing. Its answer, or its log, says what.",
        "It needs both files of the model, its package, and a folder log beside app.py that its user can write to.",
    ),
    read="What paid off?",
)
def works(image):
    """Nothing is lost: the service answers on port 8000, has both files of the model, and writes its log."""
    with image.start(publish=PORT) as api:
        api.http("/health").expect(status=200, json_has={"status": "ok"})
        api.http("/model").expect(status=200, json=MODEL)
        average = round(sum(BEAKS) / len(BEAKS), 2)
        asked = f"/average/{'/'.join(map(str, BEAKS))}"
        api.http(asked).expect(status=200, json={"average": average})
        writes_its_log(image, api, asked)
    reads_its_model(image)
    return image


def writes_its_log(image, api, asked):
    """What was asked stands in the file log/asked.txt beside the program."""
    for one in image.files("**/app.py")[-1:]:
        api.expect_file(
            f"/{one.path.rpartition('app.py')[0]}log/asked.txt", contains=asked, message="The service has not written its log."
        )


def reads_its_model(image):
    """With other weights in their place, their checksum is another one."""
    weights = token_bytes(1000)
    changed = {f"/{one.path}": weights for one in image.files(WEIGHTS) if not image.is_deleted(one)}
    with image.start(publish=PORT, files=changed) as api:
        api.http("/model").expect(
            status=200,
            json_has={"weights.bin": sha256(weights).hexdigest()},
            message="We replaced the model's weights, and the service does not tell the checksum of the new ones.",
        )


@exercise.check(
    works,
    points=1,
    hint=(
        "The starter's server did not run as root. Does yours?",
        "An image's user, environment and command are not files. Copying its files does not copy them.",
    ),
    read="05: USER: who you are",
)
def is_not_root(image):
    """The service does not run as root, as before."""
    with image.start(publish=PORT) as api:
        # Once it serves: a start script may begin as root and hand over.
        api.http("/health").expect(status=200)
        api.expect_no_root()


@exercise.check(
    builds,
    points=4,
    hint=(
        "Look at the steps that add most. Does the service need what they add?",
        "Nobody will train a model or open a notebook in this container. And a cache is of no use to a program that "
        "never runs again.",
        "Deleting a file makes no earlier layer smaller. Delete it in the step that made it, or make it in another "
        "stage. And a step that changes the owner of files, or moves them, stores them again.",
    ),
    read="What paid off?",
)
def is_small(image):
    """The image is at most 230 MB."""
    image.expect_size(at_most=SIZE)


@exercise.check(
    builds,
    points=3,
    hint=(
        "The list names files that take up room in several layers. Which instructions touch them?",
        "A change of the owner or of the permissions stores the whole file a second time.",
        "Files that are only read need not belong to the user. For the others, set the owner in the step that copies or "
        "makes them.",
    ),
    read="Fewer layers: what it does, and what it does not",
)
def wastes_nothing(image):
    """The layers are efficient to at least 90%, as dive measures it: few files are in several layers."""
    image.expect_efficient(at_least=EFFICIENCY)
