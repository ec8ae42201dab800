"""Running the docker command line: with a clean environment, a deadline and a way to stop it."""

import json
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader import settings
from grader.engine.endpoint import DEFAULT, context
from grader.engine.session import Session
from grader.values.errors import Cancelled, EngineUnavailable

KEPT_OUTPUT = 4 << 20


@dataclass(frozen=True)
class CliResult:
    """How a docker command ended.

    Attributes:
        returncode: its exit status.
        stdout, stderr: what it printed, the last 4 MiB of each; undecodable bytes replaced.
        timed_out: whether it was ended at its deadline.
        cut_off: whether it printed more than that.
    """

    returncode: int
    stdout: str
    stderr: str
    timed_out: bool = False
    cut_off: bool = False


def environment(extra: Mapping[str, str] | None = None, session: Session | None = None) -> dict[str, str]:
    """The environment that docker commands run with.

    Args:
        extra: added.
        session: the run; on an engine of its own, nothing that the docker client was told of another one is passed on.
    """
    ours, builder = settings.docker_environment(), context()
    if session is not None and session.place is not None:
        ours, builder = settings.docker_environment_of(session.place.address, session.only(_ClientFolder).path), DEFAULT
    return {
        **ours,
        "DOCKER_CLI_HINTS": "false",
        "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
        # The engine's own, which has the name of the context: not one that somebody has made and chosen.
        "BUILDX_BUILDER": builder,
        **(extra or {}),
    }


class _ClientFolder:
    """Settings of the docker client for a run of a stranger's: its plugins, and none of its passwords.

    Attributes:
        path: the folder.
    """

    def __init__(self, session: Session) -> None:
        self.path = session.folder / "docker"
        self.path.mkdir()
        plugins = settings.docker_client_folder() / "cli-plugins"
        said = json.dumps({"cliPluginsExtraDirs": [str(plugins.absolute())]} if plugins.is_dir() else {})
        (self.path / "config.json").write_text(said, encoding="utf-8")


class _Pump(threading.Thread):
    """Reads a pipe to its end, keeps the last of it, and hands on its lines; whoever takes them cannot stop it."""

    def __init__(self, pipe: IO[bytes], on_text: Callable[[str], None] | None) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._on_text = on_text
        self._kept: deque[bytes] = deque()
        self._size = 0
        self.cut_off = False
        self.error: Exception | None = None

    @property
    def text(self) -> str:
        """The last of what was read."""
        return b"".join(self._kept).decode("utf-8", "replace")

    def run(self) -> None:
        rest = b""
        # By chunks, not by lines: a line need not end, and may be larger than our memory.
        while chunk := os.read(self._pipe.fileno(), 1 << 16):
            self._kept.append(chunk)
            self._size += len(chunk)
            while self._size - len(self._kept[0]) >= KEPT_OUTPUT:
                self._size -= len(self._kept.popleft())
                self.cut_off = True
            if self._on_text is not None:
                *lines, rest = (rest + chunk).split(b"\n")
                rest = rest[-KEPT_OUTPUT:]
                self._hand_on(lines)
        if rest:
            self._hand_on([rest])

    def _hand_on(self, lines: list[bytes]) -> None:
        if self._on_text is None or self.error is not None:
            return
        try:
            for line in lines:
                self._on_text(line.decode("utf-8", "replace") + "\n")
        except Exception as error:  # noqa: BLE001 - raised again by run_cli; a pipe that nobody reads would stop the command
            self.error = error


def run_cli(
    session: Session,
    args: Sequence[str],
    *,
    seconds: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: Path | None = None,
    on_stdout: Callable[[str], None] | None = None,
    on_stderr: Callable[[str], None] | None = None,
    program: str = "docker",
) -> CliResult:
    """Run ``docker ARGS`` to its end.

    Args:
        session: whose cancellation stops the command.
        args: without the word docker.
        seconds: deadline; at it the command and all its children are ended.
        cwd: working folder.
        env: added to the clean environment.
        stdin: a file that it reads; nothing by default.
        on_stdout: handed each line as it comes, from another thread.
        on_stderr: likewise.
        program: another program that is known to be there, instead of docker.

    Raises:
        Cancelled: the session was cancelled; the command has been ended.
        EngineUnavailable: there is no docker command.
    """
    source = stdin.open("rb") if stdin is not None else None
    try:
        process = subprocess.Popen(
            [program, *args],
            cwd=cwd,
            env={**environment(env, session), settings.RUN: session.id},
            stdin=source if source is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise EngineUnavailable("There is no docker command on PATH.", "`make engine` installs it.") from error
    finally:
        if source is not None:
            source.close()
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = _Pump(process.stdout, on_stdout), _Pump(process.stderr, on_stderr)
    out.start()
    err.start()
    deadline = time.monotonic() + seconds
    timed_out = False
    try:
        while True:
            left = deadline - time.monotonic()
            # The end of its output wakes us at once; subprocess' own wait would look every 50 ms.
            out.join(min(0.1, max(left, 0)))
            if not out.is_alive() and _ended(process, 0.02):
                break
            timed_out = left <= 0
            if timed_out or session.cancelled.is_set():
                break
    finally:
        _end(process)
        for pump, pipe in ((out, process.stdout), (err, process.stderr)):
            pump.join(5)
            if not pump.is_alive():
                pipe.close()
    if session.cancelled.is_set() and process.returncode != 0:
        raise Cancelled
    if trouble := out.error or err.error:
        raise trouble
    return CliResult(process.returncode, out.text, err.text, timed_out, out.cut_off or err.cut_off)


def _ended(process: subprocess.Popen[bytes], patience: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    return process.returncode is not None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command's whole process group: first by SIGTERM, which lets buildx cancel the build in the engine."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        _ended(process, 3.0)
    with suppress(ProcessLookupError, PermissionError):  # a plugin may outlive the docker command
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
