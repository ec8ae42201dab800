"""The last of these tests: they take the lab down."""

import pytest

from tests.lab.support import Lab, call

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(300)]


def test_down_with_its_volumes_keeps_the_work(lab: Lab) -> None:
    note = lab.work / "precious.txt"
    lab.sh("echo precious >$HOME/work/precious.txt")
    lab.remove()
    assert note.read_text() == "precious\n"
    assert (lab.work / "exercises").is_dir()
    left = ["--quiet", "--filter", f"label=com.docker.compose.project={lab.project}"]
    assert call("docker", "ps", "--all", *left) + call("docker", "volume", "ls", *left) == ""
