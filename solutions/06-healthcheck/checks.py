"""A health check that tells the truth."""

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="A health check that tells the truth",
    learner_files=("Dockerfile", ".dockerignore", "healthcheck.py", "healthcheck.sh"),
    limits=Limits(memory=256 * MB, pids=128, build_seconds=180, start_seconds=20),
)

PORT = 8000
# What the engine takes for an option that is not given.
DEFAULT_SECONDS, DEFAULT_RETRIES = 30, 3
LATEST_SECONDS = 600
# The grader asks every half second, waits five for an answer and three times. The rest is for a slow machine.
PATIENCE_SECONDS = 60
AS_IT_IS = "Leave app.py as it is, and let nothing but POST /trouble make it work again."


def expect_trouble(api, how):
    """The service itself is in trouble now, seen from outside."""
    message = "We made trouble with POST /trouble, and /health answers as if there were none."
    try:
        answer = api.http("/health", timeout=3)
    except CheckFailed:
        if how == "hang":
            return
        raise
    if how == "hang":
        raise CheckFailed(message, expected="no answer", found=f"status {answer.status}", advice=AS_IT_IS)
    try:
        answer.expect(status=500, message=message)
    except CheckFailed as error:
        raise error.but(advice=AS_IT_IS) from error


def get_well_and_fall_ill(image, how, trouble):
    """A healthy container must become unhealthy, and healthy again."""
    with image.start(publish=PORT) as api:
        api.expect_healthy()
        api.http("/trouble", method="POST", json={"how": how}).expect(status=200)
        expect_trouble(api, how)
        api.expect_unhealthy(within=PATIENCE_SECONDS, message=f"{trouble}, and the container did not become unhealthy.")
        api.http("/trouble", method="POST", json={"how": "none"}).expect(status=200)
        again = "/health answers 200 again, but the container did not become healthy."
        api.expect_healthy(within=PATIENCE_SECONDS, message=again)


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says: it is usually about a file name.",
        "COPY sees only the folder that you build in, and only the names that exist there.",
    ),
    read="05: COPY and ADD: bringing files in",
)
def builds(work):
    """The image builds."""
    return work.build()


@exercise.check(
    builds,
    points=1,
    hint=(
        "The service does not answer. What does the container's log say?",
        "CMD says what the container runs. The health check is another instruction, and its own CMD is part of it.",
    ),
    read="05: CMD and ENTRYPOINT: what starts",
)
def serves(image):
    """GET /health on port 8000 answers 200."""
    with image.start(publish=PORT) as api:
        api.http("/health").expect(status=200, json_has={"status": "ok"})
    return image


@exercise.check(
    serves,
    points=2,
    hint=(
        "What did the last run of the health check print? It runs inside the container, with what is in the image.",
        "A slim image has neither curl nor wget, and Python has no requests unless somebody installs it. What else can ask for "
        "a page?",
        "There is one health check: the last one, in the last stage. It asks the port on which the service listens inside. "
        "Some programs take localhost for ::1, where this service does not listen; 127.0.0.1 is the same for all of them.",
    ),
    read="Is it healthy?",
)
def is_healthy(image):
    """While the service works, the container is healthy."""
    with image.start(publish=PORT) as api:
        api.http("/health").expect(status=200)
        api.expect_healthy()
    return image


@exercise.check(
    is_healthy,
    points=3,
    hint=(
        "Did the health check's exit status change when the answer did?",
        "Not every answer is a good answer. What does your check do with the status?",
        "Let the health check end with 1 when the status is not the one that you expect.",
    ),
    read="Is it healthy?",
)
def notices_an_error(image):
    """When /health answers 500, the container becomes unhealthy; when it answers 200 again, healthy."""
    get_well_and_fall_ill(image, "error", "/health answered 500")


@exercise.check(
    is_healthy,
    points=3,
    hint=(
        "/health accepted the request and never answered. Does your health check ask it at all, and how long does it wait?",
        "An open port or a running process is not an answer. And no answer within a few seconds must count as a bad one.",
    ),
    read="Is it healthy?",
)
def notices_a_hang(image):
    """When /health does not answer any more, the container becomes unhealthy; when it does again, healthy."""
    get_well_and_fall_ill(image, "hang", "/health did not answer any more")


@exercise.check(
    is_healthy,
    points=1,
    hint=(
        "How long can it take until a broken service counts as unhealthy? Each of the retries waits for the interval, and then "
        "up to the time-out.",
        "Without any options it is three minutes: 3 x (30 s + 30 s). Which of your values is so long?",
    ),
    read="Is it healthy?",
)
def notices_in_time(image):
    """With the options of the image, a broken service counts as unhealthy after at most ten minutes."""
    own = image.config.healthcheck
    interval, timeout = own.interval_s or DEFAULT_SECONDS, own.timeout_s or DEFAULT_SECONDS
    retries = own.retries or DEFAULT_RETRIES
    longest = retries * (interval + timeout)
    usual = {"interval": DEFAULT_SECONDS, "time-out": DEFAULT_SECONDS, "number of retries": DEFAULT_RETRIES}
    shares = {name: value / usual[name] for name, value in zip(usual, (interval, timeout, retries), strict=True)}
    if longest > LATEST_SECONDS:
        raise CheckFailed(
            "Your health check notices too late that something is wrong.",
            expected=f"after at most {LATEST_SECONDS} s",
            found=f"after up to {longest:.0f} s: {retries} times an interval of {interval:g} s and a time-out of {timeout:g} s",
            advice=f"What makes most of it is the {max(shares, key=shares.__getitem__)}.",
        )
