"""What a learner's stack may ask for: an allow-list over the output of ``docker compose config``, closed on failure.

The result is not a yes or no: it is a new configuration, made only of what this module knows and allows. That one is run, so
nothing can slip through between what was looked at and what is started, and compose's merging of override files, where lists
such as ports and security_opt only ever grow, plays no part.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from grader.engine.compose.plan import FILES_VOLUME, Plan, ServicePlan, Vet
from grader.engine.compose.service import service
from grader.engine.compose.source import Path_, Place, Refusal, refused
from grader.values.errors import CheckFailed
from grader.values.limits import Limits

CONTAINERS = 12
NETWORKS = 8
VOLUMES = 16


def vet(config: Mapping[str, Any], folder: Path, limits: Limits, platform: str, find: Callable[[Path_], Place | None]) -> Plan:
    """Judge a stack.

    Args:
        config: the object that ``docker compose config --format json`` prints.
        folder: the submission.
        limits: nothing may be wider.
        platform: the engine's, e.g. ``linux/amd64``.
        find: gives the line of a place in the learner's file.

    Raises:
        CheckFailed: it asks for something that is not on the list; names every line.
    """
    state = Vet(config, folder, limits, platform, find)
    try:
        state.only((), config, "name", "version", "services", "networks", "volumes", "configs", "secrets")
        networks = {key: _network(state, key, about or {}) for key, about in (config.get("networks") or {}).items()}
        volumes = {key: _volume(state, key, about or {}) for key, about in (config.get("volumes") or {}).items()}
        services = {key: service(state, key, about or {}) for key, about in (config.get("services") or {}).items()}
        _count(state, services, networks, volumes)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as error:
        # Another compose than we know prints another shape: what is not understood is not run.
        raise refused([*state.refusals, Refusal(f"something that the grader cannot judge ({error})", None)]) from error
    if state.refusals:
        raise refused(state.refusals)
    if not services:
        raise CheckFailed("Your compose file has no services.", expected="at least one service to start", found="none")
    configs = {key: {"content": about["content"]} for key, about in (config.get("configs") or {}).items() if "content" in about}
    return Plan(services=services, networks=networks, volumes=volumes, configs=configs, files=tuple(state.files))


def _network(state: Vet, key: str, about: Mapping[str, Any]) -> dict[str, Any]:
    path: Path_ = ("networks", key)
    state.only(path, about, "name", "driver", "ipam", "internal", "attachable", "labels", "external", "driver_opts")
    if about.get("external"):
        state.refuse((*path, "external"), f"the network {key} of somebody else (external)")
    if about.get("driver") not in {None, "", "default", "bridge"}:
        state.refuse((*path, "driver"), f"the network driver {about['driver']}")
    if about.get("driver_opts"):
        state.refuse((*path, "driver_opts"), "options of a network driver")
    if any((about.get("ipam") or {}).values()):
        state.refuse((*path, "ipam"), "fixed network addresses: let the engine choose them, and use the services' names")
    return {"internal": bool(about.get("internal")), "labels": state.labels((*path, "labels"), about.get("labels"))}


def _volume(state: Vet, key: str, about: Mapping[str, Any]) -> dict[str, Any]:
    path: Path_ = ("volumes", key)
    state.only(path, about, "name", "driver", "driver_opts", "labels", "external")
    if key == FILES_VOLUME:
        state.refuse(path, f"a volume called {key}: the grader needs that name")
    if about.get("external"):
        state.refuse((*path, "external"), f"the volume {key} of somebody else (external)")
    if about.get("driver") not in {None, "", "local"}:
        state.refuse((*path, "driver"), f"the volume driver {about['driver']}")
    if about.get("driver_opts"):
        state.refuse((*path, "driver_opts"), "options of a volume driver, which can reach any place of the host")
    return {"labels": state.labels((*path, "labels"), about.get("labels"))}


def _count(state: Vet, services: Mapping[str, ServicePlan], networks: Mapping[str, Any], volumes: Mapping[str, Any]) -> None:
    total = sum(one.replicas for one in services.values())
    for count, most, what, path in (
        (total, CONTAINERS, "containers", "services"),
        (len(networks), NETWORKS, "networks", "networks"),
        (len(volumes), VOLUMES, "volumes", "volumes"),
    ):
        if count > most and not state.refusals:  # else too many of one service would be told twice
            state.refuse((path,), f"{count} {what}, where {most} are the most")
