"""Four services of chapter 08 that do not answer, and what is wrong with each. Read no further before you have found out."""

import time

from _belongings import NotReadyError, docker

IMAGE = "python:3.13-slim"
SECONDS = 20.0
_SERVER = ("python", "-u", "-m", "http.server")
# Service → (what is wrong, whether it is on the network where it should be, its program).
_SERVICES = {
    "a": ("loopback", True, (*_SERVER, "8000", "--bind", "127.0.0.1")),
    "b": ("network", False, (*_SERVER, "8000")),
    "c": ("port", True, (*_SERVER, "5000")),
    "d": ("ended", True, ("python", "-u", "-m", "http.serve", "8000")),
}
CAUSES = ("ended", "network", "loopback", "port")
_LOOK = {
    "ended": "Ask question 1 about it.",
    "network": "Ask question 2 about it.",
    "loopback": "Ask question 4 about it, and compare the whole address with what was asked for.",
    "port": "Ask question 4 about it, and compare the whole address with what was asked for.",
}


def start(network: str, another: str) -> None:
    """Start the four services, and wait until each of them listens, or has ended.

    Args:
        network: where they should be.
        another: a network where one of them is.

    Raises:
        NotReadyError: one of them does not start.
    """
    for service, (_, at_home, program) in _SERVICES.items():
        name = f"ch08-{service}"
        docker("rm", "-f", name, check=False)
        docker("run", "-d", "--name", name, "--network", network if at_home else another, IMAGE, *program)
    for service in _SERVICES:
        _wait(f"ch08-{service}")
    print(f"{', '.join(f'ch08-{service}' for service in _SERVICES)}: started.")


def diagnose(**said: str) -> None:
    """Say which diagnoses are right.

    Args:
        said: service → one of CAUSES.
    """
    for service, (cause, _, _) in _SERVICES.items():
        answer = said.get(service, "").strip().lower()
        if not answer.strip("_"):
            print(f"{service}: no diagnosis yet.")
        elif answer not in CAUSES:
            print(f"{service}: “{answer}” is not one of {', '.join(CAUSES)}.")
        elif answer == cause:
            print(f"{service}: {cause}. Yes.")
        else:
            print(f"{service}: not {answer}. {_LOOK[cause]}")


def _wait(name: str) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        running = docker("inspect", "--format", "{{.State.Running}}", name).stdout.strip() == "true"
        if not running or "Serving" in docker("logs", name).stdout:
            return
        time.sleep(0.1)
    raise NotReadyError(f"The service {name} does not start. Run this cell again.")
