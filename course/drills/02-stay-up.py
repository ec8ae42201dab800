"""A container that runs on by itself."""

from grader import Drill

drill = Drill(
    title="Stay up",
    place=1,
    task="""Start a container called `{box}` from busybox, in the background.
It must still be running when you look again: give it a program that takes its time, such as `sleep 600`.""",
    draws={"box": "name"},
)


@drill.check
def it_runs(lab):
    """The container {box} is running."""
    lab.container("box").expect_running(for_seconds=2)


drill.answer("docker run -d --name {box} busybox sleep 600")
drill.answer("docker create --name {box} busybox sleep 600", "docker start {box}")
drill.mistake(
    "gave it no program of its own",
    "docker run -d --name {box} busybox",
    says="The container {box} is not running: its program “sh” has ended with exit code 0."
    " A container runs as long as its program.",
)
drill.mistake(
    "gave it another name",
    "docker run -d --name {box}-2 busybox sleep 600",
    says="There is no container {box}; your new one is called {box}-2.",
)
