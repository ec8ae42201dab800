"""A port for this host alone."""

from grader import Drill

drill = Drill(
    title="One door",
    place=1,
    task="""Start a web server called `{web}` from busybox: `httpd -f -p 8000` listens on port 8000 in the container.
It must answer on port {port} of the host, at 127.0.0.1 only.""",
    draws={"web": "name", "port": "port"},
)


@drill.check
def it_runs(lab):
    """{web} is running."""
    lab.container("web").expect_running()


@drill.check
def the_port_is_published(lab):
    """Port {port} leads to port 8000 inside, at 127.0.0.1 alone."""
    lab.container("web").expect_published(8000, "port", address="127.0.0.1")


drill.answer("docker run -d --name {web} -p 127.0.0.1:{port}:8000 busybox httpd -f -p 8000")
drill.mistake(
    "opened it to everybody",
    "docker run -d --name {web} -p {port}:8000 busybox httpd -f -p 8000",
    says="Port {port} of the container {web} is open on every address, and not on 127.0.0.1 alone.",
)
drill.mistake(
    "used the host's port inside, too",
    "docker run -d --name {web} -p 127.0.0.1:{port}:{port} busybox httpd -f -p 8000",
    says="The container {web} has published 127.0.0.1:{port} → {port} inside; port {port} should lead to 8000 inside.",
)
drill.mistake(
    "only exposed it",
    "docker run -d --name {web} --expose {port} busybox httpd -f -p 8000",
    says="The container {web} has published no port; port {port} should lead to 8000 inside.",
)
