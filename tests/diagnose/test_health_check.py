import pytest

from grader.diagnose import health_check


@pytest.mark.parametrize(
    ("code", "output"),
    [
        (-1, 'exec: "curl": executable file not found in $PATH'),
        (126, "exec /check.sh: no such file or directory"),
        (127, "/bin/sh: curl: not found"),
        (1, "/bin/sh: 1: curl: not found\n"),
        (1, "Traceback (most recent call last):\nModuleNotFoundError: No module named 'requests'\n"),
    ],
)
def test_a_missing_program(code: int, output: str) -> None:
    assert health_check.cannot_run(code, output)
    assert not health_check.cannot_run(0, output)


@pytest.mark.parametrize("output", ["404 not found", "HTTP Error 404: Not Found", "model: not found"])
def test_an_answer_that_says_not_found_is_no_missing_program(output: str) -> None:
    assert not health_check.cannot_run(1, output)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (" no model\n", "exit code 1: no model"),
        ("", "exit code 1"),
        ("trying\nValueError: no model\nbye\n", "exit code 1: ValueError: no model"),
        ("x" * 1000, f"exit code 1: {'x' * 300}"),
    ],
)
def test_how_a_run_ended(output: str, words: str) -> None:
    assert health_check.ended(1, output) == words
