"""A health check at the grader's cadence, both verdicts, on the real engine; and what its log tells."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.checks import health
from grader.checks.container import Container
from grader.checks.work import Work
from grader.diagnose import health_check
from grader.engine.inspect import HealthRun
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from tests import core

PATIENT = "--interval=5m --timeout=10m --retries=20 --start-period=5m"
"""What an author may wish, and no learner should wait for."""
CHECK = 'CMD test ! -e /tmp/sick && { test ! -e /tmp/hangs || sleep 1000; }; echo "code $?"; test ! -e /tmp/sick'

Build = Callable[[str], Container]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Start a container whose image has this HEALTHCHECK line."""
    with Session(core.LIMITS) as session:

        def start(line: str) -> Container:
            folder = core.submission(tmp_path / "work", f"FROM busybox\n{line}\nCMD sleep 1000\n")
            return Work(session, folder, Facts("a learner", "99-toy")).build().start()

        yield start
    assert session.left == []


@pytest.mark.engine
def test_the_test_is_the_images_and_the_pace_is_ours(build: Build) -> None:
    with build(f"HEALTHCHECK {PATIENT} {CHECK}") as container:
        own = container.session.client.api.inspect_container(container.id)["Config"]["Healthcheck"]
        assert own["Test"] == ["CMD-SHELL", CHECK.removeprefix("CMD ")]
        assert (own["Interval"], own["Timeout"], own["Retries"]) == (500_000_000, 5_000_000_000, 3)
        assert own["StartPeriod"] == 300_000_000_000
        container.expect_healthy()
        container.exec("touch", "/tmp/sick")
        container.expect_unhealthy(within=20)
        container.exec("rm", "/tmp/sick")
        container.expect_healthy(within=20)


@pytest.mark.engine
def test_an_authors_own_haste_is_kept(build: Build) -> None:
    with build(f"HEALTHCHECK --timeout=1s --retries=1 {CHECK}") as container:
        own = container.session.client.api.inspect_container(container.id)["Config"]["Healthcheck"]
        assert (own["Timeout"], own["Retries"]) == (1_000_000_000, 1)


@pytest.mark.engine
@pytest.mark.parametrize("line", [f"HEALTHCHECK {PATIENT} {CHECK}", "HEALTHCHECK CMD test ! -e /tmp/hangs || sleep 1000"])
def test_one_that_hangs_is_ended_and_counts_as_failed(build: Build, line: str) -> None:
    with build(line) as container:
        container.expect_healthy()
        container.exec("touch", "/tmp/hangs")
        container.expect_unhealthy(within=60)


@pytest.mark.engine
def test_nobody_waits_for_one_that_is_always_content(build: Build) -> None:
    with build("HEALTHCHECK CMD echo fine") as container:
        container.expect_healthy()
        begin = time.monotonic()
        with pytest.raises(CheckFailed, match=r"did not become unhealthy\.") as caught:
            container.expect_unhealthy(within=200)
        assert time.monotonic() - begin < 100
        assert caught.value.finding.found == "it says healthy; the last run of “echo fine”: exit code 0: fine"
        assert caught.value.finding.advice == health_check.CONTENT


@pytest.mark.engine
@pytest.mark.parametrize(
    "command", ["CMD curl -f http://localhost/ || exit 1", "CMD curl http://localhost/", 'CMD ["curl", "http://localhost/"]']
)
def test_nobody_waits_for_one_whose_program_is_missing(build: Build, command: str) -> None:
    with build(f"HEALTHCHECK {command}") as container:
        begin = time.monotonic()
        with pytest.raises(CheckFailed, match=r"did not become healthy\.") as caught:
            container.expect_healthy(within=200)
        assert time.monotonic() - begin < 100
        assert "curl" in caught.value.finding.found
        assert caught.value.finding.advice == health_check.ADVICE


# Its log


def _run(number: int, code: int = 0, output: str = "") -> HealthRun:
    return HealthRun(datetime(2026, 11, 22, 2, 3, number, tzinfo=UTC), code, output)


def test_content_means_five_new_runs_and_success_in_all_but_the_oldest() -> None:
    before = [_run(number) for number in range(5)]
    assert health.stays_content([_run(number) for number in range(5, 10)], before)
    assert health.stays_content([_run(5, 1), *(_run(number) for number in range(6, 10))], before)
    assert not health.stays_content([_run(number) for number in range(4, 9)], before)
    assert not health.stays_content([_run(number) for number in range(5, 8)], before)
    assert not health.stays_content([*(_run(number) for number in range(5, 9)), _run(9, 1)], before)


def test_discontent_means_failures_of_its_own() -> None:
    """One that was ended at its time-out may only have been slow."""
    before = [_run(number, 1) for number in range(5)]
    assert health.stays_discontent([_run(number, 1) for number in range(5, 10)], before)
    assert not health.stays_discontent([_run(number, 1) for number in range(4, 9)], before)
    assert not health.stays_discontent([*(_run(number, 1) for number in range(5, 9)), _run(9)], before)
    assert not health.stays_discontent([*(_run(number, 1) for number in range(5, 9)), _run(9, -1)], before)
    assert not health.stays_discontent([], [])


@pytest.mark.engine
def test_nobody_waits_for_one_that_stays_unhealthy(build: Build) -> None:
    with build("HEALTHCHECK CMD false") as container:
        begin = time.monotonic()
        with pytest.raises(CheckFailed, match=r"did not become healthy\.") as caught:
            container.expect_healthy(within=300)
        assert time.monotonic() - begin < 150
        assert "it says unhealthy" in caught.value.finding.found


@pytest.mark.engine
def test_one_that_looks_at_notes_may_take_its_time(build: Build) -> None:
    """Something else asks every few seconds, and the health check looks at what that has noted."""
    watcher = "while sleep 6; do test -e /tmp/sick && rm -f /tmp/ok || touch /tmp/ok; done & touch /tmp/ok; exec sleep 1000"
    with build(f"HEALTHCHECK CMD test -e /tmp/ok\nENTRYPOINT {watcher}") as container:
        container.expect_healthy()
        container.exec("touch", "/tmp/sick")
        container.expect_unhealthy(within=60)
        container.exec("rm", "/tmp/sick")
        container.expect_healthy(within=60)


@pytest.mark.parametrize(
    ("code", "output"),
    [
        (-1, 'exec: "curl": executable file not found in $PATH'),
        (127, "/bin/sh: curl: not found"),
        (1, "/bin/sh: 1: curl: not found\n"),
        (1, "bash: line 1: curl: command not found"),
        (1, "Traceback (most recent call last):\nModuleNotFoundError: No module named 'requests'\n"),
    ],
)
def test_a_missing_program_is_seen_twice_before_it_is_believed(code: int, output: str) -> None:
    missing = _run(1, code, output)
    assert health.cannot_run([missing, missing])
    assert not health.cannot_run([missing])
    assert not health.cannot_run([missing, _run(2, 1, "404 not found")])
    assert not health.cannot_run([missing, _run(2, 0, output)])


@pytest.mark.parametrize("output", ["404 not found", "HTTP Error 404: Not Found", "model: not found"])
def test_an_answer_that_says_not_found_is_no_missing_program(output: str) -> None:
    assert not health.cannot_run([_run(1, 1, output), _run(2, 1, output)])


def test_words_for_the_last_run() -> None:
    assert health.last_in_words([]) == "it has not ended once"
    assert health.last_in_words([_run(1), _run(2, 1, " no model\n")]) == "exit code 1: no model"
