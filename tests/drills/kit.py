"""Real terminals: a shell that somebody types into, and ``grader drill`` in another one beside it."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

PATIENT_SECONDS: Final = 120.0
"""When something has certainly failed; no test here says how fast anything is."""
_CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")
_PROMPT: Final = "READY> "


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command: Sequence[str], *, folder: Path) -> None:
        self._end, far = pty.openpty()
        own = {"TERM": "xterm-256color", "PS1": _PROMPT, "DOCKER_CLI_HINTS": "false", "HISTFILE": "/dev/null"}
        # Who tests may have a lab of another project's name; a project of a drill has its own.
        others = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
        self.process = subprocess.Popen(
            command, stdin=far, stdout=far, stderr=far, cwd=folder, env=others | own, start_new_session=True
        )
        os.close(far)
        self._seen = ""
        self._place = 0

    @property
    def seen(self) -> str:
        """All that it has shown, without colours."""
        return _CONTROL.sub("", self._seen)

    def until(self, *words: str) -> str:
        """Wait until it shows one of these, behind what was waited for before; return which."""
        end = time.monotonic() + PATIENT_SECONDS
        while True:
            new = self.seen[self._place :]
            for word in words:
                if word in new:
                    self._place += new.index(word) + len(word)
                    return word
            left = end - time.monotonic()
            assert left > 0, f"never shown: {words}; since then: {new}"
            ready, _, _ = select.select([self._end], [], [], min(left, 0.5))
            if ready:
                try:
                    self._seen += os.read(self._end, 1 << 16).decode("utf-8", "replace")
                except OSError:  # the program has ended
                    assert any(word in self.seen[self._place :] for word in words), f"it ended without {words}: {new}"

    def type(self, text: str) -> None:
        """Press the keys of a text."""
        os.write(self._end, text.encode())

    def kill(self) -> None:
        """End it as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        os.close(self._end)


class Shell(Terminal):
    """A learner's shell."""

    def __init__(self, folder: Path) -> None:
        super().__init__(["bash", "--norc", "--noprofile"], folder=folder)
        self.until(_PROMPT)

    def enter(self, line: str) -> None:
        """Type a line; the next one waits for nothing, as people's do not."""
        self.type(f"{line}\n")


def drill(which: str, work: Path) -> Terminal:
    """``grader drill WHICH`` in a terminal."""
    command = [sys.executable, "-c", "from grader.cli import main; main()", "drill", which, "--work", str(work)]
    return Terminal(command, folder=work)
