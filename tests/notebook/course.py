"""A course that nbgrader's own commands are run on, its gradebook, and what they did."""

import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from .warm import Done, Nbgrader

Scores = dict[str, dict[str, float | None]]
"""Learner → check → score; None where nothing was ever recorded."""


@dataclass
class Course:
    """The places of one course, and what its commands did."""

    nbgrader: Nbgrader
    top: Path
    root: Path
    done: dict[str, Done] = field(default_factory=dict)
    scores: dict[str, Scores] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """Not beside the course: it goes where $DRYDOCK_GRADEBOOK says."""
        return self.top / "elsewhere" / "grades.db"

    @property
    def graded(self) -> Path:
        """What autograde made of the submissions, before the tests try its traps."""
        return self.top / "graded"

    def home(self, student: str) -> Path:
        """A learner's home folder, on a machine of many."""
        return self.top / "home" / student

    def instructor(self, step: str, *words: str, **env: str) -> Done:
        """Run an instructor's command and keep what it did under a name."""
        gradebook = {"DRYDOCK_GRADEBOOK": f"sqlite:///{self.database}"}
        self.done[step] = self._run(self.root, gradebook | env, *words)
        return self.done[step]

    def student(self, name: str, *words: str) -> Done:
        """Run a learner's command, in their home folder, without the course."""
        words = (*words, "--course=drydock")
        return self._run(self.home(name), {}, *words)

    def _run(self, cwd: Path, env: dict[str, str], *words: str) -> Done:
        jupyter = {f"JUPYTER_{kind}_DIR": str(cwd / f".jupyter-{kind}") for kind in ("CONFIG", "DATA", "RUNTIME")}
        # nbgrader starts alembic by its name.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        everywhere = {"HOME": str(cwd), "IPYTHONDIR": str(cwd / ".ipython"), "PATH": path} | jupyter
        return self.nbgrader(*words, f"--Exchange.root={self.top / 'exchange'}", cwd=cwd, env=everywhere | env)

    def note_scores(self, step: str) -> None:
        """Remember what the gradebook holds now."""
        query = """SELECT work.student_id, cell.name, grade.auto_score FROM grade
            JOIN base_cell AS cell ON grade.cell_id = cell.id JOIN submitted_notebook AS book ON grade.notebook_id = book.id
            JOIN submitted_assignment AS work ON book.assignment_id = work.id"""
        found: Scores = {}
        with closing(sqlite3.connect(self.database)) as base:
            for student, check, score in base.execute(query):
                found.setdefault(student, {})[check] = score
        self.scores[step] = found
