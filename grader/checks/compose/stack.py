"""The learner's compose stack, running, and what to expect of it and its services."""

import re
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import ClassVar, Self

from grader.checks import observe
from grader.checks.compose import readiness, secrecy
from grader.checks.compose.database import Database
from grader.checks.compose.traffic import CLIENTS, Traffic
from grader.checks.container import REQUEST_SECONDS, Container
from grader.checks.evidence import log_of
from grader.checks.exec_result import ExecResult
from grader.checks.http import Response
from grader.checks.image import Image
from grader.diagnose.engine_trouble import fault
from grader.engine import containers, probe, wait
from grader.engine.client import translated
from grader.engine.compose.plan import FILES_VOLUME, Published
from grader.engine.compose.project import DOWN_SECONDS, Project
from grader.engine.crash import crash
from grader.engine.inspect import ContainerInfo, Mount, State
from grader.engine.search.sought import Sought
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import CheckFailed, Fault, LimitReached, WorkError

_AT_A_TIME_SECONDS = 1.0
_UNNAMED = re.compile(r"[0-9a-f]{64}")


class Service:
    """One service of a running stack; its verbs act on the container that it has at that moment.

    Args:
        stack: it belongs to.
        name: as in the compose file.
    """

    exclusive: ClassVar[bool] = True
    """See ``contract.Subject``."""

    def __init__(self, stack: "Stack", name: str) -> None:
        self.stack = stack
        self.name = name
        self._current: tuple[tuple[str, datetime | None, datetime | None], Container] | None = None

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:
        """Whether it reached a limit, or a service that it may depend on; see ``contract.Subject``."""
        return self.stack.limit_behind(error)

    @property
    def published_as_written(self) -> tuple[Published, ...]:
        """The ports that the learner publishes; the run itself uses free ones of the loopback address."""
        return self.stack.project.plan.services[self.name].published

    @property
    def host(self) -> "Service":
        """Whose network it is in: its own, or that of the service that ``network_mode`` names, however far that goes."""
        seen, service = {self.name}, self
        while (name := service._network_mode.removeprefix("service:")) in self.stack.services and name not in seen:
            seen.add(name)
            service = self.stack.services[name]
        return service

    @property
    def alone(self) -> bool:
        """Whether no other service is in its network, so that what is published there is its own."""
        return all(one is self or one.host is not self.host for one in self.stack.services.values())

    @property
    def _network_mode(self) -> str:
        return str(self.stack.project.plan.services[self.name].settings.get("network_mode") or "")

    def doors(self) -> dict[int, int]:
        """Its published ports: port inside → port on the loopback address of the engine; none where it has no container."""
        if not self.stack.project.containers().get(self.name):
            return {}
        return self.about.published()

    def setting(self, variable: str) -> str:
        """A variable of its container, or the content of the file that ``VARIABLE_FILE`` names; empty for neither."""
        env = self.about.config.env
        if given := env.get(variable):
            return given
        content = self.container.read(env[f"{variable}_FILE"]) if env.get(f"{variable}_FILE") else None
        return content.decode("utf-8", "replace").strip() if content else ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of its containers, oldest first; a container's own host name is the first twelve letters of its id."""
        return tuple(self.stack.project.containers().get(self.name) or ())

    @property
    def about(self) -> ContainerInfo:
        """What the engine says of its (first) container.

        Raises:
            CheckFailed: it has none, after ``down`` or with ``scale: 0``.
        """
        found = self.stack.project.containers().get(self.name)
        if not found:
            raise CheckFailed(f"The service {self.name} has no container.", expected="a container of it", found="none")
        return containers.inspect(self.stack.session, found[0])

    @property
    def container(self) -> Container:
        """Its (first) container. A restart makes it a new one: free ports change, and waiting begins again."""
        about, host = self.about, self.host.about
        now = about.id, about.state.started, host.state.started
        if self._current is None or self._current[0] != now:
            age = min(readiness.age(about), time.monotonic() - self.stack.begun)
            made = Container(
                self.stack.session,
                about.id,
                published=host.published(),
                started=time.monotonic() - age,
                what=f"the service {self.name}",
            )
            self._current = now, made
        return self._current[1]

    @property
    def state(self) -> State:
        """The state of its container at this moment."""
        return self.container.state

    @property
    def health(self) -> str:
        """``starting``, ``healthy``, ``unhealthy``, or ``none`` where there is no health check."""
        return self.container.health

    @property
    def mounts(self) -> tuple[str, ...]:
        """What its container has mounted, in words, by the path inside, e.g. ``the volume numbers at /data``."""
        mounts = sorted(self.about.mounts, key=lambda one: one.target)
        return tuple(f"{_source(one, self.stack.project.name)} at {one.target}" for one in mounts)

    def logs(self, *, last: int | None = 200) -> str:
        """What its container wrote; ``last`` lines, None for all."""
        return self.container.logs(last=last)

    def look(self) -> probe.View:
        """Look into its container from outside."""
        return self.container.look()

    def exec(self, *command: str, user: str | None = None, seconds: float = 20.0) -> ExecResult:
        """Run a command in its container, as ``docker compose exec`` does."""
        return self.container.exec(*command, user=user, seconds=seconds)

    def expect_running(self, *, for_seconds: float = 0) -> None:
        """It runs, and has run for so long without a restart, counted from its start."""
        before = self.container
        before.expect_running(for_seconds=for_seconds)
        if self.container is not before:
            raise readiness.restarting(self.stack.session, self.name, self.about)

    def expect_healthy(self, *, within: float | None = None) -> None:
        """Its health check says healthy; see Container."""
        self.container.expect_healthy(within=within)

    def expect_unhealthy(self, *, within: float = 30.0) -> None:
        """Its health check says unhealthy; see Container."""
        self.container.expect_unhealthy(within=within)

    def expect_main_process(self, *, uid: int | None = None, not_uid: int | None = None) -> None:
        """Its main process runs as a user; see Container."""
        self.container.expect_main_process(uid=uid, not_uid=not_uid)

    def expect_cannot_write(self, path: str) -> None:
        """Its user cannot make a file there; see Container."""
        self.container.expect_cannot_write(path)

    def expect_not_published(self) -> None:
        """The learner publishes none of its ports: other services reach it by its name all the same."""
        if published := self.published_as_written:
            place = published[0].place
            raise CheckFailed(
                f"The service {self.name} is published on the host.",
                expected=f"no ports of {self.name} on the host: other services reach it by its name all the same",
                found=", ".join(map(str, published)) + (f" ({place})" if place else ""),
            )

    def expect_never_restarted(self, *, message: str = "") -> None:
        """None of its containers has had to be started a second time.

        Args:
            message: the finding's first sentence.
        """
        for identity in self.ids:
            about = containers.inspect(self.stack.session, identity)
            if about.restarts:
                raise CheckFailed(
                    message or f"The service {self.name} had to be restarted.",
                    expected=f"{self.name} is started once",
                    found=f"its restart policy, {about.restart_policy}, started it again {about.restarts} times",
                    evidence=log_of(self.stack.session, identity, f"the service {self.name}"),
                )

    def expect_not_shown(self, text: str | Sequence[str], what: str) -> None:
        """A text is in nothing that ``docker inspect`` prints of it, and in no process's environment or command.

        Args:
            text: e.g. a password; several: none of them.
            what: how to speak of it.
        """
        secrecy.expect_not_shown(self, Sought.text(*_several(text)), what)

    def expect_not_logged(self, text: str | Sequence[str], what: str) -> None:
        """A text is in no line that it has written.

        Args:
            text: e.g. a password; several: none of them.
            what: how to speak of it.
        """
        secrecy.expect_not_logged(self, _several(text), what)

    def expect_nowhere(self, text: str | Sequence[str], what: str) -> None:
        """A text is in no file of its containers, those in its volumes included.

        Args:
            text: e.g. a password; several: none of them.
            what: how to speak of it.
        """
        secrecy.expect_nowhere(self, Sought.text(*_several(text)), what)

    def http(
        self,
        path: str,
        *,
        port: int | None = None,
        method: str = "GET",
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = REQUEST_SECONDS,
        patience: float | None = None,
    ) -> Response:
        """Send a request to a port that the learner publishes.

        Args:
            path: with a leading slash.
            port: the one inside; by default the first that is published.
            method: HTTP method.
            json: sent as the body, with its content type.
            body: sent as it is.
            headers: of the request.
            timeout: seconds for the whole answer.
            patience: seconds while connections may be refused; see Container.

        Raises:
            CheckFailed: the port is not published, or there is no answer; says what was seen instead.
        """
        container = self.container
        container.alive()
        if not container.published or (port is not None and port not in container.published):
            raise self._unpublished(container, port)
        return container.http(
            path, port=port, method=method, json=json, body=body, headers=headers, timeout=timeout, patience=patience
        )

    def _unpublished(self, container: Container, port: int | None) -> CheckFailed:
        listening = sorted({one.port for one in container.look().listeners if not one.loopback})
        inside = f"; inside, something listens on {', '.join(map(str, listening))}" if listening else ""
        exposed = not container.published and bool(self.stack.project.plan.services[self.name].settings.get("expose"))
        return CheckFailed(
            f"The service {self.name} does not publish " + (f"its port {port}." if port else "any port."),
            expected=f"port {port} of {self.name} published" if port else f"a published port of {self.name}",
            found=(", ".join(map(str, self.host.published_as_written)) or "no ports") + inside,
            advice="In an entry with two numbers, the second one is the port inside the container."
            if container.published
            else "What a service only exposes is not open on the host: expose notes a port, and publishes none."
            if exposed
            else "",
        )

    # What to do to it

    def crash(self) -> None:
        """End its main process as a crash does, so that its restart policy applies (``docker kill`` would switch it off)."""
        crash(self.stack.session, self.container.id)

    def stop(self) -> ExecResult:
        """Ask it to stop, as ``docker compose stop`` does."""
        return self.container.stop()

    def start(self) -> None:
        """Start it again after a stop."""
        containers.start(self.stack.session, self.container.id)

    def restart(self) -> None:
        """Stop it and start it again, as ``docker compose restart`` does."""
        with translated():
            self.stack.session.client.api.restart(self.container.id)


class Stack:
    """A compose stack. As a context manager it is removed at the end, in the background.

    Args:
        session: the run.
        project: prepared.

    Attributes:
        warnings: what compose warned of when it read the files, and what the grader noticed.
    """

    exclusive: ClassVar[bool] = True
    """See ``contract.Subject``."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session = session
        self.project = project
        self.warnings: tuple[str, ...] = tuple(project.warnings)
        self.begun = time.monotonic()
        self._removed = False
        self.services = {name: Service(self, name) for name in project.plan.services}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if isinstance(error, CheckFailed) and (limit := self.limit_behind(error)):
                raise limit from error
        finally:
            self._removed = True
            self.session.on_close(f"stack {self.project.name}", self.project.remove)()

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables of the shell that it was started in."""
        return self.project.variables

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:
        """Whether a service reached a limit; see ``contract.Subject``."""
        return None if self._removed else readiness.limit_behind(self.session, self.project, error)

    def service(self, name: str) -> Service:
        """A service by its name.

        Raises:
            CheckFailed: there is none; names those that there are.
        """
        if profiles := self.project.plan.asleep.get(name):
            place = self.project.source.place(("services", name, "profiles"))
            raise CheckFailed(
                f"The service {name} is not started.",
                expected=f"a service {name} that `docker compose up` starts",
                found=f"it belongs to a profile: {', '.join(profiles)}" + (f" ({place})" if place else ""),
                advice="A service with a profile starts only where somebody asks for that profile.",
            )
        if name not in self.services:
            raise CheckFailed(
                f"There is no service called {name}.",
                expected=f"a service {name} in {self.project.source.name}",
                found="these services: " + ", ".join(sorted(self.services)),
            )
        return self.services[name]

    def database(self, name: str, *, known_to: Mapping[str, str] | None = None) -> Database:
        """The PostgreSQL database that a service is.

        Args:
            name: of the service.
            known_to: service → variable with an address, ``postgresql://…``, of those that log in to it.
        """
        return Database(self.service(name), known_to or {})

    def up(self) -> None:
        """Bring it up and wait until every service runs, is healthy where it has a health check, or has done its work.

        Raises:
            CheckFailed: a service stopped, keeps restarting, is unhealthy or cannot be started; shows its log.
            LimitReached: time or memory.
        """
        self.begun = time.monotonic()
        readiness.bring_up(self.session, self.project)

    def down(self, *, volumes: bool = False) -> None:
        """Take it down as ``docker compose down`` does: named volumes stay unless ``volumes``."""
        result = self.project.down(volumes=volumes)
        if result.timed_out:
            raise LimitReached(
                "The stack did not go down.", expected=f"an end within {units.seconds(DOWN_SECONDS)}", found="still there"
            )
        if result.returncode != 0:
            raise fault(result.stderr) or Fault(f"The engine could not take the stack down: {result.stderr.strip()[-300:]}")

    def http(
        self,
        name: str,
        path: str,
        *,
        port: int | None = None,
        method: str = "GET",
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = REQUEST_SECONDS,
    ) -> Response:
        """Send a request to a published port of a service; see Service."""
        return self.service(name).http(path, port=port, method=method, json=json, body=body, headers=headers, timeout=timeout)

    def expect_recovers(
        self,
        name: str,
        path: str,
        *,
        within: float = 30.0,
        port: int | None = None,
        status: int = 200,
        contains: str | None = None,
        message: str = "",
    ) -> Response:
        """Within so many seconds a GET is answered as it should be (again).

        Args:
            name: of the service.
            path: with a leading slash.
            within: seconds.
            port: the one inside; by default the first that is published.
            status: of the answer.
            contains: somewhere in its body.
            message: the finding's first sentence, where the exercise knows better what it means.

        Raises:
            CheckFailed: it was not; shows the last answer.
        """
        last: list[CheckFailed] = []

        def answer() -> Response | None:
            try:
                # Not long at a time: a service that is started once more has other ports on the host.
                return (
                    self.service(name)
                    .http(path, port=port, patience=_AT_A_TIME_SECONDS)
                    .expect(status=status, contains=contains)
                )
            except CheckFailed as error:
                last[:] = [error]
                return None

        try:
            return wait.until(answer, seconds=within, cancelled=self.session.cancelled, every=0.2)
        except wait.WaitTimeout:
            finding = last[-1].finding
            raise CheckFailed(
                message or f"GET {path} of {name} did not answer {status} again within {units.seconds(within)}.",
                expected=finding.expected + (f", within {units.seconds(within)}" if message else ""),
                found=f"{finding.message} {finding.found}".strip(),
                evidence=finding.evidence,
                advice=finding.advice,
            ) from None

    def traffic(
        self,
        name: str,
        path: str,
        *,
        port: int | None = None,
        method: str = "GET",
        json: object = None,
        clients: int = CLIENTS,
    ) -> Traffic:
        """Requests to a published port of a service, as long as a ``with`` lasts; see Traffic.

        Args:
            name: of the service.
            path: with a leading slash.
            port: the one inside; by default the first that is published.
            method: HTTP method.
            json: sent as the body.
            clients: how many ask at the same time, each again as soon as it has its answer.
        """
        return Traffic(self.service(name), path, port=port, method=method, json=json, clients=clients)

    @property
    def images(self) -> tuple[Image, ...]:
        """The images that were built for it."""
        return tuple(Image(self.session, built) for _, built in self.project.built)

    def expect_not_shown(self, text: str | Sequence[str], what: str) -> None:
        """A text is in nothing that ``docker inspect`` prints of any service, and in no process's environment or command.

        Args:
            text: e.g. a password; several: none of them.
            what: how to speak of it.
        """
        for service in self.services.values():
            service.expect_not_shown(text, what)

    def expect_not_logged(self, text: str | Sequence[str], what: str) -> None:
        """A text is in no line that any service has written.

        Args:
            text: e.g. a password; several: none of them.
            what: how to speak of it.
        """
        for service in self.services.values():
            service.expect_not_logged(text, what)

    def expect_nothing_mounted(self, *, message: str) -> None:
        """No service mounts anything of the learner's folder.

        Args:
            message: the finding's first sentence.
        """
        if files := self.project.plan.files:
            by = [name for name, one in self.services.items() if any("your folder" in mount for mount in one.mounts)]
            raise CheckFailed(
                message,
                expected="services that need nothing but their images",
                found=f"{' and '.join(by) or 'the stack'} mounts "
                + ", ".join("your whole folder" if one == "." else one for one in files),
            )

    def edit(self, name: str, content: str) -> None:
        """Save a file of the learner's folder with other content, as most editors do: by a new file in its place.

        Services that mount its folder see that. Nothing happens where none does: what is in an image stays as it was built.

        Args:
            name: relative to the folder.
            content: the new text.
        """
        mounted = map(PurePosixPath, self.project.plan.files)
        if any(PurePosixPath(name).is_relative_to(one) for one in mounted):
            self.project.edit(name, content)

    def services_healthy(self, *, within: float | None = None) -> None:
        """Every service has a health check, and it says healthy."""
        for service in self.services.values():
            service.expect_healthy(within=within)

    def expect_not_published(self, name: str) -> None:
        """The learner publishes no port of a service on the host."""
        self.service(name).expect_not_published()

    def kill(self, name: str) -> None:
        """Let a service crash; its restart policy applies."""
        self.service(name).crash()

    def stop(self, name: str) -> ExecResult:
        """``docker compose stop NAME``."""
        return self.service(name).stop()

    def restart(self, name: str) -> None:
        """``docker compose restart NAME``."""
        self.service(name).restart()

    def logs(self, name: str, *, last: int | None = 200) -> str:
        """What a service wrote."""
        return self.service(name).logs(last=last)

    def health(self, name: str) -> str:
        """``starting``, ``healthy``, ``unhealthy`` or ``none``."""
        return self.service(name).health


def start_stack(
    session: Session,
    folder: Path,
    file: str | None = None,
    *,
    owner: Path | None = None,
    variables: Mapping[str, str] | None = None,
    scale: Mapping[str, int] | None = None,
    delay: Mapping[str, float] | None = None,
) -> Stack:
    """Vet, prepare and bring up a learner's stack; it goes with the session at the latest.

    Args:
        session: the run.
        folder: the submission; never written to.
        file: the compose file; None for the one that ``docker compose`` would take.
        owner: the learner's folder, where ``folder`` is a copy of it.
        variables: of the shell that starts it; none by default.
        scale: service → how many containers it has, instead of what the file says.
        delay: service → seconds that it takes longer to start, each time.

    Raises:
        CheckFailed: it cannot be read, asks for what is refused (nothing was started then), or does not come up.
        LimitReached: time, memory, size.
        ImageUnavailable, EngineUnavailable, DiskFull: not the learner's fault.
    """
    project = Project(session, folder, file, owner=owner, variables=variables, scale=scale, delay=delay)
    discard = session.on_close(f"stack {project.name}", project.remove)
    try:
        try:
            project.prepare()
        except WorkError:
            observe.stack(session, project)
            raise
        finally:
            session.notes += [one for one in project.warnings if one not in session.notes]
        for dockerfile, built in project.built:
            observe.image(Image(session, built), dockerfile)
        stack = Stack(session, project)
        stack.up()
    except BaseException:
        discard()
        raise
    return stack


def _several(text: str | Sequence[str]) -> Sequence[str]:
    return (text,) if isinstance(text, str) else text


def _source(mount: Mount, project: str) -> str:
    if mount.name == f"{project}_{FILES_VOLUME}":
        return "files of your folder"
    if not mount.name:
        return "memory" if mount.kind == "tmpfs" else "a folder"
    named = f"the volume {mount.name.removeprefix(f'{project}_')}"
    return "a volume without a name" if _UNNAMED.fullmatch(mount.name) else named
