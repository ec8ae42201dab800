"""Which base images a course uses."""

from pathlib import Path

import pytest

from grader.course import base_images
from tests.toys import write


def test_an_instructors_own_course_has_those_of_the_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = write(tmp_path / "lab", {"images/busybox/image.env": 'IMAGE=busybox\nTAGS="latest 1.37"\n'})
    monkeypatch.setenv("DRYDOCK_COURSE", str(lab))
    assert base_images.names(tmp_path / "work") == ("busybox:1.37", "busybox:latest")
    own = write(tmp_path / "own", {"images/redis/image.env": "IMAGE=redis\nTAGS=8\n"})
    assert base_images.names(own) == ("redis:8",)
