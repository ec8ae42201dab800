"""What a cell shows while a run goes on; the verdict takes its place."""

import html
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from IPython.display import DisplayHandle, display

from grader.report.clean import sentence
from grader.report.words import MARK, WORD
from grader.values.events import CheckDecided, CheckStarted, EngineOutput, Event, RunStarted
from grader.values.outcome import CheckResult

_EVERY_S: Final = 0.25
"""A build writes hundreds of lines a second; a browser need not draw them all."""


class Live:
    """One output of a cell, redrawn in place as events come in, from whichever thread.

    Args:
        silent: show nothing before the verdict: where nbgrader runs the notebook, nobody looks on.
    """

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._handle: DisplayHandle | None = None
        self._lock = threading.Lock()
        self._drawn = 0.0
        self._titles: dict[str, str] = {}
        self._begun: set[str] = set()
        self._decided: dict[str, CheckResult] = {}
        self._line = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Take away what promised a verdict that will not come."""
        if kind is not None and self._handle is not None:
            self.verdict({"text/plain": ""})

    def event(self, event: Event) -> None:
        """Take an event in, and show it when it is time to."""
        if self._silent:
            return
        with self._lock:
            if isinstance(event, RunStarted):
                self._titles = {identity: sentence(title) for identity, title in event.checks}
            elif isinstance(event, CheckStarted):
                self._begun.add(event.id)
            elif isinstance(event, CheckDecided):
                self._decided[event.result.id] = event.result
                self._line = ""
            elif isinstance(event, EngineOutput):
                self._line = sentence(event.line)
            if time.monotonic() - self._drawn >= _EVERY_S:
                self._drawn = time.monotonic()
                with suppress(Exception):  # the run must not fail because a browser went away
                    self._show(self._bundle())

    def verdict(self, bundle: dict[str, Any]) -> None:
        """Show the verdict, in place of what was there."""
        with self._lock:
            self._show(bundle)

    def _show(self, bundle: dict[str, Any]) -> None:
        if self._handle is not None:
            self._handle.update(bundle, raw=True)  # type: ignore[no-untyped-call]
        elif self._silent:
            display(bundle, raw=True)  # type: ignore[no-untyped-call]
        else:
            self._handle = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]

    def _bundle(self) -> dict[str, Any]:
        rows = [f"{self._state(identity)} {title}" for identity, title in self._titles.items()]
        tail = [self._line] if self._line else []
        text = "\n".join(["Checking your work …", *rows, *tail])
        return {"text/plain": text, "text/html": f"<pre role='status'>{html.escape(text)}</pre>"}

    def _state(self, identity: str) -> str:
        if decided := self._decided.get(identity):
            return f"{MARK[decided.outcome]} {WORD[decided.outcome]:<8}"
        return "… running " if identity in self._begun else "          "
