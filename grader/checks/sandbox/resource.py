"""What a learner's commands left behind in the sandbox: what all kinds of it have in common."""

from typing import Generic, TypeVar

from grader.checks.sandbox.script_run import ScriptRun
from grader.engine.inspect import ContainerInfo, ImageInfo, NetworkInfo, VolumeInfo
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

Info = TypeVar("Info", bound=ContainerInfo | ImageInfo | NetworkInfo | VolumeInfo)


class SandboxResource(Generic[Info]):
    """A container, image, network or volume in the sandbox.

    Args:
        script: the commands that left it there.
        about: what the engine says of it.
        name: what the exercise calls it.
    """

    def __init__(self, script: ScriptRun, about: Info, name: str) -> None:
        self.script = script
        self.about: Info = about
        self.name = name

    def _failed(
        self, message: str, *, expected: str, found: str, advice: str = "", evidence: tuple[Evidence, ...] = ()
    ) -> CheckFailed:
        """A failure that has to do with it; see ``ScriptRun.failed``."""
        return self.script.failed(message, expected=expected, found=found, advice=advice, name=self.name, evidence=evidence)
