"""What an exercise begins with, made on the learner's own engine; each time again."""

import re
from pathlib import Path

from grader import settings
from grader.checks.setup import EXERCISE_LABEL, Setup
from grader.course.catalogue import Entry
from grader.engine import ownership
from grader.engine.cli import CliResult, run_cli
from grader.engine.client import translated
from grader.engine.session import Session
from grader.values.errors import Fault, UsageError
from grader.values.facts import Facts

_IN_USE = re.compile(r'container name "/?(?P<name>[^"]+)" is already in use')


def make(entry: Entry, *, learner: str | None = None) -> str:
    """Make what an exercise begins with; what an earlier call has left is removed first.

    Args:
        entry: the exercise.
        learner: whose facts it shows; by default whoever is learning here.

    Returns:
        What is there now, in a sentence.

    Raises:
        UsageError: nothing needs to be prepared, or the learner has a container of that name.
        Fault: it cannot be made; nothing of it is left.
    """
    function = entry.exercise.setup_function
    if function is None:
        raise UsageError(f"{entry.id} needs no preparation: begin with its files.")
    with Session(entry.exercise.limits) as session:
        _remove(session, entry.id)
        facts = Facts(learner or settings.learner(), entry.id, settings.facts_key())

        def docker(*args: str, seconds: float, stdin: Path | None = None) -> CliResult:
            return run_cli(session, args, seconds=seconds, stdin=stdin)

        try:
            function(Setup(docker, facts, session.folder))
        except Fault as fault:
            _remove(session, entry.id)
            if taken := _IN_USE.search(fault.message):
                raise UsageError(
                    f"You have a container called {taken['name']} already, and this exercise needs the name."
                    f" Remove yours (docker rm -f {taken['name']}), then try again."
                ) from fault
            raise
        except BaseException:
            _remove(session, entry.id)
            raise
    return (function.__doc__ or "").strip().split("\n\n")[0]


def remove(exercise: str) -> list[str]:
    """Remove what was prepared for an exercise.

    Args:
        exercise: its id.

    Returns:
        What was removed.

    Raises:
        EngineUnavailable: no engine answers.
    """
    with Session() as session:
        return _remove(session, exercise)


def _remove(session: Session, exercise: str) -> list[str]:
    with translated():
        return ownership.remove_labelled(session.client, f"{EXERCISE_LABEL}={exercise}")
