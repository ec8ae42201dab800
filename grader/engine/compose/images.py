"""The images of a stack: built, or there, or pulled."""

import os
import re
from pathlib import Path

from grader.diagnose.engine_trouble import fault
from grader.engine import images as in_engine
from grader.engine.build import buildx
from grader.engine.build.buildx import Built
from grader.engine.cli import run_cli
from grader.engine.compose.plan import BuildPlan, Plan, ServicePlan
from grader.engine.inspect import ImageInfo
from grader.engine.session import Session
from grader.values.errors import CheckFailed, DiskFull, ImageUnavailable
from grader.values.events import EngineOutput

_NAME = re.compile(r"[a-z0-9][\w./:@-]*", re.ASCII)


def images(
    session: Session, folder: Path, plan: Plan, *, owner: Path | None = None
) -> tuple[dict[str, ImageInfo], tuple[tuple[str, Built], ...]]:
    """Have every service's image in the engine; one that several services build alike is built once.

    Args:
        session: the run.
        folder: the submission.
        plan: the stack.
        owner: the submission whose cache mounts are used; by default ``folder``.

    Returns:
        Service → its image; and what was built, each with its Dockerfile below ``folder``.

    Raises:
        CheckFailed, LimitReached: a build fails, or an image does not exist.
        ImageUnavailable: an image is not here and cannot be pulled.
    """
    built: dict[str, tuple[str, Built]] = {}
    tags: dict[str, str] = {}
    found: dict[str, ImageInfo] = {}
    for name, service in plan.services.items():
        if service.build is not None:
            key = repr(service.build)
            if key not in built:
                built[key] = _build(session, folder, service, service.build, owner)
            image = built[key][1].image_id
            found[name] = in_engine.inspect(session, image)
            tags[service.image or name] = image
    for name, service in plan.services.items():
        if service.build is None:
            # A service may name the image that another one builds.
            found[name] = in_engine.inspect(session, tags[service.image]) if service.image in tags else _get(session, service)
    return found, tuple(built.values())


def _build(session: Session, folder: Path, service: ServicePlan, plan: BuildPlan, owner: Path | None) -> tuple[str, Built]:
    if not plan.context.is_dir():
        raise CheckFailed(
            f"The service {service.name} is built in a folder that does not exist.",
            expected=f"a folder {os.path.relpath(plan.context, folder)}/",
            found="no such folder" + (f" (the service stands {service.place})" if service.place else ""),
        )
    root = Path(os.path.realpath(folder))
    where = Path(os.path.realpath(plan.context))
    file = os.path.relpath(where / plan.dockerfile, root)
    made = buildx.build(
        session,
        root,
        file=file,
        where=os.path.relpath(where, root),
        args=plan.args,
        target=plan.target or None,
        no_cache=plan.no_cache,
        owner=owner,
    )
    return file, made


def _get(session: Session, service: ServicePlan) -> ImageInfo:
    if not _NAME.fullmatch(service.image):
        raise CheckFailed(
            f"“{service.image}” cannot be an image's name.",
            expected="a name such as postgres:17",
            found=str(service.place or service.image),
        )
    if there := in_engine.find(session, service.image):
        return there
    pull(session, service)
    return in_engine.inspect(session, service.image)


def pull(session: Session, service: ServicePlan) -> None:
    """Pull a service's image.

    Raises:
        CheckFailed: the registry says that there is none.
        ImageUnavailable: no registry answers.
        DiskFull: no room for it.
    """
    session.emit(EngineOutput(line=f"pulling {service.image}"))
    result = run_cli(session, ["pull", "--quiet", service.image], seconds=session.limits.build_seconds)
    if result.returncode == 0:
        return
    said = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
    lower = result.stderr.lower()
    if any(sign in lower for sign in ("not found", "does not exist", "pull access denied", "invalid reference format")):
        raise CheckFailed(
            f"There is no image called {service.image}.",
            expected=f"an image for the service {service.name} that exists",
            found=said[0],
            advice="Look at the name and the tag behind image:, letter by letter."
            + (f" It stands {service.place}" if service.place else ""),
        )
    trouble = fault(result.stderr)
    if isinstance(trouble, DiskFull) or (trouble is not None and "docker daemon" in lower):
        raise trouble
    raise ImageUnavailable(
        f"The image {service.image} is not on this machine and cannot be pulled.",
        "Without a network, use one of the course's base images (`grader doctor` lists them).",
        named=service.image,
    )
