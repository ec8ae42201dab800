"""What a drill is: a short task on the learner's own engine, done as soon as the engine's state says so."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from grader.values.drawn import slots
from grader.values.errors import DefinitionError

Draw = Literal["name", "port", "word"] | range | Sequence[str]
"""How a value is drawn: a name of something on the engine, a free port, a made-up word, a number, or one of several."""
FOLDER: Final = "folder"
"""What stands for the drill's folder, as seen from the learner's work folder."""
CheckFunction = Callable[[Any], object]
"""Takes a ``checks.live.lab.Lab``, and raises ``CheckFailed`` where its state falls short."""
SetupFunction = Callable[[Any], None]
"""Takes a ``checks.setup.Setup`` that has drawn already."""


@dataclass(frozen=True)
class DrillCheck:
    """One thing that must be so.

    Attributes:
        id: the function's name.
        title: the first paragraph of its docstring, with ``{name}`` for what is drawn.
        function: looks whether it is so.
    """

    id: str
    title: str
    function: CheckFunction


@dataclass(frozen=True)
class Mistake:
    """What somebody would really type by mistake.

    Attributes:
        did: what that is, in a few words.
        typed: commands, a line each.
        says: the line that they must get then.
    """

    did: str
    typed: tuple[str, ...]
    says: str


@dataclass
class Drill:
    """A drill's definition, as a course author writes it.

    Args:
        title: what it is called.
        task: what is to be done, in two or three lines; ``{name}`` for what is drawn.
        draws: name → how its value is drawn, each time the drill is begun.
        begins_with: docker commands, without the word docker, that make what it begins with.
        files: path → text, in a folder that the learner works in, which is ``{folder}`` in all texts; ``{name}`` in a file for
            what is drawn. One that begins with ``#!`` can be run. None for a drill without a folder.
        place: among the drills of its chapter; those of one place follow each other by their names.

    Attributes:
        checks: in the order in which they are told.
        answers: commands, a line each; every one of them must lead to done.
        mistakes: see there.
        setup_function: makes what ``begins_with`` cannot say.
    """

    title: str
    task: str
    draws: Mapping[str, Draw] = field(default_factory=dict)
    begins_with: Sequence[str] = ()
    files: Mapping[str, str] | None = None
    place: int = 0
    checks: dict[str, DrillCheck] = field(default_factory=dict, init=False)
    answers: list[tuple[str, ...]] = field(default_factory=list, init=False)
    mistakes: list[Mistake] = field(default_factory=list, init=False)
    setup_function: SetupFunction | None = field(default=None, init=False)

    def setup(self, function: SetupFunction) -> SetupFunction:
        """Let the decorated function make what the drill begins with, behind what ``begins_with`` says."""
        self.setup_function = function
        return function

    def check(self, function: CheckFunction) -> CheckFunction:
        """Add the decorated function as a check; its docstring is what the learner reads.

        Raises:
            DefinitionError: it says nothing, or there are two of that name.
        """
        title = (inspect.getdoc(function) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ").strip()
        if not title:
            raise DefinitionError(f"Check {function.__name__} of “{self.title}” has no docstring.")
        if function.__name__ in self.checks:
            raise DefinitionError(f"Two checks of “{self.title}” are called {function.__name__}.")
        self.checks[function.__name__] = DrillCheck(function.__name__, title, function)
        return function

    def answer(self, *typed: str) -> None:
        """Add a right answer: what to type, a line each."""
        self.answers.append(typed)

    def mistake(self, did: str, *typed: str, says: str) -> None:
        """Add a likely mistake.

        Args:
            did: what the person did, in a few words.
            typed: what they type, a line each.
            says: the line that they must get.
        """
        self.mistakes.append(Mistake(did, typed, says))

    @property
    def names(self) -> tuple[str, ...]:
        """Which of the drawn values are names of things on the engine."""
        return tuple(slot for slot, how in self.draws.items() if how == "name")

    def flaws(self) -> list[str]:
        """What is missing or contradicts itself, a sentence each."""
        found = []
        if not self.title.strip() or not self.task.strip() or not self.checks:
            found.append("A drill needs a title, a task and a check.")
        if not self.answers or not self.mistakes:
            found.append("A drill is proved by a right answer and by a likely mistake: it needs one of each.")
        texts = [self.task, *self.begins_with, *(self.files or {}).values(), *(one.title for one in self.checks.values())]
        texts += [line for typed in self.answers for line in typed]
        texts += [line for one in self.mistakes for line in (*one.typed, one.says)]
        known = {*self.draws, *(() if self.files is None else (FOLDER,))}
        unknown = sorted({slot for text in texts for slot in slots(text)} - known)
        return found + [f"{{{slot}}} is written, and nothing of that name is drawn." for slot in unknown]
