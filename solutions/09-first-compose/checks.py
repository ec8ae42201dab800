"""An API and its database: two services that find each other, and data that outlives them."""

import re
from random import uniform

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="An API and its database",
    learner_files=("compose.yaml",),
    limits=Limits(memory=512 * MB, pids=128, build_seconds=240, start_seconds=45),
)

PORT = 8000
# app.py waits up to 30 seconds for a database that is starting before it answers 503.
PATIENCE = 45.0

PENGUIN = {"bill_length_mm": 46.8, "bill_depth_mm": 14.9, "flipper_length_mm": 219.0}


@exercise.check(
    points=2,
    hint=(
        "Did docker compose complain about the file, or did a service stop after its start? Its last words are in the log.",
        "The two services have fixed names in this exercise. Each needs to know something before it will run: the API where "
        "its database is, the database what its password shall be.",
        "In YAML, depth is meaning: services stand below services:, settings below their service, and settings of one "
        "kind are either all a list or all pairs.",
    ),
    read="09: One file instead of five commands",
)
def starts(work):
    """Both services, api and db, start with docker compose up and are still running five seconds later."""
    stack = work.compose()  # up when the API's own health check says so: it has found its settings then
    for name in ("db", "api"):
        stack.service(name).expect_running(for_seconds=5)
    return stack


@exercise.check(
    starts,
    points=2,
    hint=(
        "The API runs, but nobody outside can reach it. What does your file say about its ports?",
        "Inside its container the API listens on port 8000. One entry joins a port of your machine with a port of the "
        "container; which of the two numbers stands where?",
    ),
    read="04: One port",
)
def api_is_published(stack):
    """The API answers GET /health on a port of your machine."""
    _ask(stack, "/health").expect(status=200, json_has={"status": "ok"})
    return stack


@exercise.check(
    api_is_published,
    points=2,
    hint=(
        "The API answers, but not with your data. Its answer, or its log, says what the database said.",
        "To the API, localhost is the API's own container. On a compose network, every service has a name that others reach "
        "it by, at the port that it has inside.",
        "User, password and database name stand in two places. Compare them letter by letter.",
    ),
    read="09: One file instead of five commands",
)
def reads_what_it_wrote(stack):
    """A prediction that was made is in the list of predictions: the API reads from the database what it wrote there."""
    made = _predict(stack)
    _expect_listed(stack, made, "A prediction was made, and the list of predictions does not have it.")
    database = stack.database("db", known_to={"api": "DATABASE_URL"})
    try:
        database.expect_row(
            "predictions",
            {"body_mass_g": made},
            message="The prediction is in the list of predictions, and not in the database of the service db.",
        )
    except CheckFailed as error:
        named = re.search(r"@([^:/]+)", stack.service("api").setting("DATABASE_URL"))
        raise error.but(found=error.finding.found + (f"; DATABASE_URL names the host {named[1]}" if named else "")) from error
    put = _penguin()
    database.add_row("predictions", {"species": "Gentoo", **put})
    _expect_listed(
        stack, put["body_mass_g"], "A prediction that the database holds is not in the list: the API lists something else."
    )
    return stack


@exercise.check(
    reads_what_it_wrote,
    points=3,
    hint=(
        "Where was the old prediction kept?",
        "A container's own files go when the container goes. So do volumes that nobody has given a name: the next container "
        "gets a new one.",
        "PostgreSQL keeps its data in one directory; the image's documentation names it. The volume must be mounted exactly "
        "there, in the service that writes the data.",
    ),
    read="09: Stop, or take down",
)
def keeps_the_data(stack):
    """The data outlives the containers: it is still there after docker compose down and docker compose up."""
    made = _predict(stack)
    stack.down()
    stack.up()
    lost = "After docker compose down and up, the list of predictions does not have the old ones any more."
    try:
        _expect_listed(stack, made, lost)
    except CheckFailed as error:
        raise error.but(found=f"{error.finding.found}; {_mounted(stack)}") from error
    # A list can be kept elsewhere, too.
    stack.database("db", known_to={"api": "DATABASE_URL"}).expect_row(
        "predictions",
        {"body_mass_g": made},
        message="After docker compose down and up, the old predictions are in the list, and db does not have them.",
    )
    _expect_listed(stack, _predict(stack), "After docker compose down and up, a new prediction is not in the list.")


@exercise.check(
    starts,
    points=1,
    hint=(
        "The database can be reached from outside the stack. Who needs that?",
        "Services of one stack reach each other on every port, published or not. Publishing is for visitors from outside.",
    ),
    read="09: What up makes",
)
def db_is_private(stack):
    """The database is not published: only the stack's own services can reach it."""
    stack.database("db").expect_private()


def _penguin():
    return PENGUIN | {"body_mass_g": round(uniform(4800, 5600), 3)}  # noqa: S311 - it only has to be a new one


def _ask(stack, path, **request):
    """Ask the API where it is published: by itself, or by a service that passes on to it what it is asked."""
    for name, service in stack.services.items():
        if name in {"api", "db"} or PORT in stack.service("api").host.doors():
            continue
        for port in service.doors():
            try:
                stack.http(name, "/health", port=port).expect(status=200, json={"status": "ok"})
            except CheckFailed:
                continue
            return stack.http(name, path, port=port, **request)
    return stack.http("api", path, port=PORT, **request)


def _predict(stack):
    """Ask for the species of a penguin that nobody has asked for before."""
    penguin = _penguin()
    answer = _ask(stack, "/predict", method="POST", json=penguin, timeout=PATIENCE)
    try:
        answer.expect(
            status=200,
            json_has={"species": "Gentoo"},
            message="A prediction cannot be stored: POST /predict does not answer 200.",
        )
    except CheckFailed as error:
        # To its clients, a database does not say which of the two is wrong, the name or the password.
        unknown = re.search(r'Role "[^"]+" does not exist', stack.logs("db"))
        raise error.but(advice=f"The log of db says why: {unknown[0]}." if unknown else "") from error
    return penguin["body_mass_g"]


def _expect_listed(stack, mass, message):
    answer = _ask(stack, "/predictions", timeout=PATIENCE)
    answer.expect(status=200, contains=str(mass), message=message)


def _mounted(stack):
    """What the new containers have mounted: where a database keeps its files says why they are gone."""
    return "; ".join(f"{name} has {' and '.join(one.mounts) or 'nothing'} mounted" for name, one in stack.services.items())
