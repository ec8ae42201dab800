import pytest

from grader.diagnose import build_output
from grader.values.errors import CheckFailed, ImageUnavailable, LimitReached
from grader.values.events import BuildStep

DOCKERFILE = "FROM python AS builder\nRUN make\nFROM busybox\nCOPY --from=buidler /x /\n"


def _step(name: str, error: str = "", log: str = "") -> BuildStep:
    return BuildStep(name=name, cached=False, started_s=0, duration_s=0, error=error, log=log)


def _metadata(image: str, error: str = "not found") -> BuildStep:
    return _step(f"[internal] load metadata for docker.io/library/{image}", error)


FAILED = _step(
    "[builder 2/3] RUN  make   all",
    'process "/bin/sh -c make all" did not complete successfully: exit code: 2',
    "building\nmake: *** No rule to make target 'all'\n[notice] A new release of pip is available\n",
)
SAID = "Dockerfile:2\n------------\n   1 |     FROM python\n   2 | >>> RUN make all\nERROR: failed to solve: it failed\n"


def test_a_step_that_failed() -> None:
    finding = build_output.step_failed("Dockerfile", DOCKERFILE, FAILED, SAID).finding
    assert build_output.ran(FAILED)
    assert finding.message == "Dockerfile does not build: it stops at “RUN make all”."
    assert finding.found == "exit code 2: make: *** No rule to make target 'all'"
    assert [one.text.splitlines()[-1] for one in finding.evidence] == [
        "make: *** No rule to make target 'all'",
        "   2 | >>> RUN make all",
    ]


def test_a_step_that_the_builder_itself_could_not_do() -> None:
    step = _step("[2/2] COPY a b", "failed to solve: rpc error: code = Unknown desc = something new")
    assert not build_output.ran(step)
    assert build_output.step_failed("Dockerfile", DOCKERFILE, step, SAID).finding.found == "something new"


@pytest.mark.parametrize(
    ("said", "message", "found", "advice"),
    [
        (
            "ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN",
            "Docker does not understand line 2.",
            "unknown instruction: RUNN",
            "",
        ),
        (
            "ERROR: failed to solve: invalid reference format: repository name (library/Busybox) must be lowercase",
            "the builder cannot read it.",
            "invalid reference format: repository name (library/Busybox) must be lowercase",
            "small letters",
        ),
        ("", "the builder cannot read it.", "no reason given", ""),
    ],
)
def test_a_file_that_the_builder_cannot_read(said: str, message: str, found: str, advice: str) -> None:
    finding = build_output.unreadable("Dockerfile", said).finding
    assert message in finding.message
    assert finding.found == found
    assert advice in finding.advice if advice else finding.advice == ""


def test_an_image_that_there_is_not() -> None:
    missing = build_output.missing_image(_metadata("pyhton:3.13", "docker.io/library/pyhton:3.13: not found"), "", DOCKERFILE)
    assert isinstance(missing, CheckFailed)
    assert missing.finding.message == "There is no image called pyhton:3.13."


def test_an_image_that_nobody_could_be_asked_for_is_not_the_learners_fault() -> None:
    assert isinstance(build_output.missing_image(_metadata("python:3.13", "i/o timeout"), "", DOCKERFILE), ImageUnavailable)
    assert isinstance(build_output.too_slow(_metadata("python:3.13"), DOCKERFILE, 60), ImageUnavailable)


@pytest.mark.parametrize("told", ["missing", "slow"])
def test_a_stage_whose_name_is_misspelt(told: str) -> None:
    step = _metadata("buidler:latest")
    error = (
        build_output.missing_image(step, "", DOCKERFILE) if told == "missing" else build_output.too_slow(step, DOCKERFILE, 60)
    )
    assert isinstance(error, CheckFailed)
    assert error.finding.message == "There is no stage called buidler."
    assert "builder" in error.finding.expected


def test_a_step_that_is_about_no_image() -> None:
    assert build_output.missing_image(FAILED, SAID, DOCKERFILE) is None


def test_a_build_that_takes_too_long() -> None:
    error = build_output.too_slow(FAILED, DOCKERFILE, 90)
    assert isinstance(error, LimitReached)
    assert (error.finding.expected, error.finding.found) == (
        "a build that ends within 90 s",
        "still at [builder 2/3] RUN  make   all",
    )
    error = build_output.too_slow(None, DOCKERFILE, 90)
    assert isinstance(error, LimitReached)
    assert error.finding.found == "not ended"


def test_long_instructions_are_cut_off() -> None:
    shown = build_output.instruction(_step("[2/2] RUN " + "x" * 200))
    assert shown.endswith("x…")
    assert len(shown) < 100


def test_a_short_dockerfile_is_shown_where_the_builder_points_nowhere() -> None:
    assert build_output.place("no rows", DOCKERFILE) == DOCKERFILE.strip()
    assert build_output.place("no rows", "#\n" * 1000) == ""
