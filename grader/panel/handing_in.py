"""Handing in: one archive to take away, and where labs share an exchange, nbgrader's own submit."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from grader import settings
from grader.report.clean import sentence
from grader.values import names
from grader.values.errors import Fault, UsageError
from grader.workspace import hand_in
from grader.workspace.hand_in import Packed

COURSE: Final = "drydock"
"""The course's id in nbgrader_config.py."""
_SECONDS: Final = 120.0
_NONE_YET: Final = "There is no feedback yet."
_SUBMIT: Final = "grader.notebook.submit.SubmitFiles"


class HandingIn:
    """Of one learner. Safe to use from several threads.

    Args:
        work: their work folder.
    """

    def __init__(self, work: Path) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._packed: dict[str, Packed] = {}

    def state(self, exercise: str) -> dict[str, Any]:
        """What the panel shows before somebody hands in.

        Args:
            exercise: its id.
        """
        try:
            last = json.loads(settings.handed_in_file(self._work, exercise).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            last = None
        return {
            "learner": settings.known_learner(),
            "fixed": settings.named_by_setting(),
            "rule": names.RULE,
            "exchange": settings.exchange() is not None,
            "last": last,
        }

    def hand_in(self, exercise: str, name: str = "") -> dict[str, Any]:
        """Pack the exercise, and hand it in where there is an exchange.

        Args:
            exercise: its id.
            name: who hands in, where no setting says it.

        Raises:
            UsageError: the name is none, or something cannot be handed in.
        """
        with self._lock:
            renamed = self._sign_up(name.strip())
            learner = settings.known_learner()
            folder = self._work / settings.EXERCISES / exercise
            packed = hand_in.pack(folder, learner)
            trouble = self._submit(exercise, learner) if settings.exchange() is not None else ""
            self._packed = {packed.checksum: packed}  # the last one; another is made in no time
            said = {
                "learner": learner,
                "renamed": renamed,
                "exchange": settings.exchange() is not None and not trouble,
                "trouble": trouble,
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "name": packed.name,
                "size": len(packed.content),
                "checksum": packed.checksum,
            }
            path = settings.handed_in_file(self._work, exercise)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(said), encoding="utf-8")
            return said

    def _submit(self, exercise: str, learner: str) -> str:
        """Hand in to the exchange; returns why that did not work: the archive is there in any case."""
        words = f"--student={learner}", f"--ExchangeFactory.submit={_SUBMIT}"
        try:
            _nbgrader("submit", exercise, *words, folder=self._work / settings.EXERCISES, work=self._work)
        except Fault as fault:
            return str(fault)
        return ""

    def sign_up(self, name: str) -> None:
        """Keep who is learning here, before numbers are made from the name.

        Raises:
            UsageError: the name is none.
        """
        with self._lock:
            self._sign_up(name.strip())

    def _sign_up(self, name: str) -> bool:
        """Keep the name; returns whether it is another than before."""
        before = settings.known_learner()
        if settings.named_by_setting() or (not name and before):
            return False
        if not names.fits(name):
            raise UsageError(f"“{name}” cannot be used as a name. {names.RULE}" if name else "Say who you are.")
        path = settings.signed_up_file(self._work)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
        return name != before

    def archive(self, checksum: str) -> Packed:
        """The archive that was just packed.

        Raises:
            UsageError: it is no longer there.
        """
        if checksum not in self._packed:
            raise UsageError("That archive is no longer there. Hand in again.")
        return self._packed[checksum]

    def feedback(self, exercise: str) -> str:
        """Fetch what the instructor has released on what was handed in; returns the newest page.

        Raises:
            UsageError: there is none yet.
            Fault: the exchange cannot be asked.
        """
        with self._lock:
            exchange = settings.exchange()
            if exchange is None:
                raise UsageError("There is no exchange here: your instructor sends you the feedback as a file.")
            if not (exchange / COURSE / "feedback").is_dir():  # none was ever released; nbgrader would ask for the assignment
                raise UsageError(_NONE_YET)
            folder = settings.feedback_folder(self._work)
            folder.mkdir(parents=True, exist_ok=True)
            words = (f"--student={settings.known_learner()}",)
            _nbgrader("fetch_feedback", exercise, *words, folder=folder, work=self._work)
            pages = sorted(folder.glob(f"{exercise}/feedback/*/{exercise}.html"), key=lambda page: page.parent.name)
            if not pages:
                raise UsageError(_NONE_YET)
            return pages[-1].read_text(encoding="utf-8")


def _nbgrader(command: str, exercise: str, *words: str, folder: Path, work: Path) -> None:
    """Run a command of nbgrader's, with its folders in ``folder``.

    Raises:
        Fault: it failed; the message is its own.
    """
    done = subprocess.run(
        [
            *(sys.executable, "-W", "ignore", "-m", "nbgrader", command, exercise, *words),
            *(f"--course={COURSE}", f"--Exchange.root={settings.exchange()}", "--log-level=INFO"),
            f"--Exchange.assignment_dir={folder}",
        ],
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise Fault(_reason(done.stderr.splitlines()), "Tell whoever runs this course, and give them the archive.")


def _reason(lines: Sequence[str]) -> str:
    """What nbgrader says went wrong, without what its log puts around it."""
    said = [match[1] for line in lines if (match := re.search(r"\| (?:ERROR|CRITICAL)\] *(.*)", line))]
    if any("Assignment not found" in one for one in said):
        return "Your instructor has not released this exercise, so it cannot be handed in yet."
    if any("Inbound directory" in one or "Unwritable directory" in one for one in said):
        return "The exchange is not ready: your instructor has not released anything, or it cannot be reached."
    return f"The exchange did not take it. {sentence(said[0] if said else ' '.join(lines[-1:]))}".strip()
