"""What is asked of the sandbox, as tables: what it finds, and what it says where that is not what should be."""

from collections.abc import Callable, Mapping

import pytest

from grader.checks.sandbox.state import SandboxState
from grader.values.errors import CheckFailed
from grader.values.outcome import Finding

Ask = Callable[[SandboxState], object]
Unmet = Mapping[str, tuple[Ask, str, str]]
"""What is asked, some words of the message, and some of what is found or advised."""


def finding(sandbox: SandboxState, ask: Ask) -> Finding:
    """What is said where something is not as it should be; it always shows the commands."""
    with pytest.raises(CheckFailed) as failure:
        ask(sandbox)
    found = failure.value.finding
    assert sandbox.evidence() in found.evidence, "the commands are not shown"
    assert found.expected, "it does not say what was expected"
    assert found.found, "it does not say what was found"
    return found


def holds(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    """Hold what is said against what should be."""
    said = finding(sandbox, ask)
    assert message in said.message, said.message
    assert words in f"{said.found} {said.advice}", f"{said.found} {said.advice}"
