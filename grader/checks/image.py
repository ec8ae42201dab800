"""An image that the learner built, and what to expect of it."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from grader.checks import room
from grader.checks.container import Container
from grader.checks.context import few, first_that_ran, path_fits, what_was_cached
from grader.checks.exec_result import ExecResult, sentence, shortened
from grader.checks.rebuilt import Stage, made_again
from grader.checks.volume import Volume
from grader.engine import containers, dive, images, layers, lost_output
from grader.engine import files as stored
from grader.engine.build.buildx import Built
from grader.engine.history import Step, base, history
from grader.engine.inspect import Config, ImageInfo
from grader.engine.layers import Contents, LayerFile
from grader.engine.search.sought import Sought
from grader.engine.session import Session
from grader.values.errors import CheckFailed, LimitReached
from grader.values.events import BuildStep
from grader.values.outcome import Evidence

_HIDDEN = "A container does not show it any more, but the layer below still holds it: deleting only hides a file."
_PACKED = "Packing or encoding it only hides it from view: whoever has the image has it."
FROM = re.compile(r"\[[^\]]*\] FROM (?:docker\.io/(?:library/)?)?(?P<image>[^@\s]+)")


class Image:
    """An image of this run.

    Args:
        session: the run.
        built: how it was built.
        what: how to speak of it.
        stage: builds another stage of the same Dockerfile.
    """

    exclusive: ClassVar[bool] = False
    """See ``contract.Subject``: no check changes it."""

    def __init__(self, session: Session, built: Built, *, what: str = "the image", stage: Stage = lambda _name: None) -> None:
        self.session = session
        self.built = built
        self.what = what
        self._stage = stage
        self.id = built.image_id

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:  # noqa: ARG002 - the contract of all subjects
        """None: the limits are those of its build, which raises them, and of its containers, which are asked themselves."""
        return None

    @property
    def steps(self) -> tuple[BuildStep, ...]:
        """The steps of its build."""
        return self.built.steps

    @cached_property
    def about(self) -> ImageInfo:
        """What the engine says of it."""
        return images.inspect(self.session, self.id)

    @property
    def config(self) -> Config:
        """What its containers get: environment, user, command, health check, labels and so on."""
        return self.about.config

    @cached_property
    def size(self) -> int:
        """Bytes of all its layers, unpacked; the same on both image stores.

        The classic store says just that. The containerd store says what it has on disk, compressed where it was pulled so.
        """
        if images.kept_by_containerd(self.session):
            return sum(one.size for one in self.contents.files)
        return self.about.size

    @property
    def workdir(self) -> str:
        """The directory that its containers start in; ``/`` when none is set; no slash at the end."""
        return "/" + self.config.workdir.strip("/")

    @property
    def env(self) -> Mapping[str, str]:
        """Its environment."""
        return self.config.env

    @property
    def labels(self) -> dict[str, str]:
        """Its labels, the grader's own aside."""
        return {k: v for k, v in self.config.labels.items() if k not in self.session.labels}

    def layers(self) -> list[tuple[int, str]]:
        """Bytes and instruction of each step of its history, oldest first."""
        return [(one.size, one.command) for one in self.history]

    @cached_property
    def history(self) -> tuple[Step, ...]:
        """The steps that it was made in, oldest first; those of its base image come first."""
        return history(self.session, self.id)

    @cached_property
    def base(self) -> tuple[str, int]:
        """The image that it is built on, as its build names it, and how many steps of the history are that one's."""
        named = dict.fromkeys(match["image"] for step in self.steps if (match := FROM.match(step.name)))
        return base(self.session, self.history, named)

    @cached_property
    def contents(self) -> Contents:
        """All its layers, looked through."""
        return layers.look_through(self.session, self.id, size=self.about.size)

    def files(self, *patterns: str) -> tuple[LayerFile, ...]:
        """Files of all its layers, deleted ones included, lowest layer first.

        Args:
            patterns: only those that fit one of them, e.g. ``**/.env`` or ``data``; see ``path_fits``.
        """
        files = self.contents.files
        fitting = (one for one in files if any(path_fits(one.path, pattern) for pattern in patterns))
        return tuple(fitting) if patterns else files

    def read(self, path: str) -> bytes | None:
        """A file of it, as its containers begin with; None where there is none.

        Args:
            path: absolute.
        """
        with containers.ephemeral(self.session, containers.Spec(image=self.id, command=("none",))) as made:
            found = stored.read(self.session, made, path)
        return found[0].content if found and not found[0].path else None

    def left_out(self, *paths: str) -> str:
        """Which line of .dockerignore kept one of these files out of its build, in a sentence; empty where none did."""
        for path in paths:
            if line := self.built.ignore.left_out_by(path):
                return f"In .dockerignore, the line {line} keeps {path} out of the build."
        return ""

    # Running it

    def start(
        self,
        *args: str,
        publish: int | None = None,
        env: Mapping[str, str] | None = None,
        entrypoint: tuple[str, ...] | None = None,
        user: str | None = None,
        volumes: Mapping[str, str] | None = None,
        files: Mapping[str, str | bytes] | None = None,
        network: str | None = None,
        memory: int | None = None,
        read_only: bool = False,
    ) -> Container:
        """Start a container in the background.

        Args:
            args: replace its CMD.
            publish: port inside that the grader will talk to.
            env: added to its environment.
            entrypoint: replaces its ENTRYPOINT.
            user: replaces its USER.
            volumes: name of a volume of this run, made when it is first named → path inside.
            files: path inside → content, put there before the start.
            network: a network's name; by default none at all, or the engine's bridge when a port is published.
            memory: bytes, narrower than the exercise's limit.
            read_only: its root file system cannot be written.

        Returns:
            The container, to be used as a context manager.

        Raises:
            CheckFailed: it cannot be started.
        """
        spec = containers.Spec(
            image=self.id,
            command=args or None,
            entrypoint=entrypoint,
            env=env or {},
            user=user,
            publish=publish,
            network=network or ("bridge" if publish else "none"),
            volumes={containers.volume(self.session, name): path for name, path in (volumes or {}).items()},
            files=files or {},
            memory=memory,
            read_only=read_only,
            healthcheck=self.config.healthcheck,
        )
        self.session.check_cancelled()
        identity = containers.create(self.session, spec)
        # Registered before it is started: what cannot start is removed as well.
        container = Container(self.session, identity)
        try:
            container.started = containers.start(self.session, identity)
        except CheckFailed as error:
            raise _taken_for_the_program(error, _as_typed(args, entrypoint, env, user), args) or error from error
        if publish:
            # Nothing is bound when it has ended already: the first look at it says so.
            container.published[publish] = containers.inspect(self.session, identity).published().get(publish, 0)
        return container

    def run(
        self,
        *args: str,
        env: Mapping[str, str] | None = None,
        entrypoint: tuple[str, ...] | None = None,
        user: str | None = None,
        volumes: Mapping[str, str] | None = None,
        files: Mapping[str, str | bytes] | None = None,
        network: str | None = None,
        seconds: float | None = None,
    ) -> ExecResult:
        """Run a container to its end; once more where it was brief and silent, because a busy engine loses outputs.

        One that has volumes is not run again: it would find what it left there.

        Args:
            args: replace its CMD.
            env: added to its environment.
            entrypoint: replaces its ENTRYPOINT.
            user: replaces its USER.
            volumes: name of a volume of this run, made when it is first named → path inside.
            files: path inside → content, put there before the start.
            network: a network's name; by default none at all.
            seconds: deadline, counted from its start; by default the exercise's limit for starting.

        Raises:
            CheckFailed: it cannot be started.
            LimitReached: it did not end, or hit its memory limit.
        """

        def once() -> ExecResult:
            with self.start(
                *args, env=env, entrypoint=entrypoint, user=user, volumes=volumes, files=files, network=network
            ) as container:
                container.what = _as_typed(args, entrypoint, env, user) or container.what
                return container.wait(seconds or self.session.limits.start_seconds)

        ended = once()
        if volumes or ended.duration_s >= lost_output.BRIEF_SECONDS or (ended.stdout and ended.stderr):
            return ended

        def again() -> ExecResult | None:
            second = once()
            if bool(second.stdout) <= bool(ended.stdout) and bool(second.stderr) <= bool(ended.stderr):
                return None
            lost_output.note(self.session, second.what)
            return second

        return replace(ended, again=again) if ended.output else again() or ended

    def volume(self, name: str) -> Volume:
        """A volume of this run, the one that ``volumes={name: path}`` mounts."""
        return Volume(self.session, name)

    # What to expect

    def expect_nowhere(self, text: str | Sequence[str], what: str) -> None:
        """A text is in no file of any layer, deleted ones included, and neither in its history, environment nor labels.

        Files are unpacked, and other spellings are tried (base64, hex): see ``engine.search``.

        Args:
            text: e.g. a password; several: none of them.
            what: how to speak of it.
        """
        self._expect_none(Sought.text(*((text,) if isinstance(text, str) else text)), what)

    def expect_no_copy(self, lines: str, what: str) -> None:
        """No file of any layer, deleted ones included, is a copy of a text file, by whatever name and however it is packed.

        Args:
            lines: of the text file; what holds at least half of those that are long enough to tell is a copy.
            what: how to speak of it.
        """
        self._expect_none(Sought.copy_of(lines), what)

    def _expect_none(self, sought: Sought, what: str) -> None:
        hits = layers.look_through(self.session, self.id, size=self.size, sought=sought).hits
        if not hits:
            return
        brought = {self.contents.made_by[one.layer - 1]: one for one in reversed(hits) if one.layer}
        rows = [f"{command}\n    /{one.path}{one.inside}" for command, one in reversed(brought.items()) if command]
        raise CheckFailed(
            f"{sentence(what)} is in the image.",
            expected="in none of its layers; a file that a later step deletes is still in the layer below",
            found=few([str(one) for one in hits]),
            evidence=Evidence("the instruction that brought it, and a file", "\n".join(rows)),
            advice=_HIDDEN if all(map(self.contents.is_deleted, hits)) else _PACKED if all(one.how for one in hits) else "",
        )

    def expect_lacks(self, *patterns: str, what: str) -> None:
        """No layer has a file that fits one of the patterns, whether or not a later one deletes it.

        Args:
            patterns: see ``path_fits``.
            what: how to speak of it.
        """
        found = self.files(*patterns)
        if not found:
            return
        rows = []
        for number in dict.fromkeys(one.layer for one in found):
            of_it = [f"/{one.path}" for one in found if one.layer == number]
            rows.append(f"{self.contents.made_by[number - 1][:100] or f'layer {number}'}\n    {few(of_it)}")
        raise CheckFailed(
            f"The image still holds {what}.",
            expected=f"no layer that holds {what}",
            found=f"/{found[0].path}" + (f" and {len(found) - 1} more" if len(found) > 1 else ""),
            evidence=Evidence("the instruction that brought it, and the files", "\n".join(rows)),
            advice=_HIDDEN if all(map(self.contents.is_deleted, found)) else "",
        )

    def is_deleted(self, file: LayerFile) -> bool:
        """Whether a later layer deletes a file."""
        return self.contents.is_deleted(file)

    def made_by(self, file: LayerFile) -> str:
        """The instruction that brought a file, in quotation marks, as far as the image says."""
        return shortened(self.contents.made_by[file.layer - 1] or f"layer {file.layer}")

    def expect_same(self, earlier: "Image", *patterns: str, what: str) -> None:
        """Files are the very ones of an earlier build, not made again: even the time of their making is the same.

        Times can be set back. So no step that ran again may have brought one of them either, in the image or in a stage before.

        Args:
            earlier: the other image.
            patterns: which files, e.g. ``**/numpy-*.dist-info/RECORD``, which an installer writes last.
            what: how to speak of them, in the plural.
        """
        before, now = ({(one.path, one.mtime) for one in image.files(*patterns)} for image in (earlier, self))
        if not before:
            raise CheckFailed(f"{sentence(what)} are not in the image.", expected=f"{what} in the image", found="none of them")
        if before != now:
            raise CheckFailed(
                f"{sentence(what)} were made again.",
                expected=f"{what} from the cache, as the build before made them",
                found=f"the first step that did not come from the cache: {first_that_ran(self.steps) or 'none'}; "
                f"they come from {' and '.join(dict.fromkeys(map(self.made_by, self.files(*patterns))))}",
                evidence=what_was_cached(self.steps),
            )
        for step, file in made_again(self, patterns, self._stage):
            raise CheckFailed(
                f"{sentence(what)} were made again.",
                expected=f"{what} from the cache, as the build before made them",
                found=f"{shortened(step.name.partition('] ')[2])} ran again, and brought /{file.path}",
                evidence=what_was_cached(self.steps),
                advice="Whatever date a file has, a step that did not come from the cache did its work again.",
            )

    def expect_size(self, *, at_most: int) -> None:
        """It is small enough.

        Args:
            at_most: bytes, unpacked, all layers.
        """
        if self.size > at_most:
            raise room.too_large(self, at_most)

    def expect_efficient(self, *, at_least: float) -> None:
        """Its layers hold few files that are there twice, or that a later layer deletes or changes, by dive's measure.

        A folder that is deleted or moved as a whole is not counted: expect a size as well.

        Args:
            at_least: dive's score; 1.0 is perfect.
        """
        seen = dive.look(self.session, self.id, size=self.size)
        if seen.score < at_least:
            raise room.in_vain(self, seen, at_least)

    def expect_workdir(self, path: str) -> None:
        """Its containers start in a directory."""
        if self.workdir != "/" + path.strip("/"):
            raise CheckFailed(
                f"Containers from this image start in {self.workdir}.",
                expected=f"they start in {path}",
                found=f"the image's WORKDIR is {self.workdir}" if self.config.workdir else "the image has no WORKDIR",
            )

    def expect_env(self, **wanted: str | None) -> None:
        """Its environment has variables with these values; None: does not have the variable at all."""
        for name, value in wanted.items():
            found = self.env.get(name)
            if found != value:
                trouble = f"has an environment variable {name}" if value is None else f"has no environment variable {name}"
                if value is not None and found is not None:
                    trouble = f"has another value in its environment variable {name}"
                raise CheckFailed(
                    f"{sentence(self.what)} {trouble}.",
                    expected=f"{name}={value}" if value is not None else f"no variable {name}",
                    found=_named(name, found) if found is not None else f"no variable {name}",
                )

    def expect_label(self, name: str, value: str | None = None) -> None:
        """It has a label.

        Args:
            name: its name.
            value: its value; None for any that is not empty.
        """
        found = self.labels.get(name)
        if (value is None and not found) or (value is not None and found != value):
            others = ", ".join(f"{key}={text}" for key, text in self.labels.items() if self._base_labels.get(key) != text)
            raise CheckFailed(
                f"{sentence(self.what)} has "
                + (f"no label {name}." if found is None else f"another value in its label {name}."),
                expected=f"{name}={value}" if value is not None else f"some value for {name}",
                found=_named(name, found) if found is not None else "no such label" + (f", only {others}" if others else ""),
            )

    @cached_property
    def _base_labels(self) -> Mapping[str, str]:
        """Labels that come from the base image."""
        name, _ = self.base
        found = images.find(self.session, name) if name else None
        return found.config.labels if found else {}


def _named(name: str, value: str) -> str:
    return f"{name}={value}" if value else f"{name} is empty"


def _as_typed(args: Sequence[str], entrypoint: Sequence[str] | None, env: Mapping[str, str] | None, user: str | None) -> str:
    """A container, by the command that would start it; empty where nothing is given that would have to be typed."""
    options = [*(["--entrypoint", entrypoint[0]] if entrypoint else ()), *(["--user", user] if user else ())]
    options += [word for name, value in (env or {}).items() for word in ("-e", f"{name}={value}")]
    if not (args or options):
        return ""
    return shortened(f"docker run {shlex.join([*options, 'IMAGE', *(entrypoint or ())[1:], *args])}")


def _taken_for_the_program(error: CheckFailed, typed: str, args: Sequence[str]) -> CheckFailed | None:
    """A container that cannot start because its engine took the first word of its arguments for a program."""
    if not args or not error.finding.found.startswith(f'"{args[0]}"'):
        return None
    return CheckFailed(
        f"{typed}: Docker took {args[0]} for the program to be run.",
        expected="the image's own program is run, and is given these words",
        found=error.finding.found,
        advice="Arguments after the image's name replace CMD.",
    )
