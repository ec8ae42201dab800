"""A second container of the same service."""

from grader import Drill

drill = Drill(
    title="Two of a kind",
    place=3,
    task="""The project `{stack}` is running, with one container of its service `worker`; its `compose.yaml` is in `{folder}`.
Let Compose run two containers of that service. The first one must stay.""",
    draws={"stack": "name"},
    files={
        "compose.yaml": """\
name: {stack}

services:
  worker:
    image: busybox
    command: sleep 600
    stop_grace_period: 1s
"""
    },
    begins_with=("compose --file {folder}/compose.yaml up --detach",),
)


@drill.check
def the_second_is_there(lab):
    """A second container of worker is running."""
    lab.container("{stack}-worker-2").expect_of("stack", "worker").expect_running()


@drill.check
def the_first_goes_on(lab):
    """The first one is still running."""
    lab.container("{stack}-worker-1").expect_not_new().expect_running()


drill.answer("cd {folder}", "docker compose up -d --scale worker=2")
drill.answer("cd {folder}", "docker compose scale worker=2")
drill.mistake(
    "wrote a second service",
    "cd {folder}",
    "printf '  worker2:\\n    image: busybox\\n    command: sleep 600\\n' >> compose.yaml",
    "docker compose up -d",
    says="There is no container {stack}-worker-2; your new one is called {stack}-worker2-1.",
)
drill.mistake(
    "started it by hand",
    "docker run -d --name {stack}-worker-2 --network {stack}_default busybox sleep 600",
    says="The container {stack}-worker-2 is not one of the service worker of the project {stack}: Compose did not make it.",
)
drill.mistake(
    "used run",
    "cd {folder}",
    "docker compose run -d --name {stack}-worker-2 worker",
    says="The container {stack}-worker-2 is not one of the service worker of the project {stack}: docker compose run made it.",
)
