"""A repetition inside a test is told, never hidden: it is counted, and stands in the summary with its reason.

A plugin of pytest; a test says ``record_property(RERUN, "why")``. That reaches the results of parallel processes and the JUnit
file as well, where ``scripts/test_summary.py`` counts it.
"""

from collections.abc import Callable, Iterator, Mapping

import pytest

RERUN = "rerun"
"""The property of a test that had to repeat something; its value says what and why."""


_SHOWN = 1500


def twice(run: Callable[[], Mapping[str, str]], tell: Callable[[str], object]) -> None:
    """Run something whose parts may each fail now and then; a second time where one did, because a busy engine loses outputs.

    Args:
        run: returns the parts that are wrong, and what is wrong with each.
        tell: is told of a second run, and why.

    Raises:
        AssertionError: the same part is wrong twice.
    """
    first = run()
    if not first:
        return
    tell("\n".join(f"{part} was wrong, everything was run again. {why[:_SHOWN]}" for part, why in first.items()))
    second = run()
    assert not first.keys() & second.keys(), "\n".join(f"{part}, twice: {second[part]}" for part in first if part in second)


def reasons(report: pytest.TestReport) -> Iterator[str]:
    """Why a test repeated something, once for each time."""
    return (str(why) for name, why in report.user_properties if name == RERUN)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    """A test that has passed after a repetition is no plain pass."""
    if report.when == "call" and report.passed and any(reasons(report)):
        return RERUN, "R", (RERUN.upper(), {"yellow": True})
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the repetitions, the last thing before the counts."""
    seen = [one for kind in (RERUN, "failed") for one in terminalreporter.getreports(kind)]
    told = [(report.nodeid, why) for report in seen if isinstance(report, pytest.TestReport) for why in reasons(report)]
    if told:
        terminalreporter.section("repeated inside a test", yellow=True)
        for nodeid, why in told:
            terminalreporter.line(f"{RERUN.upper()} {nodeid}: {why}")
