"""The state that a learner's commands left their engine in."""

import base64
import json
from contextlib import suppress
from typing import ClassVar

from grader.checks.http import Response
from grader.checks.sandbox.resources import SandboxContainer, SandboxResource, SandboxVolume
from grader.checks.sandbox.script_run import ScriptRun
from grader.diagnose import docker_commands
from grader.engine import files as stored
from grader.engine import wait
from grader.engine.sandbox.parts import ADDRESS, FOLDER

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


class SandboxState(ScriptRun):
    """What a learner's commands left behind: the nouns of an exercise with commands."""

    def container(self, name: str) -> SandboxContainer:
        """A container by its name.

        Raises:
            CheckFailed: there is none.
        """
        return SandboxContainer(self, self.must("container", name, self.containers), name)

    def image(self, name: str) -> SandboxResource:
        """An image by its name and tag."""
        return SandboxResource(self, self.must("image", name, self.images), name)

    def volume(self, name: str) -> SandboxVolume:
        """A volume by its name."""
        return SandboxVolume(self, self.must("volume", name, self.volumes), name)

    def network(self, name: str) -> SandboxResource:
        """A network by its name."""
        return SandboxResource(self, self.must("network", name, self.networks), name)

    def empty(self) -> None:
        """Remove all containers, volumes, networks and images; the learner's files stay."""
        self.sandbox.empty()

    def image_file(self, image: str, path: str) -> str | None:
        """A text file that is in an image, whether or not the image has programs; None when there is none.

        Args:
            image: its name.
            path: of the file.
        """
        code = (
            'made=$(docker create "$1" none) || exit 1; docker cp -L "$made:$2" - | tar -xO -f - | head -c 100000; '
            'docker cp "$made:$2" - >/dev/null; found=$?; docker rm -f "$made" >/dev/null; exit $found'
        )
        said = self.sandbox.shell(code, image, path, seconds=60)
        return said.stdout if said.returncode == 0 else None

    def image_holds(self, image: str, *words: str) -> bool:
        """Whether some words are anywhere in an image: in a layer, in a file that a later layer removes, in its settings.

        Args:
            image: its name.
            words: in a row, as they stand; several: one of them is enough.
        """
        # Its layers are in the archive as they are: an engine that keeps images with its own drivers does not compress them.
        pipe = 'docker save "$1" | tar -xO -f - | grep -a -q -F -e "$2"'
        return self.sandbox.shell(pipe, image, "\n".join(words), seconds=60).returncode == 0

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

    def expect_gone(self, kind: str, name: str) -> None:
        """There is no such container, image, volume or network any more."""
        about = self.inspect(kind, name)
        if about is not None:
            state = f" ({about['State']['Status']})" if kind == "container" else ""
            raise self.failed(
                f"The {kind} {name} is still there when your commands are done.",
                expected=f"no {kind} called {name}",
                found=f"a {kind} called {name}{state}",
                name=name,
            )
        if kind == "container" and (now := self.renamed(name)) is not None:
            raise self.failed(
                f"The container {name} is still there, under another name.",
                expected="that container removed, whatever it is called",
                found=f"the same container, called {now} now",
                name=name,
            )

    def expect_only_containers(self, *names: str) -> None:
        """No containers but these are there."""
        if extra := sorted(set(self.containers()) - set(names)):
            programs = (f"{name}, program {self.container(name).program()}" for name in extra)
            raise self.failed(
                "There are more containers than the exercise asks for.",
                expected=f"only {' and '.join(names)}" if names else "no container at all",
                found=f"also {'; '.join(programs)}",
                advice="Each docker run makes a new container." if any(map(docker_commands.made_up, extra)) else "",
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
