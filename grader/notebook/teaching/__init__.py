"""The instructor's page: hand out, take in, grade and hand back by clicks; a Jupyter server extension of the instructor's lab.

Whatever writes is a command of nbgrader's in a process of its own, so that the server answers meanwhile. What the page shows is
read in the server, as formgrader reads it.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from grader.notebook.teaching.handlers import Teaching  # noqa: PLC0415 - only where the page is served

    return [{"module": "grader.notebook.teaching", "app": Teaching}]
