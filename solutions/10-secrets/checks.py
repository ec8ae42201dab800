"""A token that only the service which needs it can read."""

from secrets import token_hex

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="Keep a secret",
    learner_files=("compose.yaml", "Dockerfile", ".dockerignore"),
    limits=Limits(memory=256 * MB, pids=64, build_seconds=180, start_seconds=45),
)

PENGUIN = {"bill_length_mm": 46.8, "flipper_length_mm": 219.0}
FILE = "token.txt"
WHAT = "the token"
# Anything shorter stands somewhere in an image by chance.
TELLING = 8


@exercise.check(
    points=2,
    hint=(
        "Did a service stop? Its last words are in the log. If all of them run: which token does the API go by?",
        "A secret has to be named twice in a compose file: at the top, where it says where the value comes from, and in each "
        "service that may read it. Look at where it stands in the container then, and at the settings in app.py.",
    ),
    read="09: Values from outside",
)
def works(work):
    """Both services start; the API takes requests that have the token, and refuses those that have none or another one."""
    trial, new = work.text(FILE).strip(), f"penguin-{token_hex(12)}"
    stack = work.with_files({FILE: f"{new}\n"}).compose()
    stack.http("page", "/").expect(status=200, contains="Which penguin")
    for headers in ({}, {"Authorization": f"Bearer not-{new}"}):
        _predict(stack, headers).expect(
            status=401, message="The API answers a request that does not have the right token with something else than 401."
        )
    right = {"Authorization": f"Bearer {new}"}
    old = _predict(stack, {"Authorization": f"Bearer {trial}"}).status == 200  # another check says what that means
    if not old:
        _predict(stack, right).expect(
            status=200, json_has={"species": "Gentoo"}, message="The API refuses a request that has the token of token.txt."
        )
    tokens = [one for one in (trial, new) if len(one) >= TELLING]
    return stack, tokens, right


@exercise.check(
    works,
    points=2,
    hint=(
        "In how many of your files does the token stand? The API takes an old one.",
        "Whoever changes the token should have one file to change. Everything else names that file.",
    ),
    read="09: Values from outside",
)
def reads_the_file(made):
    """The token comes from token.txt: with another one in that file, the API goes by the other one."""
    stack, _, right = made
    _predict(stack, right).expect(
        status=200,
        message="While we grade, token.txt holds another token than before; the API still goes by the old one.",
    )


@exercise.check(
    works,
    points=2,
    hint=(
        "Which files does the build copy?",
        "A file that is copied and deleted in a later step is still in the layer of the first. It must not reach the build.",
    ),
    read="05: .dockerignore: what stays at home",
)
def is_not_in_the_image(made):
    """The token is in no layer of the image, and neither in its history nor in its settings."""
    stack, tokens, _ = made
    for image in stack.images:
        image.expect_nowhere(tokens, what=WHAT)


@exercise.check(
    works,
    points=2,
    hint=(
        "Everybody who may use this engine can ask docker inspect. What does it print of your API?",
        "The environment of a process is handed on to all that it starts, and ends up in crash reports. The API can read a "
        "file instead: app.py says which setting names it.",
    ),
    read="04: Why a password in the environment is not a secret",
)
def is_not_shown(made):
    """The token is not in what docker inspect prints, and no process has it in its environment or on its command line."""
    stack, tokens, _ = made
    stack.expect_not_shown(tokens, what=WHAT)


@exercise.check(
    works,
    points=1,
    hint=(
        "Read the log of your API after a request.",
        "What a program says of a request at its most talkative level is meant for its author's own machine.",
    ),
    read="09: Look inside",
)
def is_not_in_the_log(made):
    """The token is not in what the services write to their logs."""
    stack, tokens, _ = made
    stack.expect_not_logged(tokens, what=WHAT)


@exercise.check(
    works,
    points=2,
    hint=(
        "What can the service page see of your folder?",
        "Mount what a service needs, and hand a secret to those services that use it.",
    ),
    read="04: A folder of yours: bind mount",
)
def only_the_api_has_it(made):
    """No other service than the API has a file with the token in it."""
    stack, tokens, _ = made
    for name, service in stack.services.items():
        if name != "api":
            service.expect_nowhere(tokens, what=WHAT)


def _predict(stack, headers):
    return stack.http("api", "/predict", port=8000, method="POST", json=PENGUIN, headers=headers)
