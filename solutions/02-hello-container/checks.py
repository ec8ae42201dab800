"""A first container that stays, and one that ends well."""

from grader import Exercise

exercise = Exercise(title="Hello, container", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 30


@exercise.check(
    points=1,
    hint=(
        "Two containers are asked for: one ends by itself, the other does not. Which of them may your commands wait for?",
        "docker run has an option with which it starts a container and comes back at once.",
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
        "Is there a container of that name at all? And did its program have anything to do that takes time?",
        "Which program runs in it when you name none? A shell without a terminal has nothing to read, and ends at once.",
        "Give it a program that waits for a very long time, and let the container run in the background.",
    ),
    read="In the background",
)
def keeper_keeps_running(sandbox):
    """A container called keeper runs, and still does four seconds after its start."""
    sandbox.container("keeper").expect_running(for_seconds=4)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker ps shows what runs. Another option of it shows what has ended, too. Is hello there, and what does it say?",
        "An option of docker run removes the container as soon as it ends. Here it must stay, for us to look at it.",
        "The exit code of a container is that of its program: 0 when all went well.",
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
        "The names of the others are above. Where do they come from?",
        "You need not make a container to try something out; and one that has ended can be removed.",
    ),
    read="Hello",
)
def nothing_else_is_left(sandbox):
    """No other container is left."""
    sandbox.expect_only_containers("keeper", "hello")
