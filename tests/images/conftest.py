"""What the tests of the base images repeat is told in the summary."""

from collections.abc import Callable

import pytest

from tests.images import support
from tests.reruns import RERUN


@pytest.fixture(autouse=True)
def _told(monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]) -> None:
    monkeypatch.setattr(support, "tell", lambda why: record_property(RERUN, why))
