"""A chapter's %%bash shows what a terminal shows."""

import _shell as shell
import pytest
from IPython.core.error import UsageError


def test_both_outputs_come_in_their_order(capfd: pytest.CaptureFixture[str]) -> None:
    shell.bash("", "echo one; echo two >&2; echo drei €")
    assert capfd.readouterr() == ("one\ntwo\ndrei €\n", "")


def test_a_command_that_reads_does_not_get_the_rest_of_the_cell(capsys: pytest.CaptureFixture[str]) -> None:
    shell.bash("", "cat\necho still here")
    assert capsys.readouterr().out == "still here\n"


def test_the_last_commands_exit_code_is_all_that_is_said_of_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    shell.bash("", "false\ntrue")
    with pytest.raises(shell.CommandFailedError) as raised:
        shell.bash("", "echo before; exit 125")
    assert raised.value._render_traceback_() == ["exit code 125"]
    assert capsys.readouterr().out == "before\n"


def test_words_behind_the_magic_are_refused() -> None:
    with pytest.raises(UsageError, match="alone"):
        shell.bash("--out x", "true")
