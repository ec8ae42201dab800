"""What an exercise is: checks as decorated functions.

The function's name is the check's id, its docstring the sentence that the learner reads, its dependency the function
that it names, and what it returns is handed to its dependents (the design follows check50's runner).
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.values.errors import DefinitionError
from grader.values.limits import Limits

CheckFunction = Callable[[Any], Any]
"""Takes what its dependency returned (the learner's work when it has none), returns a value for its dependents."""

SetupFunction = Callable[[Any], None]
"""Takes a ``checks.setup.Setup``, and makes with it what the exercise begins with."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of an exercise.

    Attributes:
        id: the function's name.
        title: the first paragraph of its docstring.
        points: points to be had.
        needs: id of the check that it builds on; None when it starts from the learner's work.
        hints: the ladder after "what was seen", first rung first.
        read: the section that explains it, as in ``Exercise.check``.
        function: the check itself.
    """

    id: str
    title: str
    points: float
    needs: str | None
    hints: tuple[str, ...]
    read: str
    function: CheckFunction


class Exercise:
    """An exercise's definition, as a course author writes it in ``checks.py``.

    Args:
        title: what the exercise is called.
        learner_files: the files that the learner makes or changes, relative to the exercise's folder.
        limits: what a submission may use.
        honest_attempts: attempts after which the solution may be read without a full score.
        one_at_a_time: its checks must not run side by side, e.g. because they share the sandbox engine.
    """

    def __init__(
        self,
        title: str,
        *,
        learner_files: tuple[str, ...],
        limits: Limits | None = None,
        honest_attempts: int = 5,
        one_at_a_time: bool = False,
    ) -> None:
        self.title = title
        self.learner_files = learner_files
        self.limits = limits or Limits()
        self.honest_attempts = honest_attempts
        self.one_at_a_time = one_at_a_time
        self.checks: dict[str, Check] = {}
        self.setup_function: SetupFunction | None = None
        if not title.strip():
            raise DefinitionError("An exercise needs a title.")
        if not learner_files:
            raise DefinitionError(f"“{title}” names no learner_files.")

    @property
    def max_points(self) -> float:
        """Points to be had."""
        return sum(check.points for check in self.checks.values())

    def dependents(self, failed: frozenset[str]) -> frozenset[str]:
        """Ids of the checks that are skipped when these fail: they build on them, directly or not."""
        skipped: set[str] = set()
        for check in self.checks.values():  # a check comes after what it needs
            if check.needs is not None and (check.needs in failed or check.needs in skipped):
                skipped.add(check.id)
        return frozenset(skipped)

    def setup(self, function: SetupFunction) -> SetupFunction:
        """Let the decorated function make what the exercise begins with: containers, volumes, networks.

        It is run on the learner's own engine by ``grader prepare ID`` and by ``prepare()`` in the notebook, each time
        again, and by a check that hands it to ``work.run_script`` in the sandbox. Its docstring tells the learner what is there
        then.

        Raises:
            DefinitionError: there are two, or it has no docstring.
        """
        if self.setup_function is not None:
            raise DefinitionError(f"“{self.title}” is set up twice, by {function.__name__} too.")
        if not inspect.getdoc(function):
            raise DefinitionError(f"{function.__name__} has no docstring: the learner would not know what is there.")
        self.setup_function = function
        return function

    def check(
        self, needs: CheckFunction | None = None, *, points: float, hint: str | tuple[str, ...] = (), read: str = ""
    ) -> Callable[[CheckFunction], CheckFunction]:
        """Add the decorated function as a check.

        Args:
            needs: the check (its function) whose value this one takes; None for the learner's work.
            points: points to be had, more than 0.
            hint: one hint, or a ladder of them from vague to nearly the answer.
            read: the section that explains it: a heading of the exercise's own chapter, or ``"05: heading"`` for another.

        Raises:
            DefinitionError: the definition contradicts itself; the message says where.
        """

        def add(function: CheckFunction) -> CheckFunction:
            name = function.__name__
            title = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ").strip()
            if name in self.checks:
                raise DefinitionError(f"Two checks of “{self.title}” are called {name}.")
            if not title:
                raise DefinitionError(f"Check {name} has no docstring: the learner would read nothing.")
            if points <= 0:
                raise DefinitionError(f"Check {name} gives {points} points; it must be more than 0.")
            if needs is not None and self.checks.get(needs.__name__, None) is None:
                raise DefinitionError(f"Check {name} needs {needs.__name__}, which is not a check defined above it.")
            if len(inspect.signature(function).parameters) != 1:
                raise DefinitionError(f"Check {name} must take one argument: what its dependency returned.")
            self.checks[name] = Check(
                id=name,
                title=title,
                points=float(points),
                needs=needs.__name__ if needs else None,
                hints=(hint,) if isinstance(hint, str) else tuple(hint),
                read=read,
                function=function,
            )
            return function

        return add
