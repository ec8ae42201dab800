"""A learner's commands, played against an engine of their own, and the state that they left it in."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from grader.checks.bench import Bench, Preparation
from grader.checks.finished import Finished, tail
from grader.checks.http import Response
from grader.checks.played import PlayedContainer, PlayedVolume, Thing
from grader.engine import context, wait
from grader.engine import files as stored
from grader.engine.sandbox import ADDRESS, FOLDER, Sandbox
from grader.values import units
from grader.values.errors import CheckFailed, DefinitionError
from grader.values.facts import Facts
from grader.values.limits import Limits
from grader.values.outcome import Evidence

PLAY_SECONDS = 60.0
FILES_BYTES = 20 * units.MB
"""The most that a learner's files may hold, the commands beside them."""
_LEFT_OUT = frozenset({".ipynb_checkpoints", "__pycache__", ".drydock"})
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

# Runs in the sandbox's network namespace. One JSON object out; an empty one when nobody answers.
_ASK = """
import base64, json, sys, urllib.error, urllib.request
method, url, headers, body, seconds = json.loads(sys.argv[1])
request = urllib.request.Request(url, method=method, headers=headers, data=base64.b64decode(body) or None)
try:
    answer = urllib.request.urlopen(request, timeout=seconds)
except urllib.error.HTTPError as error:
    answer = error
except OSError as error:
    sys.exit(json.dumps({"error": str(error)}))
content = base64.b64encode(answer.read(10**6)).decode()
print(json.dumps({"status": answer.status, "headers": dict(answer.headers), "body": content}))
"""


class Stage:
    """What a learner's commands left behind. Exclusive: a check may change it, and the next play ends it.

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

    def empty(self) -> None:
        """Remove all containers, volumes, networks and images; the learner's files stay."""
        self.sandbox.empty()

    def image_holds(self, image: str, words: str) -> bool:
        """Whether these words are anywhere in an image: in a layer, in a file that a later layer removes, in its settings.

        Args:
            image: its name.
            words: in a row, as they stand.
        """
        # Its layers are in the archive as they are: an engine that keeps images with its own drivers does not compress them.
        pipe = 'docker save "$1" | tar -xO -f - | grep -a -q -F -e "$2"'
        return self.sandbox.shell(pipe, image, words, seconds=60).returncode == 0

    def file(self, name: str) -> bytes | None:
        """A file in the learner's folder, beside the commands; None when there is none.

        Args:
            name: of the file, below the folder.

        Raises:
            LimitReached: it is too large.
        """
        found = stored.read(self.sandbox.session, self.sandbox.engine, f"{FOLDER}/{name}")
        return found[0].content if found and not found[0].path else None

    def folder(self) -> list[str]:
        """Names of what is in the learner's folder, the commands aside."""
        said = self.sandbox.python(f"import os; print(*sorted(os.listdir({FOLDER!r})), sep='\\n')").stdout
        return [name for name in said.splitlines() if not name.startswith(".")]

    def _inspect(self, kind: str, name: str) -> dict[str, Any] | None:
        said = self.docker(kind, "inspect", name)
        about: list[dict[str, Any]] = json.loads(said.stdout or "[]")
        return about[0] if said.exit_code == 0 and about else None

    def _names(self, *args: str) -> list[str]:
        return sorted(self.docker(*args).stdout.split())

    def containers(self) -> list[str]:
        """Names of all containers, running or not."""
        return self._names("ps", "-a", "--format", "{{.Names}}")

    def volumes(self) -> list[str]:
        """Names of all volumes."""
        return self._names("volume", "ls", "--format", "{{.Name}}")

    def networks(self) -> list[str]:
        """Names of the networks that the commands made."""
        return self._names("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}")

    def images(self) -> list[str]:
        """``name:tag`` of all images."""
        return self._names("image", "ls", "--format", "{{.Repository}}:{{.Tag}}")

    def container(self, name: str) -> PlayedContainer:
        """A container by its name.

        Raises:
            CheckFailed: there is none.
        """
        return PlayedContainer(self, self._must("container", name, self.containers), name)

    def image(self, name: str) -> Thing:
        """An image by its name and tag."""
        return Thing(self, self._must("image", name, self.images), name)

    def volume(self, name: str) -> PlayedVolume:
        """A volume by its name."""
        return PlayedVolume(self, self._must("volume", name, self.volumes), name)

    def network(self, name: str) -> Thing:
        """A network by its name."""
        return Thing(self, self._must("network", name, self.networks), name)

    def _must(self, kind: str, name: str, others: Callable[[], list[str]]) -> dict[str, Any]:
        about = self._inspect(kind, name)
        if about is None:
            there = ", ".join(others())
            raise self.failed(
                f"There is no {kind} called {name} when your commands are done.",
                expected=f"{'an' if kind == 'image' else 'a'} {kind} {name}",
                found=there or f"no {kind}s at all",
            )
        return about

    def expect_gone(self, kind: str, name: str) -> None:
        """There is no such container, image, volume or network any more."""
        if self._inspect(kind, name) is not None:
            raise self.failed(
                f"The {kind} {name} is still there when your commands are done.",
                expected=f"no {kind} {name}",
                found="it exists",
            )

    def expect_only_containers(self, *names: str) -> None:
        """No containers but these are there."""
        if extra := sorted(set(self.containers()) - set(names)):
            raise self.failed(
                "There are more containers than the exercise asks for.",
                expected=", ".join(names) or "no container at all",
                found=f"also {', '.join(extra)}",
            )

    def http(
        self,
        port: int,
        path: str = "/",
        *,
        host: str = "localhost",
        method: str = "GET",
        body: bytes = b"",
        seconds: float = 5,
        within: float = 0,
    ) -> Response | None:
        """Ask a port of the sandbox's own network; None when nobody answers.

        Args:
            port: a published port.
            path: of the URL.
            host: ``localhost``, or ``network_address`` to come as somebody else in the network would.
            method: of the request.
            body: of the request.
            seconds: to wait for an answer.
            within: ask again until somebody answers, so many seconds: a program needs a moment until it listens.
        """
        call = [method, f"http://{host}:{port}{path}", {}, base64.b64encode(body).decode(), seconds]

        def ask() -> Response | None:
            said = self.sandbox.python(_ASK, json.dumps(call), seconds=seconds + 5)
            if said.returncode != 0:
                return None
            answer = json.loads(said.stdout)
            return Response(
                request=f"{method} {path}",
                status=answer["status"],
                headers={name.lower(): value for name, value in answer["headers"].items()},
                body=base64.b64decode(answer["body"]),
                duration_s=0.0,
            )

        with suppress(wait.WaitTimeout):
            return wait.until(ask, seconds=within, cancelled=self.sandbox.session.cancelled, every=0.3)
        return None

    network_address: ClassVar[str] = ADDRESS
    """The address under which the sandbox's machine would be known to its neighbours."""


def script_text(folder: Path, name: str) -> str:
    """A learner's commands, ready to be played.

    Raises:
        CheckFailed: they cannot be read, have Windows line endings, or hold nothing but comments.
    """
    text = context.read_text(folder, name)
    if "\r\n" in text:
        raise CheckFailed(
            f"{name} has Windows line endings.",
            expected="lines that end as on Linux (LF)",
            found="lines that end with CR LF: the shell takes the CR for a part of the last word",
            advice="Set your editor to LF for this file (VS Code: “CRLF” at the lower right), or run: sed -i 's/\\r$//' "
            + name,
        )
    if all(not line.strip() or line.strip().startswith("#") for line in text.splitlines()):
        raise CheckFailed(f"{name} has no commands in it yet.", expected="your commands, one a line", found="comments only")
    return text


def other_files(folder: Path, script: str) -> dict[str, bytes]:
    """The other files of a learner's folder, as they are put beside the commands; no links.

    Raises:
        LimitReached: they are too large, or too many.
        CheckFailed: one cannot be read.
    """
    context.measure(folder, "", Limits(context=FILES_BYTES, context_files=1000))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path != folder / script and not _LEFT_OUT & set(path.parts)
    }


def play(
    sandbox: Sandbox,
    text: str,
    files: Mapping[str, bytes],
    *,
    facts: Facts,
    prepare: Preparation | Sequence[Sequence[str]] = (),
    seconds: float = PLAY_SECONDS,
) -> Stage:
    """Reset the sandbox, prepare it, and play a learner's commands in it.

    Args:
        sandbox: the run's.
        text: the commands.
        files: further files in their folder.
        facts: for the preparation.
        prepare: what the exercise does first.
        seconds: deadline for the learner's commands.

    Raises:
        LimitReached: they did not end, or used the sandbox up.
        Fault: the exercise could not be prepared.
    """
    sandbox.reset()
    bench = Bench(sandbox.docker, facts, sandbox.session.folder)
    if callable(prepare):
        prepare(bench)
    else:
        for command in prepare:
            bench.docker(*command)
    result = sandbox.play(text, files, seconds=seconds)
    stage = Stage(
        sandbox,
        Finished(what="your commands", exit_code=result.returncode, stdout=result.stdout, stderr="", duration_s=0.0),
    )
    sandbox.stage = stage
    return stage
