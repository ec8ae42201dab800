"""A database that is slow to start, and one that is killed: the API waits, and comes back."""

from random import uniform

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="Wait for it",
    learner_files=("compose.yaml",),
    limits=Limits(memory=512 * MB, pids=128, build_seconds=240, start_seconds=120),
)

# On top of what its first start takes by itself; likewise each time that it is started again.
SLOWER_SECONDS = 3
PENGUIN = {"bill_length_mm": 46.8, "bill_depth_mm": 14.9, "flipper_length_mm": 219.0}
# The engine starts a service again after a pause that grows with each vain attempt, up to a minute.
RECOVERS_WITHIN = 90.0


@exercise.check(
    points=3,
    hint=(
        "Which of the two gave up, and what was the other one doing at that moment?",
        "A container that runs is not a database that answers. Compose can wait for more than a start, if somebody tells it "
        "how to find out.",
        "While the image prepares a new database, it answers at its socket already, and only there. Ask where the API asks, "
        "and with patience for a slow machine.",
    ),
    read="10: Started, or ready?",
)
def starts(work):
    """The stack comes up with a slow database, and a prediction can be stored."""
    stack = work.compose(delay={"db": SLOWER_SECONDS})
    for name in ("db", "api"):
        stack.service(name).expect_running()
    mass = round(uniform(4800, 5600), 3)  # noqa: S311 - it only has to be a new one
    stack.http("api", "/predict", port=8000, method="POST", json=PENGUIN | {"body_mass_g": mass}).expect(
        status=200, json_has={"species": "Gentoo"}
    )
    return stack, mass


@exercise.check(
    starts,
    points=2,
    hint=(
        "How many times was the API started until it found its database?",
        "A restart policy is for accidents. At the first start nothing has gone wrong yet: somebody was only too early.",
    ),
    read="10: Started, or ready?",
)
def waits_for_it(made):
    """The API is started when its database is ready, and not again and again until it is."""
    stack, _ = made
    try:
        stack.service("api").expect_never_restarted(
            message="The API was started before its database was ready, and had to be restarted."
        )
    except CheckFailed as error:
        health = stack.health("db")
        when = "has no health check" if health == "none" else f"has a health check, which says {health}"
        raise error.but(found=f"{error.finding.found}; db {when}") from error
    return made


@exercise.check(
    waits_for_it,
    points=3,
    hint=(
        "Which of your services are still running? docker compose ps --all tells.",
        "What depends_on says holds when compose starts the stack. When a service ends later, nobody is there but the engine, "
        "and it goes by each service's restart policy.",
    ),
    read="10: Started, or ready?",
)
def recovers(made):
    """The database is killed; a while later the API lists the old predictions again, and nobody has typed a command."""
    stack, mass = made
    stack.kill("db")
    try:
        stack.expect_recovers(
            "api",
            "/predictions",
            contains=str(mass),
            within=RECOVERS_WITHIN,
            message="The database was killed, and the API has not listed the old predictions again since.",
        )
    except CheckFailed as error:
        states = ", ".join(f"{name} {'runs' if stack.service(name).state.running else 'has ended'}" for name in ("db", "api"))
        raise error.but(found=f"{states}; {error.finding.found}") from error
