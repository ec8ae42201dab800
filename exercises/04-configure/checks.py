"""Settings from outside: the image's own, a file, the command line; and a token that must not end up in an image."""

import hashlib

from grader import Exercise

exercise = Exercise(title="Settings from outside", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE, RESULT = "drydock-trainer", "trained"
DEVICE, SEED = "gpu", 7
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


@exercise.prepare
def situation(bench):
    """There is an image drydock-trainer, and a container vault that has a token of yours in its file /token."""
    bench.image(IMAGE, FILES, 'CMD ["/start"]', "ENV EPOCHS=1", "ENV DEVICE=cpu", f"ENV SEED={SEED}")
    bench.docker("create", "--name", "vault", "busybox")
    bench.put("vault", {"token": token_of(bench.facts) + "\n"})


@exercise.check(
    points=1,
    hint=(
        "Look at the last command in what you see above: it did not come back.",
        "A container that keeps running belongs in the background.",
    ),
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    epochs = epochs_of(work.facts)
    stage = work.play(
        prepare=situation, seconds=SECONDS, files={"settings.env": f"# Of the checks.\nEPOCHS={epochs}\nDEVICE=tpu\n"}
    )
    stage.epochs, stage.token = epochs, token_of(work.facts)
    return stage


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker logs trainer shows its settings. Which of them came from where?",
        "The checks have put another settings.env beside your commands, with other values. What you have typed stays the same.",
        "The file beats the image, and a value on the command line beats the file. What nobody names stays as in the image.",
    ),
)
def settings_come_from_where_they_should(stage):
    """The container trainer runs with EPOCHS from settings.env, DEVICE=gpu whatever that file says, and SEED from the image."""
    said = settings_of(stage)
    wanted = {"EPOCHS": str(stage.epochs), "DEVICE": DEVICE, "SEED": str(SEED)}
    sources = {"EPOCHS": "settings.env", "DEVICE": "your commands", "SEED": "the image"}
    if wrong := [name for name, value in wanted.items() if said.get(name) != value]:
        raise stage.failed(
            f"The program sees another {' and '.join(wrong)} than it should.",
            expected="; ".join(f"{name}={wanted[name]} (from {sources[name]})" for name in wrong),
            found="; ".join(f"{name}={said.get(name, '')}" for name in wrong),
            advice=f"The checks have put a settings.env of their own there: EPOCHS={stage.epochs} and DEVICE=tpu.",
        )


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker logs trainer shows the fingerprint of the token that it has got, or none.",
        "It takes the token from a file that is mounted at /run/secrets/token, or from the variable TOKEN.",
        "A file of a container can be copied out. If the program finds a folder where the file should be: -v makes missing "
        "folders.",
    ),
)
def the_token_arrives(stage):
    """The program in trainer has got the token from the vault."""
    said, wanted = settings_of(stage).get("token", "none"), fingerprint(stage.token)
    if said != wanted:
        raise stage.failed(
            "The program has got no token." if said == "none" else "The program has got another token than that of the vault.",
            expected=f"token: {wanted}",
            found=f"token: {said}",
            advice=""
            if said == "none"
            else "The token is different for everybody; a line break at its end does no harm in a file.",
        )


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "We ran the image and looked for /model/weights. In which container did you train, and when did you make the image?",
        "What a container has written can be kept as an image. A new name for the old image does not bring anything into it.",
    ),
)
def the_image_has_the_model(stage):
    """There is an image trained, and the file /model/weights is in it."""
    stage.image(RESULT)
    weights = stage.docker("run", "--rm", "--entrypoint", "cat", RESULT, "/model/weights")
    if weights.exit_code != 0 or not weights.stdout.startswith("weights:"):
        raise stage.failed(
            f"The image {RESULT} has no model in it.",
            expected="a file /model/weights, as train writes it",
            found=weights.output.strip()[-200:] or "an empty file",
            advice="What is written into a mounted folder or volume does not belong to the container, and not to its image.",
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
)
def the_image_has_no_token(stage):
    """The token is nowhere in the image trained: not in its settings, not in its history, not in any layer."""
    if stage.image_holds(RESULT, stage.token):
        variables = stage.docker("image", "inspect", "--format", "{{json .Config.Env}}", RESULT).stdout
        # Some engines keep the variables of the container that an image was made of, even those that the image has no more.
        place = "in a variable of the image" if stage.token in variables else "in a layer, its history, or what it was made of"
        raise stage.failed(
            f"The token is in the image {RESULT}: whoever gets the image has it.",
            expected="an image without the token",
            found=f"the token, {place}",
        )


def settings_of(stage):
    """What the program in trainer wrote when it started: name → value."""
    trainer = stage.container("trainer").expect_running().expect_log("token:", within=STARTS_WITHIN)
    lines = [line.replace(": ", "=", 1).partition("=") for line in trainer.logs().splitlines()]
    return {name.strip(): value.strip() for name, _, value in lines}
