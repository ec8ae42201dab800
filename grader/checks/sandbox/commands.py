"""Running a learner's commands against an engine of their own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from grader import settings
from grader.checks import limits
from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.state import SandboxState
from grader.checks.setup import Setup, SetupFunction
from grader.engine import lost_output
from grader.engine.build import context
from grader.engine.inspect import ImageInfo
from grader.engine.sandbox.nested import Sandbox
from grader.values import units
from grader.values.errors import CheckFailed, Fault
from grader.values.facts import Facts
from grader.values.limits import Limits

RUN_SECONDS = 60.0
FILES_BYTES = 20 * units.MB
"""The most that a learner's files may hold, the commands beside them."""

# A counter in the files' first eight bytes, as long as the flag is there. Each is written at once, so none is read in part.
_CHANGE = """
flag=$1; shift
places=$(docker info --format '{{.DockerRootDir}}')/volumes && touch "$flag" || exit 1
{
    number=0
    while [ -e "$flag" ]; do
        number=$((number + 1))
        for one; do [ -s "$places/$one" ] && printf %08d "$number" 1<>"$places/$one"; done
        sleep 0.001
    done
} >/dev/null 2>&1 </dev/null &
"""
_FLAG = "/tmp/changing"  # noqa: S108 - in the engine's container, which is ours


def script_text(folder: Path, name: str) -> str:
    """A learner's commands, ready to be run.

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
            expected="your commands, one per line",
            found="comments only",
            advice="The shell ignores a line that begins with #.",
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
        and not settings.NEVER_THE_LEARNERS & set(path.relative_to(folder).parts)
    }


@dataclass(frozen=True, kw_only=True)
class Script:
    """A learner's commands, and what has to be there before them.

    Attributes:
        text: the commands.
        files: the learner's other files in their folder.
        facts: for the preparation.
        put: files of the exercise's, in place of the learner's of the same name: name → text.
        setup: what the exercise does first.
        seconds: deadline for the commands.
    """

    text: str
    facts: Facts
    files: Mapping[str, bytes] = field(default_factory=dict)
    put: Mapping[str, str] = field(default_factory=dict)
    setup: SetupFunction | Sequence[Sequence[str]] = ()
    seconds: float = RUN_SECONDS


def run_script(engine: Sandbox, script: Script, *, changing: Mapping[str, str] | None = None) -> SandboxState:
    """Reset the sandbox, prepare it, and run a learner's commands in it; again where its engine has lost an output.

    Args:
        engine: the run's sandbox.
        script: the commands.
        changing: volumes, and a file in each that changes while they run; see ``SandboxState.run_again``.

    Raises:
        LimitReached: they did not end, or used the sandbox up.
        Fault: the exercise could not be prepared.
    """
    files = {**script.files, **{name: text.encode() for name, text in script.put.items()}}
    for last in (False, True):
        engine.reset()
        lost = engine.losses()
        drawn = _prepare(engine, script)
        given = _given_images(engine)
        with _changing(engine, changing) if changing else nullcontext():
            result = engine.play(script.text, files, seconds=script.seconds)
        if last or engine.losses() <= lost:
            break
        # It may have been in a pipe, on its way into a file of the learner's: all of it again, as if for the first time.
        lost_output.note(engine.session, "a container of your commands")
    said = ExecResult(
        what="your commands",
        exit_code=result.returncode,
        stdout=result.stdout,
        stderr="",
        duration_s=0.0,
        output_limit=limits.too_much_output("your commands", engine.session.limits.log) if result.cut_off else None,
    )

    def again(changing: Mapping[str, str]) -> SandboxState:
        return run_script(engine, script, changing=changing)

    state = SandboxState(engine, said, script.facts, given, script.put, drawn, again)
    engine.state = state
    return state


def _prepare(engine: Sandbox, script: Script) -> Mapping[str, str]:
    """Make what the exercise begins with, and return what was drawn for it."""
    setup = Setup(engine.docker, script.facts, engine.session.folder)
    if callable(script.setup):
        script.setup(setup)
    else:
        for command in script.setup:
            setup.docker(*command)
    return setup.drawn


def _given_images(engine: Sandbox) -> dict[str, ImageInfo]:
    """The images that are there, by name and tag."""
    said = engine.shell("docker image inspect $(docker image ls --quiet --no-trunc | sort -u)")
    listed = json.loads(said.stdout or "[]")
    return {name: ImageInfo.parse(about) for about in listed for name in about.get("RepoTags") or ()}


@contextmanager
def _changing(engine: Sandbox, files: Mapping[str, str]) -> Iterator[None]:
    """Change files of volumes all the time: from outside, so that no container of the learner's meets who does it."""
    places = (f"{volume}/_data/{path}" for volume, path in files.items())
    if engine.shell(_CHANGE, _FLAG, *places).returncode != 0:
        raise Fault("The files of the exercise's volumes cannot be changed.", "Try again.")
    try:
        yield
    finally:
        engine.shell('rm -f "$1"', _FLAG)
