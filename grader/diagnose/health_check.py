"""What a run of a health check tells."""

import re

from grader.diagnose import program_output

_MISSING = re.compile(r"sh: (?:line )?(?:\d+: )?\S+: (?:command )?not found|\bModuleNotFoundError\b")
"""A shell's and Python's own words, which survive the usual ``|| exit 1``."""
CONTENT = "Docker looks at the exit code of the health check and at nothing else: 0 means healthy."
ADVICE = "The health check runs inside the container, with the programs that its image has."


def ended(exit_code: int, output: str) -> str:
    """How a run ended: ``exit code 1: no model``."""
    said = output.strip()
    return f"exit code {exit_code}" + (f": {program_output.reason(said) or said[:300]}" if said else "")


def cannot_run(exit_code: int, output: str) -> bool:
    """Whether its own program, or a module of that, is missing."""
    not_found = "not found" in output or "no such file" in output.lower()
    return (exit_code in {126, 127, -1} and not_found) or (exit_code != 0 and _MISSING.search(output) is not None)
