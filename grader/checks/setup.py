"""Where an exercise prepares what it begins with: on the learner's own engine, or in the sandbox before the commands."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from grader.engine import containers
from grader.engine.cli import CliResult
from grader.values.errors import Fault
from grader.values.facts import Facts

EXERCISE_LABEL = "drydock.exercise"
"""Whatever was prepared for an exercise carries this label with the exercise's id."""
_SECONDS = 120.0
_MADE_BY = (("run",), ("create",), ("container", "run"), ("container", "create"), ("volume", "create"), ("network", "create"))


class Docker(Protocol):
    """Runs a docker command on one engine or another."""

    def __call__(self, *args: str, seconds: float, stdin: Path | None = None) -> CliResult:
        """Run ``docker ARGS`` to its end."""
        ...


class Setup:
    """What the function under ``@exercise.setup`` is handed.

    Args:
        docker: runs a docker command.
        facts: what is true for this learner alone.
        folder: for a temporary file.

    Attributes:
        facts: see above.
        drawn: what was drawn: name → word.
    """

    def __init__(self, docker: Docker, facts: Facts, folder: Path) -> None:
        self.facts = facts
        self.drawn: dict[str, str] = {}
        self._chance = Facts(secrets.token_hex(16), facts.exercise)
        self._docker = docker
        self._folder = folder

    def draw(self, name: str, letters: int = 8) -> str:
        """A made-up word, another one at each check: what somebody has found out at one check is of no use at the next.

        Args:
            name: by which the checks find it, in ``sandbox.drawn``.
            letters: its length.
        """
        return self.drawn.setdefault(name, self._chance.word(name, letters))

    def docker(self, *args: str) -> str:
        """Run a docker command; what it makes carries the exercise's label.

        Args:
            args: without the word docker.

        Returns:
            What it printed.

        Raises:
            Fault: it failed.
        """
        for words in _MADE_BY:
            if args[: len(words)] == words:
                args = (*words, f"--label={EXERCISE_LABEL}={self.facts.exercise}", *args[len(words) :])
                break
        return self._run(*args)

    def put(self, container: str, files: Mapping[str, str]) -> None:
        """Put files into a container, running or not.

        Args:
            container: its name.
            files: path → text.

        Raises:
            Fault: they cannot be put there.
        """
        packed = self._folder / "prepared.tar"
        packed.write_bytes(containers.archive(files))
        self._run("cp", "-", f"{container}:/", stdin=packed)

    def image(self, name: str, files: Mapping[str, str], *changes: str, base: str = "busybox") -> None:
        """Make an image: busybox, or another one, with some files; those that begin with ``#!`` can be run as commands.

        Args:
            name: of the image; it carries the exercise's label, as do the containers that are made from it.
            files: path → text.
            changes: what a Dockerfile would say further, e.g. ``EXPOSE 8000``.
            base: the image that it is made from; it has a shell.

        Raises:
            Fault: it cannot be made.
        """
        commands = " ".join(f"/{path}" for path, text in files.items() if text.startswith("#!"))
        made = self.docker("create", base, "sh", "-c", f"for one in {commands}; do chmod 755 $one; done")
        self.put(made, files)
        self.docker("start", "--attach", made)
        self.docker("commit", *(f"--change={one}" for one in changes), made, name)
        self.docker("rm", made)

    def _run(self, *args: str, stdin: Path | None = None) -> str:
        done = self._docker(*args, seconds=_SECONDS, stdin=stdin)
        if done.returncode != 0:
            reason = "it took too long" if done.timed_out else done.stderr.strip() or f"exit code {done.returncode}"
            raise Fault(f"What the exercise begins with could not be made: docker {args[0]}: {reason}")
        return done.stdout.strip()


SetupFunction = Callable[[Setup], None]
