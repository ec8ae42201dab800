"""nbgrader's own commands, each in a process of its own, without five seconds of imports for each.

Run as a program it imports nbgrader once and then forks for every command that it reads from its input.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Done:
    """What a command did."""

    status: int
    output: str


class Nbgrader:
    """Starts the program, and runs commands in it."""

    def __init__(self, scratch: Path) -> None:
        self._log = scratch / "nbgrader.log"
        command = [sys.executable, "-W", "ignore", __file__, str(self._log)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate()

    def __call__(self, *words: str, cwd: Path, env: Mapping[str, str]) -> Done:
        """Run ``nbgrader WORDS`` in a folder, with additions to the environment."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"words": words, "cwd": str(cwd), "env": dict(env)}) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return Done(status, self._log.read_text(encoding="utf-8"))


def serve(log: Path) -> None:
    """Read commands, fork for each, answer with its exit status."""
    import nbgrader.apps  # noqa: F401, PLC0415 - the five seconds

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line), log)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(command: dict[str, object], log: Path) -> None:
    from nbgrader.apps.nbgraderapp import main  # noqa: PLC0415

    status = 1
    try:
        with log.open("w", encoding="utf-8") as out, open(os.devnull, encoding="utf-8") as nothing:  # noqa: PTH123
            os.dup2(nothing.fileno(), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            os.environ.update(command["env"])  # type: ignore[call-overload]
            os.chdir(str(command["cwd"]))
            sys.argv = ["nbgrader", *command["words"]]  # type: ignore[misc]
            try:
                main()  # type: ignore[no-untyped-call]
                status = 0
            except SystemExit as stop:
                status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
                if isinstance(stop.code, str):
                    print(stop.code, file=sys.stderr)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
    finally:
        os._exit(status)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
