"""The words and marks that every report uses, so that none says by colour alone what happened."""

from grader.values.outcome import FAILED, Outcome, Reading, Report

WORD = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.SKIP: "skipped",
    Outcome.LIMIT: "limit",
    Outcome.ERROR: "error",
}
MARK = {Outcome.PASS: "✔", Outcome.FAIL: "✘", Outcome.SKIP: "-", Outcome.LIMIT: "▲", Outcome.ERROR: "!"}


def points(number: float | None) -> str:
    """Write points: no decimals that say nothing, a dash where there is no score."""
    return "-" if number is None else f"{number:.2f}".rstrip("0").rstrip(".")


def count(number: int, noun: str, plural: str = "") -> str:
    """Write ``1 check``, ``2 checks``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def section(reading: Reading) -> str:
    """Say where to read."""
    return f"chapter {reading.chapter}, “{reading.heading}”"


def summary(report: Report) -> str:
    """Say in one sentence what became of a run."""
    if report.failed_to_grade:
        return "No score: the grader or the engine failed, not your work. Nothing is recorded against you."
    of = f"{points(report.score)} of {points(report.max_score)} points"
    if report.full_score:
        return f"{of}: every check passed."
    open_ = [check for check in report.checks if check.outcome in FAILED]
    skipped = [check for check in report.checks if check.outcome is Outcome.SKIP]
    waiting = f", {len(skipped)} more could not be tried yet" if skipped else ""
    return f"{of}: {count(len(open_), 'check')} to fix{waiting}."
