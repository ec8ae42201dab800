import pytest

from grader.diagnose import engine_trouble
from grader.values.errors import DiskFull, EngineUnavailable, Fault


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write /var/lib/docker/x: no space left on device", DiskFull),
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            EngineUnavailable,
        ),
        (
            "ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
            EngineUnavailable,
        ),
        ("everything is fine", None),
        ("", None),
    ],
)
def test_what_the_engine_says_of_itself(text: str, kind: type[Fault] | None) -> None:
    found = engine_trouble.fault(text)
    assert type(found) is (kind or type(None))
    if found is not None:
        assert found.message.endswith(".")
        assert found.next_step
