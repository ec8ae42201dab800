"""A learner's commands, played against an engine of their own: what they said, and asking that engine afterwards."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, ClassVar

from grader.checks.exec_result import ExecResult, tail
from grader.diagnose import docker_commands
from grader.engine import lost_output
from grader.engine.sandbox.nested import Sandbox
from grader.values.errors import CheckFailed, DefinitionError, EngineUnavailable, LimitReached
from grader.values.outcome import Evidence

HELPER = "busybox:latest"
"""What the grader's own commands run in, in the sandbox; it is known by its id."""

_ALIKE = 0.8
_REFUSED = 125
"""What ``docker run`` ends with where the engine refuses."""


class ScriptRun:
    """A learner's commands, played: what they said, and asking their engine what became of it.

    Exclusive: a check may change what they left, and the next play ends it.

    Args:
        sandbox: where they were played.
        script: how they ended; its output shows each command behind a ``$``.
    """

    exclusive: ClassVar[bool] = True
    """See ``contract.Subject``."""

    def __init__(self, sandbox: Sandbox, script: ExecResult) -> None:
        self.sandbox = sandbox
        self.script = script

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:  # noqa: ARG002 - the same of all subjects
        """Whether the sandbox reached a limit; see ``contract.Subject``."""
        return self.sandbox.limit_behind(self.script.output) if self.sandbox.stage is self else None

    def docker(self, *args: str, seconds: float = 30) -> ExecResult:
        """Run a docker command of the grader's own against the sandbox."""
        if self.sandbox.stage is not self:
            raise DefinitionError("A check uses what another play has since replaced: play again in that check.")
        result = self.sandbox.docker(*args, seconds=seconds)
        return ExecResult(
            what=f"docker {args[0]}", exit_code=result.returncode, stdout=result.stdout, stderr=result.stderr, duration_s=0.0
        )

    def helper(self, option: str, *command: str, seconds: float = 20) -> ExecResult:
        """Run a command of the grader's own in a container of its own; again where the engine has lost what it wrote.

        Args:
            option: what it is given, e.g. ``--network=container:api`` or ``--volume=data:/data``.
            command: the command; running it twice must do what running it once does.
            seconds: deadline.

        Raises:
            CheckFailed: the engine cannot run it, because the learner's commands removed what it needs.
            EngineUnavailable: the engine loses what it writes, again and again.
        """
        for _ in range(lost_output.TRIES):
            done = self.docker("run", "--rm", option, self.given_image(HELPER), *lost_output.framed(command), seconds=seconds)
            if done.exit_code == _REFUSED:
                raise self.failed(
                    "The checks cannot look at what your commands left behind.",
                    expected="the image busybox and the container or volume in question, still there",
                    found=tail(done.stderr, 2),
                )
            if (said := lost_output.unframed(done.stdout)) is not None:
                return replace(done, stdout=said)
            if done.exit_code > _REFUSED:  # killed before it could say that it was done
                return done
            lost_output.note(self.sandbox.session, "a command of the check's own")
        raise EngineUnavailable("The sandbox's engine loses what the checks' own commands write.", "Check again.")

    def evidence(self) -> Evidence:
        """The learner's commands and what they said."""
        return Evidence("your commands and what they said", tail(docker_commands.readable(self.script.output), 25))

    def advice(self, name: str = "") -> str:
        """What to make of a message in the commands' output, where it is one that beginners meet; otherwise empty.

        Args:
            name: of the thing that is not as it should be; empty for all.
        """
        return docker_commands.advice(self.script.output, name)

    def failed(self, message: str, *, expected: str, found: str, advice: str = "", name: str = "") -> CheckFailed:
        """A failure to be raised, with the commands and what they said.

        Args:
            message: see ``Finding``.
            expected: likewise.
            found: likewise.
            advice: by default what ``advice`` makes of the commands' output.
            name: for ``advice``.
        """
        evidence, advice = self.evidence(), advice or self.advice(name)
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

    def renamed(self, name: str) -> str | None:
        """What a container that was called so is called now; None when it is not there any more, or kept its name."""
        during = ["--since", self.sandbox.play_began, "--until", self.sandbox.play_ended]
        form = "{{.Actor.Attributes.oldName}} {{.Actor.ID}}"
        said = self.docker("events", *during, "--filter", "event=rename", "--format", form).stdout
        for old, identity in (line.split() for line in said.splitlines()):
            about = self.inspect("container", identity) if old.lstrip("/") == name else None
            if about is not None:
                return str(about["Name"]).lstrip("/")
        return None

    def comes_from(self, image: str, base: str) -> bool:
        """Whether an image is another one, or was made on top of it; so taken where one of them is not there any more.

        Args:
            image: its name or id.
            base: of the other one.
        """
        layers = [about["RootFS"].get("Layers") or [] for one in (image, base) if (about := self.inspect("image", one))]
        return len(layers) < 2 or layers[0][: len(layers[1])] == layers[1]

    def ran(self, image: str) -> bool:
        """Whether a container that was made from this image was started while the commands ran.

        Args:
            image: its name.
        """
        during = ["--since", self.sandbox.play_began, "--until", self.sandbox.play_ended]
        started = self.docker("events", *during, "--filter", "event=start", "--format", "{{.Actor.Attributes.image}}").stdout
        return any(self.comes_from(one, image) for one in dict.fromkeys(started.split()))

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
            there = others()
            raise self.failed(
                f"There is no {kind} called {name} when your commands are done.",
                expected=f"{'an' if kind == 'image' else 'a'} {kind} called {name}",
                found=f"only {', '.join(there)}" if there else f"no {kind}s at all",
                advice=self.advice(name) or self._where_it_went(kind, name, there),
                name=name,
            )
        return about

    def _where_it_went(self, kind: str, name: str, there: Sequence[str]) -> str:
        """Why there is nothing of a name, where that can be told from what is there and from what happened."""
        events = self.events(kind, name)
        if kind == "container" and {"create", "die", "destroy"} <= set(events) and "kill" not in events:
            return f"{name} was there and was removed: by one of your commands, or, with --rm, by itself when it ended."
        if {"destroy", "delete", "untag"} & set(events):
            return f"{name} was there, and one of your commands removed it."
        alike = get_close_matches(name.casefold(), [one.casefold() for one in there], 1, _ALIKE)
        if alike:
            return f"Names are compared letter by letter: you have {next(one for one in there if one.casefold() == alike[0])}."
        if kind == "image" and f"{name.rpartition(':')[0]}:latest" in there:
            return "Where a command names no tag, Docker takes latest."
        if kind == "container" and any(map(docker_commands.made_up, there)):
            return "Where a command gives no name, Docker makes one up."
        return ""
