"""The same volume in another container, which may only read it."""

from grader import Drill

drill = Drill(
    title="Look, but do not touch",
    place=2,
    task="""The container `{writer}` keeps its data in a volume called `{data}`, mounted at `/data`.
Start a second container called `{reader}` from busybox with `sleep 600`.
It must have the same volume at `/data`, and may only read it.""",
    draws={"writer": "name", "reader": "name", "data": "name"},
    begins_with=("run --detach --name {writer} --volume {data}:/data busybox sh -c 'date > /data/row; sleep 3600'",),
)


@drill.check
def it_has_the_volume(lab):
    """{reader} is running, with the volume {data} at /data, read-only."""
    lab.container("reader").expect_running().expect_mount("/data", volume="data", writable=False)


@drill.check
def the_writer_goes_on(lab):
    """{writer} is still running."""
    lab.container("writer").expect_not_new().expect_running()


drill.answer("docker run -d --name {reader} -v {data}:/data:ro busybox sleep 600")
drill.answer("docker run -d --name {reader} --mount type=volume,src={data},dst=/data,readonly busybox sleep 600")
drill.mistake(
    "forgot that it may only read",
    "docker run -d --name {reader} -v {data}:/data busybox sleep 600",
    says="The container {reader} may write to /data.",
)
drill.mistake(
    "made a volume of its own for it",
    "docker run -d --name {reader} -v {reader}:/data:ro busybox sleep 600",
    says="At /data the container {reader} has the volume {reader}, and not the volume {data}.",
)
