"""Images of the engine: what they are; and those that the grader itself needs, there or pulled."""

import threading
from contextlib import suppress

from grader.diagnose.engine_trouble import fault
from grader.engine.cli import run_cli
from grader.engine.client import translated
from grader.engine.inspect import ImageInfo
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
    if find(session, name):
        return
    with _pulling:
        if find(session, name):
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


def inspect(session: Session, image: str) -> ImageInfo:
    """What the engine says of an image.

    Args:
        session: the run.
        image: id or name.

    Raises:
        ImageUnavailable: it is not there.
    """
    with translated():
        return ImageInfo.parse(session.client.api.inspect_image(image))  # type: ignore[no-untyped-call]


def find(session: Session, image: str) -> ImageInfo | None:
    """What the engine says of an image; None when it is not there."""
    with suppress(ImageUnavailable):
        return inspect(session, image)
    return None


def with_tag(name: str) -> str:
    """An image's name as engines list it: with the tag that it has where none is said; one with a digest stays as it is."""
    return name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"


def kept_by_containerd(session: Session) -> bool:
    """Whether the engine keeps images in containerd's store, as Docker Desktop and new installs do, or in its classic one."""
    return session.only(_Store).containerd


class _Store:
    def __init__(self, session: Session) -> None:
        with translated():
            status = dict(session.client.info().get("DriverStatus") or ())
        self.containerd = str(status.get("driver-type", "")).startswith("io.containerd.")
