"""What the proof of the course shares: which exercises are meant, and how much of it an earlier run has found.

A plugin of pytest. ``--exercise`` leaves out the tests of all other exercises. A result that was not run again is told, never
counted silently: a test says ``record_property(RESULTS, "1 of 2")``, which reaches the results of parallel processes and the
JUnit file as well, where ``scripts/test_summary.py`` adds them up.
"""

from collections.abc import Callable, Iterable

import pytest

from grader.course.catalogue import Entry

RESULTS = "results"
"""The property of a test that asked for results: how many of them an earlier run had found, of how many."""

Tell = Callable[[str, object], None]
"""``record_property``."""


def tell(record_property: Tell, earlier: int, of: int) -> None:
    """Say how many results of a test are from an earlier run."""
    record_property(RESULTS, f"{earlier} of {of}")


def chosen(ids: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """Return the exercises that are meant.

    Args:
        ids: all that there are.
        wanted: ids, or beginnings that may fit several: ``06`` is all of chapter 06.

    Raises:
        UsageError: one fits none: a slip must not prove nothing.
    """
    every, meant = sorted(set(ids)), set[str]()
    for one in wanted:
        fitting = {id_ for id_ in every if id_ == one} or {id_ for id_ in every if id_.startswith(one)}
        if not fitting:
            raise pytest.UsageError(f"There is no exercise {one}. There are: {', '.join(every)}.")
        meant |= fitting
    return meant


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--exercise ID``, as often as there are exercises."""
    parser.addoption(
        "--exercise", action="append", default=[], metavar="ID", help="of the tests of exercises, only those of this one"
    )


def _exercise(item: pytest.Item) -> str | None:
    """The exercise that a test has among its parameters."""
    parameters = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    entries = (getattr(value, "entry", value) for value in parameters)
    return next((entry.id for entry in entries if isinstance(entry, Entry)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for."""
    if not (wanted := config.getoption("--exercise")):
        return
    of = [(item, _exercise(item)) for item in items]
    meant = chosen((id_ for _, id_ in of if id_), wanted)
    items[:] = [item for item, id_ in of if id_ is None or id_ in meant]
    config.hook.pytest_deselected(items=[item for item, id_ in of if id_ is not None and id_ not in meant])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was not run again."""
    told = [
        str(value)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == RESULTS
    ]
    earlier, of = (sum(int(one.split(" of ")[part]) for one in told) for part in (0, 1))
    if earlier:
        terminalreporter.line(f"{earlier} of {of} results from an earlier run; FRESH=1 runs all")
