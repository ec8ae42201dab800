"""What the learner made, told to whoever follows the run, for pictures of it. Nothing here ever changes a verdict."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.checks.image import Image
from grader.engine import containers
from grader.engine.compose.plan import FILES_VOLUME, ServicePlan
from grader.engine.compose.project import Project
from grader.engine.inspect import State
from grader.engine.session import Session
from grader.values.events import ImageBuilt, Layer, ServiceObserved, StackObserved

_WORST_FIRST = ("dead", "restarting", "exited", "created", "removing", "paused", "running")


def image(image: Image, file: str, changed: tuple[str, ...] = ()) -> None:
    """Tell of an image that was built.

    Args:
        image: the image.
        file: its Dockerfile.
        changed: files that the check had added or changed before.
    """
    if not image.session.observed:
        return
    with suppress(Exception):  # the check goes on: this is not what is graded
        below, count = image.base
        image.session.emit(
            ImageBuilt(
                file=file,
                layers=tuple(Layer(command=one.command, size=one.size) for one in image.history),
                size=image.size,
                steps=image.steps,
                base=below,
                base_layers=count,
                changed=changed,
            )
        )


def stack(session: Session, project: Project) -> None:
    """Tell of a stack that has come up, or has failed to and is still there.

    Args:
        session: the run.
        project: the stack.
    """
    if not session.observed:
        return
    with suppress(Exception):  # the check goes on: this is not what is graded
        found = project.containers()
        services = []
        for name, plan in project.plan.services.items():
            states = [containers.inspect(session, one).state for one in found.get(name, ())]
            services.append(_service(project.folder, plan, states))
        session.emit(StackObserved(file=project.source.name, services=tuple(services)))


def _service(folder: Path, plan: ServicePlan, states: list[State]) -> ServiceObserved:
    worst = min(states, key=_rank, default=State("not created"))
    state, health = worst.status, worst.health.status
    settings = plan.settings
    return ServiceObserved(
        name=plan.name,
        image=plan.image or _built_from(folder, plan),
        state=f"exited ({worst.exit_code})" if state == "exited" else state,
        health="" if health == "none" else health,
        ports=tuple(map(str, plan.published)),
        needs=tuple((name, str(how.get("condition") or "service_started")) for name, how in _needs(settings)),
        networks=tuple(settings.get("networks") or ()),
        volumes=tuple(map(_mount, settings.get("volumes") or ())),
        replicas=plan.replicas,
    )


def _rank(state: State) -> tuple[int, bool, bool]:
    """Sorts the states of a service's containers, the worst first."""
    place = _WORST_FIRST.index(state.status) if state.status in _WORST_FIRST else 0
    return place, not state.exit_code, state.health.status not in {"unhealthy", "starting"}


def _needs(settings: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, how or {}) for name, how in (settings.get("depends_on") or {}).items()]


def _built_from(folder: Path, plan: ServicePlan) -> str:
    if plan.build is None:
        return ""
    where = plan.build.context
    inside = where.relative_to(folder).as_posix() if where.is_relative_to(folder) else where.name
    return f"built from {'.' if inside == '.' else f'./{inside}'}"


def _mount(about: Mapping[str, Any]) -> str:
    """A mount, as a compose file has it: ``numbers:/data``, ``./site:/srv:ro``."""
    source = str(about.get("source") or about["type"])
    if source == FILES_VOLUME:
        inside = (about.get("volume") or {}).get("subpath")
        source = f"./{inside}" if inside else "."
    return f"{source}:{about['target']}" + (":ro" if about.get("read_only") else "")
