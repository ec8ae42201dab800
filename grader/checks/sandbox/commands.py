"""Playing a learner's commands against an engine of their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from grader import settings
from grader.checks import limits
from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.state import SandboxState
from grader.checks.setup import Setup, SetupFunction
from grader.engine import lost_output
from grader.engine.build import context
from grader.engine.sandbox.nested import Sandbox
from grader.values import units
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from grader.values.limits import Limits

PLAY_SECONDS = 60.0
FILES_BYTES = 20 * units.MB
"""The most that a learner's files may hold, the commands beside them."""


def script_text(folder: Path, name: str) -> str:
    """A learner's commands, ready to be played.

    Raises:
        CheckFailed: they cannot be read, have Windows line endings, or hold nothing but comments.
    """
    text = context.read_text(folder, name)
    if "\r\n" in text:
        raise CheckFailed(
            f"{name} has Windows line endings.",
            expected="lines that end as on Linux (LF)",
            found="lines that end with CR LF: the shell takes the CR for a part of the last word",
            advice="Set your editor to LF for this file (VS Code: “CRLF” at the lower right), or run: sed -i 's/\\r$//' "
            + name,
        )
    if all(not line.strip() or line.strip().startswith("#") for line in text.splitlines()):
        raise CheckFailed(
            f"{name} has no commands in it yet.",
            expected="your commands, one a line",
            found="comments only",
            advice="The shell passes over a line that begins with #.",
        )
    return text


def other_files(folder: Path, script: str) -> dict[str, bytes]:
    """The other files of a learner's folder, as they are put beside the commands; no links.

    Raises:
        LimitReached: they are too large, or too many.
        CheckFailed: one cannot be read.
    """
    context.measure(folder, "", Limits(context=FILES_BYTES, context_files=1000))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path != folder / script
        and not settings.NEVER_THE_LEARNERS & set(path.parts)
    }


def run_script(
    sandbox: Sandbox,
    text: str,
    files: Mapping[str, bytes],
    *,
    facts: Facts,
    setup: SetupFunction | Sequence[Sequence[str]] = (),
    seconds: float = PLAY_SECONDS,
) -> SandboxState:
    """Reset the sandbox, prepare it, and play a learner's commands in it; again where its engine has lost an output.

    Args:
        sandbox: the run's.
        text: the commands.
        files: further files in their folder.
        facts: for the preparation.
        setup: what the exercise does first.
        seconds: deadline for the learner's commands.

    Raises:
        LimitReached: they did not end, or used the sandbox up.
        Fault: the exercise could not be prepared.
    """
    for last in (False, True):
        sandbox.reset()
        lost = sandbox.losses()
        bench = Setup(sandbox.docker, facts, sandbox.session.folder)
        if callable(setup):
            setup(bench)
        else:
            for command in setup:
                bench.docker(*command)
        result = sandbox.play(text, files, seconds=seconds)
        if last or sandbox.losses() <= lost:
            break
        # It may have been in a pipe, on its way into a file of the learner's: all of it again, as if for the first time.
        lost_output.note(sandbox.session, "a container of your commands")
    stage = SandboxState(
        sandbox,
        ExecResult(
            what="your commands",
            exit_code=result.returncode,
            stdout=result.stdout,
            stderr="",
            duration_s=0.0,
            output_limit=limits.too_much_output("your commands", sandbox.session.limits.log) if result.cut_off else None,
        ),
    )
    sandbox.stage = stage
    return stage
