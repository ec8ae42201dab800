import pytest

from grader.diagnose import compose_output
from grader.diagnose.compose_output import Keys
from grader.values.errors import CheckFailed, EngineUnavailable, Fault

SETTINGS = ("image", "command", "ports", "volumes", "depends_on")

# What `docker compose config` says → the place that it points to, and words of the advice.
COMPLAINTS: dict[str, tuple[str, int | Keys | None, str]] = {
    "not YAML": ("yaml: line 4: mapping values are not allowed in this context", 4, ""),
    "a misspelt setting": ("services.web Additional property imge is not allowed", ("services", "web", "imge"), "“image”?"),
    "a newer compose's words": (
        "services.web additional properties 'imge' not allowed",
        ("services", "web", "imge"),
        "“image”?",
    ),
    "a misspelt section": ("(root) Additional property service is not allowed", ("service",), "“services”?"),
    "like nothing known": (
        "services.web Additional property zzz is not allowed",
        ("services", "web", "zzz"),
        "indented under the right thing",
    ),
    "an undefined volume": (
        'service "db" refers to undefined volume data: invalid compose project',
        ("services", "db", "volumes"),
        "“volumes:” at the left margin",
    ),
    "an undefined network": (
        'service "db" refers to undefined network back: invalid compose project',
        ("services", "db", "networks"),
        "“networks:” at the left margin",
    ),
    "a service that is not there": (
        'service "api" depends on undefined service "bd": invalid compose project',
        ("services", "api", "depends_on"),
        "",
    ),
    "no list": ("services.web.ports must be a list", ("services", "web", "ports"), "each begins with a dash"),
    "no mapping": ("services.web must be a mapping", ("services", "web"), "“name: value”, indented"),
    "a place in a list": (
        "services.web.environment.[1]: unexpected type map[string]interface {}",
        ("services", "web", "environment"),
        "not a dash with a colon",
    ),
    "something new": ("the moon is full", None, ""),
}


@pytest.mark.parametrize(("said", "place", "advice"), COMPLAINTS.values(), ids=list(COMPLAINTS))
def test_a_complaint_about_a_file(said: str, place: int | Keys | None, advice: str) -> None:
    assert compose_output.place(said) == place
    told = compose_output.advice(said, settings=SETTINGS)
    assert advice in told if advice else told == ""


def test_what_compose_says_to_itself_is_left_out() -> None:
    said = 'validating /tmp/x/0.yaml: service "db" refers to undefined volume data: invalid compose project'
    assert compose_output.complaint(said) == 'service "db" refers to undefined volume data'


def test_where_there_is_no_compose() -> None:
    said = compose_output.no_compose("docker: 'compose' is not a docker command.")
    assert isinstance(said, EngineUnavailable)
    assert said.next_step
    assert compose_output.no_compose("services.web must be a mapping") is None


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (
            " Container web-1  Creating\nError response from daemon: invalid mount config\n Container web-1  Stopping\n",
            CheckFailed,
            "invalid mount config",
        ),
        ("dependency failed to start: container db-1 exited (1)", CheckFailed, "db-1 exited"),
        ("Error response from daemon: could not find an available address pool", EngineUnavailable, "another network"),
        ("write /var/lib/docker/x: no space left on device", Fault, "disk is full"),
        ("panic: nil", Fault, "panic: nil"),
        ("", Fault, "no reason given"),
    ],
)
def test_why_a_stack_does_not_start(said: str, kind: type[Exception], words: str) -> None:
    error = compose_output.not_started(said)
    assert isinstance(error, kind)
    assert words in (f"{error.finding.message} {error.finding.found}" if isinstance(error, CheckFailed) else str(error))
