"""An API, its database and its cache: one is kept, the other may be lost at any time."""

from random import uniform

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="A stack for a model",
    learner_files=("compose.yaml",),
    limits=Limits(memory=512 * MB, pids=128, build_seconds=240, start_seconds=100),
)

PORT = 8000
# app.py waits up to 30 seconds for a database that is starting before it answers 503.
PATIENCE = 45.0
PENGUIN = {"bill_length_mm": 46.8, "bill_depth_mm": 14.9, "flipper_length_mm": 219.0}
COMES_BACK_WITHIN = 60.0


@exercise.check(
    points=2,
    hint=(
        "Did a service stop? Its last words are in the log. Or is there a service that has another name?",
        "All three services have fixed names in this exercise, and each reads its settings from its environment.",
    ),
    read="09: One file instead of five commands",
)
def starts(work):
    """Three services, api, db and cache, start with docker compose up, and the API answers on a port of your machine."""
    stack = work.compose()
    for name in ("db", "cache", "api"):
        stack.service(name).expect_running(for_seconds=3)
    stack.http("api", "/health", port=PORT).expect(status=200, json={"status": "ok"})
    return stack


@exercise.check(
    starts,
    points=2,
    hint=(
        "What does the API answer to a prediction, and what does its log say?",
        "User, password, host and database stand in two places. Compare them letter by letter.",
    ),
    read="09: One file instead of five commands",
)
def stores_each_prediction(stack):
    """Each prediction is a row in the database of the service db."""
    mass = _predict(stack, _penguin())["body_mass_g"]
    stack.database("db", known_to={"api": "DATABASE_URL"}).expect_row(
        "predictions", {"body_mass_g": mass}, message="A prediction was made, and the database of db does not have it."
    )
    return stack


@exercise.check(
    stores_each_prediction,
    points=2,
    hint=(
        "GET /cache says whether the API finds its cache. What does its log say?",
        "The API has a setting for the address of its cache. To the API, localhost is its own container.",
    ),
    read="09: One file instead of five commands",
)
def answers_from_the_cache(stack):
    """The second prediction for the same penguin comes from the cache."""
    penguin = _penguin()
    _predict(stack, penguin, cached=False)
    try:
        _predict(stack, penguin, cached=True)
    except CheckFailed as error:
        said = [line.partition("penguins: ")[2] for line in stack.logs("api").splitlines() if "penguins: " in line]
        raise error.but(found=error.finding.found + (f"; the log of api: {said[-1]}" if said else "")) from error
    return stack


@exercise.check(
    answers_from_the_cache,
    points=2,
    hint=(
        "The cache was killed. Is the API still there, and is the cache there again?",
        "The API goes on without a cache by itself, as long as nothing else ties the two together. And somebody has to start "
        "the cache again: nobody types a command at night.",
    ),
    read="10: What may be lost, and what not",
)
def loss_of_the_cache_is_harmless(stack):
    """The cache is killed: predictions are answered all the same, and a while later they come from the cache again."""
    stack.kill("cache")
    _predict(stack, _penguin())
    stack.expect_recovers(
        "api",
        "/cache",
        port=PORT,
        contains="there",
        within=COMES_BACK_WITHIN,
        message="The cache was killed, and the API has not found it again since.",
    )
    penguin = _penguin()
    _predict(stack, penguin)
    _predict(stack, penguin, cached=True)


@exercise.check(
    stores_each_prediction,
    points=2,
    hint=(
        "Which of the three services has something that must not be lost?",
        "A volume needs a name, so that the next container finds it. And it belongs where the database keeps its data.",
    ),
    read="09: Stop, or take down",
)
def survives_down_and_up(stack):
    """After docker compose down and up, the old predictions are still listed, and new ones can be made."""
    mass = _predict(stack, _penguin())["body_mass_g"]
    stack.down()
    stack.up()
    try:
        stack.http("api", "/predictions", port=PORT, timeout=PATIENCE).expect(
            status=200, contains=str(mass), message="After docker compose down and up, the old predictions are gone."
        )
    except CheckFailed as error:
        mounted = "; ".join(
            f"{name} has {' and '.join(one.mounts) or 'nothing'} mounted" for name, one in stack.services.items()
        )
        raise error.but(found=f"{error.finding.found}; {mounted}") from error
    _predict(stack, _penguin())


@exercise.check(
    starts,
    points=1,
    hint=(
        "Who outside the stack needs the database or the cache?",
        "Services of one stack reach each other on every port, published or not.",
    ),
    read="09: What up makes",
)
def only_the_api_is_published(stack):
    """Neither the database nor the cache can be reached from outside the stack."""
    stack.database("db").expect_private()
    stack.expect_not_published("cache")


def _penguin():
    return PENGUIN | {"body_mass_g": round(uniform(4800, 5600), 3)}  # noqa: S311 - it only has to be a new one


def _predict(stack, penguin, *, cached=None):
    wanted = {"species": "Gentoo"} | ({} if cached is None else {"cached": cached})
    answer = stack.http("api", "/predict", port=PORT, method="POST", json=penguin, timeout=PATIENCE)
    answer.expect(status=200, message="POST /predict does not answer 200.")
    return answer.expect(
        json_has=wanted, message="The same penguin was asked for twice, and the model had to think twice." if cached else ""
    ).json()
