from dataclasses import replace

from grader.values.outcome import CheckResult, Outcome, Report

PASSED = CheckResult(id="a", title="A.", outcome=Outcome.PASS, points=2, max_points=2)
FAILED = CheckResult(id="b", title="B.", outcome=Outcome.FAIL, points=0, max_points=3)
BROKEN = CheckResult(id="c", title="C.", outcome=Outcome.ERROR, points=None, max_points=1)
REPORT = Report(exercise="01-x", title="X", submission="x", checks=(PASSED, FAILED), engine="", started_at="", duration_s=1)


def test_points_add_up() -> None:
    assert (REPORT.score, REPORT.max_score) == (2, 5)
    assert not REPORT.full_score
    assert replace(REPORT, checks=(PASSED,)).full_score


def test_a_run_in_which_the_grader_failed_is_no_score_at_all() -> None:
    report = replace(REPORT, checks=(PASSED, BROKEN))
    assert report.failed_to_grade
    assert report.score is None
    assert not report.full_score
    assert report.max_score == 3
