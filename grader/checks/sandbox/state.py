"""The state that a learner's commands left their engine in."""

from collections.abc import Callable, Mapping

from grader.checks.exec_result import ExecResult
from grader.checks.registry.registry import Registry
from grader.checks.sandbox import words
from grader.checks.sandbox.container import SandboxContainer
from grader.checks.sandbox.folder import SandboxFile
from grader.checks.sandbox.image import SandboxImage
from grader.checks.sandbox.network import SandboxNetwork
from grader.checks.sandbox.output import SandboxOutput
from grader.checks.sandbox.script_run import ScriptRun
from grader.checks.sandbox.volume import SandboxVolume
from grader.diagnose import docker_commands
from grader.engine import files as stored
from grader.engine.inspect import ContainerInfo, ImageInfo, NetworkInfo, VolumeInfo
from grader.engine.sandbox.nested import Sandbox
from grader.engine.sandbox.parts import FOLDER
from grader.values.facts import Facts

_IN_ITS_PLACE = """
if [ -d "$1" ]; then echo "a folder that is called $2"
elif [ -L "$1" ]; then echo "a link $2, which leads to $(readlink "$1"), and there is nothing in this folder"; fi
"""


class SandboxState(ScriptRun):
    """What a learner's commands left behind: the nouns of an exercise with commands.

    Args:
        engine: see ``ScriptRun``.
        said: likewise.
        facts: likewise.
        given: likewise.
        put: likewise.
        drawn: likewise.
        run_again: see the method of that name.
    """

    def __init__(
        self,
        engine: Sandbox,
        said: ExecResult,
        facts: Facts,
        given: Mapping[str, ImageInfo],
        put: Mapping[str, str],
        drawn: Mapping[str, str],
        run_again: Callable[[Mapping[str, str]], "SandboxState"],
    ) -> None:
        super().__init__(engine, said, facts, given, put, drawn)
        self._run_again = run_again

    def run_again(self, *, changing: Mapping[str, str]) -> "SandboxState":
        """Run the commands once more, from a fresh start; this state is not to be used any more then.

        Args:
            changing: volume → a file in it whose first eight bytes change all the time while the commands run, as soon as it
                is there: so what was copied from it at one time is told from what was copied at another.

        Returns:
            What they left behind this time.
        """
        return self._run_again(changing)

    def container(self, name: str) -> SandboxContainer:
        """A container by its name.

        Raises:
            CheckFailed: there is none.
        """
        return SandboxContainer(self, ContainerInfo.parse(self.must("container", name, self.containers)), name)

    def image(self, name: str) -> SandboxImage:
        """An image by its name and tag."""
        return SandboxImage(self, ImageInfo.parse(self.must("image", name, self.images)), name)

    def volume(self, name: str, *, advice: str = "") -> SandboxVolume:
        """A volume by its name.

        Args:
            name: of it.
            advice: what to make of it where there is none.
        """
        return SandboxVolume(self, VolumeInfo.parse(self.must("volume", name, self.volumes, advice)), name)

    def network(self, name: str) -> SandboxNetwork:
        """A network by its name."""
        return SandboxNetwork(self, NetworkInfo.parse(self.must("network", name, self.networks)), name)

    def registry(self, port: int = 5000) -> Registry:
        """A registry that is published on loopback, whether or not it answers.

        Args:
            port: where.
        """
        return Registry(self, port)

    def file(self, *names: str) -> SandboxFile:
        """A file in the learner's folder, beside the commands; a link is followed, if it stays in the folder.

        Args:
            names: below the folder; several: the first that is there.

        Raises:
            CheckFailed: there is none.
            LimitReached: it is too large.
        """
        for name in names:
            path = self.engine.shell('readlink -f "$1"', f"{FOLDER}/{name}").stdout.strip()
            found = stored.read(self.engine.session, self.engine.engine, path) if path.startswith(f"{FOLDER}/") else None
            if found and not found[0].path:
                return SandboxFile(self, name, found[0].content)
        there = self.folder()
        raise self.failed(
            f"There is no file {names[0]} beside commands.sh {self.when}.",
            expected=f"a file called {' or '.join(names[:2])}",
            found=self._in_its_place(names[0]) or (f"only {', '.join(there)}" if there else "nothing but commands.sh"),
            advice=self._why_no_file(there),
        )

    def folder(self) -> list[str]:
        """Names of what is in the learner's folder, the commands aside."""
        said = self.engine.python(f"import os; print(*sorted(os.listdir({FOLDER!r})), sep='\\n')").stdout
        return [name for name in said.splitlines() if not name.startswith(".")]

    @property
    def output(self) -> SandboxOutput:
        """What the commands wrote, each command in front of it behind a ``$``."""
        said = self.said
        return SandboxOutput(
            what=said.what,
            exit_code=said.exit_code,
            stdout=said.stdout,
            stderr="",
            duration_s=0.0,
            output_limit=said.output_limit,
            script=self,
        )

    def expect_gone(self, kind: str, name: str) -> None:
        """There is no such container, image, volume or network any more."""
        about = self.inspect(kind, name)
        if about is not None:
            how = f"it {words.state(about['State']['Status'])}" if kind == "container" else ""
            raise self.failed(
                f"The {kind} {name} is still there {self.when}{how and f': {how}'}.",
                expected=f"no {kind} called {name}",
                found=f"a {kind} called {name}{how and f'; {how}'}",
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
            programs = (f"{name}, program {self.container(name).program}" for name in extra)
            invented = [name for name in extra if docker_commands.made_up(name)]
            named = [name for name in extra if name not in invented]
            raise self.failed(
                "There are more containers than the exercise asks for: "
                + " and ".join([*named, *(["one whose name Docker has made up"] if invented else [])])
                + ".",
                expected=f"only {' and '.join(names)}" if names else "no container at all",
                found=f"also {'; '.join(programs)}",
                advice="Each docker run makes a new container." if invented else "",
            )

    def expect_ran(self, image: str, *, message: str = "") -> None:
        """A container that was made from an image was started while the commands ran.

        Args:
            image: its name, as it was before the commands.
            message: the finding's first sentence, where the exercise knows better what it means.
        """
        started = self.started_from()
        if not any(self.comes_from(one, image) for one in started):
            raise self.failed(
                message or f"No container made from {image} has ever run.",
                expected=f"a container made from {image}, and its program in it",
                found=f"containers made from {' and '.join(started)}" if started else "no container was started",
            )

    def _in_its_place(self, name: str) -> str:
        """What has a name that a file should have; empty for nothing."""
        return self.engine.shell(_IN_ITS_PLACE, f"{FOLDER}/{name}", name).stdout.strip()

    def _why_no_file(self, there: list[str]) -> str:
        """Why a file is not there, where that can be seen."""
        if there:
            return ""
        if docker_commands.holds_data(self.said.output):
            return "Without a file name, docker save writes to its output."
        if "start" in self.events("container"):
            return "What a container writes stays in it, unless it writes to a place that is mounted."
        return ""
