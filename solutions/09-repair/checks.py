"""A compose file of years ago: brought up to date, and everything that it did still done."""

from random import SystemRandom

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="A compose file of years ago",
    learner_files=("docker-compose.yml", ".env"),
    limits=Limits(memory=512 * MB, pids=128, build_seconds=240, start_seconds=45),
)

CHANCE = SystemRandom()
PORT = 8000
# app.py waits up to 30 seconds for a database that is starting before it answers 503.
PATIENCE = 45.0
PENGUIN = {"bill_length_mm": 46.8, "bill_depth_mm": 14.9, "flipper_length_mm": 219.0}


@exercise.check(
    points=2,
    hint=(
        "Run docker compose config -q. What it prints are the warnings, one in a line.",
        "One is about a line that Compose has no use for any more. The others are about variables: where in the file does "
        "Compose see one, and did you mean one there?",
        "A dollar begins a variable. Chapter 09 says how to write a dollar that stays one, and how a variable gets a value "
        "for those who set none.",
    ),
    read="09: Values from outside",
)
def reads_without_warnings(work):
    """Compose reads the file without a warning, also where nobody has set any variable."""
    work.compose_file().expect_no_warnings()


@exercise.check(
    points=1,
    hint=(
        "Did Compose refuse the file, or did a service end? Its last words are in the log.",
        "The services keep their names: api and db. In YAML, depth is meaning.",
    ),
    read="09: You will still see…",
)
def starts(work):
    """Both services, api and db, start with docker compose up, and are still running five seconds later."""
    station = f"station {CHANCE.randrange(1000, 10000)}"
    stack = work.compose(variables={"STATION": station})  # up when the API's own health check says so
    for name in ("db", "api"):
        stack.service(name).expect_running(for_seconds=5)
    return stack


@exercise.check(
    starts,
    points=2,
    hint=(
        "Where does the API get its station from, and how does the value get there?",
        "STATION=Dream docker compose up -d has to go on working, without a change in any file.",
    ),
    read="09: Values from outside",
)
def takes_its_station(stack):
    """The API answers GET /health on a published port, for the station that STATION names when the stack is started."""
    stack.http("api", "/health", port=PORT).expect(
        status=200,
        json_has={"status": "ok", "station": stack.variables["STATION"]},
        message="The stack was started with another value of STATION, and the API does not know it.",
    )


@exercise.check(
    starts,
    points=3,
    hint=(
        "The API's log says what it tried. Is there a container of that name?",
        "docker-compose made names with underscores, and today's Compose makes them with hyphens. What a service can always "
        "be reached by is another name, which is yours.",
        "Password and user stand in two places. Does the same arrive in both? docker compose config shows it.",
    ),
    read="09: One file instead of five commands",
)
def reads_what_it_wrote(stack):
    """A prediction that was made is in the list of predictions, and in the database of the service db."""
    made = _predict(stack)
    _listed(stack, made)
    _stored(stack, made)
    return stack


@exercise.check(
    reads_what_it_wrote,
    points=2,
    hint=(
        "The old file kept the data. What in it did that?",
        "Two places belong together: the list of volumes at the bottom, and what the database mounts.",
    ),
    read="09: Stop, or take down",
)
def keeps_the_data(stack):
    """The predictions are still there after docker compose down and up."""
    made = _predict(stack)
    stack.down()
    stack.up()
    _listed(stack, made)
    _stored(stack, made)


@exercise.check(
    reads_what_it_wrote,
    points=2,
    hint=(
        "We ended the main process of a service, as a crash does. Who starts it again?",
        "Compare what the old file says of each service with what yours says.",
    ),
    read="03: When a container ends: --restart",
)
def comes_back(stack):
    """A service that crashes is started again, the API and the database alike."""
    made = _predict(stack)
    for name in ("db", "api"):
        stack.kill(name)
    stack.expect_recovers("api", "/predictions", port=PORT, within=PATIENCE).expect(contains=str(made))


def _predict(stack):
    """Ask for the species of a penguin that nobody has asked for before."""
    penguin = PENGUIN | {"body_mass_g": round(CHANCE.uniform(4800, 5600), 3)}
    answer = stack.http("api", "/predict", port=PORT, method="POST", json=penguin, timeout=PATIENCE)
    answer.expect(
        status=200,
        json_has={"species": "Gentoo"},
        message="A prediction cannot be stored: POST /predict does not answer 200.",
    )
    return penguin["body_mass_g"]


def _listed(stack, mass):
    answer = stack.http("api", "/predictions", port=PORT, timeout=PATIENCE)
    answer.expect(status=200, contains=str(mass), message="A prediction that was made is not in the list of predictions.")


def _stored(stack, mass):
    stack.database("db", known_to={"api": "DATABASE_URL"}).expect_row(
        "predictions",
        {"body_mass_g": mass},
        message="The prediction is in the list of predictions, and not in the database of the service db.",
    )
