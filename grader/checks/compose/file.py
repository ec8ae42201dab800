"""The learner's compose file as compose reads it: nothing is started."""

import re
from collections.abc import Iterator

from grader.engine.compose.project import Project
from grader.engine.compose.source import Place
from grader.values.errors import CheckFailed
from grader.values.outcome import Evidence

_VARIABLE = re.compile(r'^The "(?P<name>\w+)" variable is not set')
_ATTRIBUTE = re.compile(r"the attribute `(?P<name>\w+)` is obsolete")


class ComposeFile:
    """A compose file, read and vetted.

    Args:
        project: of it.
    """

    def __init__(self, project: Project) -> None:
        self.project = project

    @property
    def warnings(self) -> tuple[str, ...]:
        """What compose itself warns of, each thing once, with its line where one can be told."""
        return tuple(dict.fromkeys(self._told()))

    def expect_no_warnings(self) -> None:
        """`docker compose config` reads it without a warning."""
        if found := self.warnings:
            more = len(found) - 1
            raise CheckFailed(
                "Compose reads your file, and warns.",
                expected="no warning from `docker compose config`",
                found=found[0] + (f" (and {more} more)" if more else ""),
                evidence=Evidence("warnings", "\n".join(found)) if more else (),
            )

    def _told(self) -> Iterator[str]:
        for text in self.project.complaints:
            place = self._place(text)
            yield text + (f" ({place})" if place else "")

    def _place(self, text: str) -> Place | None:
        source = self.project.source
        if about := _ATTRIBUTE.search(text):
            return source.place((about["name"],))
        if about := _VARIABLE.search(text):
            use = re.compile(rf"(?<!\$)(?:\$\$)*\$(?:{{{about['name']}\b|{about['name']}\b)")
            for name, content in source.texts.items():
                for number, line in enumerate(content.splitlines(), 1):
                    if use.search(line):
                        return source.line(name, number)
        return None
