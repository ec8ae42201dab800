"""A service whose health check asks at the wrong port."""

from grader import Drill

drill = Drill(
    title="Healthy",
    place=1,
    task="""The file `compose.yaml` in `{folder}` describes the project `{stack}`. Its web server listens on port 8000.
Bring the project up, and see to it that `web` becomes healthy: something in its health check is not right.""",
    draws={"stack": "name"},
    files={
        "compose.yaml": """\
name: {stack}

services:
  web:
    image: busybox
    command: sh -c 'echo penguins > /index.html && exec httpd -f -p 8000 -h /'
    stop_grace_period: 1s
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
      interval: 1s
      timeout: 5s
      retries: 2
"""
    },
)


@drill.check
def it_is_healthy(lab):
    """The service web of {stack} is running, and healthy."""
    lab.container("{stack}-web-1").expect_of("stack", "web").expect_running().expect_healthy()


drill.answer("cd {folder}", "sed -i s/8080/8000/ compose.yaml", "docker compose up -d")
drill.answer("sed -i 's/-p 8000/-p 8080/' {folder}/compose.yaml", "docker compose -f {folder}/compose.yaml up -d --wait")
drill.mistake(
    "started it as it is",
    "cd {folder}",
    "docker compose up -d",
    says="The container {stack}-web-1 is unhealthy, and not healthy: its check says “wget: can't connect to remote host",
)
drill.mistake(
    "took the health check out",
    "cd {folder}",
    "sed -i '/healthcheck/,$d' compose.yaml",
    "docker compose up -d",
    says="The container {stack}-web-1 has no health check.",
)
drill.mistake(
    "went without Compose",
    "docker run -d --name {stack}-web-1 --health-cmd true --health-interval 1s busybox httpd -f -p 8000",
    says="The container {stack}-web-1 is not one of the service web of the project {stack}: Compose did not make it.",
)
