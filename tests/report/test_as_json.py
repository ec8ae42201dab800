import json

from grader.report.as_json import as_object, dumps, error_object
from grader.values.outcome import Outcome
from tests.toys import report, result


def test_keys_are_a_promise() -> None:
    value = as_object(report(result("a"), result("b", Outcome.FAIL)))
    assert list(value) == ["exercise", "score", "max_score", "duration_s", "engine", "checks"]
    assert all(
        list(check)
        == [
            *("id", "title", "outcome", "points", "max_points", "message", "expected", "found", "evidence", "hint"),
            "duration_s",
        ]
        for check in value["checks"]
    )


def test_values() -> None:
    value = as_object(report(result("a"), result("b", Outcome.FAIL, points=2)), {"b": ("first hint",)})
    assert (value["score"], value["max_score"]) == (1, 3)
    failed = value["checks"][1]
    assert (failed["outcome"], failed["points"], failed["message"]) == ("fail", 0.0, "b went wrong")
    assert failed["evidence"] == [{"title": "log", "text": "line 1\nline 2"}]
    assert failed["hint"] == "Look again.\nRead chapter 01, “Six words”.\nfirst hint"
    assert value["checks"][0]["hint"] == ""
    assert json.loads(dumps(value)) == value


def test_closed_hints_are_not_in_it() -> None:
    assert "second hint" not in dumps(as_object(report(result("b", Outcome.FAIL)), {"b": ("first hint",)}))


def test_no_score_where_the_grader_failed() -> None:
    value = as_object(report(result("a"), result("b", Outcome.ERROR)))
    assert value["score"] is None
    assert value["checks"][1]["points"] is None


def test_the_object_of_a_run_that_did_not_happen() -> None:
    assert error_object("01-toy", "No engine.", "Start one.") == {
        "exercise": "01-toy",
        "error": "No engine.",
        "next_step": "Start one.",
    }
