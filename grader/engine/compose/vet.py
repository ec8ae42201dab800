"""What a learner's stack may ask for: an allow-list over the output of ``docker compose config``, closed on failure.

The result is not a yes or no: it is a new configuration, made only of what this module knows and allows. That one is run, so
nothing can slip through between what was looked at and what is started, and compose's merging of override files, where lists
such as ports and security_opt only ever grow, plays no part.
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from grader.engine.compose import read_files
from grader.engine.compose.config import Config
from grader.engine.compose.plan import FILES_VOLUME, Plan, ServicePlan, Vet
from grader.engine.compose.service import service
from grader.engine.compose.source import Path_, Place, Refusal, refused
from grader.values.errors import CheckFailed
from grader.values.limits import Limits

CONTAINERS = 12
NETWORKS = 8
VOLUMES = 16
_PRIVATE = (ip_network("10.0.0.0/8"), ip_network("172.16.0.0/12"), ip_network("192.168.0.0/16"))
_SHORTEST_PREFIX = 16


def vet(config: Config, folder: Path, limits: Limits, platform: str, find: Callable[[Path_], Place | None]) -> Plan:
    """Judge a stack.

    Args:
        config: what compose says of it.
        folder: the submission.
        limits: nothing may be wider.
        platform: the engine's, e.g. ``linux/amd64``.
        find: gives the line of a place in the learner's file.

    Raises:
        CheckFailed: it asks for something that is not on the list; names every line.
    """
    model = config.model
    state = Vet(model, folder, limits, platform, find, config.seen, config.written, config.left_out)
    try:
        state.only((), model, "name", "version", "services", "networks", "volumes", "configs", "secrets", "models")
        read_files.judge(state, model.get("services") or ())
        networks = {key: _network(state, key, about or {}) for key, about in (model.get("networks") or {}).items()}
        volumes = {key: _volume(state, key, about or {}) for key, about in (model.get("volumes") or {}).items()}
        services = {key: service(state, key, about or {}) for key, about in (model.get("services") or {}).items()}
        _count(state, services, networks, volumes)
        asleep = _asleep(state)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError) as error:
        # Another compose than we know prints another shape: what is not understood is not run.
        raise refused([*state.refusals, Refusal(f"something that the grader cannot judge ({error})", None)]) from error
    if state.refusals:
        raise refused(state.refusals)
    if not services:
        raise CheckFailed(
            "Your compose file starts no services." if asleep else "Your compose file has no services.",
            expected="at least one service to start",
            found="only services in a profile: " + ", ".join(asleep) if asleep else "none",
        )
    if state.files:
        mounted = "all of it" if "." in state.files else ", ".join(state.files)
        state.notes[f"What the stack mounts from your folder ({mounted}) is a copy: your own files stay as they are."] = None
    configs = {key: {"content": about["content"]} for key, about in (model.get("configs") or {}).items() if "content" in about}
    return Plan(
        services=services,
        networks=networks,
        volumes=volumes,
        configs=configs,
        files=tuple(state.files),
        asleep=asleep,
        notes=tuple(state.notes),
    )


def _asleep(state: Vet) -> dict[str, tuple[str, ...]]:
    """Services that are written and that compose would not start: those of profiles that nobody named."""
    written, awake = state.written.get("services") or {}, state.config.get("services") or {}
    return {name: tuple(map(str, (about or {}).get("profiles") or ())) for name, about in written.items() if name not in awake}


def _network(state: Vet, key: str, about: Mapping[str, Any]) -> dict[str, Any]:
    path: Path_ = ("networks", key)
    state.only(path, about, "name", "driver", "ipam", "internal", "attachable", "labels", "external", "driver_opts")
    if about.get("external"):
        state.refuse((*path, "external"), f"the network {key} of somebody else (external)")
    _note_name(state, path, about)
    if about.get("driver") not in {None, "", "default", "bridge"}:
        state.refuse((*path, "driver"), f"the network driver {about['driver']}")
    if about.get("driver_opts"):
        state.refuse((*path, "driver_opts"), "options of a network driver")
    kept = {"internal": bool(about.get("internal")), "labels": state.labels((*path, "labels"), about.get("labels"))}
    addresses = _addresses(state, (*path, "ipam"), about.get("ipam") or {})
    return {**kept, "ipam": {"config": addresses}} if addresses else kept


def _addresses(state: Vet, path: Path_, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A network's own addresses, where no other machine has them."""
    state.only(path, about, "driver", "config")
    if about.get("driver") not in {None, "", "default"}:
        state.refuse((*path, "driver"), f"the address driver {about['driver']}")
    kept = []
    for one in about.get("config") or ():
        state.only((*path, "config"), one, "subnet", "gateway", "ip_range", "aux_addresses")
        subnet = ip_network(str(one["subnet"]), strict=False) if one.get("subnet") else None
        if subnet and not any(subnet.subnet_of(private) for private in _PRIVATE if private.version == subnet.version):  # type: ignore[arg-type]
            state.refuse((*path, "config"), f"the addresses {subnet}, which may be those of other machines")
        elif subnet and subnet.prefixlen < _SHORTEST_PREFIX:
            state.refuse((*path, "config"), f"the addresses {subnet}: more than one network needs")
        kept.append({key: one[key] for key in ("subnet", "gateway", "ip_range", "aux_addresses") if one.get(key)})
    return kept


def _note_name(state: Vet, path: Path_, about: Mapping[str, Any]) -> None:
    if about.get("name") not in {None, f"{state.config.get('name')}_{path[-1]}"}:
        state.note((*path, "name"), "on the engine it has a name of its own here")


def _volume(state: Vet, key: str, about: Mapping[str, Any]) -> dict[str, Any]:
    path: Path_ = ("volumes", key)
    state.only(path, about, "name", "driver", "driver_opts", "labels", "external")
    if key == FILES_VOLUME:
        state.refuse(path, f"a volume called {key}: the grader needs that name")
    if about.get("external"):
        state.refuse((*path, "external"), f"the volume {key} of somebody else (external)")
    _note_name(state, path, about)
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
