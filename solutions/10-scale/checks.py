"""Three servers behind a proxy: all are asked, and one may go."""

from grader import MB, Exercise, Limits

exercise = Exercise(
    title="Three of a kind",
    learner_files=("compose.yaml", "nginx.conf"),
    limits=Limits(memory=128 * MB, pids=64, build_seconds=180, start_seconds=45),
)

PENGUIN = {"bill_length_mm": 46.8, "flipper_length_mm": 219.0}
CONTAINERS = 3
# Each container gets some of so many.
BEFORE = 40
# Enough to be under way when a container ends, and to go on behind it.
BEHIND = 60


@exercise.check(
    points=2,
    hint=(
        "What in your file can belong to one container only? If all of them start: what does the proxy say in its log?",
        "Names of containers and ports of the host are unique. The stack itself needs neither: it goes by the service's name.",
    ),
    read="09: Two projects, one engine",
)
def starts(work):
    """Three containers of api and one of proxy start with docker compose up --scale api=3; the proxy passes requests on."""
    stack = work.compose(scale={"api": CONTAINERS})
    stack.http("proxy", "/health").expect(
        status=200, json={"status": "ok"}, message="The proxy answers, and not with what the API says."
    )
    _predict(stack).expect(status=200, json_has={"species": "Gentoo"})
    return stack


@exercise.check(
    starts,
    points=3,
    hint=(
        "Three containers run. Does the name that the proxy asks for lead to all of them, and does it take turns?",
        "The service's name stands for the addresses of all its containers. nginx goes round among them, unless it is told "
        "to choose in another way. The answers name their container by its host name.",
    ),
    read="09: Two projects, one engine",
)
def all_three_answer(stack):
    """Requests to the proxy are answered by all three containers of api."""
    with stack.traffic("proxy", "/predict", method="POST", json=PENGUIN) as traffic:
        traffic.go_on(BEFORE)
    traffic.expect_none_lost(message="Requests to the proxy were lost, although all containers of api run.")
    traffic.expect_reached(stack.service("api"), message="Not all containers of api answer requests to the proxy.")
    return stack


@exercise.check(
    all_three_answer,
    points=3,
    hint=(
        "A container ended while it worked on a request. Who could ask another one?",
        "nginx asks the next server when one fails. But not for every method: who sends a POST twice may buy twice. "
        "Is that so for a prediction?",
        "The documentation of nginx lists, under proxy_next_upstream, in which cases it asks the next server.",
    ),
    read="09: Two projects, one engine",
)
def none_is_lost(stack):
    """One container of api is killed while requests go on, and not one request is lost."""
    with stack.traffic("proxy", "/predict", method="POST", json=PENGUIN) as traffic:
        traffic.go_on(BEFORE)
        stack.kill("api")
        traffic.go_on(BEHIND)
    traffic.expect_none_lost(message="A container of api was killed, and requests were lost.")


@exercise.check(
    starts,
    points=1,
    hint=(
        "Who may ask the API without asking the proxy?",
        "Whoever goes to one container by its own port is turned away when that one is gone.",
    ),
    read="09: What up makes",
)
def only_the_proxy_is_published(stack):
    """The API publishes no port: clients go through the proxy."""
    stack.expect_not_published("api")


def _predict(stack):
    return stack.http("proxy", "/predict", method="POST", json=PENGUIN)
