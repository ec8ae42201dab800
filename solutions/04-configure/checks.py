"""Settings from outside: the image's own, a file, the command line; and a token that must not end up in an image."""

import hashlib
import secrets

from grader import Exercise

exercise = Exercise(title="Settings from outside", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE, RESULT = "drydock-trainer", "trained"
DEVICE = "gpu"
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
}
# What train writes ends in what only this image's program knows.
TRAIN = """\
#!/bin/sh
mkdir -p /model
echo "weights: $EPOCHS epochs on $DEVICE, seed $SEED: {weights}" >/model/weights
cat /model/weights
"""


def seed_of(word):
    """A number of an image's own, by a word that was drawn."""
    return str(int.from_bytes(word.encode()) % 9000 + 1000)


def fingerprint(token):
    """What the program shows of the token."""
    return hashlib.sha256(token.encode()).hexdigest()[:8]


@exercise.setup
def situation(setup):
    """There is an image drydock-trainer, and a container vault that has a token of yours in its file /token."""
    files = {**FILES, "bin/train": TRAIN.format(weights=setup.draw("weights"))}
    variables = ("ENV EPOCHS=1", "ENV DEVICE=cpu", f"ENV SEED={seed_of(setup.draw('seed'))}")
    setup.image(IMAGE, files, 'CMD ["/start"]', *variables)
    setup.docker("create", "--name", "vault", "busybox")
    setup.put("vault", {"token": setup.draw("token", 16) + "\n"})


@exercise.check(
    points=1,
    hint=("This program runs until somebody stops it. Which option of docker run gives you the prompt back at once?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    # Drawn each time: what stood there the last time is of no use.
    settings = f"# Of the checks.\nEPOCHS={30 + secrets.randbelow(60)}\nDEVICE={DEVICE_OF_FILE}\n"
    return work.run_script(setup=situation, seconds=SECONDS, files={"settings.env": settings})


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker logs trainer shows its settings. What you type stays the same whatever the file says.",
        "The file beats the image, and a value on the command line beats the file. What neither sets stays as in the image.",
    ),
    read="Who wins?",
)
def settings_come_from_where_they_should(sandbox):
    """The container trainer runs with EPOCHS from settings.env, DEVICE=gpu whatever that file says, and SEED from the image."""
    file = dict(line.split("=") for line in sandbox.put["settings.env"].splitlines()[1:])
    trainer_of(sandbox).expect_runs("/start").expect_env(
        {"EPOCHS": file["EPOCHS"], "DEVICE": DEVICE, "SEED": seed_of(sandbox.drawn["seed"])},
        files={"settings.env": file},
        advice="The checks put a settings.env of their own there, with different values from yours.",
    )


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker logs trainer shows the fingerprint of the token that it got, or none.",
        "It takes the token from a file that is mounted at /run/secrets/token, or from the variable TOKEN.",
        "A file can be copied out of a container, into the folder in which your commands run.",
    ),
    read="Why a password in the environment is not a secret",
)
def the_token_arrives(sandbox):
    """The program in trainer got the token from the vault."""
    trainer, token = trainer_of(sandbox), sandbox.drawn["token"]
    # The last that it says counts: whoever writes a line of their own in front of it has not given it a token.
    trainer.said().expect(
        matches=rf"token: {fingerprint(token)}(?![\s\S]*token: )",
        message="The program in trainer did not get the vault's token.",
        expected="the fingerprint of the token that is in the container vault",
        advice=why_no_token(trainer),
    )
    env = trainer.expect_runs("/start").env
    if env.get("TOKEN"):
        trainer.expect_runs("/start").expect_env({"TOKEN": token}, files={})
    else:
        trainer.expect_file(env.get("TOKEN_FILE", "/run/secrets/token"), token)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "We ran the image and looked for /model/weights. In which container did you train, and when did you make the image?",
        "What a container has written can be kept as an image. A new name for the old image adds nothing to it.",
    ),
    read="Keep what a container made: docker commit",
)
def the_image_has_the_model(sandbox):
    """There is an image trained, and the file /model/weights is in it."""
    weights = rf"weights: \d+ epochs on \S+, seed \d+: {sandbox.drawn['weights']}"
    sandbox.image(RESULT).expect_file("/model/weights", matches=weights, what="a model as train writes it")
    return sandbox


@exercise.check(
    the_image_has_the_model,
    points=3,
    hint=(
        "We saved the image to an archive, and searched all of it for the token: settings, history and every layer.",
        "An image made from a container gets the container's files, and its variables as well.",
        "What is mounted does not get into the image. And the container that has the token need not be the one that trains.",
    ),
    read="Why a password in the environment is not a secret",
)
def the_image_has_no_token(sandbox):
    """The token is nowhere in the image trained: not in its settings, not in its history, not in any layer."""
    sandbox.image(RESULT).expect_nowhere(sandbox.drawn["token"], "the token")


def trainer_of(sandbox):
    """The container trainer, in which the image's own program has started."""
    trainer = sandbox.container("trainer").expect_running().expect_from(IMAGE).expect_log("token:", within=STARTS_WITHIN)
    trainer.expect_file("/start", FILES["start"]).expect_runs("/start")
    return trainer


def why_no_token(trainer):
    """What the program has got in place of the token, by what is where it looks."""
    env = trainer.expect_runs("/start").env
    if "token: none" in trainer.said().output:
        if trainer.exec("test", "-d", env.get("TOKEN_FILE", "/run/secrets/token"), user="0").exit_code == 0:
            return "Where the program looks for the file, there is a folder: -v creates one when your path does not exist."
        return "It got no token."
    if "/" in env.get("TOKEN", ""):
        return "The variable TOKEN should hold the token itself, and it holds a path."
    return "It got a different one. The token in the vault is different each time."
