"""The life of a container: created, running, stopped, started again, removed."""

from grader import Exercise

exercise = Exercise(title="The life of a container", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
# Ends as soon as it is asked to (SIGTERM), and says goodbye; a killed one does not.
WAITS = 'trap "echo goodbye; exit 0" TERM; echo ready; while :; do sleep 1 & wait $!; done'


def page_of(word):
    """What stands in the diary: another word each time."""
    return f"Dear diary, the word of the day is {word}.\n"


@exercise.setup
def situation(setup):
    """There are four containers: diary is stopped, server and draft are running, relic ended long ago."""
    setup.docker("create", "--name", "diary", "busybox", "sh", "-c", WAITS)
    setup.put("diary", {"page": page_of(setup.draw("page"))})
    setup.docker("start", "diary")
    setup.docker("run", "--detach", "--name", "server", "busybox", "sh", "-c", WAITS)
    setup.docker("run", "--detach", "--name", "draft", "busybox", "sh", "-c", WAITS)
    setup.docker("run", "--name", "relic", "busybox", "true")
    setup.docker("stop", "diary")


@exercise.check(
    points=1,
    hint=(
        "The command named above stays attached to a container, and that container does not end by itself.",
        "Is there an option that makes the command stay? Without it, the command starts the container and returns.",
    ),
    read="Part two: containers",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "Is diary there, is it running, and is its page in it? A stopped container keeps its files; a removed one does not.",
        "A new container with the same name is not the old one. And some commands remove more than you might expect.",
        "There is a command that is to a stopped container what docker stop is to a running one.",
    ),
    read="Part two: containers",
)
def diary_runs_with_its_page(sandbox):
    """The container diary is running again, and its file /page says what it said before."""
    sandbox.container("diary").expect_running(for_seconds=1).expect_file("/page", page_of(sandbox.drawn["page"]))


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "There are two ways to end a running container from outside: one asks it to end and gives it time, one does not ask.",
        "A container that was asked says goodbye in its log. And it must still be there at the end, stopped.",
    ),
    read="Part two: containers",
)
def server_has_stopped_in_good_order(sandbox):
    """The container server has shut down cleanly: it said goodbye, ended with exit code 0, and is still there."""
    sandbox.container("server").expect_not_new().expect_exited(0).expect_log("goodbye")


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker ps --all lists running and stopped containers. Which one is still there, and what did Docker say about it?",
        "A running container has to be stopped before it can be removed, unless you insist.",
    ),
    read="Part two: containers",
)
def draft_and_relic_are_gone(sandbox):
    """The containers draft and relic are gone."""
    for name in ("draft", "relic"):
        sandbox.expect_gone("container", name)


@exercise.check(
    comes_to_an_end,
    points=2,
    hint=(
        "docker ps --all shows the state of spare. There is a word for a container that was never started.",
        "docker run does two things: it creates a container and starts it. Each of them also has a command of its own.",
    ),
    read="Part two: containers",
)
def spare_was_never_started(sandbox):
    """There is a container spare, from busybox, that was created but never started."""
    sandbox.container("spare").expect_from("busybox").expect_never_started()
