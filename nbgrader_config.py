"""nbgrader's configuration of this course; nbgrader reads it from the course's top folder.

The traps that these settings avoid are described, each with its test, in tests/notebook/.
"""

import os

from grader.course import layout

c = get_config()  # noqa: F821 - nbgrader puts it here

c.CourseDirectory.course_id = "drydock"
c.CourseDirectory.source_directory = layout.SOURCE
c.CourseDirectory.release_directory = layout.RELEASE
# Extended, not replaced: nbgrader's own list (checkpoints, byte code) stays in force.
c.CourseDirectory.ignore.extend(layout.NEVER_RELEASED)
# SQLite beside this file serves one instructor; several need PostgreSQL, e.g. postgresql://user:password@host/gradebook
if os.environ.get("DRYDOCK_GRADEBOOK"):
    c.CourseDirectory.db_url = os.environ["DRYDOCK_GRADEBOOK"]

c.GenerateAssignment.post_convert_hook = "grader.notebook.release.put_starter"

# The first graded cell runs every check of its exercise. The checks have deadlines of their own, which end in a verdict
# that says what happened; this one is the last resort and ends in no score.
c.Execute.timeout = 3600
c.Execute.iopub_timeout = 60
# A submission's own Python is neither run nor imported: its cells are skipped, its folder is not on the import path.
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.ignore_cwd=True"]
c.Autograde.sanitize_preprocessors.append("grader.notebook.guards.RunGradedCellsOnly")
# Between the run and the gradebook: what is not a verdict is not a score.
c.Autograde.autograde_preprocessors.insert(1, "grader.notebook.guards.RefuseWhatIsNoVerdict")
# A graded cell that a learner deleted comes back.
c.OverwriteCells.add_missing_cells = True
# What was handed in and could not be graded has no score, not a score of 0.
c.ExportApp.plugin_class = "grader.notebook.export.ScoredOnly"
