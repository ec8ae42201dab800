"""Makes text that a learner controls safe to show: no control of the terminal, valid in XML, bounded in length.

A container's log may hold anything: escape sequences that repaint the terminal or set its title, characters that turn
the direction of what follows, or ten megabytes in one line. Every report starts from a cleaned copy.
"""

import re
from dataclasses import replace

from grader.values.outcome import CheckResult, Evidence, Finding, Reading, Report

LINE = 2_000
SENTENCE = 1_000
EVIDENCE = 20_000
EVIDENCE_LINES = 200
PIECES = 20

# The sequences of ECMA-48, seven-bit and eight-bit: strings to the terminal (title, palette, sixel), then CSI, then the
# rest. A string that is never closed ends at the end of its line: what follows is text again.
_ESCAPES = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
# What is left of the control characters, the marks that reorder text, and what XML 1.0 does not allow.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: str, *, chars: int = EVIDENCE, lines: int = EVIDENCE_LINES) -> str:
    r"""Return ``text`` without anything that acts: only printable characters, tabs and ``\n``; the end is kept.

    Args:
        text: anything.
        chars: at most this many characters, and as many again to say what was left out.
        lines: at most this many lines; the last ones are kept, for that is where a log says why it ended.
    """
    # Cut before the patterns run, so that their cost is bounded too; twice as much, since cleaning shortens.
    cut = max(0, len(text) - 4 * chars)
    text = _BREAKS.sub("\n", text[cut:])
    text = _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", _ESCAPES.sub("", text))
    rows = [row if len(row) <= LINE else row[: LINE - 1] + "…" for row in text.split("\n")]
    left_out = len(rows) - lines
    if left_out > 0:
        rows = rows[-lines:]
    text = "\n".join(rows)
    if len(text) > chars:
        text, cut = text[-chars:], cut + len(text) - chars
    if left_out > 0:
        return f"… ({left_out} lines before)\n{text}"
    return f"… ({cut} characters before)\n{text}" if cut else text


def sentence(text: str) -> str:
    """Return ``text`` as one clean line; the beginning is kept."""
    text = text[: 4 * SENTENCE]
    line = " ".join(clean(text, chars=4 * SENTENCE, lines=EVIDENCE_LINES).split())
    return line if len(line) <= SENTENCE else line[: SENTENCE - 1] + "…"


def clean_report(report: Report) -> Report:
    """Return a copy of ``report`` in which every text is clean."""
    return replace(
        report,
        exercise=sentence(report.exercise),
        title=sentence(report.title),
        submission=sentence(report.submission),
        engine=sentence(report.engine),
        notes=tuple(sentence(note) for note in report.notes),
        checks=tuple(clean_check(check) for check in report.checks),
    )


def clean_check(check: CheckResult) -> CheckResult:
    """Return a copy of ``check`` in which every text is clean."""
    return replace(
        check,
        title=sentence(check.title),
        hints=tuple(clean(hint, chars=4 * SENTENCE) for hint in check.hints),
        finding=check.finding and _clean_finding(check.finding),
        reading=check.reading and Reading(sentence(check.reading.chapter), sentence(check.reading.heading)),
    )


def _clean_finding(finding: Finding) -> Finding:
    return Finding(
        message=sentence(finding.message),
        expected=clean(finding.expected, chars=4 * SENTENCE, lines=40).strip("\n"),
        found=clean(finding.found, chars=4 * SENTENCE, lines=40).strip("\n"),
        evidence=tuple(
            Evidence(title=sentence(one.title), text=clean(one.text).strip("\n")) for one in finding.evidence[:PIECES]
        ),
        advice=sentence(finding.advice),
    )
