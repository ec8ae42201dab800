"""A container's log is there even when nobody watched."""

from grader import Drill

drill = Drill(
    title="What it said",
    place=3,
    task="""The container `{messenger}` has ended, and before that it wrote a name. Find out which.
Then start a container of that name from busybox, in the background, with `sleep 600`.""",
    draws={"messenger": "name", "secret": "name"},
    begins_with=(
        "run --detach --name {messenger} busybox sh -c 'echo The name is {secret}.; sleep 1'",
        "wait {messenger}",
    ),
)


@drill.check
def it_runs(lab):
    """A container with the name that {messenger} wrote is running."""
    lab.container("secret", called="the name that {messenger} wrote").expect_running()


drill.answer("docker run -d --name $(docker logs {messenger} | grep -o 'ch[0-9a-z-]*') busybox sleep 600")
drill.mistake(
    "named it after the messenger",
    "docker run -d --name {messenger}-2 busybox sleep 600",
    says="No container has the name that {messenger} wrote; your new one is called {messenger}-2.",
)
