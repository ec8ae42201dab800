"""``%%bash`` in a chapter: what a terminal would show, both outputs in one stream and in the order in which they came.

IPython's own ``%%bash`` shows the second output, where Docker writes its progress, apart and in red, and hands the rest of
the cell to any command that reads its input.
"""

import codecs
import subprocess
import sys
from typing import Any

from IPython.core.error import UsageError


class CommandFailedError(Exception):
    """The last command of a cell failed; the reader sees its exit code, not a traceback."""

    def _render_traceback_(self) -> list[str]:  # IPython's own hook
        return [str(self)]


def install(shell: Any) -> None:
    """Make this module's ``%%bash`` that of a kernel."""
    shell.register_magic_function(bash, "cell", "bash")


def bash(line: str, cell: str) -> None:
    """Run a cell with bash, and show what it prints as it comes.

    Raises:
        CommandFailedError: the last command did not end with 0.
    """
    if line.strip():
        raise UsageError("In a chapter, %%bash stands alone in its line.")
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    with subprocess.Popen(
        ["bash", "-c", cell], bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        try:
            while piece := process.stdout.read(65536):
                sys.stdout.write(decoder.decode(piece))
                sys.stdout.flush()
        except KeyboardInterrupt:
            process.terminate()
            raise
    if process.returncode:
        raise CommandFailedError(f"exit code {process.returncode}")
