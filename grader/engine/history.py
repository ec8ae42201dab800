"""An image's history: what each of its steps was, in the words of the Dockerfile, and what it added."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from grader.engine.client import translated
from grader.engine.session import Session
from grader.values.errors import ImageUnavailable

# The engine keeps a step as it carried it out: with the shell, and with the build arguments that were in force.
_SHELL_FORM = re.compile(r"^(RUN )?(?:\|\d+ (?:.*? )?)?/bin/(?:ba|da|a)?sh (?:-[eux]+ |-o \w+ )*-c (?:#\(nop\) +)?", re.DOTALL)
_ARGUMENTS = re.compile(r"^RUN \|\d+ (?:[A-Za-z_]\w*=\S* )*")
_STRINGS = re.compile(r'\["(?:[^"\\]|\\.)*"(?: "(?:[^"\\]|\\.)*")*\]', re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PORT = re.compile(r"(\d+(?:-\d+)?/\w+):\{\}")


@dataclass(frozen=True)
class Step:
    """One step of an image's history.

    Attributes:
        made_by: as the engine has it.
        size: bytes that it added.
        created: seconds since 1970.
    """

    made_by: str
    size: int
    created: int

    @property
    def command(self) -> str:
        """What the Dockerfile said, as far as the history still knows it."""
        return plain(self.made_by)


def history(session: Session, image: str) -> tuple[Step, ...]:
    """Look up an image's history, oldest step first.

    Args:
        session: the run.
        image: id or name.

    Raises:
        ImageUnavailable: it is not in the engine.
    """
    with translated():
        found = session.client.api.history(image)  # type: ignore[no-untyped-call]
    return tuple(Step(str(one["CreatedBy"]), int(one["Size"]), int(one["Created"])) for one in reversed(found))


class _Bases:
    """Histories of the base images that a run has asked for; empty where the engine does not have one.

    Args:
        session: the run.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, tuple[Step, ...]] = {}

    def of(self, name: str) -> tuple[Step, ...]:
        if name not in self._known:
            self._known[name] = ()
            with suppress(ImageUnavailable):
                self._known[name] = history(self._session, name)
        return self._known[name]


def base(session: Session, steps: tuple[Step, ...], names: Iterable[str]) -> tuple[str, int]:
    """Say on which of several images an image was built: its history begins with theirs.

    Args:
        session: the run.
        steps: the image's history.
        names: images that its build made use of.

    Returns:
        The name, and how many steps are the base image's; an empty name and 0 where none of them is its base.
    """
    bases = session.only(_Bases)
    found = [(name, len(below)) for name in names if (below := bases.of(name)) and steps[: len(below)] == below]
    return max(found, key=lambda one: one[1], default=("", 0))


def plain(made_by: str) -> str:
    """Return what a Dockerfile said, from what an image's history made of it; on one line, ``⏎`` where a heredoc's ends."""
    text = made_by.removesuffix("# buildkit").strip()
    shell = _SHELL_FORM.match(text)
    if shell and (shell[1] or not text.startswith("RUN")):
        kind = "" if "#(nop)" in shell[0] else "RUN "
        text = kind + text[shell.end() :]
    elif text.startswith("RUN |"):
        text = "RUN " + _ARGUMENTS.sub("", text)
    elif text.startswith("EXPOSE map["):
        text = "EXPOSE " + " ".join(_PORT.findall(text))
    elif text.startswith(("HEALTHCHECK &{", "CMD [", "ENTRYPOINT [")):
        text = _with_arguments(text)
    return " ⏎ ".join(" ".join(line.split()) for line in text.strip().splitlines())


def _with_arguments(text: str) -> str:
    """CMD, ENTRYPOINT and HEALTHCHECK, of which the history holds the list of words as the engine's language writes it."""
    instruction = text.split(" ", 1)[0]
    listed = _STRINGS.search(text)
    if not listed:
        return text
    try:
        words = [str(json.loads(word)) for word in _STRING.findall(listed[0])]
    except ValueError:
        return text
    if instruction == "HEALTHCHECK":
        kind, *words = words
        if kind == "NONE":
            return "HEALTHCHECK NONE"
        instruction = "HEALTHCHECK CMD"
        if kind == "CMD-SHELL":
            return f"{instruction} {' '.join(words)}"
    if len(words) >= 3 and words[0].startswith("/bin/") and words[0].endswith("sh") and words[-2] == "-c":
        return f"{instruction} {words[-1]}"
    return f"{instruction} {json.dumps(words, ensure_ascii=False)}"
