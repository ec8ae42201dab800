"""A project is taken down, and its data is there again."""

from grader import Drill

drill = Drill(
    title="Down and up again",
    place=4,
    task="""The project `{stack}` is running; its `compose.yaml` is in `{folder}`.
Its service `store` keeps a word in the file `/data/word`, on a volume. Take the whole project down, and bring it up again.
The word must be there as before.""",
    draws={"stack": "name", "word": "word"},
    files={
        "compose.yaml": """\
name: {stack}

services:
  store:
    image: busybox
    command: sleep 600
    stop_grace_period: 1s
    volumes:
      - rows:/data

volumes:
  rows:
"""
    },
    begins_with=(
        "compose --file {folder}/compose.yaml up --detach",
        "compose --file {folder}/compose.yaml exec --no-tty store sh -c 'echo {word} > /data/word'",
    ),
)


@drill.check
def it_is_a_new_one(lab):
    """The container of store is a new one, and running."""
    lab.container("{stack}-store-1").expect_of("stack", "store").expect_new().expect_running()


@drill.check
def the_word_is_there(lab):
    """It has the volume at /data, and the word in /data/word."""
    lab.container("{stack}-store-1").expect_new().expect_mount("/data", volume="{stack}_rows").expect_file("/data/word", "word")


drill.answer("cd {folder}", "docker compose down", "docker compose up -d")
drill.answer("docker compose -p {stack} down", "docker compose -f {folder}/compose.yaml up -d --wait")
drill.mistake(
    "took the volume down, too",
    "cd {folder}",
    "docker compose down --volumes",
    "docker compose up -d",
    says="The container {stack}-store-1 has no file /data/word.",
)
drill.mistake(
    "cut the volume out of the file",
    "cd {folder}",
    "docker compose down",
    "sed -i '/rows/d; /volumes:/d' compose.yaml",
    "docker compose up -d",
    says="The container {stack}-store-1 has nothing mounted at /data: nothing is mounted in it.",
)
