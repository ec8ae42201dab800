"""One job: which exercise, whose submission. It says all that a run needs, so that any process may do it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.engine.isolated.pool import IsolatedEngines
from grader.engine.sandbox.pool import SandboxEngines
from grader.run import runner
from grader.run.budget import Budget
from grader.settings import SOLUTIONS
from grader.values.events import Event
from grader.values.outcome import Report


@dataclass(frozen=True)
class Job:
    """One submission to be checked; can be pickled.

    Attributes:
        course: the folder that holds ``solutions/``.
        exercise_id: in full, ``NN-slug``.
        submission: the learner's folder; it is only read.
        learner: whose work it is.
        original: the learner's folder, where ``submission`` is a copy of it: the report names it, and builds use its caches.
    """

    course: Path
    exercise_id: str
    submission: Path
    learner: str
    original: Path | None = None

    def entry(self) -> Entry:
        """Read the exercise: each time again, since some checks choose numbers by chance when they are read.

        Raises:
            DefinitionError: it is broken, or not there.
        """
        return catalogue.load(self.course / SOLUTIONS / self.exercise_id)


def run(
    job: Job,
    *,
    entry: Entry | None = None,
    observe: Callable[[Event], None] | None = None,
    cancelled: threading.Event | None = None,
    sandboxes: SandboxEngines | None = None,
    isolated: IsolatedEngines | None = None,
    budget: Budget | None = None,
) -> Report:
    """Do a job: everything that runs one comes here.

    Args:
        job: what to check.
        entry: the exercise, where the caller has just read it, or has it without a course.
        observe: is handed events as things happen; that the run waits for its share of the machine is one of them.
        cancelled: set it to stop the run, or its waiting.
        sandboxes: where sandbox engines come from; by default the run starts its own.
        isolated: where the engine for a stranger's work comes from; by default it is the learner's own work, on their engine.
        budget: what the run takes its share of the machine from; by default all of this user's runs share one.

    Returns:
        The report, when everything that the run made is gone.

    Raises:
        EngineUnavailable: no engine answers at the start.
        DefinitionError: the exercise is broken.
        UsageError: there is no such folder.
        Cancelled: the caller stopped the run; everything that it made is gone.
    """
    return runner.run(
        entry or job.entry(),
        job.submission,
        observe=observe,
        cancelled=cancelled,
        learner=job.learner,
        owner=job.original,
        sandboxes=sandboxes,
        isolated=isolated,
        budget=budget or Budget.of_this_machine(),
    )
