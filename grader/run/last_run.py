"""The last run of an exercise as a page shows it: while it goes on, and afterwards, whichever surface asked for it."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.report.as_json import as_object, check_object
from grader.report.clean import clean_check, sentence
from grader.values.outcome import CheckResult, Outcome

if TYPE_CHECKING:
    from grader.run.attempt import Verdict

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

    def take(self, result: CheckResult) -> None:
        """Take a check's result."""
        result = clean_check(result)
        self.results[result.id] = {**check_object(result), "advice": result.finding.advice if result.finding else ""}

    def decide(self, verdict: "Verdict") -> None:
        """Take the verdict, and with it the results as they are to be shown."""
        report = verdict.report
        for one in report.checks:
            self.take(one)
        self.report = {
            "started_at": report.started_at,
            "duration_s": as_object(report)["duration_s"],
            "score": report.score,
            "full": report.full_score,
            "engine": report.engine,
            "notes": [sentence(note) for note in report.notes],
            "unkept": [sentence(notice) for notice in verdict.notices],
        }
        self.verdict = "decided"
        if report.failed_to_grade:
            self.verdict = "not_graded"
            finding = next(one.finding for one in report.checks if one.outcome is Outcome.ERROR)
            if finding is not None:
                self.trouble = {"message": sentence(finding.message), "next_step": sentence(finding.advice)}

    def stop(self) -> None:
        """There will be no verdict, unless there is one already."""
        if self.verdict == "running":
            self.verdict = "stopped"

    def fail(self, message: str, next_step: str) -> None:
        """There will be no verdict, and this is why."""
        if self.verdict == "running":
            self.verdict = "not_graded"
            self.trouble = {"message": sentence(message), "next_step": sentence(next_step)}

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
