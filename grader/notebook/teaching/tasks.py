"""Commands of nbgrader's that the page has started, each in a process of its own: how far they are, and their end."""

import json
import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from grader import settings
from grader.report.clean import sentence
from grader.values.errors import UsageError

COMMANDS: Final = {
    "generate": ("generate_assignment", "--force"),
    "release": ("release_assignment", "--force"),
    "collect": ("collect", "--update"),
    "autograde": ("autograde",),
    "feedback": ("generate_feedback", "--force"),
    "release_feedback": ("release_feedback",),
}
_AT_ONCE: Final = 4
_KEPT: Final = 20
_LINES: Final = 400
_END_SECONDS: Final = 150.0
_ERROR: Final = re.compile(r"\| (?:ERROR|CRITICAL)\] *(.*)")
# The same again at the end, or a traceback that its last line sums up.
_NO_NEWS: Final = ("There was an error processing assignment", "Please see the", "Traceback", "  ")


@dataclass
class Task:
    """One command.

    Attributes:
        number: tells it from others.
        what: a key of ``COMMANDS``.
        assignment: its id.
        students: whose submissions; empty for all.
        again: whether what is graded already is graded again.
        state: ``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``.
        total: how many submissions are to be graded; None where that is not known.
        of: student → ``running``, ``graded`` or ``failed``.
        reason: why it failed; a sentence.
        log: the end of what it has said.
    """

    number: int
    what: str
    assignment: str
    students: tuple[str, ...] = ()
    again: bool = False
    state: str = "waiting"
    total: int | None = None
    of: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    log: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES))

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state in {"done", "failed", "cancelled"}

    def shown(self) -> dict[str, Any]:
        """What the page gets of it."""
        names = ("number", "what", "assignment", "students", "state", "total", "reason")
        return {**{name: getattr(self, name) for name in names}, "of": dict(self.of), "log": "\n".join(self.log)}


class Tasks:
    """All of them. Safe to use from several threads.

    Args:
        course: the folder with nbgrader's configuration.
        changed: called when one has ended, from any thread.
    """

    def __init__(self, course: Path) -> None:
        self._course = course
        self._lock = threading.RLock()
        self._room = threading.Semaphore(_AT_ONCE)
        self._tasks: deque[Task] = deque(maxlen=_KEPT)
        self._processes: dict[int, subprocess.Popen[str]] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._number = 0

    def begin(
        self,
        what: str,
        assignment: str,
        students: Sequence[str] = (),
        *,
        again: bool = False,
        ended: Callable[[Task], None] = lambda _task: None,
    ) -> Task:
        """Begin one.

        Args:
            what: a key of ``COMMANDS``.
            assignment: its id.
            students: whose submissions; empty for all.
            again: grade again what is graded already.
            ended: called with it when it has ended, from another thread.

        Raises:
            UsageError: the same is going on, for some of the same submissions.
        """
        with self._lock:
            for one in self._tasks:
                same = one.what == what and one.assignment == assignment and not one.over
                if same and (not students or not one.students or set(students) & set(one.students)):
                    raise UsageError("That is going on already.")
            self._number += 1
            task = Task(self._number, what, assignment, tuple(students), again=again)
            self._tasks.append(task)
            thread = threading.Thread(target=self._run, args=(task, ended), name=f"drydock-task-{task.number}", daemon=True)
            self._threads[task.number] = thread
            thread.start()
        return task

    def shown(self) -> list[dict[str, Any]]:
        """What the page gets, the newest first."""
        with self._lock:
            return [one.shown() for one in reversed(self._tasks)]

    def cancel(self, number: int) -> None:
        """End one, and what it has made; what is written down already stays."""
        with self._lock:
            for one in self._tasks:
                if one.number == number and not one.over:
                    one.state = "cancelled"
                    if process := self._processes.get(number):
                        process.terminate()  # SIGINT is ignored below a shell's `&`

    def close(self) -> None:
        """End all, and wait for it."""
        with self._lock:
            running = [one.number for one in self._tasks if not one.over]
            threads = list(self._threads.values())  # those that were stopped before and are still cleaning up, too
        for number in running:
            self.cancel(number)
        for thread in threads:
            thread.join(_END_SECONDS)

    def _run(self, task: Task, ended: Callable[[Task], None]) -> None:
        try:
            with self._room:
                self._work(task)
        except Exception as error:  # noqa: BLE001 - the page is to say it, whatever it is
            task.state, task.reason = "failed", sentence(f"{type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._processes.pop(task.number, None)
                self._threads.pop(task.number, None)
            ended(task)

    def _work(self, task: Task) -> None:
        with self._lock:
            if task.over:
                return
            process = self._processes[task.number] = subprocess.Popen(
                self._command(task),
                cwd=self._course,
                env=settings.whole_environment() | settings.telling_progress() | _with_alembic(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,  # an interrupt of the server is not one of the command
            )
            task.state = "running"
        assert process.stdout is not None
        assert process.stderr is not None
        logging = threading.Thread(target=_read, args=(process.stderr, task.log.append), daemon=True)
        logging.start()
        _read(process.stdout, lambda line: self._told(task, line))
        status = process.wait()
        logging.join()
        with self._lock:
            if task.state == "cancelled":
                task.of = {student: "stopped" if state == "running" else state for student, state in task.of.items()}
                task.reason = "It was stopped. What was graded by then is kept."
            elif status == 0:
                task.state = "done"
            else:
                task.state, task.reason = "failed", _reason(task)

    def _command(self, task: Task) -> list[str]:
        name, *words = COMMANDS[task.what]
        if task.again:
            words.append("--force")
        if len(task.students) == 1:
            words.append(f"--student={task.students[0]}")
        elif task.students:
            words.append(f"--CourseDirectory.student_id_exclude={','.join(self._others(task))}")
        return [sys.executable, "-W", "ignore", "-m", "nbgrader", name, task.assignment, *words]

    def _others(self, task: Task) -> list[str]:
        folder = self._course / "submitted"
        return sorted(one.name for one in folder.iterdir() if one.is_dir() and one.name not in task.students)

    def _told(self, task: Task, line: str) -> None:
        """Take what the command says of how far it is."""
        try:
            said = json.loads(line)
        except ValueError:
            task.log.append(line)
            return
        with self._lock:
            if "total" in said:
                task.total = said["total"]
            elif "student" in said:
                task.of[said["student"]] = said["state"]


def _read(pipe: IO[str], take: Callable[[str], None]) -> None:
    with pipe:
        for line in pipe:
            take(line.rstrip("\n"))


def _with_alembic() -> dict[str, str]:
    """The variables by which nbgrader finds the programs beside its Python, also where the environment is not activated."""
    return {"PATH": os.pathsep.join([str(Path(sys.executable).parent), settings.whole_environment().get("PATH", os.defpath)])}


def _reason(task: Task) -> str:
    """Why a command failed, in its own words."""
    failed = sorted(student for student, state in task.of.items() if state == "failed")
    if failed:
        return f"{len(failed)} could not be graded; the table says why."
    said = [match[1] for line in task.log if (match := _ERROR.search(line)) and not match[1].startswith(_NO_NEWS)]
    said += [line for line in task.log if line.startswith("Nothing was released.")]
    return sentence(said[-1] if said else (task.log[-1] if task.log else "It ended without a word."))
