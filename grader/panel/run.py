"""The run that a page shows, while it goes on and afterwards."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.report.as_json import check_object
from grader.report.clean import clean, clean_check
from grader.values.outcome import CheckResult

Object = dict[str, Any]


@dataclass
class Run:
    """The run that is shown.

    Attributes:
        verdict: ``running``, ``decided``, ``stopped`` or ``not_graded``.
        fingerprint: of the learner's files that it checked.
        results: check id → as ``report.as_json`` has it.
        begun: ids of the checks that have begun.
        report: score, duration and so on, once there is a verdict.
        trouble: message and next step, when nothing could be graded.
    """

    fingerprint: str = ""
    verdict: str = "running"
    results: dict[str, Object] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    report: Object = field(default_factory=dict)
    trouble: Object | None = None

    def decide(self, result: CheckResult) -> None:
        """Take a check's result."""
        result = clean_check(result)
        self.results[result.id] = {**check_object(result), "advice": result.finding.advice if result.finding else ""}

    def remember(self, target: Path) -> None:
        """Write down what outlives the server; the attempt itself is in the progress, this is only what a page shows."""
        kept = {
            "fingerprint": self.fingerprint,
            "verdict": self.verdict,
            "results": self.results,
            "report": self.report,
            "trouble": self.trouble,
        }
        with contextlib.suppress(OSError):
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_suffix(".new")
            fresh.write_text(json.dumps(kept), encoding="utf-8")
            fresh.replace(target)

    @classmethod
    def remembered(cls, source: Path) -> "Run | None":
        """Read it; None where there is nothing that could be shown."""
        try:
            kept = json.loads(source.read_text(encoding="utf-8"))
            run = cls(kept["fingerprint"], kept["verdict"], kept["results"], report=kept["report"], trouble=kept["trouble"])
            if all(isinstance(part, Mapping) for part in (run.results, run.report, *run.results.values())):
                return run
        except (OSError, ValueError, LookupError, TypeError):
            pass
        return None


def code(line: str) -> str:
    """A line for a page: nothing in it acts, and its blanks stay."""
    return clean(line.rstrip("\n"), chars=2_000, lines=1)
