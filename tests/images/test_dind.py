"""docker:28-dind: an engine in a container."""

import re
import subprocess
from collections.abc import Iterator
from functools import partial

import pytest

from tests.images.support import Container, config, eventually, run, started, volume

pytestmark = pytest.mark.engine
IMAGE = "docker:28-dind"


@pytest.fixture(scope="module")
def engine() -> Iterator[Container]:
    # Named as a command, dockerd gets no TCP listener: nothing to protect, and no start-up that is slowed down as a warning.
    command = ("dockerd", "--host=unix:///var/run/docker.sock", "--mtu=1280")
    with started(IMAGE, *command, options=("--privileged", "--env", "DOCKER_TLS_CERTDIR=")) as container:
        eventually(lambda: container.works("docker", "info"), "the engine to answer")
        saved = subprocess.Popen(["docker", "save", "busybox"], stdout=subprocess.PIPE)
        with saved:
            subprocess.run(
                ["docker", "exec", "-i", container.name, "docker", "load"], stdin=saved.stdout, check=True, capture_output=True
            )
        yield container


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Entrypoint"] == ["dockerd-entrypoint.sh"]
    assert not found["Cmd"]
    assert sorted(found["ExposedPorts"]) == ["2375/tcp", "2376/tcp"]
    assert list(found["Volumes"]) == ["/var/lib/docker"]
    assert found["Env"]["DOCKER_TLS_CERTDIR"] == "/certs"


def test_client_and_plugins_are_where_people_copy_them_from() -> None:
    plugins = "/usr/local/libexec/docker/cli-plugins"
    script = (
        f"which docker dockerd docker-init; test -x {plugins}/docker-buildx && test -x {plugins}/docker-compose && echo both"
    )
    output = run(IMAGE, "sh", "-c", script, options=("--env", "DOCKER_HOST=tcp://127.0.0.1:1"))
    assert output.split() == ["/usr/local/bin/docker", "/usr/local/bin/dockerd", "/usr/local/bin/docker-init", "both"]


def test_client_command_without_docker() -> None:
    assert "Docker version" in run(IMAGE, "docker", "--version")


def test_engine_is_current(engine: Container) -> None:
    version = engine.exec("docker", "version", "--format", "{{.Server.Version}}")
    assert tuple(map(int, version.split(".")[:2])) >= (26, 1)
    assert engine.works("docker", "buildx", "version")
    assert engine.works("docker", "compose", "version")


def test_ended_containers_leave_no_zombies(engine: Container) -> None:
    for _ in range(3):
        engine.exec("docker", "run", "--rm", "busybox", "true")
    zombies = ("sh", "-c", "! grep -l '^State:.Z' /proc/[0-9]*/status")
    eventually(lambda: engine.works(*zombies), "the ended processes to be reaped")


def test_builds_runs_and_publishes(engine: Container) -> None:
    dockerfile = (
        'FROM busybox\\nRUN echo nested > /index.html\\nCMD [\\"httpd\\", \\"-f\\", \\"-p\\", \\"80\\", \\"-h\\", \\"/\\"]\\n'
    )
    engine.exec("sh", "-c", f'printf "{dockerfile}" | docker buildx build --load -t web -')
    engine.exec("docker", "run", "-d", "--init", "--name", "web", "-p", "8000:80", "-p", "127.0.0.1:8001:80", "web")
    for port in ("8000", "8001"):
        fetch = f"wget -qO- http://localhost:{port} | grep -qx nested"
        eventually(partial(engine.works, "sh", "-c", fetch), f"port {port} to answer")
    # --init: a docker-init is there for the engine to hand to containers
    assert "init" in engine.exec("docker", "exec", "web", "cat", "/proc/1/comm") + engine.exec("docker", "top", "web")

    # What shares the engine's network sees what it publishes: the lab is built on this.
    neighbour = run("busybox", "wget", "-qO-", "http://localhost:8000", options=("--network", f"container:{engine.name}"))
    assert neighbour == "nested\n"


def test_limits_hold_in_it(engine: Container) -> None:
    script = "sleep 1; cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null"
    output = engine.exec("docker", "run", "--rm", "--memory", "64m", "busybox", "sh", "-c", script, check=False)
    assert output.split() == [str(64 * 1024 * 1024)]


def test_networks_and_names_work_in_it(engine: Container) -> None:
    engine.exec("docker", "network", "create", "mesh")
    engine.exec("docker", "run", "-d", "--network", "mesh", "--name", "db", "busybox", "sleep", "60")
    assert engine.works("docker", "run", "--rm", "--network", "mesh", "busybox", "ping", "-c", "1", "-W", "3", "db")


@pytest.mark.slow
def test_certificates_by_default() -> None:
    with (
        volume() as certificates,
        started(IMAGE, options=("--privileged", "--volume", f"{certificates}:/certs")) as container,
    ):
        # Making two keys of 4096 bits takes a while, more so on a busy machine.
        eventually(lambda: container.works("docker", "info"), "the engine to answer", seconds=180)
        client = ("--network", f"container:{container.name}", "--volume", f"{certificates}:/certs:ro",
                  "--env", "DOCKER_HOST=tcp://localhost:2376", "--entrypoint", "docker-entrypoint.sh")  # fmt: skip
        ask = ("docker", "version", "--format", "engine {{.Server.Version}}")
        assert re.search(r"engine \d", run(IMAGE, *ask, options=client))
        without = (*client, "--env", "DOCKER_TLS_CERTDIR=")
        assert not re.search(r"engine \d", run(IMAGE, *ask, options=without, check=False))
