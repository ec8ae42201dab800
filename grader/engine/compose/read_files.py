"""The files whose content compose puts into what it says, and whose names are gone then: env files and label files."""

import os
from collections.abc import Iterable, Mapping

from grader.engine.compose.plan import Vet
from grader.engine.compose.source import Path_
from grader.values.errors import CheckFailed


def judge(state: Vet, services: Iterable[str]) -> None:
    """See that they are the learner's own, and that compose could see them; refusals are noted in ``state``.

    Args:
        state: of the vetting.
        services: names of those whose files count.

    Raises:
        CheckFailed: one is larger than compose can be shown.
    """
    for name in services:
        about = (state.written.get("services") or {}).get(name) or {}
        for key in ("env_file", "label_file"):
            given = about.get(key) or ()
            for number, one in enumerate([given] if isinstance(given, str) else given):
                path: Path_ = ("services", name, key, number)
                source = str(one["path"] if isinstance(one, Mapping) else one)
                own = state.here(source)
                if "$" in source:
                    state.refuse(path, f"a file whose name holds a variable ({key})")
                elif own is None:
                    state.refuse(path, f"a file outside your folder ({state.told(source)})")
                elif (relative := os.path.relpath(own, state.folder)) in state.left_out:
                    raise too_large(relative)


def too_large(name: str) -> CheckFailed:
    """A file that compose would read is larger than one should be."""
    return CheckFailed(f"{name} is too large for compose to read here.", expected="at most 64 kB", found="more")
