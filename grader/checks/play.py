"""A learner's commands, played against an engine of their own: what they said, and asking that engine afterwards."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

from grader.checks.finished import Finished, tail
from grader.engine.sandbox.nested import Sandbox
from grader.values.errors import CheckFailed, DefinitionError
from grader.values.outcome import Evidence

HELPER = "busybox:latest"
"""What the grader's own commands run in, in the sandbox; it is known by its id."""

# What a command said → what it means to somebody who sees it for the first time. The first that fits is shown.
_SNAGS = {
    "not a TTY": "Your commands run without a terminal, so -t (and -it) cannot work here: leave it out.",
    "this sandbox has no network": "Use the images that the brief names; they are there already.",
    "cannot be used in this sandbox": "Your commands run on an engine of their own, which refuses what would reach beyond it.",
    "FROM: not found": "This looks like a Dockerfile. commands.sh holds commands, as you would type them in a terminal.",
    "!docker: not found": "The ! in front of a command is for cells of a notebook. In commands.sh, begin with docker.",
    "$: not found": "The $ is how a terminal shows that it is ready. Leave it out: a line begins with the command.",
    "docker-compose: not found": "The old docker-compose is gone; today it is: docker compose, in two words.",
    "sudo: not found": "There is no sudo here, and no need of it.",
    "curl: not found": "There is no curl here; wget -qO- does the same.",
    "is already in use by container": "A name is free again only when its container is removed; one that has stopped keeps it.",
    "annot fork": "Your commands started more processes than they may.",
    "Syntax error": "The shell could not read your commands: look for a quote or a bracket that is not closed.",
}


class Play:
    """A learner's commands, played: what they said, and asking their engine what became of it.

    Exclusive: a check may change what they left, and the next play ends it.

    Args:
        sandbox: where they were played.
        script: how they ended; its output shows each command behind a ``$``.
    """

    exclusive: ClassVar[bool] = True

    def __init__(self, sandbox: Sandbox, script: Finished) -> None:
        self.sandbox = sandbox
        self.script = script

    def docker(self, *args: str, seconds: float = 30) -> Finished:
        """Run a docker command of the grader's own against the sandbox."""
        if self.sandbox.stage is not self:
            raise DefinitionError("A check uses what another play has since replaced: play again in that check.")
        result = self.sandbox.docker(*args, seconds=seconds)
        return Finished(
            what=f"docker {args[0]}", exit_code=result.returncode, stdout=result.stdout, stderr=result.stderr, duration_s=0.0
        )

    def helper(self, option: str, *command: str, seconds: float = 20) -> Finished:
        """Run a command of the grader's own in a container of its own.

        Args:
            option: what it is given, e.g. ``--network=container:api`` or ``--volume=data:/data``.
            command: the command.
            seconds: deadline.

        Raises:
            CheckFailed: the engine cannot run it, because the learner's commands removed what it needs.
        """
        done = self.docker("run", "--rm", option, self.given_image(HELPER), *command, seconds=seconds)
        if done.exit_code == 125:
            raise self.failed(
                "The checks cannot look at what your commands left behind.",
                expected="the image busybox and the container or volume in question, still there",
                found=tail(done.stderr, 2),
            )
        return done

    def evidence(self) -> Evidence:
        """The learner's commands and what they said."""
        return Evidence("your commands and what they said", tail(self.script.output, 25))

    def advice(self) -> str:
        """What to make of a message in the commands' output, where it is one that beginners meet; otherwise empty."""
        return next((advice for said, advice in _SNAGS.items() if said in self.script.output), "")

    def failed(self, message: str, *, expected: str, found: str, advice: str = "") -> CheckFailed:
        """A failure to be raised, with the commands and what they said."""
        evidence, advice = self.evidence(), advice or self.advice()
        return CheckFailed(message, expected=expected, found=found, evidence=evidence, advice=advice)

    def events(self, kind: str, name: str = "") -> list[str]:
        """What the engine did while the commands ran, in order, e.g. ``["create", "start", "die"]``.

        Args:
            kind: ``container``, ``image``, ``network`` or ``volume``.
            name: of which one; empty for all.
        """
        wanted = ["--filter", f"type={kind}", *(["--filter", f"{kind}={name}"] if name else [])]
        during = ["--since", self.sandbox.play_began, "--until", self.sandbox.play_ended]
        return self.docker("events", *during, *wanted, "--format", "{{.Action}}").stdout.splitlines()

    def given_image(self, name: str) -> str:
        """The id of an image that was there before the commands.

        Args:
            name: with its tag.
        """
        return self.sandbox.image_ids[name]

    def inspect(self, kind: str, name: str) -> dict[str, Any] | None:
        """What ``docker inspect`` says of a container, image, volume or network; None when there is none."""
        said = self.docker(kind, "inspect", name)
        about: list[dict[str, Any]] = json.loads(said.stdout or "[]")
        return about[0] if said.exit_code == 0 and about else None

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

    def must(self, kind: str, name: str, others: Callable[[], list[str]]) -> dict[str, Any]:
        """What ``docker inspect`` says of something that has to be there.

        Args:
            kind: ``container``, ``image``, ``network`` or ``volume``.
            name: of it.
            others: names of what else there is of the kind.

        Raises:
            CheckFailed: it is not.
        """
        about = self.inspect(kind, name)
        if about is None:
            there = ", ".join(others())
            raise self.failed(
                f"There is no {kind} called {name} when your commands are done.",
                expected=f"{'an' if kind == 'image' else 'a'} {kind} {name}",
                found=there or f"no {kind}s at all",
            )
        return about
