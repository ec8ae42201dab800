"""A shell that stays in a container of our own: a command in it costs a line on a pipe, not a process tree on the machine.

Starting ``docker exec`` for each of the many small commands that look at a sandbox takes longer than the commands.
"""

import base64
import os
import selectors
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from grader import settings
from grader.engine.cli import CliResult, environment
from grader.engine.session import Session
from grader.values.errors import Cancelled, EngineUnavailable

_KEPT_OUTPUT = 4 << 20
_GRACE_SECONDS = 5.0
_GONE = 255
"""Exit status of a command whose shell went away under it: its container has ended, for instance."""

# A request is a line: seconds, and a script in base64. The answer is a line with exit status and the sizes of both outputs,
# then the outputs. Outputs pass through tail, so that whoever floods them fills neither a disk nor our memory.
_LOOP = rf"""
place=$(mktemp -d) && cd "$place" || exit
while read -r seconds script; do
    printf %s "$script" | base64 -d >script
    {{
        {{ timeout -s KILL "$seconds" sh script 3>&-; echo $? >status; }} 2>&3 3>&- | tail -c {_KEPT_OUTPUT} >out
    }} 3>&1 </dev/null | tail -c {_KEPT_OUTPUT} >err
    echo "$(cat status) $(wc -c <out) $(wc -c <err)"
    cat out err
done
cd /; rm -rf "$place"
"""


class Shell:
    """One shell in one container. Commands run one after the other.

    Args:
        session: the shell ends with it.
        identity: the container, which has a POSIX shell, ``timeout`` and ``base64``.

    Raises:
        EngineUnavailable: there is no docker command.
    """

    def __init__(self, session: Session, identity: str) -> None:
        try:
            self._process = subprocess.Popen(
                ["docker", "exec", "-i", identity, "sh", "-c", _LOOP],
                env={**environment(session=session), settings.RUN: session.id},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise EngineUnavailable("There is no docker command on PATH.", "`make engine` installs it.") from error
        self._lock = threading.Lock()
        self.close = session.on_close(f"shell in {identity[:12]}", self._end)

    @property
    def ended(self) -> bool:
        """Whether it cannot be used any more."""
        return self._process.poll() is not None

    def run(self, command: str | Sequence[str], *, seconds: float, cancelled: threading.Event) -> CliResult:
        """Run a command to its end.

        Args:
            command: a shell script, or a program with its arguments.
            seconds: deadline; the command is killed at it.
            cancelled: ends the shell, and the wait for the command.

        Returns:
            How it ended; exit status 255 when the shell went away.

        Raises:
            Cancelled: ``cancelled`` was set.
        """
        script = command if isinstance(command, str) else f"exec {shlex.join(command)}"
        line = f"{max(1, round(seconds))} {base64.b64encode(script.encode()).decode()}\n"
        with self._lock:
            deadline = time.monotonic() + seconds + _GRACE_SECONDS
            try:
                assert self._process.stdin is not None
                self._process.stdin.write(line.encode())
                status, *sizes = map(int, self._read_line(deadline, cancelled).split())
                out, err = (self._read(size, deadline, cancelled) for size in sizes)
            except (OSError, EOFError, ValueError):
                self._end()
                return CliResult(_GONE, "", "the shell in the container went away")
            except TimeoutError:
                self._end()
                return CliResult(_GONE, "", "no answer", timed_out=True)
            except Cancelled:
                self._end()
                raise
        timed_out = status in {124, 137, 143} and time.monotonic() >= deadline - _GRACE_SECONDS - 0.5
        return CliResult(status, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), timed_out)

    def _read_line(self, deadline: float, cancelled: threading.Event) -> bytes:
        line = b""
        while not line.endswith(b"\n"):
            line += self._read(1, deadline, cancelled)
        return line

    def _read(self, size: int, deadline: float, cancelled: threading.Event) -> bytes:
        assert self._process.stdout is not None
        data = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while len(data) < size:
                if cancelled.is_set():
                    raise Cancelled
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                if selector.select(min(left, 0.1)):
                    came = os.read(self._process.stdout.fileno(), min(size - len(data), 1 << 16))
                    if not came:
                        raise EOFError
                    data += came
        return data

    def _end(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
