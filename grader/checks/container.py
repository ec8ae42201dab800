"""A running container of the learner's, and what to expect of it."""

import json as json_module
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import ClassVar, Self

from docker.errors import APIError

from grader.checks import health as health_log
from grader.checks import limits, privileges
from grader.checks.diagnosis import DiagnosedContainer, ReachabilityWatch
from grader.checks.exec_result import ExecResult, sentence, shortened, tail
from grader.checks.http import NoAnswer, Response, ask
from grader.checks.steadiness import Steadiness
from grader.diagnose import container_start, health_check
from grader.engine import containers, probe, wait
from grader.engine.cli import KEPT_OUTPUT, run_cli
from grader.engine.client import translated
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import CheckFailed, Fault, LimitReached
from grader.values.outcome import Evidence

REQUEST_SECONDS = 10.0
STOP_SECONDS = 10
"""What ``docker stop`` waits before it kills."""
_KILL_SECONDS = 30.0
_LEAST_WATCHED_S = 3.0
"""What ends and is started again every few seconds is seen only by who looks long enough."""
_NOT_FOUND = 127
_LAST = 10_000
_ROOT = {"", "0", "root"}
"""What USER says where it is root."""
_NOT_RUN = {126, _NOT_FOUND}
# An owner can give itself the permission that is missing.
_AS_THE_OWNER = "as the owner"
_MAY_WRITE = f"""
command -v touch > /dev/null || exit 127
folder=${{1%/*}}
ls -ldn "${{folder:-/}}" "$1" 2> /dev/null
touch "$1" && exit 0
chmod u+w "${{folder:-/}}" "$1" 2> /dev/null
touch "$1" && echo {_AS_THE_OWNER}
"""


class Container(DiagnosedContainer):
    """A container that has been started. As a context manager it is removed at the end, in the background.

    Args:
        session: the run.
        identity: the container's id.
        published: port inside → port on the loopback address.
        started: when, on the monotonic clock.
        what: how to speak of it.
    """

    exclusive: ClassVar[bool] = True
    """See ``contract.Subject``."""

    def __init__(
        self,
        session: Session,
        identity: str,
        *,
        published: Mapping[int, int] | None = None,
        started: float | None = None,
        what: str = "the container",
    ) -> None:
        super().__init__(session, identity, started=started if started is not None else time.monotonic(), what=what)
        self.published = dict(published or {})
        self._answered = False
        self._discard = session.on_close(f"container {identity[:12]}", lambda: containers.remove(session, identity))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if isinstance(error, CheckFailed) and (limit := self.limit_behind(error)):
                raise limit from error
        finally:
            self._discard()

    # What to expect

    def expect_running(self, *, for_seconds: float = 0) -> None:
        """It runs, and has run for so long without a break, counted from its start; so has what serves its published ports.

        Args:
            for_seconds: since its start.
        """
        left = self.started + for_seconds - time.monotonic()
        if for_seconds:
            before = Steadiness(self, self.published)
            left = max(left, _LEAST_WATCHED_S if self.published else 0.1)
            with suppress(wait.WaitTimeout):
                wait.until(lambda: None, seconds=left, alive=self.alive, cancelled=self.session.cancelled, every=0.1)
            self.alive()
            before.expect_kept()
        self.alive()

    def expect_log(self, text: str, *, within: float | None = None, message: str = "") -> None:
        """It writes a text, to either of its outputs.

        Args:
            text: somewhere in its log.
            within: seconds from its start; by default the exercise's limit for starting.
            message: the finding's first sentence, where the exercise knows better what it means.

        Raises:
            CheckFailed: it has not.
            LimitReached: it has written so much that nobody can say any more what it wrote.
        """
        try:
            self._wait_for_log(text, within, message)
        except CheckFailed as error:
            if limit := limits.output(self.session, self.id, self.what, self.logs(last=None)):
                raise limit from error
            raise

    def _wait_for_log(self, text: str, within: float | None, message: str) -> None:
        allowed = within or self.session.limits.start_seconds
        patience = self.started + allowed - time.monotonic()

        def ended_without() -> None:
            if text not in self.logs(last=None):  # what it wrote before it ended counts
                self.alive()

        try:
            wait.until(
                lambda: True if text in self.logs(last=None) else None,
                seconds=max(patience, 0.1),
                alive=ended_without,
                cancelled=self.session.cancelled,
                every=0.1,
            )
        except wait.WaitTimeout:
            raise CheckFailed(
                message or f"{sentence(self.what)} has not written “{text}”.",
                expected=f"“{text}” in its log, within {units.seconds(allowed)} of its start",
                found=self.log_tail() or "nothing at all",
            ) from None

    def expect_file(self, path: str, *, contains: str = "", message: str = "") -> None:
        """There is a file inside.

        Args:
            path: of the file.
            contains: somewhere in it.
            message: the finding's first sentence, where the exercise knows better what it means.
        """
        found = self.read(path)
        if found is None or contains.encode() not in found:
            raise CheckFailed(
                message or f"There is no {path} in {self.what}" + (", or not what should be in it." if contains else "."),
                expected=f"a file {path}" + (f" with {contains} in it" if contains else ""),
                found="no such file" if found is None else tail(found.decode(errors="replace"), 2) or "an empty file",
            )

    def expect_main_process(self, *, uid: int | None = None, not_uid: int | None = None) -> None:
        """Its main process runs as a user.

        Args:
            uid: exactly this user id.
            not_uid: any but this one.
        """
        seen = self.look()
        named = self._named_user()
        name = f"user id {seen.uid}" + (" (root)" if seen.uid == 0 else "")
        name += f"; the image's USER is {named}" if named else "; the image has no USER"
        name += ", who has that number" if seen.uid == 0 and named.partition(":")[0] not in _ROOT else ""
        command = Evidence("first process", " ".join(seen.command))
        if not_uid is not None and seen.uid == not_uid:
            who = "root" if not_uid == 0 else f"user id {not_uid}"
            raise CheckFailed(
                f"The first process of {self.what} runs as {who}.", expected=f"any user but {who}", found=name, evidence=command
            )
        if uid is not None and seen.uid != uid:
            raise CheckFailed(
                f"The first process of {self.what} runs as another user.",
                expected=f"user id {uid}",
                found=name,
                evidence=command,
            )

    def expect_no_root(self, *, capabilities: bool = True) -> None:
        """None of its processes is root or can become root again, the one that serves least of all.

        Args:
            capabilities: they may not have kept any of root's rights either.
        """
        seen = privileges.look(self)
        if seen.own and seen.own[0].uid == 0:
            self.expect_main_process(not_uid=0)
        privileges.expect_no_root(self, seen, self.published, capabilities=capabilities)

    def expect_cannot_change(self, folder: str) -> None:
        """None of its processes can change what is in a folder, or any code that it runs, by any way.

        Args:
            folder: where its code should be. Owners, modes and capabilities count, and programs with somebody else's rights.
        """
        privileges.expect_cannot_change(self, folder, self.published)

    def expect_no_zombies(self, *, within: float = 5.0) -> None:
        """Whatever has ended in it is taken off the list of processes.

        One that ends just now is on it for a moment everywhere; so it is enough that none is there at one of the looks.

        Args:
            within: seconds from now.
        """
        looks: list[probe.View] = []

        def none_left() -> bool | None:
            looks.append(self.look())
            return True if not looks[-1].zombies else None

        try:
            wait.until(none_left, seconds=within, cancelled=self.session.cancelled, every=0.1)
        except wait.WaitTimeout:
            first, last = len(looks[0].zombies), looks[-1]
            main = " ".join(last.command)
            raise CheckFailed(
                f"Processes that have ended stay behind in {self.what}, as zombies.",
                expected="no zombies",
                found=f"{first} at our first look, {len(last.zombies)} at our last: {' and '.join(sorted(set(last.zombies)))}; "
                f"the first process is {shortened(main)}",
                evidence=Evidence("first process", main),
                advice="Orphans become children of the first process. It has to collect their exit codes: nobody else can.",
            ) from None

    def expect_healthy(self, *, within: float | None = None, message: str = "") -> None:
        """Its own health check says healthy.

        Args:
            within: seconds from now; by default the exercise's limit for starting.
            message: the finding's first sentence, where the exercise knows better what it means.
        """
        self._expect_health("healthy", within or self.session.limits.start_seconds, message)

    def expect_unhealthy(self, *, within: float = 30.0, message: str = "") -> None:
        """Its own health check says unhealthy.

        Args:
            within: seconds from now.
            message: the finding's first sentence, where the exercise knows better what it means.
        """
        self._expect_health("unhealthy", within, message)

    def _expect_health(self, wanted: str, seconds: float, message: str) -> None:
        if self.health == "none":
            check = containers.inspect(self.session, self.id).config.healthcheck
            raise CheckFailed(
                "The image has no health check.",
                expected="a HEALTHCHECK in the image that is run",
                found="HEALTHCHECK NONE" if check and check.test == ("NONE",) else "none",
                advice="The image has what its last stage says, and HEALTHCHECK NONE switches one off.",
            )
        before, certain = self.state.health.runs, time.monotonic() + health_log.CERTAIN_SECONDS[wanted]
        stays = health_log.stays_discontent if wanted == "healthy" else health_log.stays_content

        def undecided() -> None:
            self.alive()
            log = self.state.health.runs
            missing = wanted == "healthy" and health_log.cannot_run(log)
            if missing or (time.monotonic() > certain and stays(log, before)):
                raise self._health_is_not(wanted, "", message)

        try:
            wait.until(
                lambda: True if self.health == wanted else None,
                seconds=seconds,
                alive=undecided,
                cancelled=self.session.cancelled,
            )
        except wait.WaitTimeout:
            raise self._health_is_not(wanted, f" within {units.seconds(seconds)}", message) from None

    def _health_is_not(self, wanted: str, within: str, message: str) -> CheckFailed:
        about = containers.inspect(self.session, self.id)
        log = about.state.health.runs
        content = wanted == "unhealthy" and bool(log) and log[-1].exit_code == 0
        command = health_log.command(about.config.healthcheck)
        return CheckFailed(
            message or f"{sentence(self.what)} did not become {wanted}{within}.",
            expected=f"the health check says {wanted}",
            found=f"it says {self.health}; the last run of {shortened(command)}: {health_log.last_in_words(log)}",
            evidence=(Evidence("the health check", command), self.log_evidence()),
            advice=health_check.ADVICE if health_log.cannot_run(log) else health_check.CONTENT if content else "",
        )

    def http(
        self,
        path: str,
        *,
        method: str = "GET",
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        port: int | None = None,
        timeout: float = REQUEST_SECONDS,
        patience: float | None = None,
    ) -> Response:
        """Send a request to its published port; the first one waits until the program inside is ready.

        Args:
            path: with a leading slash.
            method: HTTP method.
            json: sent as the body, with its content type.
            body: sent as it is.
            headers: of the request.
            port: the port inside, where several are published.
            timeout: seconds for the whole answer, however it drips.
            patience: seconds while connections may be refused; by default all that a start may take, until the first answer.

        Raises:
            CheckFailed: no answer; says what was seen inside instead.
        """
        inside = port if port is not None else next(iter(self.published))
        sent = dict(headers or {})
        if json is not None:
            body = json_module.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")

        def once() -> Response:
            return ask(
                self.published[inside],
                path,
                seconds=timeout,
                dial=self.session.dial,
                method=method,
                body=body,
                headers=sent,
                log=self.log_tail,
                cancelled=self.session.cancelled,
            )

        def attempt() -> Response | None:
            try:
                return once()
            except NoAnswer as error:
                if error.connected:
                    raise
                return None

        if patience is None:
            patience = 1.0 if self._answered else self.started + self.session.limits.start_seconds - time.monotonic()
        try:
            response = wait.until(
                attempt,
                seconds=max(patience, 1.0),
                alive=ReachabilityWatch(self, f"{method} {path}", inside),
                cancelled=self.session.cancelled,
            )
        except (NoAnswer, wait.WaitTimeout) as error:
            raise self.silence(f"{method} {path}", inside, str(error)) from error
        self._answered = True
        return response

    # What to do to it

    def exec(self, *command: str, user: str | None = None, seconds: float = 20.0) -> ExecResult:
        """Run a command in it, to its end.

        Args:
            command: program and arguments; no shell.
            user: other than the container's own.
            seconds: deadline.

        Raises:
            LimitReached: the command did not end.
        """
        self.alive()
        begin = time.monotonic()
        args = ["exec", *(["--user", user] if user else []), self.id, *command]
        result = run_cli(self.session, args, seconds=seconds)
        if result.timed_out:
            raise LimitReached(
                f"A command in {self.what} did not end.",
                expected=f"{' '.join(command)} ends within {units.seconds(seconds)}",
                found="still running then",
                evidence=self.log_evidence(),
            )
        if result.returncode != 0:
            containers.inspect(self.session, self.id)  # raises when it was the engine that failed
        not_run = result.returncode in _NOT_RUN and result.stdout.startswith("OCI runtime")
        reason = container_start.reason(result.stdout) if not_run else ""
        what = f"“{' '.join(command)}” in {self.what}"
        return ExecResult(
            what=what,
            # Engines disagree on this one: some say 126.
            exit_code=_NOT_FOUND if "executable file not found" in reason else result.returncode,
            stdout=reason or result.stdout,
            stderr=result.stderr,
            duration_s=time.monotonic() - begin,
            limit=limits.file_size(self.session, what, result.returncode, result.stdout + result.stderr),
            output_limit=limits.too_much_output(what, KEPT_OUTPUT) if result.cut_off else None,
        )

    def expect_cannot_write(self, path: str) -> None:
        """The user of its main process can neither change a file nor make one at a path.

        Raises:
            CheckFailed: it can.
            Fault: nobody can tell, because the image has no shell.
        """
        user = self.main_user()
        tried = self.exec("sh", "-c", _MAY_WRITE, "sh", path, user=user)
        if tried.exit_code in _NOT_RUN:
            raise Fault(f"Whether {self.what} can write {path} cannot be told: there is no sh and touch in it.")
        if tried.exit_code == 0:
            before = tried.stdout.removesuffix(f"{_AS_THE_OWNER}\n")
            first = " when it had given itself the permission" if before != tried.stdout else ""
            after = self.exec("ls", "-ldn", path.rpartition("/")[0] or "/", path, user=user).stdout
            uid = self.look().uid
            raise CheckFailed(
                f"{sentence(self.what)} can write {path}.",
                expected="the user that it runs as may not write there",
                found=f"user id {uid} wrote to it{first}: {_why_it_may(before, uid)}",
                evidence=Evidence("permissions, owner and group, by their numbers", after),
            )

    def main_user(self) -> str:
        """Who its main process is, as ``docker exec --user`` takes it: the image's own USER, with its group, if it has one.

        A start script may begin as root and become somebody else: then the number of that user.
        """
        named = self._named_user()
        return str(self.look().uid) if named.partition(":")[0] in _ROOT else named

    def _named_user(self) -> str:
        """What the image's USER says; empty where it says nothing."""
        return containers.inspect(self.session, self.id).config.user

    def stop(self, *, grace: int = STOP_SECONDS) -> ExecResult:
        """Ask it to stop, as ``docker stop`` does, and kill it after the grace time.

        Args:
            grace: seconds between SIGTERM and SIGKILL.

        Returns:
            Its end; ``duration_s`` is the time it took to stop.
        """
        about = containers.inspect(self.session, self.id)
        self.alive()
        begin = time.monotonic()
        asked = about.config.stop_signal or "SIGTERM"
        self.kill(asked)
        killed_after: float | None = None
        try:
            containers.wait_for_end(self.session, self.id, seconds=grace)
        except wait.WaitTimeout:
            killed_after = grace
            self.kill("SIGKILL")
            containers.wait_for_end(self.session, self.id, seconds=_KILL_SECONDS)
        ended = self.finished(duration_s=time.monotonic() - begin)
        return replace(ended, asked=asked, killed_after=killed_after)

    def kill(self, signal: str = "SIGKILL") -> None:
        """Send it a signal; one that has ended already is fine."""
        with translated():
            try:
                self.session.client.api.kill(self.id, signal)
            except APIError:
                if self.state.running:
                    raise

    def wait(self, seconds: float) -> ExecResult:
        """Wait until it ends by itself.

        Args:
            seconds: deadline.

        Raises:
            LimitReached: it did not end, or hit its memory limit.
        """
        try:
            state = containers.wait_for_end(self.session, self.id, seconds=seconds)
        except wait.WaitTimeout:
            raise LimitReached(
                f"{sentence(self.what)} did not end.",
                expected=f"it does its work and ends within {units.seconds(seconds)}",
                found="still running then",
                evidence=(self._command(), self.log_evidence()),
            ) from None
        if state.oom_killed:
            raise self.death(state)
        return self.finished(duration_s=time.monotonic() - self.started)

    def finished(self, *, duration_s: float) -> ExecResult:
        """Its end, once it has ended."""
        about = containers.inspect(self.session, self.id)
        stdout = containers.logs(self.session, self.id, stderr=False, tail=None)
        stderr = containers.logs(self.session, self.id, stdout=False, tail=None)
        return ExecResult(
            what=self.what,
            exit_code=about.state.exit_code,
            stdout=stdout,
            stderr=stderr,
            duration_s=duration_s,
            command=self._command().text,
            limit=limits.of_ended(self.session, about, self.what, f"{stdout[-_LAST:]}\n{stderr[-_LAST:]}"),
            output_limit=limits.output(self.session, self.id, self.what, stdout + stderr),
        )


def _why_it_may(listed: str, uid: int) -> str:
    """Why a user may write to a file or make it.

    Args:
        listed: the folder, and the file if it was there, as ``ls -ldn`` lists them.
        uid: the user's number.
    """
    rows = [fields for line in listed.splitlines() if len(fields := line.split(maxsplit=8)) == 9]
    if uid == 0:
        return "root may write everywhere"
    if own := [name for _, _, owner, *_, name in rows if owner == str(uid)]:
        return f"it is the owner of {' and '.join(own)}"
    if everybody := [name for mode, *_, name in rows if mode[8] == "w"]:
        return f"everybody may write {' and '.join(everybody)}"
    return f"its group may write {' and '.join(name for mode, *_, name in rows if mode[5] == 'w')}"
