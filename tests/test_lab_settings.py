"""The lab's settings: what the docs name is handed on, what is handed on is named, and what its code reads reaches it."""

import re
from pathlib import Path
from typing import Final

import pytest
import yaml

ROOT: Final = Path(__file__).parent.parent
COMPOSE: Final = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: Final = yaml.safe_load(COMPOSE)["services"]
NAME: Final = re.compile(r"\bDRYDOCK_[A-Z_]+\b")
NOT_OF_THE_LAB: Final = {
    "DRYDOCK_CA_BUNDLE": "of scripts/up.sh and scripts/images.sh, which put the certificates where the lab has them",
    "DRYDOCK_SCREENSHOTS": "of the tests",
    "DRYDOCK_WRITE_MESSAGES": "of the tests",
}
"""Named in the docs, and nothing that the lab is told."""
SET_BY_THE_GRADER: Final = {
    "DRYDOCK_CACHE": "the lab's home is kept",
    "DRYDOCK_FRESH": "of make test",
    "DRYDOCK_RUN": "of a run's own commands",
    "DRYDOCK_RUNTIME": "the lab's /tmp is kept",
    "DRYDOCK_TELL": "of the commands that the page Teaching starts",
}
"""Read by the lab's code, and never given from outside the lab."""


def _named_in(*paths: str) -> set[str]:
    files = [file for path in paths for file in ([ROOT / path] if (ROOT / path).is_file() else (ROOT / path).rglob("*"))]
    texts = [file.read_text(encoding="utf-8") for file in files if file.suffix in {".md", ".py", ".sh", ".json"}]
    return {name for text in texts for name in NAME.findall(text)}


def _interpolated() -> set[str]:
    lines = [line.partition(" #")[0] for line in COMPOSE.splitlines() if not line.startswith("#")]
    return {name for line in lines for name in re.findall(r"(?<!\$)\$\{?(DRYDOCK_[A-Z_]+)", line)}


def _in_the_lab() -> set[str]:
    """What the lab's processes find in their environment, or its setup."""
    image = re.findall(r"^ENV (.+)$", (ROOT / "Dockerfile.jupyter").read_text(encoding="utf-8"), re.MULTILINE)
    told = {**SERVICES["setup"]["environment"], **SERVICES["lab"]["environment"]}
    return {*told, *(name for line in image for name in re.findall(r"(\w+)=", line))}


def test_what_the_docs_name_is_handed_on() -> None:
    named = _named_in("docs", "README.md", "CONTRIBUTING.md") - set(NOT_OF_THE_LAB)
    assert len(named) >= 10
    assert named <= _interpolated()


def test_what_is_handed_on_is_named_at_the_top() -> None:
    top = "\n".join(line for line in COMPOSE.split("\nname:")[0].splitlines() if line.startswith("#"))
    assert set(NAME.findall(top)) == _interpolated()


def test_what_the_labs_code_reads_reaches_it() -> None:
    read = _named_in("grader", "nbgrader_config.py", "images/lab/jupyter_server_config.py", "images/lab/roles")
    assert read - set(SET_BY_THE_GRADER) <= _in_the_lab()
    assert set(SET_BY_THE_GRADER) <= read  # a name that nobody reads any more is taken off the list


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"])
def test_a_proxy_is_known_to_whatever_has_to_reach_the_internet(name: str) -> None:
    for service in ("engine", "mirror", "lab"):
        assert name in SERVICES[service]["environment"], service
    assert {"localhost", "127.0.0.1"} <= set(SERVICES["lab"]["environment"]["NO_PROXY"].partition("$")[0].split(","))
