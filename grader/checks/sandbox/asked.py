"""Asking a sandbox's engine what is there and what happened: nothing of the learner's is run by it."""

import json
from typing import Any

from grader.checks.exec_result import ExecResult
from grader.engine.inspect import ContainerInfo, ImageInfo
from grader.engine.sandbox.nested import Sandbox
from grader.values.errors import DefinitionError

_READ = """
copied() { docker cp -L "$1:$2" - 2>/dev/null; }
[ "$(copied "$1" "$2" | tar -tvf - 2>/dev/null | head -c 1)" = - ] || exit 1
copied "$1" "$2" | tar -xO -f - | head -c 100000
"""


class AskedEngine:
    """The engine that somebody's commands ran on.

    Args:
        engine: the sandbox; it must not have been reset since.
    """

    def __init__(self, engine: Sandbox) -> None:
        self.engine = engine

    def docker(self, *args: str, seconds: float = 30) -> ExecResult:
        """Run a docker command of the grader's own against the sandbox."""
        if self.engine.state is not self:
            raise DefinitionError("A check uses what another run of the commands has since replaced: run them in that check.")
        result = self.engine.docker(*args, seconds=seconds)
        return ExecResult(
            what=f"docker {args[0]}", exit_code=result.returncode, stdout=result.stdout, stderr=result.stderr, duration_s=0.0
        )

    def inspect(self, kind: str, name: str) -> dict[str, Any] | None:
        """What ``docker inspect`` says of a container, image, volume or network; None when there is none."""
        said = self.docker(kind, "inspect", name)
        about: list[dict[str, Any]] = json.loads(said.stdout or "[]")
        return about[0] if said.exit_code == 0 and about else None

    def container_info(self, name: str) -> ContainerInfo | None:
        """What the engine says of a container; None when there is none."""
        about = self.inspect("container", name)
        return None if about is None else ContainerInfo.parse(about)

    def image_info(self, name: str) -> ImageInfo | None:
        """What the engine says of an image; None when there is none."""
        about = self.inspect("image", name)
        return None if about is None else ImageInfo.parse(about)

    def names(self, *args: str) -> list[str]:
        """The words that a listing of docker's prints, sorted."""
        return sorted(self.docker(*args).stdout.split())

    def containers(self) -> list[str]:
        """Names of all containers, running or not."""
        return self.names("ps", "-a", "--format", "{{.Names}}")

    def volumes(self) -> list[str]:
        """Names of all volumes."""
        return self.names("volume", "ls", "--format", "{{.Name}}")

    def networks(self) -> list[str]:
        """Names of the networks that the commands made."""
        return self.names("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}")

    def images(self) -> list[str]:
        """``name:tag`` of all images."""
        return self.names("image", "ls", "--format", "{{.Repository}}:{{.Tag}}")

    def file_in(self, container: str, path: str) -> str | None:
        """A text file of a container, running or not, whether or not there are programs in it; None when there is none.

        Args:
            container: its name or id.
            path: of the file; a link is followed.
        """
        said = self.engine.shell(_READ, container, path, seconds=60)
        return said.stdout if said.returncode == 0 else None

    def events(self, kind: str, name: str = "") -> list[str]:
        """What the engine did while the commands ran, in order, e.g. ``["create", "start", "die"]``.

        Args:
            kind: ``container``, ``image``, ``network`` or ``volume``.
            name: of which one; empty for all.
        """
        return self._events("{{.Action}}", f"type={kind}", *([f"{kind}={name}"] if name else []))

    def _events(self, form: str, *filters: str) -> list[str]:
        during = ["--since", self.engine.play_began, "--until", self.engine.play_ended]
        wanted = [word for one in filters for word in ("--filter", one)]
        return self.docker("events", *during, *wanted, "--format", form).stdout.splitlines()

    def renamed(self, name: str) -> str | None:
        """What a container that was called so is called now; None when it is not there any more, or kept its name."""
        for line in self._events("{{.Actor.Attributes.oldName}} {{.Actor.ID}}", "event=rename"):
            old, identity = line.split()
            about = self.container_info(identity) if old.lstrip("/") == name else None
            if about is not None:
                return about.name
        return None

    def started_from(self) -> list[str]:
        """The images of the containers that were started while the commands ran, as they are named there."""
        return list(dict.fromkeys(self._events("{{.Actor.Attributes.image}}", "event=start")))
