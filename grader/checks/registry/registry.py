"""A registry and its repositories: what they hold, asked over HTTP as any client would.

What counts is what the registry answers, not what was typed.
"""

from collections.abc import Sequence
from typing import Self

from grader.checks.http import Response
from grader.checks.registry import diary
from grader.checks.registry.image import MANIFESTS, RegistryImage
from grader.checks.registry.round_trip import RoundTrip
from grader.checks.sandbox import machine
from grader.checks.sandbox.script_run import ScriptRun
from grader.values.errors import CheckFailed

_NAMES = 1000
"""The most names that a registry is asked to list."""
_START_SECONDS = 10.0
_FOUND, _NOT_FOUND = 200, 404


class Registry:
    """A registry that runs in the sandbox.

    Args:
        script: the commands that it is looked at after.
        port: where it is published on loopback.
    """

    def __init__(self, script: ScriptRun, port: int = 5000) -> None:
        self.script = script
        self.port = port

    @property
    def address(self) -> str:
        """What the names of its images begin with."""
        return f"localhost:{self.port}"

    def repositories(self) -> list[str]:
        """The names of its repositories, sorted."""
        answer = self._ask("GET", f"/v2/_catalog?n={_NAMES}")
        return sorted(answer.json()["repositories"] or ()) if answer else []

    def repository(self, name: str) -> "Repository":
        """A repository, whether or not anything has been pushed to it."""
        return Repository(self, name)

    def get(self, path: str, accept: Sequence[str] = ("*/*",)) -> Response | None:
        """What it has at a path, up to a megabyte; None where there is nothing.

        Args:
            path: of the URL.
            accept: media types.

        Raises:
            CheckFailed: it does not answer, or with an error.
        """
        return self._ask("GET", path, accept)

    def has(self, path: str) -> bool:
        """Whether it has something at a path, however large.

        Raises:
            CheckFailed: it does not answer, or with an error.
        """
        return self._ask("HEAD", path) is not None

    def _ask(self, method: str, path: str, accept: Sequence[str] = ("*/*",)) -> Response | None:
        headers = {"Accept": ", ".join(accept)}
        answer = machine.ask(self.script.engine, self.port, path, method=method, headers=headers, within=_START_SECONDS)
        if answer is None or answer.status not in {_FOUND, _NOT_FOUND}:
            raise self.script.failed(
                f"The registry at {self.address} does not answer {self.script.when}.",
                expected=f"a registry that answers at {self.address}",
                found=f"status {answer.status}" if answer else "no answer",
            )
        return answer if answer.status == _FOUND else None


class Repository:
    """A repository of a registry: a name, and the images that its tags stand for.

    Args:
        registry: where it is.
        name: without the registry in front.
    """

    def __init__(self, registry: Registry, name: str) -> None:
        self.registry = registry
        self.script = registry.script
        self.name = name

    @property
    def address(self) -> str:
        """Its name with the registry in front, as it is pushed to."""
        return f"{self.registry.address}/{self.name}"

    def is_named_by(self, image: str) -> bool:
        """Whether an image's name, of the engine's, leads to it."""
        return diary.leads_to(image, self.registry.port, self.name)

    def tags(self) -> list[str]:
        """Its tags, sorted; none where there is no such repository."""
        answer = self.registry.get(f"/v2/{self.name}/tags/list?n={_NAMES}")
        return sorted(answer.json()["tags"] or ()) if answer else []

    def image(self, tag: str) -> RegistryImage:
        """The image that a tag stands for.

        Raises:
            CheckFailed: there is no such tag.
        """
        answer = self.registry.get(f"/v2/{self.name}/manifests/{tag}", MANIFESTS)
        if answer is None:
            raise self._no_tags([tag])
        return RegistryImage(self.registry, self.name, tag, answer)

    def round_trip(self, given: str) -> RoundTrip:
        """What became of an image that was there before the commands, and should have come back from here.

        Args:
            given: what it was called before the commands.
        """
        return RoundTrip(self, given)

    def expect_tags(self, *tags: str) -> Self:
        """It has these tags, perhaps among others."""
        there = self.tags()
        if missing := [one for one in tags if one not in there]:
            raise self._no_tags(missing)
        return self

    def expect_one_digest(self, *tags: str) -> Self:
        """These tags stand for one and the same image."""
        images = [self.image(one) for one in tags]
        if len({one.digest for one in images}) > 1:
            raise self.script.failed(
                f"{' and '.join(one.name for one in images)} are not the same image in the registry.",
                expected="one digest for both" if len(images) == 2 else "one digest for all of them",
                found="; ".join(f"{one.name} is {one.short}" for one in images),
                advice="One of them is a list of images, and not the image itself."
                if len({one.is_index for one in images}) > 1
                else "They were pushed from two images: whatever is built, committed or imported is a new one.",
            )
        return self

    def _no_tags(self, missing: Sequence[str]) -> CheckFailed:
        """A failure because of tags that are not there, with what is there instead."""
        there, others = self.tags(), self.registry.repositories()
        pushed = [one for one in diary.read(self.script) if one.is_image("push")]
        elsewhere = [one.id for one in pushed if not diary.leads_to(one.id, self.registry.port)]
        if there:
            found = f"{self.name} with the tag {' and '.join(there)} only"
        else:
            found = f"only the repository {' and '.join(others)}" if others else "an empty registry"
        if elsewhere:
            advice = f"{elsewhere[0]} was pushed: that is another registry."
        elif pushed:
            advice = "Without a tag, Docker takes latest." if "latest" in there else ""
        else:
            advice = "Nothing was pushed. A name that begins with a registry's address is only a name until then."
        return self.script.failed(
            f"The registry has no {' and no '.join(f'{self.name}:{one}' for one in missing)}.",
            expected=f"{self.name} with the tag {' and '.join(missing)}",
            found=found,
            advice=advice,
        )
