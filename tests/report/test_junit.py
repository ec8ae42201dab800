from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from grader.report.junit import junit
from grader.values.outcome import Evidence, Finding, Outcome
from tests.toys import report, result


def test_each_outcome_has_its_element() -> None:
    root = ET.fromstring(junit([report(*(result(str(outcome), outcome) for outcome in Outcome))]))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert len(cases["pass"]) == 0
    assert [(one.tag, one.get("type")) for one in cases["fail"]] == [("failure", "fail")]
    assert [(one.tag, one.get("type")) for one in cases["limit"]] == [("failure", "limit")]
    assert [one.tag for one in cases["skip"]] == ["skipped"]
    assert [(one.tag, one.get("type")) for one in cases["error"]] == [("error", "error")]
    assert "line 2" in (cases["fail"][0].text or "")


def test_counts_over_many_runs() -> None:
    root = ET.fromstring(
        junit([report(result("a"), result("b", Outcome.FAIL)), report(result("a", Outcome.SKIP), exercise="02-more")])
    )
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "3",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
        "time": "3.000",
    }
    assert [suite.get("name") for suite in root] == ["01-toy", "02-more"]


def test_no_run_is_a_document_too() -> None:
    assert ET.fromstring(junit([])).get("tests") == "0"


@given(st.text(alphabet=st.characters(exclude_categories=[])))
def test_whatever_a_log_holds_it_is_valid_xml(text: str) -> None:
    finding = Finding(text, text, text, (Evidence(text, text),), text)
    document = junit([report(result("a", Outcome.FAIL, finding=finding), notes=(text,))])
    ET.fromstring(document.encode("utf-8"))
