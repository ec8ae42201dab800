"""Runs as JUnit XML, which every CI system can show: a suite for each run, a case for each check."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET  # writing only: nothing from outside is parsed

from grader.report.clean import clean_report
from grader.report.words import points, section, summary
from grader.values.outcome import FAILED, CheckResult, Finding, Outcome, Reading, Report

_KIND = {
    Outcome.FAIL: ("failure", "fail"),
    Outcome.LIMIT: ("failure", "limit"),
    Outcome.SKIP: ("skipped", ""),
    Outcome.ERROR: ("error", "error"),
}


def junit(reports: Iterable[Report]) -> str:
    """Return one document for one or many runs.

    A failed check is a ``failure`` of type ``fail``, one that reached a limit a ``failure`` of type ``limit``; a
    skipped one is ``skipped`` and one that could not be graded an ``error``.
    """
    root = ET.Element("testsuites", name="drydock")
    for report in map(clean_report, reports):
        root.append(_suite(report))
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    root.set("time", f"{sum(float(suite.get('time', '0')) for suite in root):.3f}")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report) -> ET.Element:
    outcomes = [check.outcome for check in report.checks]
    suite = ET.Element(
        "testsuite",
        name=report.exercise,
        tests=str(len(outcomes)),
        failures=str(sum(one in FAILED for one in outcomes)),
        errors=str(outcomes.count(Outcome.ERROR)),
        skipped=str(outcomes.count(Outcome.SKIP)),
        time=f"{report.duration_s:.3f}",
        # The schema's dateTime has no zone; UTC is meant.
        timestamp=report.started_at.removesuffix("Z").removesuffix("+00:00"),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("title", report.title),
        ("submission", report.submission),
        ("engine", report.engine),
        ("score", points(report.score)),
        ("max_score", points(report.max_score)),
    ):
        ET.SubElement(properties, "property", name=name, value=value)
    for check in report.checks:
        suite.append(_case(report.exercise, check))
    ET.SubElement(suite, "system-out").text = "\n".join([summary(report), *report.notes])
    return suite


def _case(exercise: str, check: CheckResult) -> ET.Element:
    case = ET.Element("testcase", classname=exercise, name=check.id, time=f"{check.duration_s:.3f}")
    if check.outcome in _KIND:
        tag, kind = _KIND[check.outcome]
        finding = check.finding or Finding(message="")
        end = ET.SubElement(case, tag, message=f"{check.title} {finding.message}".strip())
        if kind:
            end.set("type", kind)
        end.text = _body(finding, check.reading)
    return case


def _body(finding: Finding, reading: Reading | None) -> str:
    lines = [finding.message]
    if finding.expected:
        lines.append(f"expected: {finding.expected}")
    if finding.found:
        lines.append(f"found: {finding.found}")
    for one in finding.evidence:
        lines += ["", f"{one.title}:", one.text]
    if finding.advice:
        lines += ["", finding.advice]
    if reading:
        lines += ["", f"Read {section(reading)}."]
    return "\n".join(lines)
