from grader.diagnose.exit_codes import exit_code_in_words


def test_exit_codes_have_meanings() -> None:
    assert exit_code_in_words(127) == "exit code 127 (the command was not found)"
    assert exit_code_in_words(153) == "exit code 153 (ended because a file grew too large: SIGXFSZ)"
    assert exit_code_in_words(4) == "exit code 4"
