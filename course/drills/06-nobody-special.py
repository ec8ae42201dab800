"""A service that is not root, and may write where it must."""

from grader import Drill

drill = Drill(
    title="Nobody special",
    place=2,
    task="""The program in `{folder}` writes to `/data/log`, as root. Change the Dockerfile so that user 10001 does.
Build the image `{app}`, and start `{box}` from it, in the background, with a new volume `{data}` at `/data`.""",
    draws={"app": "name", "box": "name", "data": "name"},
    files={
        "Dockerfile": 'FROM busybox\nCOPY log.sh /\nCMD ["/log.sh"]\n',
        "log.sh": "#!/bin/sh\nwhile :; do date >> /data/log || exit 1; sleep 1; done\n",
    },
)


@drill.check
def it_runs(lab):
    """{box} is running, from {app}, with the volume {data} at /data."""
    lab.container("box").expect_from("app").expect_mount("/data", volume="data").expect_running(for_seconds=2)


@drill.check
def it_is_not_root(lab):
    """No process in it is root's, and what it writes belongs to user 10001."""
    lab.container("box").expect_not_root().expect_owner("/data/log", 10001)


drill.answer(
    "cd {folder}",
    "printf 'RUN mkdir /data && chown 10001 /data\\nUSER 10001\\n' >> Dockerfile",
    "docker build -t {app} .",
    "docker run -d --name {box} -v {data}:/data {app}",
)
drill.answer(
    "cd {folder}",
    "echo 'RUN mkdir /data && chown 10001:10001 /data' >> Dockerfile",
    "docker buildx build --load -t {app} .",
    "docker run -d --name {box} --user 10001:10001 --mount type=volume,src={data},dst=/data {app}",
)
drill.mistake(
    "left it to root",
    "cd {folder}",
    "docker build -t {app} . && docker run -d --name {box} -v {data}:/data {app}",
    says="In the container {box}, “/bin/sh /log.sh” runs as root.",
)
drill.mistake(
    "changed the user, and thought of no folder",
    "cd {folder}",
    "echo 'USER 10001' >> Dockerfile",
    "docker build -t {app} . && docker run -d --name {box} -v {data}:/data {app}",
    says="The container {box} is not running: its program “/log.sh” has ended with exit code 1.",
)
drill.mistake(
    "took another user's number",
    "cd {folder}",
    "printf 'RUN mkdir /data && chown 1000 /data\\nUSER 1000\\n' >> Dockerfile",
    "docker build -t {app} . && docker run -d --name {box} -v {data}:/data {app}",
    says="In the container {box}, /data/log belongs to user 1000, and not to 10001.",
)
