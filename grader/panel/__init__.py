"""The exercise panel and the home page: a Jupyter server extension, so that what they show outlives pages and kernels.

A kernel may be restarted and a page reloaded at any time; the server goes on. So the state of an exercise lives here, once,
and every page that shows it shows the same.
"""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from grader.panel.handlers import Panel  # noqa: PLC0415 - a kernel that imports the package needs none of it

    return [{"module": "grader.panel", "app": Panel}]
