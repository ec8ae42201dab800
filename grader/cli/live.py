"""A run as it goes on, in a terminal: redrawn in place, and taken away when the report comes."""

import time
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live as RichLive
from rich.text import Text

from grader.report.clean import sentence
from grader.report.text import row, verdict
from grader.report.words import points
from grader.values.events import CheckDecided, CheckStarted, EngineOutput, Event, RunDecided, RunStarted
from grader.values.outcome import CheckResult
from grader.values.units import seconds


class Live:
    """Every check with its state, the engine's current line and the time so far, redrawn in place."""

    def __init__(self, stream: TextIO) -> None:
        self._checks: dict[str, tuple[str, float]] = {}
        self._begun: dict[str, float] = {}
        self._decided: dict[str, CheckResult] = {}
        self._line = "Connecting to the engine"
        self._title = ""
        self._stopping = False
        self._start = time.monotonic()
        self._live = RichLive(
            console=Console(file=stream, highlight=False),
            get_renderable=self._draw,
            refresh_per_second=8,
            transient=True,
            # What a check prints by mistake goes past the table instead of through it.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def event(self, event: Event) -> None:
        """Take an event in; the next redraw shows it."""
        if isinstance(event, RunStarted):
            self._title = f"{sentence(event.exercise)}  {sentence(event.title)}"
            self._checks = {id_: (sentence(title), of) for (id_, title), of in zip(event.checks, event.points, strict=True)}
            self._line = ""
        elif isinstance(event, CheckStarted):
            self._begun[event.id] = time.monotonic()
        elif isinstance(event, EngineOutput):
            self._line = sentence(event.line)
        elif isinstance(event, CheckDecided) and not self._stopping:
            self._decided[event.result.id] = event.result
            self._line = ""
        elif isinstance(event, RunDecided):
            self.close()

    def close(self) -> None:
        """Take the table away; the report follows in its place."""
        self._live.stop()

    def stopping(self) -> None:
        """Say so at the next redraw; from now on no verdict is one, checks end because they are stopped."""
        self._stopping = True

    def _draw(self) -> RenderableType:
        now = time.monotonic()
        lines: list[RenderableType] = [Text(self._title, style="bold"), Text()] if self._title else []
        for id_, (title, of) in list(self._checks.items()):
            if done := self._decided.get(id_):
                lines.append(row(verdict(done.outcome), Text(title), f"{points(done.points)}/{points(done.max_points)}"))
            elif begun := self._begun.get(id_):
                lines.append(row(Text("● running", style="cyan"), Text(title), seconds(int(now - begun))))
            else:
                lines.append(row(Text("○ waiting", style="dim"), Text(title, style="dim"), f"{points(of)}"))
        line = Text(self._line or "…", style="dim", no_wrap=True, overflow="ellipsis")
        last = "Stopping, and cleaning up …" if self._stopping else f"{seconds(int(now - self._start))} so far; Ctrl-C stops"
        lines += [Text(), line, Text(last, style="dim")]
        return Group(*lines)
