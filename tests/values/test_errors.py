import pytest

from grader.values import errors
from grader.values.outcome import Evidence


def test_a_work_error_carries_its_finding() -> None:
    error = errors.CheckFailed(
        "It stopped.", expected="it runs", found="it ended", evidence=Evidence("log", "bye"), advice="Look."
    )
    assert error.finding.message == "It stopped." == str(error)
    assert (error.finding.expected, error.finding.found, error.finding.advice) == ("it runs", "it ended", "Look.")
    assert error.finding.evidence == (Evidence("log", "bye"),)


def test_empty_evidence_is_not_shown() -> None:
    assert errors.LimitReached("Too much.", evidence=(Evidence("log", " \n"), Evidence("other", "x"))).finding.evidence == (
        Evidence("other", "x"),
    )


def test_somebody_who_knows_more_tells_the_same_failure() -> None:
    error = errors.LimitReached(
        "It stopped.", expected="it runs", found="it ended", evidence=Evidence("log", "bye"), advice="Look."
    )
    assert error.but().finding == error.finding
    told = error.but(found="it ended early", advice="Look at the log.")
    assert isinstance(told, errors.LimitReached)
    assert (told.finding.message, told.finding.found, told.finding.advice) == (
        "It stopped.",
        "it ended early",
        "Look at the log.",
    )
    assert (told.finding.expected, told.finding.evidence) == (error.finding.expected, error.finding.evidence)
    assert str(error.but(message="It fell over.")) == "It fell over."


def test_a_fault_says_what_to_do_next() -> None:
    assert str(errors.DiskFull("The disk is full.", "Make room.")) == "The disk is full. Make room."


@pytest.mark.parametrize("name", ["EngineUnavailable", "DiskFull", "ImageUnavailable", "DefinitionError"])
def test_faults_are_no_fault_of_the_learner(name: str) -> None:
    kind = getattr(errors, name)
    assert issubclass(kind, errors.Fault)
    assert not issubclass(kind, errors.WorkError)


def test_every_error_is_in_the_tree_at_the_top_of_the_module() -> None:
    kinds = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)}
    assert errors.__doc__ is not None
    drawn = {word for word in errors.__doc__.replace("──", " ").split() if word.isidentifier()}
    assert kinds <= drawn
