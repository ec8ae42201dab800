"""Shared memory of a container's own."""

from grader import Drill

drill = Drill(
    title="Room to share",
    place=3,
    task="""A data loader needs {size} MB of shared memory; a container has 64 MB of it.
Start a container called `{loader}` from busybox, with `sleep 600`, that has as much, for itself alone.""",
    draws={"loader": "name", "size": ("128", "256", "512")},
)


@drill.check
def it_has_the_memory(lab):
    """{loader} is running, and has {size} MB of shared memory of its own."""
    lab.container("loader").expect_running().expect_shared_memory(int(lab.drawn["size"]) << 20)


drill.answer("docker run -d --name {loader} --shm-size={size}m busybox sleep 600")
drill.answer(
    "docker create --name {loader} --shm-size $(({size} * 1024 * 1024)) --ipc private busybox sleep 600",
    "docker start {loader}",
)
drill.mistake(
    "gave it memory of the other kind",
    "docker run -d --name {loader} --memory {size}m busybox sleep 600",
    says="The container {loader} has 64 MB of shared memory, and not {size} MB.",
)
drill.mistake(
    "followed a README",
    "docker run -d --name {loader} --ipc=host busybox sleep 600",
    says="The container {loader} uses the shared memory of the host.",
)
