"""What a container wrote, as evidence beside a finding."""

from grader.checks.exec_result import SHOWN_LINES, tail
from grader.engine import containers
from grader.engine.session import Session
from grader.values.outcome import Evidence

SILENCE = "(nothing)"


def log_of(session: Session, identity: str, what: str) -> Evidence:
    """The end of a container's log.

    Args:
        session: the run.
        identity: the container's id.
        what: how to speak of it.
    """
    text = tail(containers.logs(session, identity, tail=SHOWN_LINES))
    return Evidence(f"log of {what} (last {SHOWN_LINES} lines)", text or SILENCE)
