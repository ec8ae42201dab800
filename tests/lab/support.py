"""A lab for tests: the real one, beside any that is running, with another name, port and work folder."""

import json
import os
import secrets
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "drydock-test-"
IMAGES = ("busybox:latest", "python:3.13-slim", "docker:28-dind", "postgres:17")
"""What the tests' mirror is filled with: as little as will do."""


def call(*command: str, env: dict[str, str] | None = None, check: bool = True, seconds: float = 120) -> str:
    """Run a command; return what it wrote, both streams; a failure shows it."""
    done = subprocess.run(
        command, env=os.environ | (env or {}), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=seconds, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    text: str
    url: str


@dataclass
class Lab:
    """A running lab.

    Attributes:
        work: the work folder on this machine.
        port: on this machine.
        project: compose's name for it.
    """

    work: Path
    port: int = field(default_factory=free_port)
    project: str = field(default_factory=lambda: f"{PREFIX}{os.getpid()}-{secrets.token_hex(3)}")
    printed: str = ""

    @property
    def env(self) -> dict[str, str]:
        """What tells the scripts and compose which lab is meant."""
        return {
            "COMPOSE_PROJECT_NAME": self.project,
            "DRYDOCK_PORT": str(self.port),
            "DRYDOCK_WORK": str(self.work),
            "DRYDOCK_UPSTREAM": "",  # nowhere, on a machine with a network too: the tests are about a lab without
            "DRYDOCK_MIRROR_IMAGES": " ".join(IMAGES),
            "DRYDOCK_TOKEN": "",
            "DRYDOCK_ROLE": "learner",
            **ids(self.work),
        }

    def up(self) -> None:
        """Start it with the learner's own command."""
        self.printed = call("scripts/up.sh", env=self.env, seconds=600)

    @property
    def url(self) -> str:
        """The address that was printed, token and all."""
        return next(word for word in self.printed.split() if word.startswith("http://127.0.0.1"))

    @property
    def token(self) -> str:
        """The token in that address."""
        return self.url.partition("token=")[2]

    def compose(self, *args: str, check: bool = True, seconds: float = 120) -> str:
        """Run ``docker compose`` on this lab."""
        return call("docker", "compose", *args, env=self.env, check=check, seconds=seconds)

    def sh(self, script: str, *, check: bool = True, seconds: float = 120) -> str:
        """Run a bash script in the lab, as the learner, in the work folder."""
        return self.compose("exec", "-T", "lab", "bash", "-euc", script, check=check, seconds=seconds)

    def inspect(self, service: str) -> dict[str, Any]:
        """Return ``docker inspect`` of a service's container."""
        identity = self.compose("ps", "--all", "--quiet", service).strip()
        found: dict[str, Any] = json.loads(call("docker", "inspect", identity))[0]
        return found

    def get(self, path: str, *, token: str | None = None, host: str | None = None) -> Answer:
        """Ask JupyterLab; follows redirects."""
        headers = {"Host": host} if host else {}
        if token:
            headers["Authorization"] = f"token {token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.read().decode(), answer.url)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), error.url or "")

    def remove(self) -> None:
        """Remove it with its volumes."""
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "3")


@contextmanager
def offline(lab: Lab) -> Iterator[None]:
    """Cut the engine, and with it the lab, off from every other machine."""
    engine = lab.compose("ps", "--quiet", "engine").strip()
    route = call("docker", "exec", engine, "ip", "route", "show", "default").split()
    gateway, device = route[route.index("via") + 1], route[route.index("dev") + 1]
    call("docker", "exec", engine, "ip", "route", "del", "default")
    try:
        yield
    finally:
        call("docker", "exec", engine, "ip", "route", "add", "default", "via", gateway, "dev", device)


def ids(work: Path) -> dict[str, str]:
    """The learner's ids in the tests' lab: those of the work folder, as `make up` would set them, but never root's."""
    owner = work.stat() if work.exists() else ROOT.stat()
    return {"DRYDOCK_UID": str(owner.st_uid or 1000), "DRYDOCK_GID": str(owner.st_gid or 1000)}


def sweep() -> None:
    """Remove what killed runs of these tests left."""
    names = call("docker", "volume", "ls", "--quiet", "--filter", f"name={PREFIX}").split()
    for project in {name.partition("_")[0] for name in names}:
        pid = project.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            call("docker", "compose", "--project-name", project, "down", "--volumes", "--timeout", "3")
