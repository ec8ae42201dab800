"""A compose file as text."""

from pathlib import Path

import pytest

from grader.engine.compose.source import told


@pytest.mark.parametrize(
    ("resolved", "written"),
    [
        ("/tmp/drydock-0/20261122T020304-9f3a1c/0/shared", "../shared"),
        ("/tmp/drydock-0/20261122T020304-9f3a1c/0", ".."),
        ("/etc/passwd", "/etc/passwd"),
        ("/", "/"),
    ],
)
def test_a_path_outside_is_told_as_it_was_written(resolved: str, written: str) -> None:
    assert told(Path("/tmp/drydock-0/20261122T020304-9f3a1c/0/09-first-compose"), resolved) == written
