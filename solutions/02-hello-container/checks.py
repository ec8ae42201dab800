"""A first container that stays, and one that ends well."""

from grader import Exercise

exercise = Exercise(title="Hello, container", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 30


@exercise.check(
    points=1,
    hint=(
        "There are two containers: one ends by itself, the other does not. Which of them may your commands wait for?",
        "docker run has an option that starts a container and returns at once.",
    ),
    read="In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "Is there a container of that name at all? And does its program have something to do that takes time?",
        "Which program runs in it if you name none? A shell that has nothing to read ends at once.",
        "Give it a program that waits for a very long time, and let the container run in the background.",
    ),
    read="In the background",
)
def keeper_keeps_running(sandbox):
    """A container called keeper is running, and still is four seconds after its start."""
    sandbox.container("keeper").expect_running(for_seconds=4)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker ps shows what is running; one of its options also shows what has ended. Is hello there, and with which status?",
        "One option of docker run removes the container as soon as it ends. Here it must stay.",
        "The exit code of a container is that of its program: 0 means success.",
    ),
    read="Hello",
)
def hello_has_ended(sandbox):
    """A container called hello has written hello and ended with exit code 0."""
    sandbox.container("hello").expect_exited(0).expect_log("hello")
    return sandbox


@exercise.check(
    hello_has_ended,
    points=1,
    hint=(
        "The names of the others are listed above. Which command made them?",
        "Remove a container that you only made to try something, or let it go by itself when it ends.",
    ),
    read="Hello",
)
def nothing_else_is_left(sandbox):
    """No other container is left."""
    sandbox.expect_only_containers("keeper", "hello")
