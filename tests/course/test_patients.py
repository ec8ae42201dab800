"""The four services of chapter 08 that do not answer: a diagnosis is judged, and a wrong one does not tell the right one."""

import _patients as patients
import pytest

CAUSE = {service: cause for service, (cause, _, _) in patients._SERVICES.items()}


def test_a_right_diagnosis_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    patients.diagnose(**CAUSE)
    assert capsys.readouterr().out.count("Yes.") == len(CAUSE)


@pytest.mark.parametrize(("service", "cause"), CAUSE.items())
def test_a_wrong_one_says_where_to_look_and_not_what_it_is(
    service: str, cause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in set(patients.CAUSES) - {cause}:
        patients.diagnose(**{service: wrong})
        (said,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{service}:")]
        assert f"not {wrong}. Ask question" in said
        assert cause not in said


@pytest.mark.parametrize(("answer", "words"), [("____", "no diagnosis yet"), ("plague", "is not one of ended, network")])
def test_what_is_no_diagnosis(answer: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    patients.diagnose(**dict.fromkeys(CAUSE, answer))
    assert capsys.readouterr().out.count(words) == len(CAUSE)


def test_each_cause_is_there_once() -> None:
    assert sorted(CAUSE.values()) == sorted(patients.CAUSES)
