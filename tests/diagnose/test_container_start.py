import pytest

from grader.diagnose import container_start

RUNC = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: "
MISSING = RUNC + 'unable to start container process: exec: "beaks": executable file not found in $PATH: unknown'

# What the engine says → words of the message, of what was found, and of the advice.
SAID: dict[str, tuple[str, str, str, str]] = {
    "no such program": (
        MISSING,
        "does not exist in the image",
        '"beaks": executable file not found in $PATH',
        "listed in PATH",
    ),
    "no such file": (
        RUNC + 'exec: "/main.sh": stat /main.sh: no such file or directory: unknown',
        "does not exist in the image",
        '"/main.sh": stat /main.sh: no such file or directory',
        "Windows line ending",
    ),
    "one word for several": (
        RUNC + 'exec: "sleep 9": executable file not found in $PATH: unknown',
        "does not exist in the image",
        '"sleep 9"',
        "“sleep 9” is taken for one name, spaces included",
    ),
    "not executable": (RUNC + 'exec: "/main.sh": permission denied: unknown', "may not be executed", "/main.sh", "execute bit"),
    "nothing to run": ("no command specified", "does not say what to run", "neither", ""),
    "no such user": ("unable to find user mona: no matching entries in passwd file", "user does not exist", "mona", ""),
}


@pytest.mark.parametrize(("said", "message", "found", "advice"), SAID.values(), ids=list(SAID))
def test_why_a_container_does_not_start(said: str, message: str, found: str, advice: str) -> None:
    refused = container_start.refused(said)
    assert refused is not None
    finding = refused.finding
    assert message in finding.message
    assert finding.found.startswith(found) or found in finding.found
    assert advice in finding.advice if advice else finding.advice == ""


@pytest.mark.parametrize("said", ["", "context deadline exceeded", "mounting /proc: something new"])
def test_what_nobody_knows_is_left_to_others(said: str) -> None:
    assert container_start.refused(said) is None


def test_a_service_is_named_with_the_place_to_look_at() -> None:
    finding = container_start.service_refused("api", MISSING).finding
    assert finding.message == "The service api cannot start: its command does not exist in the image."
    assert finding.found == '"beaks": executable file not found in $PATH'
    assert "in the compose file and in the Dockerfile" in finding.advice
    finding = container_start.service_refused("api", "something new: unknown").finding
    assert (finding.message, finding.found) == ("The service api cannot start.", "something new")
