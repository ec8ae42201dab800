"""More containers of a service than its file says: what allows only one is refused as the engine would refuse it."""

from pathlib import Path
from typing import Any

import pytest

from grader.engine.compose.config import Config
from grader.engine.compose.scaling import scaled
from grader.engine.compose.source import Source
from grader.values.errors import CheckFailed

TEXT = """\
services:
  api:
    image: busybox
    container_name: penguins
"""


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "compose.yaml").write_text(TEXT)
    return Source(tmp_path)


def config(**about: Any) -> Config:
    return Config({"name": "x", "services": {"api": about, "db": {"scale": 1}}}, {}, "/x", frozenset(), ())


@pytest.mark.parametrize(
    ("about", "found"),
    [
        ({"container_name": "penguins"}, "container_name: penguins (in line 4 of compose.yaml"),
        ({"ports": [{"target": 80}, {"target": 8000, "published": "8000"}]}, "port 8000 of the host"),
        ({"ports": [{"target": 8000, "published": "8000-8001"}]}, "port 8000-8001 of the host"),
        ({"networks": {"back": {"ipv4_address": "10.1.2.3"}}}, "the address 10.1.2.3"),
    ],
)
def test_what_only_one_container_can_have(source: Source, about: dict[str, Any], found: str) -> None:
    with pytest.raises(CheckFailed, match="The service api cannot have 3 containers") as failed:
        scaled(config(**about), {"api": 3}, source)
    assert failed.value.finding.found.startswith(found)
    assert scaled(config(**about), {"api": 1}, source).model["services"]["api"]["scale"] == 1


def test_the_others_stay_as_they_are(source: Source) -> None:
    ports = [{"target": 8000}, {"target": 8001, "published": "8000-8002"}]
    services = scaled(config(ports=ports, networks={"back": None}, scale=2), {"api": 3, "nobody": 2}, source).model["services"]
    assert services == {"api": {"ports": ports, "networks": {"back": None}, "scale": 3}, "db": {"scale": 1}}
