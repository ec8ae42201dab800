"""The lab's package index: builds that install packages work without a network, with nothing about it in a Dockerfile."""

import json
import re
import shlex

import pytest

from tests.lab.support import ROOT, Lab, call, offline

on_the_engine = [pytest.mark.engine, pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(600)]


def test_it_is_filled_with_all_that_the_course_asks_of_an_index() -> None:
    listed = re.search(r"^lists=\((.*?)\)", (ROOT / "scripts/index.sh").read_text(), flags=re.MULTILINE | re.DOTALL)
    assert listed
    asking = {
        str(file.relative_to(ROOT))
        for file in [*ROOT.glob("solutions/*/starter/**/requirements*.txt"), *ROOT.glob("course/**/requirements*.txt")]
        if "course/work/" not in str(file) and "--no-index" not in (text := "\n" + file.read_text()) and "\n-r " not in text
    }
    assert asking == {name for name in listed[1].split() if not name.startswith("images/")}


FROM = "FROM python:3.13-slim\\nRUN"


class TestInTheLab:
    """Each asks for a package whose file is small: what is proved is the way, not the download."""

    pytestmark = on_the_engine

    @pytest.mark.parametrize("install", ["pip install threadpoolctl", "pip install uv; uv pip install --system threadpoolctl"])
    def test_a_build_installs_packages(self, lab: Lab, install: str) -> None:
        with offline(lab):
            lab.sh(f"printf '{FROM} {install}\\n' | docker build --no-cache -t lab-installs -", seconds=300)
            told = lab.sh("docker run --rm lab-installs sh -c 'sleep 1; pip show threadpoolctl'")
        assert "Name: threadpoolctl" in told

    def test_so_does_a_container_on_a_network_of_its_own(self, lab: Lab) -> None:
        with offline(lab):
            lab.sh("docker network create lab-own")
            lab.sh("docker run --rm --network lab-own python:3.13-slim pip install -q threadpoolctl")
        lab.sh("docker network rm lab-own")

    def test_it_serves_after_a_restart(self, lab: Lab) -> None:
        with offline(lab):
            lab.compose("restart", "--timeout", "1", "index")
            lab.sh("docker run --rm python:3.13-slim pip download -q --no-deps --retries 8 -d /tmp threadpoolctl")

    def test_it_takes_no_uploads(self, lab: Lab) -> None:
        address = "http://169.254.150.1:15001/"
        asked = f"curl -s -o /dev/null -w '%{{http_code}}' -F :action=file_upload -F content=@/etc/hostname {address}"
        assert lab.sh(asked) in {"401", "403"}

    def test_an_image_in_the_mirror_differs_from_the_machines_by_two_files(self, lab: Lab) -> None:
        """Its commands, its user, its environment are those of the image that it stands for."""
        inspect = ("docker", "image", "inspect", "python:3.13-slim", "--format")
        lab.sh("docker pull -q python:3.13-slim")
        form = " ".join(f"{{{{json .Config.{name}}}}}" for name in ("Cmd", "Entrypoint", "Env", "User", "WorkingDir"))
        assert lab.sh(shlex.join([*inspect, form])) == call(*inspect, form)
        form = "{{json .RootFS.Layers}}"
        ours, theirs = json.loads(call(*inspect, form)), json.loads(lab.sh(shlex.join([*inspect, form])))
        assert theirs[: len(ours)] == ours
        assert len(theirs) == len(ours) + 2
