"""Which of its limits a container reached: told from what the kernel and the engine counted.

The counters of processes go with the container that they are of, and for a file that may not grow there are none. There,
and only there, what the container itself wrote is believed: whoever pretends a limit gains nothing by it.
"""

from collections.abc import Mapping

from grader.checks.evidence import log_of
from grader.checks.exec_result import sentence
from grader.diagnose import limit_words
from grader.diagnose.exit_codes import exit_code_in_words
from grader.engine import containers, counters
from grader.engine.counters import Counts
from grader.engine.inspect import ContainerInfo
from grader.engine.session import Session
from grader.values import units
from grader.values.errors import ImageUnavailable, LimitReached, WorkError


def behind(session: Session, named: Mapping[str, str], error: WorkError) -> LimitReached | None:
    """Say whether one of some containers reached a limit: then that is what the learner should read.

    Args:
        session: the run.
        named: id → how to speak of it.
        error: the failure that is to be explained.
    """
    known = {identity: containers.inspect(session, identity) for identity in named}
    running = [identity for identity, about in known.items() if about.state.running]
    try:
        counted = counters.read(session, running)
    except ImageUnavailable:  # the failure stands without it
        counted = {}
    for identity, about in known.items():
        said = containers.logs(session, identity)
        if limit := _reached(session, about, named[identity], said, counted.get(identity), error.finding.message):
            return limit
    return None


def of_ended(session: Session, about: ContainerInfo, what: str, said: str) -> LimitReached | None:
    """Say whether a container that has ended reached a limit.

    Args:
        session: the run.
        about: all that the engine knows of it.
        what: how to speak of it.
        said: what it wrote.
    """
    return _reached(session, about, what, said, None, "it ended")


def _reached(
    session: Session, about: ContainerInfo, what: str, said: str, counted: Counts | None, then: str
) -> LimitReached | None:
    state, restarted = about.state, about.restarts > 0
    if state.oom_killed or (counted and counted.oom_kills) or (restarted and counters.was_out_of_memory(session, about)):
        return memory(session, about, what)
    refused = f"the kernel refused {counted.pids_refused} more" if counted and counted.pids_refused else ""
    if not refused and (counted is None or restarted):
        refused = limit_words.no_more_processes(said)
    if refused:
        return LimitReached(
            f"{sentence(what)} started more processes than it may.",
            expected=f"at most {about.pids} processes and threads",
            found=f"{refused}; then: {then}",
            evidence=log_of(session, about.id, what),
        )
    return file_size(session, what, state.exit_code, said)


def memory(session: Session, about: ContainerInfo, what: str) -> LimitReached:
    """The kernel ended something in a container at its memory limit.

    Args:
        session: the run.
        about: all that the engine knows of it.
        what: how to speak of it.
    """
    return LimitReached(
        f"{sentence(what)} used more memory than it may.",
        expected=f"at most {units.size(about.memory)}",
        found="the kernel ended a process of it at that limit",
        evidence=log_of(session, about.id, what),
    )


def file_size(session: Session, what: str, exit_code: int, said: str) -> LimitReached | None:
    """Say whether something wanted to write a larger file than it may.

    Args:
        session: the run.
        what: how to speak of it.
        exit_code: how it ended.
        said: what it wrote.
    """
    line = limit_words.file_too_large(said)
    if not line and exit_code != limit_words.FILE_TOO_LARGE:
        return None
    return LimitReached(
        f"{sentence(what)} tried to write a larger file than it may.",
        expected=f"files of at most {units.size(session.limits.file)}",
        found=f"a file that reached that size; then: {line or exit_code_in_words(exit_code)}",
    )


def output(session: Session, identity: str, what: str, left: str) -> LimitReached | None:
    """Say whether a container has written so much that what is left of its log may not be all of it.

    Args:
        session: the run.
        identity: the container's id.
        what: how to speak of it.
        left: what is left of its log.
    """
    return too_much_output(what, session.limits.log) if counters.outgrew_its_log(session, identity, left) else None


def too_much_output(what: str, allowed: int) -> LimitReached:
    """Something wrote more than is kept of it, so that nobody can say any more what it wrote.

    Args:
        what: how to speak of it.
        allowed: bytes.
    """
    return LimitReached(
        f"{sentence(what)} wrote more output than may be kept of it.",
        expected=f"at most {units.size(allowed)}",
        found="more than that; its beginning is lost, and what was looked for may have been there",
    )
