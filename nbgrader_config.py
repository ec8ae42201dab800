"""nbgrader's configuration of this course; nbgrader reads it from the course's top folder.

The traps that these settings avoid are described, each with its test, in tests/notebook/.
"""

import os

from grader import settings
from grader.course import layout
from grader.notebook import autograde, feedback

c = get_config()  # noqa: F821 - nbgrader puts it here

c.CourseDirectory.course_id = "drydock"
c.CourseDirectory.source_directory = layout.SOURCE
# In the lab not exercises/: there it is the folder in which the instructor works as a learner does.
c.CourseDirectory.release_directory = settings.released()
# Extended, not replaced: nbgrader's own list (checkpoints, byte code) stays in force.
c.CourseDirectory.ignore.extend(layout.NEVER_RELEASED)
# SQLite beside this file serves one instructor; several need PostgreSQL, e.g. postgresql://user:password@host/gradebook
if os.environ.get("DRYDOCK_GRADEBOOK"):
    c.CourseDirectory.db_url = os.environ["DRYDOCK_GRADEBOOK"]

c.GenerateAssignment.post_convert_hook = "grader.notebook.release.put_starter"

# No kernel: the files are graded by a process that starts in an empty folder, and the notebook is the course's own.
autograde.install()
c.Autograde.autograde_preprocessors = [
    "grader.notebook.autograde.GradeFiles",
    # Between the run and the gradebook: what is not a verdict is not a score.
    "grader.notebook.guards.RefuseWhatIsNoVerdict",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The folder that all labs share; without one, what is handed in comes as files.
if exchange := settings.exchange():
    c.Exchange.root = str(exchange)
    # In each lab the user has the same name, so the owner of a file says nothing.
    c.ExchangeCollect.check_owner = False
# What was handed in is copied without following a link.
c.ExchangeFactory.collect = "grader.notebook.collect.CollectFiles"
c.ExchangeFactory.submit = "grader.notebook.submit.SubmitFiles"
c.ExchangeFactory.release_feedback = "grader.notebook.submit.ReleaseWhereItCameFrom"
# A graded cell that a learner deleted comes back.
c.OverwriteCells.add_missing_cells = True
# The page shows the learner's files and the verdicts, not the notebook.
feedback.install()
# What was handed in and could not be graded has no score, not a score of 0.
c.ExportApp.plugin_class = "grader.notebook.export.ScoredOnly"
