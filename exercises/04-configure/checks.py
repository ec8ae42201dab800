"""Settings from outside: the image's own, a file, the command line; and a token that must not end up in an image."""

import base64
import hashlib

from grader import Exercise

exercise = Exercise(title="Settings from outside", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE, RESULT = "drydock-trainer", "trained"
DEVICE, SEED = "gpu", 7
OF_THE_IMAGE = {"EPOCHS": "1", "DEVICE": "cpu", "SEED": str(SEED)}
DEVICE_OF_FILE = "tpu"
STARTS_WITHIN = 10
SETTINGS = """\
echo "EPOCHS=$EPOCHS"
echo "DEVICE=$DEVICE"
echo "SEED=$SEED"
token=${TOKEN:-$(cat "${TOKEN_FILE:-/run/secrets/token}" 2>/dev/null)}
if [ "$token" ]; then echo "token: $(printf %s "$token" | sha256sum | cut -c 1-8)"; else echo "token: none"; fi
"""
FILES = {
    "start": f"#!/bin/sh\n{SETTINGS}trap 'exit 0' TERM\nsleep 1000000 &\nwait\n",
    "bin/train": "#!/bin/sh\nmkdir -p /model\n"
    'echo "weights: $EPOCHS epochs on $DEVICE, seed $SEED" >/model/weights\ncat /model/weights\n',
}


def token_of(facts):
    """The secret."""
    return facts.word("token", 16)


def epochs_of(facts):
    """What stands in the settings.env of the checks; it is not what stands in the learner's."""
    return facts.number("epochs", 30, 90)


def fingerprint(token):
    return hashlib.sha256(token.encode()).hexdigest()[:8]


@exercise.setup
def situation(setup):
    """There is an image drydock-trainer, and a container vault that has a token of yours in its file /token."""
    variables = (f"ENV {name}={value}" for name, value in OF_THE_IMAGE.items())
    setup.image(IMAGE, FILES, 'CMD ["/start"]', *variables)
    setup.docker("create", "--name", "vault", "busybox")
    setup.put("vault", {"token": token_of(setup.facts) + "\n"})


@exercise.check(
    points=1,
    hint=("This program runs until somebody ends it. Which option of docker run gives the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    epochs = epochs_of(work.facts)
    stage = work.run_script(
        setup=situation,
        seconds=SECONDS,
        files={"settings.env": f"# Of the checks.\nEPOCHS={epochs}\nDEVICE={DEVICE_OF_FILE}\n"},
    )
    stage.epochs, stage.token = epochs, token_of(work.facts)
    return stage


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker logs trainer shows its settings. What you have typed stays the same whatever the file says.",
        "The file beats the image, and a value on the command line beats the file. What nobody names stays as in the image.",
    ),
    read="Who wins?",
)
def settings_come_from_where_they_should(stage):
    """The container trainer runs with EPOCHS from settings.env, DEVICE=gpu whatever that file says, and SEED from the image."""
    said = settings_of(stage)
    wanted = {"EPOCHS": str(stage.epochs), "DEVICE": DEVICE, "SEED": str(SEED)}
    sources = {"EPOCHS": "settings.env", "DEVICE": "your commands", "SEED": "the image"}
    if wrong := [name for name, value in wanted.items() if said.get(name) != value]:
        raise stage.failed(
            f"The program in trainer has another {' and another '.join(wrong)} than it should have.",
            expected="; ".join(f"{name}={wanted[name]}, from {sources[name]}" for name in wrong),
            found="; ".join(whence(name, said.get(name, "")) for name in wrong),
            advice="Quotes in an env-file are a part of the value."
            if any('"' in said.get(name, "") or "'" in said.get(name, "") for name in wrong)
            else ""
            if wrong == ["SEED"]
            else f"The checks have put a settings.env of their own there: EPOCHS={stage.epochs}, DEVICE={DEVICE_OF_FILE}.",
        )


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker logs trainer shows the fingerprint of the token that it has got, or none.",
        "It takes the token from a file that is mounted at /run/secrets/token, or from the variable TOKEN.",
        "A file of a container can be copied out, to the folder in which your commands run.",
    ),
    read="Why a password in the environment is not a secret",
)
def the_token_arrives(stage):
    """The program in trainer has got the token from the vault."""
    said, wanted = settings_of(stage).get("token", "none"), fingerprint(stage.token)
    if said != wanted:
        none = said == "none"
        raise stage.failed(
            f"The program in trainer has got {'no token' if none else 'another token than that of the vault'}.",
            expected=f"the token of the container vault, which has the fingerprint {wanted}",
            found="no token" if none else f"a token with the fingerprint {said}",
            advice=stage.advice() or (why_no_token if none else why_another_token)(stage),
        )


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "We ran the image and looked for /model/weights. In which container did you train, and when did you make the image?",
        "What a container has written can be kept as an image. A new name for the old image does not bring anything into it.",
    ),
    read="03: You will still see…",
)
def the_image_has_the_model(stage):
    """There is an image trained, and the file /model/weights is in it."""
    stage.image(RESULT)
    weights = stage.image_file(RESULT, "/model/weights")
    if weights is None or not weights.startswith("weights:"):
        raise stage.failed(
            f"The image {RESULT} has no model in it.",
            expected="a file /model/weights in it, as train writes it",
            found="no such file" if weights is None else weights.strip()[-200:] or "an empty file",
            advice=stage.advice() or why_no_model(stage),
        )
    return stage


@exercise.check(
    the_image_has_the_model,
    points=3,
    hint=(
        "We saved the image into an archive, and searched all of it for the token: settings, history and every layer.",
        "An image that is made of a container gets the container's files, and its variables as well.",
        "What is mounted does not belong to the container. And whoever has the token need not be the one who trains.",
    ),
    read="Why a password in the environment is not a secret",
)
def the_image_has_no_token(stage):
    """The token is nowhere in the image trained: not in its settings, not in its history, not in any layer."""
    if stage.image_holds(RESULT, stage.token, encoded(stage.token)):
        place, advice = where_the_token_is(stage)
        raise stage.failed(
            f"The token is in the image {RESULT}: whoever gets the image has it.",
            expected="an image without the token",
            found=f"the token, {place}",
            advice=advice,
        )


def encoded(token):
    """The token in base64, as far as that does not depend on what comes behind it."""
    return base64.b64encode(token.encode()[: len(token) // 3 * 3]).decode()


def settings_of(stage):
    """What the program in trainer wrote when it started: name → value."""
    trainer = stage.container("trainer").expect_running().expect_from(IMAGE).expect_log("token:", within=STARTS_WITHIN)
    lines = [line.replace(": ", "=", 1).partition("=") for line in trainer.logs().splitlines()]
    return {name.strip(): value.strip() for name, _, value in lines}


def where_the_token_is(stage):
    """In which part of the image the token is, and what to make of that."""
    if stage.token in stage.docker("image", "inspect", "--format", "{{json .Config.Env}}", RESULT).stdout:
        return "in a variable of the image", "An image that is made of a container gets the container's variables, too."
    if stage.token in stage.docker("image", "inspect", "--format", "{{json .Config}}", RESULT).stdout:
        return "in the image's settings, a label perhaps", "docker inspect shows an image's settings to everybody who has it."
    if stage.token in stage.docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", RESULT).stdout:
        return "in the image's history", "docker history shows what a build was told, to everybody who has the image."
    look = 'find / -xdev -type f -exec grep -l -F -e "$0" {} +'
    files = stage.docker("run", "--rm", "--entrypoint", "sh", RESULT, "-c", look, stage.token).stdout.split()
    if files:
        return (
            f"in its file {files[0][:100]}",
            "What is copied into a container becomes a part of it, and of an image made of it.",
        )
    if not stage.image_holds(RESULT, stage.token):
        return "in base64", "Base64 is no lock: whoever has it can turn it back."
    # Some engines keep the variables of the container that an image was made of, even those that the image has no more.
    return "below what can be seen, in a lower layer or in what it was made of", (
        "A file that a later step removes is still in the layer that had it."
    )


def whence(name, value):
    """A setting that is not what it should be, and where it seems to come from."""
    if value == OF_THE_IMAGE[name]:
        return f"{name}={value}, as in the image"
    if name == "DEVICE" and value == DEVICE_OF_FILE:
        return f"{name}={value}, as in settings.env"
    return f"{name}={value}" if value else f"no {name}"


def why_no_token(stage):
    """What is where the program looks for its token."""
    place = stage.container("trainer").exec("sh", "-c", 'ls -d "${TOKEN_FILE:-/run/secrets/token}/"', user="0")
    if place.exit_code == 0:
        return "Where the program looks for the file there is a folder: -v makes one where your path leads to nothing."
    return ""


def why_another_token(stage):
    """What the program has got in place of the token."""
    variables = stage.container("trainer").about["Config"]["Env"]
    if any(one.startswith("TOKEN=") and "/" in one for one in variables):
        return "The variable TOKEN is the token itself, and there is a path in it."
    return "The token is different for everybody."


def why_no_model(stage):
    """Why the model is not in the image, where that can be seen."""
    trained, base = (stage.inspect("image", name) for name in (RESULT, IMAGE))
    if trained and base and trained["Id"] == base["Id"]:
        return f"It is the image {IMAGE} under another name."
    trainer = stage.inspect("container", "trainer")
    if trainer and any(one["Destination"] == "/model" for one in trainer["Mounts"]):
        return "What is written into a mounted folder or volume does not belong to the container, and not to its image."
    return ""
