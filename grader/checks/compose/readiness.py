"""When a stack is up, and why it is not."""

import time
from collections.abc import Mapping
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from grader.checks import health as health_log
from grader.checks import limits, observe
from grader.checks.evidence import SILENCE, log_of
from grader.checks.exec_result import tail
from grader.diagnose import compose_output, container_start, health_check, program_output
from grader.diagnose.engine_trouble import fault_at_the_end
from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine import containers, wait
from grader.engine.cli import CliResult
from grader.engine.compose.project import Project
from grader.engine.inspect import ContainerInfo
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import CheckFailed, LimitReached, WorkError
from grader.values.outcome import Evidence

SETTLED_SECONDS = 0.5
"""A service without a health check counts as up when it has run for so long;"""
SETTLED_AFTER_RESTART_SECONDS = 2.0
"""and for so long when it has been restarted before."""
_WATCH_SECONDS = 0.4


def bring_up(session: Session, project: Project) -> None:
    """Bring a stack up, and wait until every service runs, is healthy where it has a health check, or has done its work.

    Compose itself would wait to its end for a neighbour that can never become healthy; so the containers are watched
    meanwhile, and where one of them settles the matter, the stack is removed under its hands.

    Args:
        session: the run.
        project: prepared.

    Raises:
        CheckFailed: a service stopped, keeps restarting, is unhealthy or cannot be started.
        LimitReached: time or memory.
        Fault: the engine's trouble.
    """
    begun = time.monotonic()
    watch = _Watch(session, project)
    with ThreadPoolExecutor(1, thread_name_prefix="drydock-compose") as pool:
        command = pool.submit(project.up)
        try:
            while not futures.wait([command], timeout=_WATCH_SECONDS).done:
                watch.ready()
            _settle(session, project, watch, command.result(), begun)
        except BaseException as error:
            limit = None
            if isinstance(error, WorkError):
                observe.stack(session, project)
                limit = limit_behind(session, project, error)
            if not command.done():
                project.remove()
            if limit is not None:
                raise limit from error
            raise
    observe.stack(session, project)


def limit_behind(session: Session, project: Project, error: WorkError) -> LimitReached | None:
    """Whether a container of a stack reached a limit; see ``contract.Subject``."""
    found = project.containers()
    named = {identity: f"the service {name}" for name, identities in found.items() for identity in identities}
    return limits.behind(session, named, error)


def _settle(session: Session, project: Project, watch: "_Watch", result: CliResult, begun: float) -> None:
    """Wait for what compose itself does not wait for, and say why it failed where it did."""
    if result.returncode != 0:
        watch.ready()  # raises where a service is to blame
        if not result.timed_out:
            raise compose_output.not_started(result.stderr.replace(f"{project.name}-", ""))
        raise _too_late(session, watch.waiting, watch.codes)
    try:
        left = begun + session.limits.start_seconds - time.monotonic()
        wait.until(watch.ready, seconds=max(left, 0), cancelled=session.cancelled)
    except wait.WaitTimeout:
        raise _too_late(session, watch.waiting, watch.codes) from None


class _Watch:
    """Looks at a stack's containers again and again.

    Attributes:
        waiting: service → container, of those that were not ready at the last look.
        codes: service → its last exit code; a container that has just been restarted shows none any more.
    """

    def __init__(self, session: Session, project: Project) -> None:
        self._session = session
        self._project = project
        self._seen: dict[tuple[str, datetime | None], float] = {}
        self.waiting: dict[str, ContainerInfo] = {}
        self.codes: dict[str, int] = {}

    def ready(self) -> bool | None:
        """True when all are ready, None when not yet; raises when one never will be."""
        self.waiting = {}
        for name, identities in self._project.containers().items():
            for identity in identities:
                about = containers.inspect(self._session, identity)
                if about.state.restarting:
                    self.codes[name] = about.state.exit_code
                since = self._seen.setdefault((identity, about.state.started), time.monotonic())
                if not _is_ready(self._session, name, about, max(age(about), time.monotonic() - since)):
                    self.waiting[name] = about
        return None if self.waiting else True


def age(about: ContainerInfo) -> float:
    """Seconds since a container was started, as far as the engine's clock agrees with ours; 0 where it is ahead."""
    return about.state.age(datetime.now(UTC))


def _is_ready(session: Session, name: str, about: ContainerInfo, running_for: float) -> bool:
    state, code = about.state, about.state.exit_code
    if state.oom_killed and not state.running:
        raise limits.memory(session, about, f"the service {name}")
    if state.status == "created":
        if state.error:
            raise fault_at_the_end(state.error) or container_start.service_refused(name, state.error)
        return False
    if state.restarting:
        return False
    if not state.running:
        if state.error:
            raise fault_at_the_end(state.error) or container_start.service_refused(name, state.error)
        if code != 0 and about.restart_policy == "no":
            log = _log(session, name, about)
            said = log.text if log.text != SILENCE else ""
            raise CheckFailed(
                f"The service {name} stopped.",
                expected="it keeps running, or ends with exit code 0 when its work is done",
                found=f"it ended with {exit_code_in_words(code)}"
                + (f": {program_output.reason(said) or tail(said, 1)}" if said else ""),
                evidence=log,
                advice=program_output.meaning(said),
            )
        return code == 0
    health = state.health.status
    if health == "unhealthy":
        raise _unhealthy(session, name, about)
    if health == "starting":
        if health_log.cannot_run(state.health.runs):
            raise _unhealthy(session, name, about)
        return False
    return health == "healthy" or running_for >= (SETTLED_AFTER_RESTART_SECONDS if about.restarts else SETTLED_SECONDS)


def restarting(session: Session, name: str, about: ContainerInfo, code: int | None = None) -> CheckFailed:
    """A service that comes up again and again; ``code`` is its last exit code, where it was observe."""
    last = f"; last it ended with {exit_code_in_words(code)}" if code is not None else ""
    return CheckFailed(
        f"The service {name} keeps restarting.",
        expected="it keeps running without a break",
        found=f"restarted {about.restarts} times{last}",
        evidence=_log(session, name, about),
    )


def _unhealthy(session: Session, name: str, about: ContainerInfo) -> CheckFailed:
    runs = about.state.health.runs
    return CheckFailed(
        f"The service {name} is not healthy.",
        expected="its health check ends with exit code 0",
        found=f"its last run: {health_log.last_in_words(runs)}",
        evidence=(
            Evidence("the health check", health_log.command(about.config.healthcheck)),
            _log(session, name, about),
        ),
        advice=health_check.ADVICE if health_log.cannot_run(runs) else "",
    )


def _too_late(session: Session, waiting: Mapping[str, ContainerInfo], codes: Mapping[str, int]) -> WorkError:
    for name, about in waiting.items():
        if about.restarts or about.state.restarting:
            return restarting(session, name, about, codes.get(name))
    for name, about in waiting.items():
        runs = about.state.health.runs
        if runs and runs[-1].exit_code != 0:
            return _unhealthy(session, name, about)
    limit = units.seconds(session.limits.start_seconds)
    first = next(iter(waiting.items()), None)
    return LimitReached(
        f"The stack was not up within {limit}.",
        expected=f"every service running (and healthy, where it has a health check) within {limit}",
        found="; ".join(f"{name}: {_words(about)}" for name, about in waiting.items()) or "not all services were started",
        evidence=_log(session, *first) if first else (),
    )


def _words(about: ContainerInfo) -> str:
    state = about.state
    if state.status == "created":
        return "waits for another service"
    return state.status if state.health.status == "none" else state.health.status


def _log(session: Session, name: str, about: ContainerInfo) -> Evidence:
    return log_of(session, about.id, f"the service {name}")
