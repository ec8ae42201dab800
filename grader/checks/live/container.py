"""A container on the learner's engine, and what a drill may expect of it."""

import posixpath
from typing import Final, Self

from grader.checks.live.view import Unsettled, View
from grader.checks.sandbox import words
from grader.checks.sandbox.words import quoted
from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine.files import StoredFile
from grader.engine.inspect import ContainerInfo
from grader.values.errors import CheckFailed

_LOOK_AGAIN_SECONDS: Final = 1.0
_ALIVE: Final = frozenset({"running", "paused", "restarting"})
_REASON: Final = "exec: "
"""What follows is why a program could not be started."""
_MIB: Final = 1 << 20
"""What Docker's options call m."""
_SHARED: Final = {"host": "the host", "container": "another container"}
"""Modes in which a container has no shared memory of its own; whose it has."""
_ROOT: Final = frozenset({"root", "0"})
_EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what an engine says of a port that is open on all addresses


class LiveContainer:
    """A container that is there.

    Args:
        view: the engine.
        about: what the engine says of it.

    Attributes:
        about: see above.
    """

    def __init__(self, view: View, about: ContainerInfo) -> None:
        self._view, self.about = view, about

    # What it is

    @property
    def name(self) -> str:
        """Its name."""
        return self.about.name

    @property
    def state(self) -> str:
        """``created``, ``running``, ``paused``, ``restarting``, ``removing``, ``exited`` or ``dead``."""
        return self.about.state.status

    @property
    def is_new(self) -> bool:
        """Whether it was made since the drill began."""
        return self.about.id not in self._view.before.things

    def logs(self) -> str:
        """The last lines that it wrote."""
        return self._view.ask.logs(self.about.id)

    def read(self, path: str) -> str | None:
        """A text file in it; None when there is none."""
        return self._view.ask.read(self.about.id, path)

    def files(self, folder: str) -> tuple[StoredFile, ...]:
        """The ordinary files below a folder in it.

        Raises:
            CheckFailed: there is no such folder.
        """
        found = self._view.ask.files(self.about.id, folder)
        if found is None:
            raise CheckFailed(f"The container {self.name} has no folder {folder}.")
        return found

    def how_it_is(self) -> str:
        """Its state, in words."""
        state = self.about.state
        if self.state == "exited":
            return f"its program {quoted(self.about.command)} has ended with {exit_code_in_words(state.exit_code)}"
        if self.state == "created" and state.error:
            return f"it could not be started, {_reason(state.error)}"
        return "it was created, but never started" if self.state == "created" else f"it is {self.state}"

    # What to expect

    def expect_running(self, *, for_seconds: float = 1.0) -> Self:
        """It runs, and has been seen running for so long."""
        if self.state == "exited" and self.about.state.exit_code == 0:
            raise CheckFailed(
                f"The container {self.name} is not running: {self.how_it_is()}. A container runs as long as its program."
            )
        if self.state == "restarting":
            raise CheckFailed(
                f"The container {self.name} does not stay: its program ends again and again, and is started again."
            )
        if self.state != "running":
            raise CheckFailed(f"The container {self.name} is not running: {self.how_it_is()}.")
        left = for_seconds - self._view.steady_for(self.about)
        if left > 0:
            raise Unsettled(f"The container {self.name} is running; let us see whether it stays.", left)
        return self

    def expect_exited(self, code: int = 0) -> Self:
        """It has ended, with an exit code."""
        if self.state != "exited":
            raise CheckFailed(f"The container {self.name} has not ended: {self.how_it_is()}.")
        if self.about.state.exit_code != code:
            found = exit_code_in_words(self.about.state.exit_code)
            raise CheckFailed(f"The container {self.name} has ended with {found}, and not with {code}.")
        return self

    def expect_state(self, status: str) -> Self:
        """It is ``paused``, ``created`` or another of its states."""
        if self.state != status:
            raise CheckFailed(f"The container {self.name} is not {status}: {self.how_it_is()}.")
        return self

    def expect_healthy(self) -> Self:
        """Its health check has passed."""
        return self._expect_health("healthy")

    def expect_unhealthy(self) -> Self:
        """Its health check has failed too often."""
        return self._expect_health("unhealthy")

    def expect_same_check(self, other: str) -> Self:
        """Its health check is that of another container."""
        about = self._view.now.container(self._view.name(other))
        if about is None:
            raise self._view.missing("container", self._view.name(other))
        if self.about.config.healthcheck != about.config.healthcheck:
            raise CheckFailed(f"The container {self.name} has another health check than {about.name}.")
        return self

    def _expect_health(self, wanted: str) -> Self:
        health = self.about.state.health
        if health.status == "none":
            raise CheckFailed(f"The container {self.name} has no health check.")
        if health.status == wanted:
            return self
        # While it starts, or is about to change, what its check says now would be another line each second.
        last = health.runs[-1].output.strip() if health.status == "unhealthy" and health.runs else ""
        said = f": its check says {quoted(last.split())}" if last else ""
        raise CheckFailed(f"The container {self.name} is {health.status}, and not {wanted}{said}.")

    def expect_not_new(self) -> Self:
        """It is the one that was there when the drill began."""
        if self.is_new:
            raise CheckFailed(f"The container {self.name} is a new one, and not the one that was there at the beginning.")
        return self

    def expect_new(self) -> Self:
        """It is not the one that was there when the drill began."""
        if not self.is_new:
            raise CheckFailed(f"The container {self.name} is still the old one.")
        return self

    def expect_from(self, image: str) -> Self:
        """It was made from an image, whatever that is called now."""
        image = self._view.name(image)
        wanted = self._view.now.image(image)
        if wanted is None or wanted.id != self.about.image:
            made_from = self.about.config.image
            if made_from == image:
                raise CheckFailed(f"The container {self.name} is made from the image that was called {image} before.")
            raise CheckFailed(f"The container {self.name} is made from {made_from}, and not from {image}.")
        return self

    def expect_of(self, project: str, service: str) -> Self:
        """It is one of the containers that Compose keeps for a service.

        Args:
            project: its name, or the name under which it was drawn.
            service: as in the compose file.
        """
        project, labels = self._view.name(project), self.about.config.labels
        made_for = labels.get("com.docker.compose.project"), labels.get("com.docker.compose.service")
        by_run = labels.get("com.docker.compose.oneoff", "").lower() == "true"
        if made_for != (project, service) or by_run:
            why = (
                "Compose did not make it"
                if made_for == (None, None)
                else f"it is one of the service {made_for[1]} of the project {made_for[0]}"
                if made_for != (project, service)
                else "docker compose run made it"
            )
            raise CheckFailed(f"The container {self.name} is not one of the service {service} of the project {project}: {why}.")
        return self

    def expect_program(self, *contains: str) -> Self:
        """These words are among those that its program was started as."""
        for word in contains:
            if self._view.name(word) not in self.about.command:
                raise CheckFailed(f"The program of the container {self.name} is {quoted(self.about.command)}.")
        return self

    def expect_arguments(self, *words_: str) -> Self:
        """What was written behind its image's name: these words, or nothing; and its image's ENTRYPOINT is its own.

        An image's CMD is what it has where nothing was written, so the two are not told apart where they are the same.
        """
        image = self._view.ask.image(self.about.image)
        if image is None:
            raise CheckFailed(f"The image that the container {self.name} is made from is gone.")
        given = tuple(map(self._view.name, words_)) or image.config.cmd
        if self.about.config.entrypoint != image.config.entrypoint:
            raise CheckFailed(f"The container {self.name} was started with an --entrypoint of its own.")
        if self.about.config.cmd != given:
            had = quoted(self.about.config.cmd) if self.about.config.cmd != image.config.cmd else "nothing"
            wanted = quoted(given) if words_ else "nothing"
            raise CheckFailed(f"The container {self.name} was started with {had} after the image's name, not with {wanted}.")
        return self

    def expect_published(self, inside: int, port: str | int, *, address: str = "") -> Self:
        """A port inside is published on a port of the host.

        Args:
            inside: the port in the container.
            port: of the host, or the name under which it was drawn.
            address: the only one at which it may be open; empty for any.
        """
        outside = int(self._view.name(str(port)))
        found = [one for one in self.about.bindings if (one.inside, one.port, one.protocol) == (inside, outside, "tcp")]
        if not found:
            has = words.published(self.about.bindings)
            raise CheckFailed(f"The container {self.name} has published {has}; port {outside} should lead to {inside} inside.")
        wrong = sorted(one.address for one in found if one.address != address) if address else []
        if wrong:
            where = "every address" if set(wrong) & _EVERY_ADDRESS else wrong[0]
            raise CheckFailed(f"Port {outside} of the container {self.name} is open on {where}, and not on {address} alone.")
        return self

    def expect_nothing_published(self) -> Self:
        """No port of it is published."""
        if self.about.bindings:
            raise CheckFailed(f"The container {self.name} has published {words.published(self.about.bindings)}.")
        return self

    def expect_mount(self, target: str, *, volume: str = "", kind: str = "", writable: bool | None = None) -> Self:
        """Something is mounted in it.

        Args:
            target: the path inside.
            volume: name of the volume that it is.
            kind: ``volume``, ``bind`` or ``tmpfs``.
            writable: whether it may be written to; None for either.
        """
        volume = volume and self._view.name(volume)
        mount = next((one for one in self.about.mounts if one.target.rstrip("/") == target.rstrip("/")), None)
        if mount is None:
            others = [f"{words.mounted(one)} at {one.target}" for one in self.about.mounts]
            has = f"it has {' and '.join(others)}" if others else "nothing is mounted in it"
            raise CheckFailed(f"The container {self.name} has nothing mounted at {target}: {has}.")
        if (volume and mount.name != volume) or (kind and mount.kind != kind):
            wanted = f"the volume {volume}" if volume else f"a {kind} mount"
            raise CheckFailed(f"At {target} the container {self.name} has {words.mounted(mount)}, and not {wanted}.")
        if writable is not None and mount.writable != writable:
            can = "may write to" if mount.writable else "may only read"
            raise CheckFailed(f"The container {self.name} {can} {target}.")
        return self

    def expect_env(self, variable: str, value: str) -> Self:
        """A variable of its environment has a value."""
        value = self._view.name(value)
        found = self.about.config.env.get(variable)
        if found is None:
            raise CheckFailed(f"The container {self.name} has no variable {variable}.")
        if found != value:
            raise CheckFailed(f"In the container {self.name}, {variable} is “{found}”, and not “{value}”.")
        return self

    def expect_on(self, network: str) -> Self:
        """It belongs to a network."""
        network = self._view.name(network)
        if network not in self.about.networks:
            on = " and ".join(sorted(self.about.networks)) or "none"
            raise CheckFailed(f"The container {self.name} is not on the network {network}; it is on {on}.")
        return self

    def expect_shared_memory(self, size: int) -> Self:
        """It has so many bytes of shared memory for itself alone."""
        if self.about.ipc_mode.partition(":")[0] in _SHARED:
            raise CheckFailed(
                f"The container {self.name} uses the shared memory of {_SHARED[self.about.ipc_mode.partition(':')[0]]}."
            )
        if self.about.shared_memory != size:
            found = f"{self.about.shared_memory / _MIB:.0f} MB"
            raise CheckFailed(f"The container {self.name} has {found} of shared memory, and not {size / _MIB:.0f} MB.")
        return self

    def expect_memory(self, size: int) -> Self:
        """Its memory is limited to so many bytes."""
        if self.about.memory != size:
            has = f"a limit of {self.about.memory / _MIB:.0f} MB" if self.about.memory else "no limit of memory"
            raise CheckFailed(f"The container {self.name} has {has}, and not one of {size / _MIB:.0f} MB.")
        return self

    def expect_restart_policy(self, policy: str) -> Self:
        """The engine starts it again: ``no``, ``always``, ``unless-stopped`` or ``on-failure``."""
        if self.about.restart_policy != policy:
            raise CheckFailed(
                f"The restart policy of the container {self.name} is {self.about.restart_policy}, and not {policy}."
            )
        return self

    def expect_log(self, contains: str) -> Self:
        """It has written these words. Writing is no event: while it runs, it is looked for each second."""
        contains = self._view.name(contains)
        if contains not in self.logs():
            message = f"The container {self.name} has not written “{contains}”."
            raise Unsettled(message, _LOOK_AGAIN_SECONDS) if self.state in _ALIVE else CheckFailed(message)
        return self

    def expect_file(self, path: str, text: str) -> Self:
        """A file in it says what it should, white space at the ends aside. It is looked at when a command in it has ended."""
        text, found = self._view.name(text), self.read(path)
        if found is None:
            raise CheckFailed(f"The container {self.name} has no file {path}.")
        if found.strip() != text.strip():
            said = quoted(found.split()) if found.strip() else "nothing"
            raise CheckFailed(f"In the container {self.name}, {path} says {said}, and not “{text.strip()}”.")
        return self

    def expect_no_file(self, path: str) -> Self:
        """Nothing lies at a path, nor below it. The folder around it is there."""
        folder, name = posixpath.split(path)
        for one in self.files(folder):
            if one.path == name or one.path.startswith(f"{name}/"):
                raise CheckFailed(f"In the container {self.name} there is {posixpath.join(folder, one.path)}.")
        return self

    def expect_owner(self, path: str, uid: int) -> Self:
        """A file belongs to a user. It is looked for each second while it runs: a program's writing is no event."""
        folder, name = posixpath.split(path)
        found = next((one for one in self.files(folder) if one.path == name), None)
        if found is None:
            message = f"The container {self.name} has no file {path}."
            raise Unsettled(message, _LOOK_AGAIN_SECONDS) if self.state in _ALIVE else CheckFailed(message)
        if found.uid != uid:
            raise CheckFailed(f"In the container {self.name}, {path} belongs to user {found.uid}, and not to {uid}.")
        return self

    def expect_same_files(self, folder: str, *, as_in: str) -> Self:
        """The files in a folder are those of another container there: names, contents, permissions, owners."""
        other = self._view.now.container(self._view.name(as_in))
        if other is None:
            raise self._view.missing("container", self._view.name(as_in))
        mine = {one.path: one for one in self.files(folder)}
        theirs = {one.path: one for one in LiveContainer(self._view, other).files(folder)}
        for path in sorted({*mine, *theirs}):
            where = f"In the container {self.name}, {posixpath.join(folder, path)}"
            if path not in mine:
                raise CheckFailed(f"{where} is missing.")
            if path not in theirs:
                raise CheckFailed(f"{where} is one too many: {other.name} has none.")
            own, its = mine[path], theirs[path]
            if (own.uid, own.gid) != (its.uid, its.gid):
                raise CheckFailed(f"{where} belongs to {own.uid}:{own.gid}, and in {other.name} to {its.uid}:{its.gid}.")
            if own.mode != its.mode:
                raise CheckFailed(f"{where} has the mode {own.mode:03o}, and in {other.name} {its.mode:03o}.")
            if own.content != its.content:
                raise CheckFailed(f"{where} does not say what it says in {other.name}.")
        return self

    def expect_not_root(self) -> Self:
        """None of its processes is root's, as the engine's host sees them."""
        for user, command in self._view.ask.processes(self.about.id):
            if user in _ROOT:
                raise CheckFailed(f"In the container {self.name}, {quoted(command.split())} runs as root.")
        return self


def _reason(error: str) -> str:
    """Why a program could not be started, as the engine says it at the end of a long story."""
    return error[max(error.find(_REASON), 0) :].removeprefix(_REASON).removesuffix(": unknown").removesuffix(": unknown.")
