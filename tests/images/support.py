"""What the tests of the base images share: the docker client, and containers that are always cleaned up."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.reruns import RERUN

RUN_ID = f"images-{uuid.uuid4().hex[:8]}"  # several runs may share the engine
RECIPES = Path(__file__).resolve().parents[2] / "images"


def new_name() -> str:
    """Return a name that no other test uses."""
    return f"{RUN_ID}-{uuid.uuid4().hex[:6]}"


def docker(
    *arguments: str, stdin: str | None = None, check: bool = True, seconds: float = 180
) -> subprocess.CompletedProcess[str]:
    """Run the docker client; a failure shows what it printed."""
    done = subprocess.run(["docker", *arguments], input=stdin, capture_output=True, text=True, timeout=seconds, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def tell(why: str) -> None:
    """Tell that something was run again; replaced for each test, so that it stands in the summary."""
    print(f"{RERUN}: {why}")


def run(image: str, *command: str, options: tuple[str, ...] = (), check: bool = True) -> str:
    """Run a command in a fresh container and return what it printed, both streams."""
    name = new_name()
    try:
        done = docker("run", "--name", name, "--label", f"drydock={RUN_ID}", *options, image, *command, check=check)
        if not done.stdout + done.stderr:
            # A busy engine loses what a brief container wrote (engine/lost_output.py); a silent one is silent again.
            done = docker("start", "--attach", name, check=check)
            if done.stdout + done.stderr:
                tell(f"the engine lost what {image} wrote")
    finally:  # not --rm: a client that runs out of time would leave the container to its fate
        docker("rm", "--force", "--volumes", name, check=False)
    return done.stdout + done.stderr


def config(image: str) -> dict[str, Any]:
    """Return what the image says of itself."""
    keys = ("Env", "Entrypoint", "Cmd", "User", "ExposedPorts", "Volumes", "WorkingDir", "StopSignal", "Labels")
    found: dict[str, Any] = dict.fromkeys(keys)  # what an image does not set, some engines leave out
    found |= json.loads(docker("image", "inspect", "--format", "{{json .Config}}", image).stdout)
    found["Env"] = dict(entry.split("=", 1) for entry in found["Env"] or ())
    return found


def is_stand_in(image: str) -> bool:
    """Tell a stand-in from the official image."""
    return "org.drydock.stand-in" in (config(image)["Labels"] or {})


def eventually(condition: Callable[[], object], what: str, seconds: float = 90) -> None:
    """Wait for the condition, for a bounded time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for: {what}"
        time.sleep(0.1)


@dataclass(frozen=True)
class Container:
    """One that is running, or was."""

    name: str

    def exec(self, *command: str, options: tuple[str, ...] = (), check: bool = True) -> str:
        return docker("exec", *options, self.name, *command, check=check).stdout

    def works(self, *command: str) -> bool:
        return docker("exec", self.name, *command, check=False).returncode == 0

    def logs(self) -> str:
        done = docker("logs", self.name)
        return done.stdout + done.stderr

    def address(self, port: int) -> str:
        """Return host:port of a published port."""
        return docker("port", self.name, str(port)).stdout.split()[0]

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(docker("inspect", "--format", "{{json .State}}", self.name).stdout)
        return found

    def stop(self, seconds: int = 10) -> int:
        """Stop as `docker stop` does and return the exit code."""
        docker("stop", "--time", str(seconds), self.name)
        return int(self.state()["ExitCode"])


@contextmanager
def started(image: str, *command: str, options: tuple[str, ...] = ()) -> Iterator[Container]:
    """Start a container; it and its anonymous volumes are gone afterwards."""
    name = new_name()
    try:
        docker("run", "--detach", "--name", name, "--label", f"drydock={RUN_ID}", *options, image, *command)
        yield Container(name)
    finally:
        docker("rm", "--force", "--volumes", name, check=False)


@contextmanager
def volume() -> Iterator[str]:
    """Make a named volume and remove it afterwards."""
    name = new_name()
    try:
        docker("volume", "create", "--label", f"drydock={RUN_ID}", name)
        yield name
    finally:
        docker("volume", "rm", "--force", name, check=False)


@contextmanager
def built(folder: Path, *options: str) -> Iterator[str]:
    """Build an image from a folder; its tag is gone afterwards."""
    tag = new_name()
    try:
        docker("buildx", "build", "--load", "--label", f"drydock={RUN_ID}", "--tag", tag, *options, str(folder), seconds=280)
        yield tag
    finally:
        docker("image", "rm", "--force", tag, check=False)
