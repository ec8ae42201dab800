import pytest

from grader.values import units


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (1234, "1.23 kB"),
        (127_400_000, "127 MB"),
        (999_400_000, "999 MB"),
        (3_000_000_000, "3 GB"),
        (5_368_709_120, "5.37 GB"),
    ],
)
def test_sizes_read_like_those_of_docker_images(n_bytes: int, text: str) -> None:
    assert units.size(n_bytes) == text


@pytest.mark.parametrize(
    ("duration", "text"), [(0, "0 s"), (0.42, "0.4 s"), (2, "2 s"), (12.4, "12 s"), (120, "2 min"), (200, "3 min 20 s")]
)
def test_durations(duration: float, text: str) -> None:
    assert units.seconds(duration) == text
