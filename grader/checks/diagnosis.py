"""A container as it is, and why it is not as it should be: what the engine, the kernel and a look inside say."""

import shlex
import time
from collections.abc import Sequence

from grader.checks import limits
from grader.checks.evidence import log_of
from grader.checks.exec_result import SHOWN_LINES, STARTED_WITH, sentence, shortened, tail
from grader.diagnose import program_output
from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine import containers, files, probe
from grader.engine.inspect import State
from grader.engine.session import Session
from grader.values.errors import CheckFailed, ImageUnavailable, LimitReached, WorkError
from grader.values.outcome import Evidence

_LONGEST = 300


class DiagnosedContainer:
    """A container, and the finding when something is wrong with it.

    Args:
        session: the run.
        identity: the container's id.
        started: when, on the monotonic clock.
        what: how to speak of it.
    """

    def __init__(self, session: Session, identity: str, *, started: float, what: str) -> None:
        self.session = session
        self.id = identity
        self.started = started
        self.what = what

    # What it is

    @property
    def state(self) -> State:
        """Its state at this moment."""
        return containers.inspect(self.session, self.id).state

    @property
    def health(self) -> str:
        """``starting``, ``healthy``, ``unhealthy``, or ``none`` where the image has no health check."""
        return self.state.health.status

    def logs(self, *, last: int | None = 200) -> str:
        """What it wrote, both outputs in their order.

        Args:
            last: lines; None for all that is kept.
        """
        return containers.logs(self.session, self.id, tail=last)

    def log_tail(self) -> str:
        """The end of its log, as evidence."""
        return tail(containers.logs(self.session, self.id, tail=SHOWN_LINES))

    def read(self, path: str) -> bytes | None:
        """A file inside, running or not; None when there is no such file."""
        found = files.read(self.session, self.id, path)
        return found[0].content if found and not found[0].path else None

    def look(self) -> probe.View:
        """Look into it from outside, by a helper that nothing in the image can fool."""
        self.alive()
        seen = probe.look(self.session, self.id)
        if seen is None:
            raise self.death(self.state)
        return seen

    def alive(self) -> None:
        """Return when it runs.

        Raises:
            CheckFailed: it has ended.
            LimitReached: the kernel ended it at its memory limit.
        """
        state = self.state
        if not state.running:
            raise self.death(state)
        if state.restarting:
            raise CheckFailed(f"{sentence(self.what)} keeps restarting.", evidence=self.log_evidence())

    # What went wrong

    def log_evidence(self) -> Evidence:
        """The end of its log."""
        return log_of(self.session, self.id, self.what)

    def death(self, state: State) -> WorkError:
        """It has ended: what that means."""
        if state.oom_killed:
            return limits.memory(self.session, containers.inspect(self.session, self.id), self.what)
        code, log = state.exit_code, self.log_tail()
        command = self._command()
        reason = (program_output.reason(log) or tail(log, 1)) if code else f"its first process was {shortened(command.text)}"
        return CheckFailed(
            f"{sentence(self.what)} stopped.",
            expected="it keeps running",
            found=f"it ended with {exit_code_in_words(code)}" + (f": {reason}" if reason else ""),
            evidence=(command, self.log_evidence()),
            advice=program_output.meaning(log)
            if code
            else "A container runs as long as its first process, and that had ended.",
        )

    def _command(self) -> Evidence:
        """What its first process was started as."""
        return Evidence(STARTED_WITH, shlex.join(containers.inspect(self.session, self.id).command)[:_LONGEST])

    def limit_behind(self, error: CheckFailed) -> LimitReached | None:
        """Whether it reached a limit; see ``contract.Subject``."""
        return limits.behind(self.session, {self.id: self.what}, error)

    def silence(self, request: str, inside: int, reason: str) -> WorkError:
        """No answer on a published port: find out why, for the finding."""
        state = self.state
        if not state.running:
            return self.death(state)
        if reason:
            return CheckFailed(
                f"{request} got no complete answer.", expected="an answer", found=reason, evidence=self.log_evidence()
            )
        try:
            seen = probe.look(self.session, self.id)
        except ImageUnavailable:
            seen = None
        found, advice = listening(seen.listeners, inside) if seen else ("nothing answered", "")
        return CheckFailed(
            f"{request} got no answer.",
            expected=f"an answer on port {inside}",
            found=found,
            evidence=(self._command(), self.log_evidence()),
            advice=advice,
        )


class ReachabilityWatch:
    """While a first answer is waited for: ends the wait early once the container has settled where nobody can reach it.

    A server that listens on another port, or on loopback, and goes on doing so, will not come round before the deadline.
    """

    _AFTER_S = 4.0
    _AGAIN_S = 3.0

    def __init__(self, container: DiagnosedContainer, request: str, inside: int) -> None:
        self._container, self._request, self._inside = container, request, inside
        self._next_look = container.started + self._AFTER_S
        self._before: tuple[probe.Listener, ...] = ()

    def __call__(self) -> None:
        """Return while there is hope; see ``wait.until``."""
        self._container.alive()
        if time.monotonic() < self._next_look:
            return
        try:
            seen = self._container.look().listeners
        except ImageUnavailable:
            seen = ()
        reachable = any(one.port == self._inside and not one.loopback for one in seen)
        if seen and not reachable and seen == self._before:
            raise self._container.silence(self._request, self._inside, "")
        self._before = seen
        self._next_look = time.monotonic() + self._AGAIN_S


def listening(listeners: Sequence[probe.Listener], inside: int) -> tuple[str, str]:
    """What listens in a container instead, and advice where that shows the cause.

    Args:
        listeners: of its network namespace.
        inside: the port on which nobody answers.
    """
    there = [one for one in listeners if one.port == inside]
    others = sorted({one.port for one in listeners if one.port != inside})
    if there and all(one.loopback for one in there):
        return (
            f"inside the container something listens on {there[0].address}:{inside}, which only the container can reach",
            "A server in a container must listen on all addresses: 0.0.0.0.",
        )
    if there:
        return f"something listens on port {inside} but breaks off every connection", ""
    if others:
        return (
            f"inside the container nothing listens on port {inside}, but something does on {_ports(others)}",
            "Which port it is, the program decides when it starts: by its settings or its arguments, not by EXPOSE or -p.",
        )
    return "the container runs, but nothing in it listens on any port", ""


def _ports(numbers: Sequence[int]) -> str:
    return ("port " if len(numbers) == 1 else "ports ") + ", ".join(map(str, numbers))
