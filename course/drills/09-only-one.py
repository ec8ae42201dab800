"""One service gets another setting; the other one stays as it is."""

from grader import Drill

drill = Drill(
    title="Only one of them",
    place=2,
    task="""The project `{stack}` is running; its `compose.yaml` is in `{folder}`.
Set the variable `LEVEL` of the service `web` to `{word}`, and let Compose put that into effect.
The container of `db` has to stay the very same.""",
    draws={"stack": "name", "word": "word"},
    files={
        "compose.yaml": """\
name: {stack}

services:
  web:
    image: busybox
    command: sleep 600
    stop_grace_period: 1s
    environment:
      LEVEL: info

  db:
    image: busybox
    command: sleep 600
    stop_grace_period: 1s
"""
    },
    begins_with=("compose --file {folder}/compose.yaml up --detach",),
)


@drill.check
def it_has_the_variable(lab):
    """The service web is running, and its LEVEL is {word}."""
    lab.container("{stack}-web-1").expect_of("stack", "web").expect_running().expect_env("LEVEL", "word")


@drill.check
def the_other_goes_on(lab):
    """The container of db is the one that was there, and running."""
    lab.container("{stack}-db-1").expect_not_new().expect_running()


drill.answer("cd {folder}", "sed -i 's/info/{word}/' compose.yaml", "docker compose up -d")
drill.answer(
    "sed -i 's/info/${LEVEL}/' {folder}/compose.yaml", "LEVEL={word} docker compose -f {folder}/compose.yaml up -d web"
)
drill.mistake(
    "took all down first",
    "cd {folder}",
    "sed -i 's/info/{word}/' compose.yaml",
    "docker compose down && docker compose up -d",
    says="The container {stack}-db-1 is a new one, and not the one that was there at the beginning.",
)
drill.mistake(
    "misspelled the name",
    "cd {folder}",
    "sed -i 's/LEVEL: info/level: {word}/' compose.yaml",
    "docker compose up -d",
    says="The container {stack}-web-1 has no variable LEVEL.",
)
