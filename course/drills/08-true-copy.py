"""A volume is copied, owners and all."""

from grader import Drill

drill = Drill(
    title="A true copy",
    place=4,
    task="""`{old}` has the volume `{data}` at `/data`. Copy all that is in it, with its owners, into a new volume `{copy}`.
Then start `{new}` from busybox with `sleep 600`; it must have the copy at `/data`.""",
    draws={"old": "name", "new": "name", "data": "name", "copy": "name", "word": "word"},
    begins_with=(
        "run --detach --name {old} --volume {data}:/data --workdir /data busybox sh -c"
        ' "mkdir notes && echo {word} > notes/private.txt && chmod 600 notes/private.txt && chown -R 10001:10001 notes'
        ' && date > rows.csv && touch .hidden && exec sleep 3600"',
        'exec {old} sh -c "until test -e /data/.hidden; do sleep 0.1; done"',
    ),
)


@drill.check
def it_has_the_copy(lab):
    """{new} is running, with the volume {copy} at /data."""
    lab.container("new").expect_running().expect_mount("/data", volume="copy")


@drill.check
def nothing_differs(lab):
    """In /data, it has the same files as {old}: names, contents, permissions and owners."""
    lab.container("old").expect_not_new().expect_mount("/data", volume="data")
    lab.container("new").expect_same_files("/data", as_in="old")


drill.answer(
    "docker run --rm -v {data}:/from:ro -v {copy}:/to busybox cp -a /from/. /to/",
    "docker run -d --name {new} -v {copy}:/data busybox sleep 600",
)
drill.answer(
    "docker run -d --name {new} --mount type=volume,src={copy},dst=/data busybox sleep 600",
    "docker exec {old} tar -c -C /data . | docker exec -i {new} tar -x -C /data",
)
drill.mistake(
    "copied without the owners",
    "docker run --rm -v {data}:/from:ro -v {copy}:/to busybox cp -r /from/. /to/",
    "docker run -d --name {new} -v {copy}:/data busybox sleep 600",
    says="In the container {new}, /data/notes/private.txt belongs to 0:0, and in {old} to 10001:10001.",
)
drill.mistake(
    "forgot what begins with a dot",
    "docker run --rm -v {data}:/from:ro -v {copy}:/to busybox sh -c 'cp -a /from/* /to/'",
    "docker run -d --name {new} -v {copy}:/data busybox sleep 600",
    says="In the container {new}, /data/.hidden is missing.",
)
drill.mistake(
    "gave it the volume itself",
    "docker run -d --name {new} -v {data}:/data busybox sleep 600",
    says="At /data the container {new} has the volume {data}, and not the volume {copy}.",
)
