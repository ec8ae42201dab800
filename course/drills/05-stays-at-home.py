"""What the builder never gets to see."""

from grader import Drill

drill = Drill(
    title="Stays at home",
    place=4,
    task="""The Dockerfile in `{folder}` copies the whole folder. Leave it, and all other files, as they are.
Add one file: what is in `data`, and the password in `.env`, must not get into the image. `serve.sh` must.
Build the image `{app}`, and start a container `{box}` from it, in the background.""",
    draws={"app": "name", "box": "name", "word": "word"},
    files={
        "Dockerfile": 'FROM busybox\nWORKDIR /app\nCOPY . .\nCMD ["/app/serve.sh"]\n',
        "serve.sh": "#!/bin/sh\nexec sleep 600\n",
        ".env": "PASSWORD={word}\n",
        "data/penguins.csv": "Adelie,39,18,190,3700\n",
    },
)


@drill.check
def it_runs(lab):
    """{box} is running, from {app}."""
    lab.container("box").expect_from("app").expect_running()


@drill.check
def nothing_private_is_inside(lab):
    """In its folder /app there is no .env, and nothing of data."""
    lab.container("box").expect_no_file("/app/.env").expect_no_file("/app/data")


@drill.check
def nothing_was_deleted_afterwards(lab):
    """The Dockerfile is as it was: WORKDIR and COPY make two layers on top of busybox."""
    lab.image("app").expect_layers_above("busybox", 2)


drill.answer(
    "cd {folder}",
    "printf 'data\\n.env\\n' > .dockerignore",
    "docker build -t {app} . && docker run -d --name {box} {app}",
)
drill.answer(
    "cd {folder}",
    "printf '*\\n!serve.sh\\n' > Dockerfile.dockerignore",
    "docker buildx build --load -t {app} . && docker run -d --name {box} {app}",
)
drill.mistake(
    "thought of the data only",
    "cd {folder}",
    "echo data > .dockerignore",
    "docker build -t {app} . && docker run -d --name {box} {app}",
    says="In the container {box} there is /app/.env.",
)
drill.mistake(
    "deleted them in the image",
    "cd {folder}",
    "sed -i '3a RUN rm -r .env data' Dockerfile",
    "docker build -t {app} . && docker run -d --name {box} {app}",
    says="The image {app} has 3 layers on top of busybox, and not 2.",
)
drill.mistake(
    "ignored all",
    "cd {folder}",
    "echo '*' > .dockerignore",
    "docker build -t {app} . && docker run -d --name {box} {app}",
    says='The container {box} is not running: it could not be started, "/app/serve.sh":'
    " stat /app/serve.sh: no such file or directory.",
)
