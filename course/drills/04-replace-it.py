"""A container is replaced, and its data stays."""

from grader import Drill

drill = Drill(
    title="Replace it",
    place=3,
    task="""The container `{store}` has written `/data/row` into the volume `{data}`, which it has at `/data`.
Replace it: remove it, and start a new container of the same name from busybox with `sleep 600`.
The new one must find the row where the old one wrote it.""",
    draws={"store": "name", "data": "name", "word": "word"},
    begins_with=(
        "run --detach --name {store} --volume {data}:/data busybox sh -c 'echo {word} > /data/row; sleep 3600'",
        "exec {store} sh -c 'until test -s /data/row; do sleep 0.1; done'",
    ),
)


@drill.check
def it_is_a_new_one(lab):
    """{store} is a new container, and running."""
    lab.container("store").expect_new().expect_running()


@drill.check
def the_row_is_there(lab):
    """It has the volume {data} at /data, with the row in it."""
    lab.container("store").expect_new().expect_mount("/data", volume="data").expect_file("/data/row", "word")


drill.answer("docker rm -f {store}", "docker run -d --name {store} -v {data}:/data busybox sleep 600")
drill.mistake(
    "removed the volume as well",
    "docker rm -f {store} && docker volume rm {data}",
    "docker run -d --name {store} -v {data}:/data busybox sleep 600",
    says="The container {store} has no file /data/row.",
)
drill.mistake(
    "mounted it somewhere else",
    "docker rm -f {store}",
    "docker run -d --name {store} -v {data}:/srv busybox sleep 600",
    says="The container {store} has nothing mounted at /data: it has the volume {data} at /srv.",
)
drill.mistake(
    "forgot the volume",
    "docker rm -f {store}",
    "docker run -d --name {store} busybox sleep 600",
    says="The container {store} has nothing mounted at /data: nothing is mounted in it.",
)
