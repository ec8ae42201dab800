"""An image that the learner built, and what to expect of it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from grader.checks.build import few, path_fits, what_was_cached
from grader.checks.container import Container
from grader.checks.finished import Finished
from grader.checks.volume import Volume
from grader.engine import containers, dive, layers
from grader.engine.build.buildx import Built
from grader.engine.client import translated
from grader.engine.history import Step, history
from grader.engine.layers import LayerFile
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import CheckFailed
from grader.values.outcome import BuildStep, Evidence

_SHOWN_WASTED = 10

_BRIEF_SECONDS = 2.0


class Image:
    """An image of this run.

    Args:
        session: the run.
        built: how it was built.
    """

    def __init__(self, session: Session, built: Built) -> None:
        self.session = session
        self.built = built
        self.id = built.image_id

    @property
    def steps(self) -> tuple[BuildStep, ...]:
        """The steps of its build."""
        return self.built.steps

    @cached_property
    def about(self) -> dict[str, Any]:
        """All that ``docker image inspect`` says."""
        with translated():
            about: dict[str, Any] = self.session.client.api.inspect_image(self.id)  # type: ignore[no-untyped-call]
        return about

    @property
    def config(self) -> dict[str, Any]:
        """Its configuration: Env, Cmd, Entrypoint, User, WorkingDir, Healthcheck, Labels and so on."""
        return self.about.get("Config") or {}

    @property
    def size(self) -> int:
        """Bytes of all its layers, unpacked."""
        return int(self.about["Size"])

    @property
    def workdir(self) -> str:
        """The directory that its containers start in; ``/`` when none is set; no slash at the end."""
        return "/" + str(self.config.get("WorkingDir") or "").strip("/")

    @property
    def env(self) -> dict[str, str]:
        """Its environment."""
        return dict(entry.split("=", 1) for entry in self.config.get("Env") or () if "=" in entry)

    @property
    def labels(self) -> dict[str, str]:
        """Its labels, the grader's own aside."""
        return {k: v for k, v in (self.config.get("Labels") or {}).items() if k not in self.session.labels}

    def layers(self) -> list[tuple[int, str]]:
        """Bytes and instruction of each step of its history, oldest first."""
        return [(one.size, one.command) for one in self.history]

    @cached_property
    def history(self) -> tuple[Step, ...]:
        """The steps that it was made in, oldest first; those of its base image come first."""
        return history(self.session, self.id)

    @cached_property
    def _files(self) -> tuple[LayerFile, ...]:
        return layers.look_through(self.session, self.id, size=self.size).files

    def files(self, *patterns: str) -> tuple[LayerFile, ...]:
        """Files of all its layers, deleted ones included, lowest layer first.

        Args:
            patterns: only those that fit one of them, e.g. ``**/.env`` or ``data``; see ``path_fits``.
        """
        fitting = (one for one in self._files if any(path_fits(one.path, pattern) for pattern in patterns))
        return tuple(fitting) if patterns else self._files

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
            healthcheck=self.config.get("Healthcheck"),
        )
        self.session.check_cancelled()
        identity = containers.create(self.session, spec)
        # Registered before it is started: what cannot start is removed as well.
        container = Container(self.session, identity)
        container.started = containers.start(self.session, identity)
        if publish:
            ports = containers.inspect(self.session, identity)["NetworkSettings"]["Ports"] or {}
            bound = ports.get(f"{publish}/tcp")
            if bound:  # nothing is bound when it has ended already: the first look at it says so
                container.published[publish] = int(bound[0]["HostPort"])
            else:
                container.published[publish] = 0
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
    ) -> Finished:
        """Run a container to its end.

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

        def once() -> Finished:
            with self.start(
                *args, env=env, entrypoint=entrypoint, user=user, volumes=volumes, files=files, network=network
            ) as container:
                return container.wait(seconds or self.session.limits.start_seconds)

        ended = once()
        # A busy engine loses what a container wrote that ended before the engine listened ("reading from a closed fifo" in
        # its log). Silence is no proof then; where nothing was kept, a second run tells.
        if not ended.output and ended.duration_s < _BRIEF_SECONDS and not volumes:
            return once()
        return ended

    def volume(self, name: str) -> Volume:
        """A volume of this run, the one that ``volumes={name: path}`` mounts."""
        return Volume(self.session, name)

    # What to expect

    def expect_nowhere(self, text: str, what: str) -> None:
        """A text is in no file of any layer, deleted ones included, and neither in its history, environment nor labels.

        Args:
            text: e.g. a password.
            what: how to speak of it.
        """
        found = layers.look_through(self.session, self.id, size=self.size, texts=(text.encode(),)).hits
        if found:
            raise CheckFailed(
                f"{what[0].upper()}{what[1:]} is in the image.",
                expected="in none of its layers; a file that a later step deletes is still in the layer below",
                found=few(found),
            )

    def expect_lacks(self, *patterns: str) -> None:
        """No layer has a file that fits one of the patterns, whether or not a later one deletes it.

        Args:
            patterns: see ``path_fits``.
        """
        if found := self.files(*patterns):
            raise CheckFailed(
                "The image holds files that it should not.",
                expected=f"none of these in any of its layers: {', '.join(patterns)}",
                found=few([f"layer {one.layer}: {one.path}" for one in found]),
            )

    def expect_same(self, earlier: "Image", *patterns: str, what: str) -> None:
        """Files are the very ones of an earlier build, not made again: even the time of their making is the same.

        Args:
            earlier: the other image.
            patterns: which files, e.g. ``**/numpy-*.dist-info/RECORD``, which an installer writes last.
            what: how to speak of them, in the plural.
        """
        before, now = ({(one.path, one.mtime) for one in image.files(*patterns)} for image in (earlier, self))
        if not before:
            raise CheckFailed(f"{what[0].upper()}{what[1:]} are not in the image.", expected=", ".join(patterns), found="none")
        if before != now:
            raise CheckFailed(
                f"{what[0].upper()}{what[1:]} were made again.",
                expected=f"{what} from the cache, as the build before made them",
                found="the step that makes them ran again, or one before it did",
                evidence=what_was_cached(self.steps),
            )

    def expect_size(self, *, at_most: int) -> None:
        """It is small enough.

        Args:
            at_most: bytes, unpacked, all layers.
        """
        if self.size > at_most:
            rows = sorted(self.layers(), reverse=True)[:6]
            raise CheckFailed(
                "The image is too large.",
                expected=f"at most {units.size(at_most)}",
                found=units.size(self.size),
                evidence=Evidence("largest layers", "\n".join(f"{units.size(size):>9}  {by[:90]}" for size, by in rows)),
            )

    def expect_efficient(self, *, at_least: float) -> None:
        """Its layers hold few files that are there twice, or that a later layer deletes or changes, by dive's measure.

        A folder that is deleted or moved as a whole is not counted: expect a size as well.

        Args:
            at_least: dive's score; 1.0 is perfect.
        """
        seen = dive.look(self.session, self.id, size=self.size)
        if seen.score < at_least:
            rows = [f"{units.size(one.size):>9}  in {one.copies} layers  {one.path}" for one in seen.wasted[:_SHOWN_WASTED]]
            raise CheckFailed(
                "Layers of the image hold what no container can see, or what another layer holds as well.",
                expected=f"an efficiency of at least {at_least:.0%}, as dive measures it",
                found=f"{int(seen.score * 100)}%",
                evidence=Evidence("files that take room in several layers, deleted ones included", "\n".join(rows)),
            )

    def expect_workdir(self, path: str) -> None:
        """Its containers start in a directory."""
        if self.workdir != "/" + path.strip("/"):
            raise CheckFailed(f"Containers from this image start in {self.workdir}.", expected=path, found=self.workdir)

    def expect_env(self, **wanted: str | None) -> None:
        """Its environment has variables with these values; None: does not have the variable at all."""
        for name, value in wanted.items():
            found = self.env.get(name)
            if found != value:
                raise CheckFailed(
                    f"The image's environment is not as expected: {name}.",
                    expected=f"{name}={value}" if value is not None else f"no variable {name}",
                    found=f"{name}={found}" if found is not None else f"no variable {name}",
                )

    def expect_label(self, name: str, value: str | None = None) -> None:
        """It has a label.

        Args:
            name: its name.
            value: its value; None for any that is not empty.
        """
        found = self.labels.get(name)
        if (value is None and not found) or (value is not None and found != value):
            raise CheckFailed(
                f"The image's label {name} is not as expected.",
                expected=f"{name}={value}" if value is not None else f"some value for {name}",
                found=f"{name}={found}" if found is not None else "no such label",
            )
