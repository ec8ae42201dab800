"""The learner's work: a folder of real files."""

import json
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from grader.checks import observe
from grader.checks.context import BuildContext
from grader.checks.contract import Subject
from grader.checks.image import Image
from grader.checks.rebuilt import named
from grader.checks.setup import SetupFunction
from grader.diagnose import json_text
from grader.engine import copies, images, probe
from grader.engine.build import buildx, context
from grader.engine.session import Session
from grader.values.errors import CheckFailed, LimitReached, WorkError
from grader.values.facts import Facts
from grader.values.outcome import Evidence

if TYPE_CHECKING:
    from grader.checks.compose.file import ComposeFile
    from grader.checks.compose.stack import Stack
    from grader.checks.lint import LintResult
    from grader.checks.sandbox.state import SandboxState
    from grader.engine.isolated.pool import IsolatedEngines
    from grader.engine.sandbox.nested import Sandbox
    from grader.engine.sandbox.pool import SandboxEngines


class Work:
    """What a check without a dependency is handed.

    Args:
        run: the run, on the engine that the docker client uses.
        folder: the submission.
        facts: what is true for this learner alone.
        owner: the learner's folder, where this is a copy of it: builds use its caches.
        sandboxes: where sandbox engines come from; by default the run starts its own.
        isolated: where the engine comes from that a stranger's work is built and run on; by default it is the run's own.
        changed: files that a check has added or changed.
    """

    exclusive: ClassVar[bool] = False
    """See ``contract.Subject``: it is only read."""

    def __init__(
        self,
        run: Session,
        folder: Path,
        facts: Facts,
        *,
        owner: Path | None = None,
        sandboxes: "SandboxEngines | None" = None,
        isolated: "IsolatedEngines | None" = None,
        changed: tuple[str, ...] = (),
    ) -> None:
        self._run = run
        self._isolated = isolated
        self.folder = folder
        self.facts = facts
        self._owner = owner or folder
        self._sandboxes = sandboxes
        self._changed = changed
        self._built: dict[tuple[object, ...], Image | WorkError] = {}
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        # Of each thread, because that is of each check: what it has last brought to life.
        self._made = threading.local()

    @property
    def session(self) -> Session:
        """The run on the engine that the work is built and run on; a stranger's gets that engine when it is first needed."""
        return self._run.only(self._isolated.session) if self._isolated else self._run

    @property
    def isolated(self) -> bool:
        """Whether it is a stranger's, on an engine of its own."""
        return self._isolated is not None

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:
        """Whether the stack or the sandbox that this check has made of it reached a limit; see ``contract.Subject``."""
        made: Subject | None = getattr(self._made, "last", None)
        return made.limit_behind(error) if made is not None else None

    def disk_limit(self, error: CheckFailed | None = None) -> LimitReached | None:
        """Whether a stranger's work has filled the disk of its engine; None where the engine is not its own.

        Args:
            error: what a check failed with: a container that is gone has given back what it took, but not its words.
        """
        inner = self._run.made(self._isolated.session) if self._isolated else None
        return probe.disk_limit(inner, f"{error.finding}" if error else "") if inner else None

    def chose(self, image: str) -> bool:
        """Whether an image that cannot be had is a stranger's own choice, and none that the course has to have.

        Args:
            image: as their files name it.
        """
        name = images.with_tag(image.removeprefix("docker.io/").removeprefix("library/"))
        return bool(image) and self._isolated is not None and name not in self._isolated.images

    def text(self, name: str) -> str:
        """One of the learner's text files.

        Raises:
            CheckFailed: missing, unreadable, empty, a link to outside, not UTF-8 …
        """
        return context.read_text(self.folder, name)

    def json(self, name: str, *, example: str) -> Any:
        """What one of the learner's JSON files says.

        Args:
            name: of the file.
            example: what it should look like.

        Raises:
            CheckFailed: it cannot be read, or is not JSON; says where it stops being that.
        """
        text = self.text(name)
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            seen = json_text.breaks_at(text, error)
            raise CheckFailed(
                f"{name} is not JSON, so nothing in it can be read: there is {seen.found}.",
                expected=example,
                found=f"in line {seen.line}: {seen.found}",
                evidence=Evidence(f"{name}, line {seen.line}", json_text.around(text, seen.line)),
                advice=seen.advice,
            ) from None

    def build(
        self,
        *,
        file: str = "Dockerfile",
        context: str = ".",
        args: Mapping[str, str] | None = None,
        target: str | None = None,
        no_cache: bool = False,
    ) -> Image:
        """Build an image; asked twice for the same one, it is built once.

        Args:
            file: the Dockerfile.
            context: the build context, below the folder.
            args: build arguments.
            target: the stage to stop at.
            no_cache: build every step again.

        Raises:
            CheckFailed: it does not build, or asks for what is refused.
            LimitReached: context, time, memory or processes.
        """
        image, fresh = self._build(file, context, args, target, no_cache)
        if fresh:
            observe.image(image, file, self._changed)
        return image

    def _build(
        self, file: str, where: str, args: Mapping[str, str] | None, target: str | None, no_cache: bool
    ) -> tuple[Image, bool]:
        """The image, and whether it was built just now."""
        key = (file, where, tuple(sorted((args or {}).items())), target, no_cache)
        with self._lock:
            fresh = key not in self._built
            if fresh:
                try:
                    built = buildx.build(
                        self.session,
                        self.folder,
                        file=file,
                        where=where,
                        args=args,
                        target=target,
                        no_cache=no_cache,
                        owner=self._owner,
                    )
                    given = "".join(f" --build-arg {name}={value}" for name, value in (args or {}).items())
                    what = f"the image built with{given}" if given else "the image"
                    stage = partial(self._stage, file, where, args)
                    self._built[key] = Image(self.session, built, what=what, stage=stage)
                except WorkError as error:
                    self._built[key] = error
            result = self._built[key]
        if isinstance(result, WorkError):
            raise result
        return result, fresh

    def _stage(self, file: str, where: str, args: Mapping[str, str] | None, name: str) -> Image | None:
        """A stage of a Dockerfile, as an image; None where it cannot be built by itself."""
        try:
            text, target = named(self.text(file), name)
            copy = self.with_files({file: text})
            return copy._build(file, where, args, target, False)[0]  # noqa: SLF001 - its own kind; no image of theirs to be told of
        except WorkError:
            return None

    def with_files(self, files: Mapping[str, str | bytes]) -> "Work":
        """The same work with some files added or changed, in a copy; builds of it use the same caches.

        Args:
            files: path below the folder → content. What is in the way is replaced.

        Raises:
            LimitReached, CheckFailed: the folder is too large, or cannot be read.
        """
        folder = self._run.folder / self._run.name("copy") / self.folder.name
        copies.copy(self.folder, folder, self._run.limits)
        copies.put(folder, files)
        copy = Work(
            self._run,
            folder,
            self.facts,
            owner=self._owner,
            sandboxes=self._sandboxes,
            isolated=self._isolated,
            changed=tuple(dict.fromkeys([*self._changed, *files])),
        )
        copy._made = self._made
        return copy

    def sent(self, file: str = "Dockerfile") -> BuildContext:
        """What a build of this folder sends, as the engine itself decides it.

        Args:
            file: the Dockerfile, which may have an ignore file of its own; what it says does not matter.
        """
        probe = self.with_files({file: "FROM scratch\nCOPY . /\n"})
        # Built past self.build: it is a probe, and no image of the learner's to be told of.
        built = buildx.build(self.session, probe.folder, file=file, owner=self._owner)
        name, _ = context.ignore_file(probe.folder, file)
        missing = "" if name else context.no_ignore_file(probe.folder)
        return BuildContext(Image(self.session, built).files(), built.ignore, missing=missing)

    def lint(self, file: str = "Dockerfile") -> "LintResult":
        """What hadolint says of a Dockerfile: without any settings, and deaf to comments that would silence it.

        Args:
            file: the Dockerfile.

        Raises:
            CheckFailed: it cannot be read.
        """
        from grader.checks.lint import lint  # noqa: PLC0415 - most exercises need no linter

        return lint(self.session, self.folder, file)

    def compose(
        self,
        file: str | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        scale: Mapping[str, int] | None = None,
        delay: Mapping[str, float] | None = None,
    ) -> "Stack":
        """Bring up the learner's compose stack; it goes with the run.

        Args:
            file: its name, and then this one alone; by default what ``docker compose`` takes by itself: the first of
                compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml, with the override file beside it.
            variables: of the shell that starts it: they win over those of the file .env.
            scale: service → how many containers, as ``docker compose up --scale`` does.
            delay: service → seconds that it takes longer to start, each time.

        Raises:
            CheckFailed: it cannot be read, asks for what is refused, or does not come up.
            LimitReached: time or memory.
        """
        from grader.checks.compose.stack import start_stack  # noqa: PLC0415 - most exercises need no compose

        self._made.last = stack = start_stack(
            self.session, self.folder, file, owner=self._owner, variables=variables, scale=scale, delay=delay
        )
        return stack

    def compose_file(self, file: str | None = None) -> "ComposeFile":
        """The learner's compose file as compose reads it; nothing is started.

        Args:
            file: its name; by default that which ``docker compose`` would take.

        Raises:
            CheckFailed: it cannot be read, or asks for what is refused.
            LimitReached: reading it does not end, or grows too large.
        """
        from grader.checks.compose.file import ComposeFile  # noqa: PLC0415 - most exercises need no compose
        from grader.engine.compose.project import Project  # noqa: PLC0415

        return ComposeFile(Project(self.session, self.folder, file, owner=self._owner))

    def run_script(
        self,
        file: str = "commands.sh",
        *,
        images: Sequence[str] = ("busybox",),
        setup: SetupFunction | Sequence[Sequence[str]] = (),
        files: Mapping[str, str] | None = None,
        seconds: float = 60.0,
    ) -> "SandboxState":
        """Run the learner's commands against an engine of their own, fresh each time.

        An exercise with commands declares ``one_at_a_time=True``: there is one sandbox in a run.

        Args:
            file: the commands.
            images: what the engine has from the start.
            setup: what the exercise does first: the function under ``@exercise.setup``, or docker commands without the
                word docker.
            files: name → text of files that are put beside the commands, in place of the learner's of the same name.
            seconds: deadline.

        Raises:
            CheckFailed: the file cannot be read, or holds no commands.
            LimitReached: the commands did not end, or used the sandbox up.
        """
        from grader.checks.sandbox import commands  # noqa: PLC0415 - most exercises need no sandbox
        from grader.engine.sandbox.nested import Sandbox  # noqa: PLC0415

        script = commands.Script(
            text=commands.script_text(self.folder, file),
            facts=self.facts,
            files=commands.other_files(self.folder, file),
            put=files or {},
            setup=setup,
            seconds=seconds,
        )
        with self._lock:
            if self._sandbox is None or self._sandbox.asked != tuple(images):
                lent = self._sandboxes.lend(self._run, images) if self._sandboxes else None
                self._sandbox = lent or Sandbox(self._run, images)
            state = commands.run_script(self._sandbox, script)
            observe.sandbox(self._sandbox)
        self._made.last = state
        return state
