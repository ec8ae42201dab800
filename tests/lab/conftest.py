"""One lab for all of these tests: it is started once, by the command in the README."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.support import Lab, sweep


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    sweep()
    work: Path = tmp_path_factory.mktemp("lab") / "work"  # does not exist yet, as on a fresh clone
    running = Lab(work)
    try:
        running.up()
        yield running
    finally:
        running.remove()
