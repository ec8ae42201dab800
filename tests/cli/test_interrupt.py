"""What ends a command from outside lets it clean up first."""

import signal
import subprocess
import sys
import textwrap

import pytest

WAITS = textwrap.dedent(
    """
    import sys, time
    from grader.run.interrupt import end_like_ctrl_c, on_interrupt
    if sys.argv[1] == "asked":
        with on_interrupt(lambda: print("asked", flush=True)):
            print("begun", flush=True)
            time.sleep(2)
    else:
        end_like_ctrl_c()
        try:
            print("begun", flush=True)
            time.sleep(60)
        finally:
            print("cleaned up", flush=True)
    """
)
ENDS = [signal.SIGTERM, signal.SIGHUP]


def said(how: str, number: signal.Signals, *, before: tuple[str, ...] = ()) -> tuple[int, str]:
    # What a program finds switched off stays so; whoever runs these tests may have done that.
    found = {one: signal.signal(one, signal.SIG_DFL) for one in ENDS}
    process = subprocess.Popen(
        [*before, sys.executable, "-c", WAITS, how], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    for one, handler in found.items():
        signal.signal(one, handler)
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


@pytest.mark.parametrize("number", [signal.SIGINT, *ENDS])
def test_a_run_is_asked_to_end(number: signal.Signals) -> None:
    assert said("asked", number) == (0, "asked\n")


@pytest.mark.parametrize("number", ENDS)
def test_any_command_cleans_up(number: signal.Signals) -> None:
    assert said("else", number)[1] == "cleaned up\n"


def test_a_hangup_that_was_switched_off_stays_so() -> None:
    assert said("asked", signal.SIGHUP, before=("nohup",)) == (0, "")
