"""A learner's commands, run against an engine of their own: what they said, and asking that engine afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, ClassVar

from grader.checks.exec_result import ExecResult, tail
from grader.checks.sandbox import words
from grader.checks.sandbox.asked import AskedEngine
from grader.diagnose import docker_commands
from grader.engine import lost_output
from grader.engine.inspect import ImageInfo
from grader.engine.sandbox.nested import Sandbox
from grader.values.errors import CheckFailed, EngineUnavailable, LimitReached
from grader.values.facts import Facts
from grader.values.outcome import Evidence

HELPER = "busybox:latest"
"""What the grader's own commands run in, in the sandbox; it is known by its id."""

_ALIKE = 0.8
_SHOWN_LINES = 25
_REFUSED = 125
"""What ``docker run`` ends with when the engine refuses."""


class ScriptRun(AskedEngine):
    """A learner's commands, run: what they said, and asking their engine what became of it.

    Exclusive: a check may change what they left, and the next run of commands ends it.

    Args:
        engine: where they ran.
        said: how they ended; its output shows each command behind a ``$``.
        facts: what is true for this learner alone.
        given: the images that were there before them, by name.
        put: the files that the exercise has put beside them, as they were then: name → text.
        drawn: what the exercise has drawn for this run of the commands: name → word; see ``Setup.draw``.
    """

    exclusive: ClassVar[bool] = True
    """See ``contract.Subject``."""

    def __init__(
        self,
        engine: Sandbox,
        said: ExecResult,
        facts: Facts,
        given: Mapping[str, ImageInfo],
        put: Mapping[str, str],
        drawn: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(engine)
        self.said = said
        self.facts = facts
        self.given = given
        self.put = put
        self.drawn = drawn or {}
        self.loaded = ""  # the archive that was loaded into the engine, after all that the commands left was removed

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:  # noqa: ARG002 - the same of all subjects
        """Whether the sandbox reached a limit; see ``contract.Subject``."""
        return self.engine.limit_behind(self.said.output) if self.engine.state is self else None

    @property
    def when(self) -> str:
        """When it is that something is there or not."""
        return f"after {self.loaded} was loaded into an empty engine" if self.loaded else "when your commands are done"

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
            done = self.docker("run", "--rm", option, self.given[HELPER].id, *lost_output.framed(command), seconds=seconds)
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
            lost_output.note(self.engine.session, "a command of the check's own")
        raise EngineUnavailable("The sandbox's engine loses what the checks' own commands write.", "Check again.")

    def evidence(self) -> Evidence:
        """The learner's commands and what they said."""
        return Evidence("your commands and what they said", tail(docker_commands.readable(self.said.output), _SHOWN_LINES))

    def advice(self, name: str = "") -> str:
        """What to make of a message in the commands' output, where it is one that beginners meet; otherwise empty.

        Args:
            name: of the thing that is not as it should be; empty for all.
        """
        return docker_commands.advice(self.said.output, name)

    def failed(
        self,
        message: str,
        *,
        expected: str,
        found: str,
        advice: str = "",
        name: str = "",
        evidence: tuple[Evidence, ...] = (),
    ) -> CheckFailed:
        """A failure to be raised, with the commands and what they said.

        Args:
            message: see ``Finding``.
            expected: likewise.
            found: likewise.
            advice: where no message of the commands explains it.
            name: for ``advice``.
            evidence: what should be seen besides the commands.
        """
        return CheckFailed(
            message,
            expected=expected,
            found=found,
            evidence=(self.evidence(), *evidence),
            advice=self.advice(name) or advice,
        )

    def explained(self, error: CheckFailed, name: str = "") -> CheckFailed:
        """A failure of a verb that knows nothing of the commands, with the commands and what they said.

        Args:
            error: the failure.
            name: of the thing that is not as it should be.
        """
        seen = error.finding
        return self.failed(
            seen.message, expected=seen.expected, found=seen.found, advice=seen.advice, name=name, evidence=seen.evidence
        )

    def comes_from(self, image: str, base: str) -> bool:
        """Whether an image is another one, or was made on top of it; so taken where one of them is not there any more.

        Args:
            image: its name or id.
            base: of the other one, as it was called before the commands.
        """
        given = self.given.get(base if ":" in base else f"{base}:latest")
        layers, below = self._layers(image), given.layers if given else self._layers(base)
        return layers is None or below is None or layers[: len(below)] == below

    def _layers(self, image: str) -> tuple[str, ...] | None:
        about = self.image_info(image)
        return None if about is None else about.layers

    def must(self, kind: str, name: str, others: Callable[[], list[str]], advice: str = "") -> dict[str, Any]:
        """What ``docker inspect`` says of something that has to be there.

        Args:
            kind: ``container``, ``image``, ``network`` or ``volume``.
            name: of it.
            others: names of what else there is of the kind.
            advice: what to make of it, by default what can be told from what is there and from what happened.

        Raises:
            CheckFailed: it is not.
        """
        about = self.inspect(kind, name)
        if about is None:
            there = others()
            shown = dict.fromkeys(words.listed(kind, one) for one in there)
            raise self.failed(
                f"There is no {kind} called {name} {self.when}.",
                expected=f"{'an' if kind == 'image' else 'a'} {kind} called {name}",
                found=f"only {', '.join(shown)}" if shown else f"no {kind}s at all",
                advice=advice or self._where_it_went(kind, name, there),
                name=name,
            )
        return about

    def _where_it_went(self, kind: str, name: str, there: Sequence[str]) -> str:
        """Why there is nothing of a name, where that can be told from what is there and from what happened."""
        events = self.events(kind, name) if not self.loaded else []
        untagged = not self.loaded and f"Untagged: {name}" in self.said.output.splitlines()
        if kind == "container" and {"create", "die", "destroy"} <= set(events) and "kill" not in events:
            return f"{name} was there and was removed: by one of your commands, or, with --rm, by itself when it ended."
        if untagged or {"destroy", "delete", "untag"} & set(events):
            return f"{name} was there, and one of your commands removed it."
        alike = get_close_matches(name.casefold(), [one.casefold() for one in there], 1, _ALIKE)
        if alike:
            return f"Names are compared letter by letter: you have {next(one for one in there if one.casefold() == alike[0])}."
        if kind == "image" and there == [words.NAMELESS]:
            return "There is an image without any name: an archive keeps the names that were saved, and an id is none."
        if kind == "image" and f"{name.rpartition(':')[0]}:latest" in there:
            return "Without a tag, Docker takes latest."
        if kind == "container" and any(map(docker_commands.made_up, there)):
            return "Without a name, Docker makes one up."
        return ""
