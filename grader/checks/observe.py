"""What the learner made, told to whoever follows the run, for pictures of it. Nothing here ever changes a verdict."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.checks.image import FROM, Image
from grader.checks.sandbox import words
from grader.engine import containers
from grader.engine.compose.plan import FILES_VOLUME, ServicePlan
from grader.engine.compose.project import Project
from grader.engine.inspect import ContainerInfo, State, moment
from grader.engine.session import Session
from grader.values.events import ContainerObserved, EngineObserved, ImageBuilt, Layer, ServiceObserved, StackObserved

if TYPE_CHECKING:
    from grader.engine.sandbox.nested import Sandbox

_PLACE = re.compile(r"\[(?:(?P<stage>\S+) +)?(?P<number>\d+)/\d+\] (?P<line>.+)", re.DOTALL)
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
        below, count = _base(image)
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


def _base(image: Image) -> tuple[str, int]:
    """The base image, and how many steps of the history are its own.

    An engine that builds need not have it by its name. Then all steps are taken for its own before the first one that the build
    carried out on top of it; an empty name and 0 where that step cannot be told.
    """
    if image.base[1]:
        return image.base
    below, first = {}, {}
    for step in image.steps:
        if (match := FROM.match(step.name)) and (place := _PLACE.match(step.name)):
            below[place["stage"]] = match["image"]
        elif (place := _PLACE.match(step.name)) and place["number"] == "2":
            first[place["stage"]] = " ".join(place["line"].split())
    commands = [one.command for one in image.history]
    found = [
        (below[stage], commands.index(line)) for stage, line in first.items() if stage in below and commands.count(line) == 1
    ]
    return found[0] if len(found) == 1 else ("", 0)


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


_LEFT = """
echo '{'
for kind in container network volume image; do
    case $kind in container) only=--all ;; network) only=--filter=type=custom ;; *) only= ;; esac
    ids=$(docker $kind ls $only --quiet | sort -u)
    printf '"%s": %s\\n' "$kind" "${ids:+$(docker $kind inspect $ids)}"
    [ -n "$ids" ] || echo '[]'
    [ $kind = image ] || echo ,
done
echo '}'
"""
"""All that is on an engine, as JSON."""


def sandbox(engine: "Sandbox") -> None:
    """Tell of what a learner's commands have left on their engine.

    Args:
        engine: theirs.
    """
    if not engine.session.observed:
        return
    with suppress(Exception):  # the check goes on: this is not what is graded
        found = json.loads(engine.shell(_LEFT).stdout)
        made = [ContainerInfo.parse(one) for one in found["container"]]
        names, began = {one.id: one.name for one in made}, moment(engine.play_began)
        engine.session.emit(
            EngineObserved(
                containers=tuple(_container(one, names, began) for one in sorted(made, key=lambda one: one.name)),
                networks=tuple(sorted(one["Name"] for one in found["network"])),
                volumes=tuple(sorted(one["Name"] for one in found["volume"])),
                images=tuple(sorted(name for one in found["image"] for name in one.get("RepoTags") or ())),
            )
        )


def _container(one: ContainerInfo, names: Mapping[str, str], began: datetime | None) -> ContainerObserved:
    health, shared = one.state.health.status, one.network_mode.partition("container:")[2]
    return ContainerObserved(
        name=one.name,
        image=one.config.image,
        state=_state(one.state),
        health="" if health == "none" else health,
        given=began is not None and one.created <= began,
        published=tuple(words.doors(one.bindings)),
        networks=(f"that of {names.get(shared, 'a container that is gone')}",) if shared else tuple(one.networks),
        mounts=tuple(
            (each.name if each.kind == "volume" else words.mounted(each), each.target, each.writable, each.kind == "volume")
            for each in one.mounts
        ),
    )


def _state(state: State) -> str:
    return f"exited ({state.exit_code})" if state.status == "exited" else state.status


def _service(folder: Path, plan: ServicePlan, states: list[State]) -> ServiceObserved:
    worst = min(states, key=_rank, default=State("not created"))
    health = worst.health.status
    settings = plan.settings
    return ServiceObserved(
        name=plan.name,
        image=plan.image or _built_from(folder, plan),
        state=_state(worst),
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
