"""What a reader expects before an experiment, and what came of it.

An answer is kept with the learner's progress where the grader is installed, and in the kernel in any case.
"""

import re
from typing import TYPE_CHECKING

import _workshop as workshop

if TYPE_CHECKING:
    from grader.progress.predictions import Predictions

_answers: dict[tuple[str, str], str] = {}


def predict(key: str, answer: str) -> None:
    """Note what the reader expects.

    Args:
        key: the prediction's name in its chapter.
        answer: one letter, that of an option.
    """
    letter = answer.strip().lower()
    if not letter.strip("_"):
        print('Write the letter of your answer between the quotation marks, in place of "____", and run the cell again.')
    elif not re.fullmatch("[a-d]", letter):
        print(f"“{answer}” is not one of the answers. Write one letter, such as a, and run the cell again.")
    else:
        _answers[workshop.chapter(), key] = letter
        print(f"Your prediction: {letter}. Now run the next cell.")
        if kept := _predictions():
            try:
                kept.keep(workshop.chapter(), key, letter)
            except _fault() as fault:
                print(f"(It is not kept with your progress. {fault})")


def compare(key: str, right: str, explanation: str) -> None:
    """Say how a prediction compares with what happened.

    Args:
        key: the prediction's name in its chapter.
        right: the letter of the right option.
        explanation: a sentence: what happened, and why.
    """
    given = _answers.get((workshop.chapter(), key))
    if kept := _predictions():
        try:
            given = given or kept.answer(workshop.chapter(), key)
            kept.settle(workshop.chapter(), key, right)
        except _fault():
            pass  # `predict` has told
    if given is None:
        print(explanation)
    elif given == right:
        print(f"You said {given}, and that is what happened. {explanation}")
    else:
        print(f"You said {given}; it is {right}. {explanation}")


def _predictions() -> "Predictions | None":
    """Where the grader keeps them; None where it is not installed."""
    try:
        from grader.progress.predictions import Predictions  # noqa: PLC0415 - the course can be read without it
    except ImportError:
        return None
    return Predictions(workshop.work())


def _fault() -> type[Exception]:
    from grader.values.errors import Fault  # noqa: PLC0415

    return Fault
