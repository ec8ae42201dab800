"""The engine's own trouble, as it and its command line say it: never the learner's fault."""

from grader.values.errors import DiskFull, EngineUnavailable, Fault

IS_IT_RUNNING = "Is the engine running? `grader doctor` tells."


def disk_is_full() -> DiskFull:
    """The fault."""
    return DiskFull("The engine's disk is full.", "`docker system df` shows what takes the room; `grader doctor` helps.")


def fault(text: str) -> Fault | None:
    """Recognise the engine's own trouble in what it or its CLI says; None when the text does not show any.

    Args:
        text: the engine's own words, and nothing that a learner's program could have written: whoever can make a fault is
            never graded.
    """
    lower = text.lower()
    if "no space left on device" in lower or "disk quota exceeded" in lower:
        return disk_is_full()
    lost = ("cannot connect to the docker daemon", "error during connect", "connection refused", "is the docker daemon running")
    dead = ("failed to receive status: rpc error: code = unavailable", "error reading from server: eof", "graceful_stop")
    if any(sign in lower for sign in (*lost, *dead)):
        return EngineUnavailable("The Docker engine went away in the middle of the run.", IS_IT_RUNNING)
    return None


def fault_at_the_end(error: str) -> Fault | None:
    """The same, of one error that may begin with words of a learner's (a command, a folder): only its last words count.

    Args:
        error: one line of the engine's.
    """
    return fault(error.strip().removesuffix(": unknown").rpartition(": ")[2])
