"""One stack, two lives: edits are live where somebody works on it, and nothing of that is left where it serves."""

from random import randrange

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="Two lives of a stack",
    learner_files=("compose.yaml", "compose.override.yaml"),
    limits=Limits(memory=128 * MB, pids=64, build_seconds=180, start_seconds=45),
)

PRODUCTION = "compose.yaml"
PROGRAM = "app.py"
LINE = 'GREETING = "Good morning, penguins!"'
UNTIL_SEEN = 30.0
# The program looks at its file five times a second.
LOOKS_SECONDS = 3


@exercise.check(
    points=2,
    hint=(
        "What did docker compose complain about, or what does the log say?",
        "Compose merges the second file into the first, service by service, by their names. docker compose config shows what "
        "comes of it.",
    ),
    read="09: Values from outside",
)
def development_starts(work):
    """With all the files that docker compose up reads by itself, the API answers on a port of your machine."""
    stack = work.compose()
    _expect_works(stack)
    return stack, work.text(PROGRAM)


@exercise.check(
    development_starts,
    points=3,
    hint=(
        "An edit needs two things: the container has to see it, and the program has to notice.",
        "Which file does the program watch, and is that your file or the one from the image? And which files does compose read "
        "if you name none?",
        "Most editors, JupyterLab's among them, save by putting a new file in the place of the old one. What is mounted then, "
        "if it was that file?",
    ),
    read="04: A folder of yours: bind mount",
)
def an_edit_is_live(made):
    """In development, an edit of app.py is live a moment after it was saved, without a build and without a command."""
    stack, program = made
    greeting = _new_greeting()
    stack.edit(PROGRAM, program.replace(LINE, f'GREETING = "{greeting}"'))
    try:
        stack.expect_recovers(
            "api",
            "/",
            contains=greeting,
            within=UNTIL_SEEN,
            message="app.py was edited, and the API still says what it said before.",
        )
    except CheckFailed as error:
        api = stack.service("api")
        mounted, command = " and ".join(api.mounts) or "nothing", " ".join(api.look().command)
        raise error.but(found=f"{error.finding.found}; it has {mounted} mounted, and runs “{command}”") from error


@exercise.check(
    points=2,
    hint=(
        "The file compose.yaml has to be a whole stack without the other one.",
        "What is left to say in production: which image, which port. What has moved to the other file that belongs here?",
    ),
    read="09: One file instead of five commands",
)
def production_starts(work):
    """With compose.yaml alone, docker compose --file compose.yaml up, the API answers on a port of your machine."""
    stack = work.compose(PRODUCTION)
    _expect_works(stack)
    return stack


@exercise.check(
    production_starts,
    points=2,
    hint=(
        "Where does the program come from that runs in production?",
        "A server has no folder of yours. All that the service needs is in its image already.",
    ),
    read="04: A folder of yours: bind mount",
)
def production_mounts_nothing(stack):
    """In production, nothing of your folder is mounted: the program comes from the image."""
    stack.expect_nothing_mounted(message="compose.yaml alone mounts something of your folder.")


@exercise.check(
    production_starts,
    points=2,
    hint=(
        "With which command is the program started in production?",
        "The image has a command of its own, and app.py says in its first lines what each way of starting it does.",
    ),
    read="09: Values from outside",
)
def production_does_not_reload(stack):
    """In production, the program does not watch its file: it runs on as it was started."""
    started = stack.http("api", "/").json()["started"]
    # Where nobody may change the file there is nothing to watch; the wait is long enough for fifteen looks.
    stack.service("api").exec("sh", "-c", f"touch /app/{PROGRAM}; sleep {LOOKS_SECONDS}", user="root")
    stack.http("api", "/").expect(
        json_has={"started": started}, message="In production, the program began again as soon as its file was touched."
    )


def _expect_works(stack):
    stack.http("api", "/species?flipper_length_mm=219&bill_length_mm=46.8", port=8000).expect(
        status=200, json={"species": "Gentoo"}
    )


def _new_greeting():
    return f"Hello {randrange(10**6, 10**7)}"  # noqa: S311 - it only has to be a new one
