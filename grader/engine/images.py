"""The images that the grader itself needs: there, or pulled."""

import threading

from docker.errors import ImageNotFound

from grader.engine.cli import run_cli
from grader.engine.client import fault, translated
from grader.engine.session import Session
from grader.values.errors import DiskFull, ImageUnavailable
from grader.values.events import EngineOutput

_PULL_SECONDS = 300.0
_pulling = threading.Lock()
"""Checks that run side by side need the same image: one gets it."""


def need(session: Session, name: str) -> None:
    """Make sure that an image is in the engine.

    Args:
        session: the run; it tells that it pulls.
        name: with its tag, or without for ``latest``.

    Raises:
        ImageUnavailable: it is not, and cannot be pulled.
        DiskFull: there is no room for it.
    """
    if _there(session, name):
        return
    with _pulling:
        if _there(session, name):
            return
        session.emit(EngineOutput(line=f"getting the image {name}, which this check needs; only this once"))
        done = run_cli(session, ["pull", "--quiet", name], seconds=_PULL_SECONDS)
    if done.returncode != 0:
        if isinstance(trouble := fault(done.stderr), DiskFull):
            raise trouble
        raise ImageUnavailable(
            f"The image {name}, which this check needs, is not in the engine and cannot be pulled.",
            "`make engine` gets or builds the base images; in the lab, `docker pull` says what is wrong.",
        )


def _there(session: Session, name: str) -> bool:
    with translated():
        try:
            session.client.api.inspect_image(name)  # type: ignore[no-untyped-call]
        except ImageNotFound:
            return False
    return True
