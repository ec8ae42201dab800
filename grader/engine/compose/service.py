"""The allow-list for one service of a compose file: a rule for each setting; a setting without a rule is refused."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from grader.engine.compose.health import seconds
from grader.engine.compose.plan import FILES_VOLUME, BuildPlan, Published, ServicePlan, Vet
from grader.engine.compose.source import Path_, inside
from grader.engine.containers import HEALTH_INTERVAL_S, log_options
from grader.values import units

Rule = Callable[[Vet, Path_, Any], Any]
"""Takes the place and the value; returns what is run instead, None for nothing; notes refusals on the way."""

REPLICAS: Final = 6
_CONTAINER_NAME: Final = re.compile(r"[a-zA-Z0-9][\w.-]+", re.ASCII)

_REASONS: Final = {
    "privileged": "a privileged container",
    "devices": "devices of the host",
    "device_cgroup_rules": "devices of the host",
    "cap_add": "added capabilities",
    "sysctls": "kernel settings (sysctls)",
    "runtime": "another container runtime",
    "cgroup_parent": "a control group of the host",
    "uts": "a host namespace (uts)",
    "userns_mode": "a host namespace (userns_mode)",
    "external_links": "containers of somebody else (external_links)",
    "credential_spec": "credentials of the host",
    "oom_score_adj": "a say in which process the kernel ends first (oom_score_adj)",
    "oom_kill_disable": "running on without memory (oom_kill_disable)",
    "mac_address": "a fixed hardware address",
    "provider": "a program of the host (provider)",
    "use_api_socket": "the engine's own socket",
    "post_start": "hooks, which run with rights of their own (post_start)",
    "pre_stop": "hooks, which run with rights of their own (pre_stop)",
}
_REFUSED_BUILD: Final = {
    "dockerfile_inline": "a Dockerfile inside the compose file: give it a file of its own",
    "labels": "labels of an image in the compose file: put LABEL into the Dockerfile",
    "ssh": "ssh keys in a build",
    "secrets": "secrets in a build",
    "privileged": "a privileged build",
    "entitlements": "a build with added rights (entitlements)",
    "additional_contexts": "further build contexts",
    "cache_to": "a build that writes its cache elsewhere",
}
# They steer where the result goes or comes from, and change nothing in it.
_DROPPED_BUILD: Final = ("tags", "pull", "cache_from")


def service(state: Vet, name: str, about: Mapping[str, Any]) -> ServicePlan:
    """Judge one service; refusals are noted in ``state``."""
    path: Path_ = ("services", name)
    settings: dict[str, Any] = {}
    for key, value in about.items():
        cleared = key in {"command", "entrypoint"} and value == []  # an empty list takes the image's own away
        if (not value and not cleared) or key.startswith("x-"):
            continue
        rule = RULES.get(key)
        if rule is None:
            state.refuse((*path, key), _REASONS.get(key, f"the setting {key}, which these exercises do not use"))
        elif (kept := rule(state, (*path, key), value)) is not None:
            settings[key] = kept
    _keep_names(state, path, about, settings)
    if mounts := [*settings.get("volumes", ()), *_mounted_files(state, path, about)]:
        settings["volumes"] = mounts
    if texts := [one for one in about.get("configs") or () if "content" in _top(state, "configs", one)]:
        settings["configs"] = texts
    _note_what_is_narrower(state, path, about)
    memory = _least(state.limits.memory, about.get("mem_limit"), _deployed(about, "memory"))
    settings |= {
        "mem_limit": str(int(memory)),
        "memswap_limit": str(int(memory)),
        "pids_limit": int(_least(state.limits.pids, about.get("pids_limit"), _deployed(about, "pids"))),
        "cpus": _least(state.limits.cpus, about.get("cpus"), _deployed(about, "cpus")),
        "security_opt": ["no-new-privileges:true"],
        "logging": {"driver": "json-file", "options": log_options(state.limits)},
        "ulimits": {**settings.get("ulimits", {}), "fsize": state.limits.file, "core": 0},
    }
    return ServicePlan(
        name=name,
        image=str(about.get("image") or ""),
        build=_build(state, (*path, "build"), about["build"]) if about.get("build") else None,
        settings=settings,
        health=about.get("healthcheck") or {},
        published=tuple(_published(state, (*path, "ports", i), one) for i, one in enumerate(about.get("ports") or ())),
        replicas=_replicas(state, path, about),
        place=state.find(path),
    )


def _keep_names(state: Vet, path: Path_, about: Mapping[str, Any], settings: dict[str, Any]) -> None:
    """The names that a container would have: on the engine they are another run's, in the stack's networks they lead to it."""
    given = about.get("container_name")
    if given and not _CONTAINER_NAME.fullmatch(str(given)):
        state.refuse((*path, "container_name"), f"{given}, which is no name for a container")
    if _replicas(state, path, about) == 1:
        name = str(given or f"{state.config.get('name') or state.folder.name}-{path[-1]}-1")
        for network in settings.get("networks", {}).values():
            network["aliases"] = list(dict.fromkeys([*network["aliases"], name]))
        if given:
            state.note((*path, "container_name"), "the container has a name of its own here; in the stack, yours leads to it")


def _note_what_is_narrower(state: Vet, path: Path_, about: Mapping[str, Any]) -> None:
    """What a service gets less of than it asks for, and health checks that nobody waits for."""
    limits = state.limits
    for key, deployed, limit, told in (
        ("mem_limit", "memory", limits.memory, units.size(limits.memory)),
        ("pids_limit", "pids", limits.pids, f"{limits.pids} processes"),
        ("cpus", "cpus", limits.cpus, f"{limits.cpus:g} processors"),
    ):
        for asked, where in (
            (about.get(key), (key,)),
            (_deployed(about, deployed), ("deploy", "resources", "limits", deployed)),
        ):
            if asked is not None and float(asked) > limit:
                state.note((*path, *where), f"at most {told} here")
    if (about.get("healthcheck") or {}).get("interval"):
        every = units.seconds(HEALTH_INTERVAL_S)
        state.note((*path, "healthcheck", "interval"), f"run every {every} here, with the patience that your numbers give")
    if {"core", "fsize"} & (about.get("ulimits") or {}).keys():
        state.note((*path, "ulimits"), "core and fsize are set here")


def _least(limit: float, *asked: Any) -> float:
    """The limit, or less where the learner asks for less; 0 and -1 mean “no limit” to compose."""
    return min([limit, *(float(one) for one in asked if one is not None and float(one) > 0)])


def _deployed(about: Mapping[str, Any], key: str) -> Any:
    return (((about.get("deploy") or {}).get("resources") or {}).get("limits") or {}).get(key)


def _top(state: Vet, kind: str, use: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (state.config.get(kind) or {})[use["source"]]
    return found


def _replicas(state: Vet, path: Path_, about: Mapping[str, Any]) -> int:
    given = about.get("scale")
    given = (about.get("deploy") or {}).get("replicas") if given is None else given
    if given is not None and int(given) > REPLICAS:
        state.refuse(
            (*path, "scale" if about.get("scale") else "deploy"), f"{given} containers of one service; {REPLICAS} are the most"
        )
    return 1 if given is None else int(given)


def _published(state: Vet, path: Path_, about: Mapping[str, Any]) -> Published:
    state.only(path, about, "mode", "target", "published", "host_ip", "protocol", "name", "app_protocol")
    return Published(
        inside=int(about["target"]),
        outside=str(about.get("published") or ""),
        address=str(about.get("host_ip") or ""),
        protocol=str(about.get("protocol") or "tcp"),
        place=state.find(path),
    )


def _build(state: Vet, path: Path_, about: Mapping[str, Any]) -> BuildPlan:
    known = ("context", "dockerfile", "args", "target", "no_cache", "network", *_REFUSED_BUILD, *_DROPPED_BUILD)
    state.only(path, about, *known)
    for key, what in _REFUSED_BUILD.items():
        if about.get(key):
            state.refuse((*path, key), what)
    if about.get("network") not in {None, "", "default"}:
        state.refuse((*path, "network"), f"a build on the network {about['network']}")
    given = str(about.get("context") or state.seen or state.folder)
    where = state.here(given) or state.folder
    if not given.startswith("/"):
        state.refuse((*path, "context"), f"a build context that is not in your folder ({given})")
    elif state.here(given) is None:
        state.refuse((*path, "context"), f"a build context outside your folder ({state.told(given)})")
    dockerfile = str(about.get("dockerfile") or "Dockerfile")
    if dockerfile.startswith("/"):
        dockerfile = os.path.relpath(dockerfile, given)
    if not inside(state.folder, where / dockerfile):
        state.refuse((*path, "dockerfile"), f"a Dockerfile outside your folder ({dockerfile})")
    for key in _DROPPED_BUILD:
        if about.get(key):
            state.note((*path, key), "left out, as it changes nothing in the image")
    return BuildPlan(
        context=where,
        dockerfile=os.path.relpath(where / dockerfile, where),
        args={key: str(value) for key, value in (about.get("args") or {}).items() if value is not None},
        target=str(about.get("target") or ""),
        no_cache=bool(about.get("no_cache")),
    )


def _mounted_files(state: Vet, path: Path_, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Mounts for the configs and secrets that are files of the learner's."""
    mounts = []
    for kind, base in (("configs", "/"), ("secrets", "/run/secrets/")):
        for number, use in enumerate(about.get(kind) or ()):
            top, where = _top(state, kind, use), (kind, use["source"])
            state.only(where, top, "name", "content", "file", "environment", "external", "labels")
            if top.get("external"):
                state.refuse((*where, "external"), f"{kind} of somebody else (external)")
            elif top.get("file"):
                relative = state.own_file((*where, "file"), str(top["file"]))
                target = os.path.join(base, str(use.get("target") or use["source"]))  # noqa: PTH118 - a path inside
                mounts.append(_own_mount(relative, target, read_only=True))
            elif "content" not in top or kind == "secrets":
                state.refuse((*path, kind, number), f"{use['source']}, which is neither a file nor text of your own")
    return mounts


def _own_mount(relative: str, target: str, *, read_only: bool) -> dict[str, Any]:
    # Never a bind: a volume with a copy works with an engine that does not see our disk, starts every run from the same
    # state, goes by its label, and the engine itself keeps links inside it from leading out.
    inner = {"nocopy": True} | ({"subpath": relative} if relative != "." else {})
    return {"type": "volume", "source": FILES_VOLUME, "target": target, "read_only": read_only, "volume": inner}


# The rules, each for one setting


def _keep(_state: Vet, _path: Path_, value: Any) -> Any:
    return value


def _drop(_state: Vet, _path: Path_, _value: Any) -> None:
    return None


def _leave_out(state: Vet, path: Path_, _value: Any) -> None:
    state.note(path, "left out here")


def _gpus(state: Vet, path: Path_, _value: Any) -> None:
    state.note(path, "left out here: no graphics card is handed out; the service runs without")


def _models(state: Vet, path: Path_, _value: Any) -> None:
    state.note(path, "left out here, with the variables that it would set: no model runner is asked")


def _volumes(state: Vet, path: Path_, value: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = []
    for number, about in enumerate(value):
        where, kind = (*path, number), about["type"]
        state.only(where, about, "type", "source", "target", "read_only", "consistency", kind)
        options: Mapping[str, Any] = about.get(kind) or {}
        read_only = bool(about.get("read_only"))
        if kind == "bind":
            state.only(where, options, "create_host_path", "selinux", "propagation")
            if options.get("propagation") not in {None, "", "private", "rprivate"}:
                state.refuse(where, "mounts that reach the host (propagation)")
            mounts.append(_own_mount(state.own_file(where, str(about["source"])), about["target"], read_only=read_only))
        elif kind == "volume":
            state.only(where, options, "nocopy", "subpath")
            mounts.append(dict(about))
        elif kind == "tmpfs":
            state.only(where, options, "size", "mode")
            mounts.append({key: about[key] for key in ("type", "target", "tmpfs") if key in about})
        else:
            state.refuse(where, f"a mount of the kind {kind}")
    return mounts


def _ports(_state: Vet, _path: Path_, value: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same ports inside, each on a free port of the loopback address: no two runs and no other program are in the way."""
    seen = dict.fromkeys((int(one["target"]), str(one.get("protocol") or "tcp")) for one in value)
    return [{"target": port, "protocol": protocol, "host_ip": "127.0.0.1", "mode": "ingress"} for port, protocol in seen]


def _network_mode(state: Vet, path: Path_, value: str) -> str | None:
    if value == "none" or _own_service(state, value):
        return value
    whose = {"host": "the host's network", "bridge": "the network that all containers share: leave network_mode out"}
    state.refuse(path, whose.get(value, f"the network of somebody else ({value})"))
    return None


def _namespace(state: Vet, path: Path_, value: str) -> str | None:
    if value in {"private", "shareable", "none"} or _own_service(state, value):
        return value
    state.refuse(path, f"a namespace outside the stack ({path[-1]}: {value})")
    return None


def _own_service(state: Vet, value: str) -> bool:
    return value.startswith("service:") and value.removeprefix("service:") in state.config["services"]


def _volumes_from(state: Vet, path: Path_, value: list[str]) -> list[str]:
    for number, one in enumerate(value):
        if one.startswith("container:"):
            state.refuse((*path, number), f"the volumes of somebody else's container ({one})")
    return value


def _security_opt(state: Vet, path: Path_, value: list[str]) -> None:
    for number, one in enumerate(value):
        if not re.fullmatch(r"no-new-privileges([:=]true)?", one):
            state.refuse((*path, number), f"weaker protection (security_opt {one})")


def _extra_hosts(state: Vet, path: Path_, value: Any) -> Any:
    if "host-gateway" in str(value):
        state.refuse(path, "a way to the host (host-gateway)")
    return value


def _logging(state: Vet, path: Path_, value: Mapping[str, Any]) -> None:
    state.note(path, "left out here: the log is kept as docker does by itself, up to a limit")
    state.only(path, value, "driver", "options")
    if value.get("driver") not in {None, "", "json-file", "local", "none"}:
        state.refuse((*path, "driver"), f"the logging driver {value['driver']}")
    state.only((*path, "options"), value.get("options") or {}, "max-size", "max-file", "compress", "mode", "max-buffer-size")


def _ulimits(state: Vet, path: Path_, value: Mapping[str, Any]) -> dict[str, Any]:
    state.only(path, value, "nofile", "nproc", "core", "fsize")
    return {key: one for key, one in value.items() if key in {"nofile", "nproc"}}


def _platform(state: Vet, path: Path_, value: str) -> None:
    if not (state.platform == value or state.platform.startswith(f"{value}/") or value.startswith(f"{state.platform}/")):
        state.refuse(path, f"another platform than this engine's ({value} instead of {state.platform})")


def _deploy(state: Vet, path: Path_, value: Mapping[str, Any]) -> dict[str, Any] | None:
    """Limits and replicas are read elsewhere; what only a swarm would read is left out."""
    swarm = ("update_config", "rollback_config", "labels", "endpoint_mode")
    state.only(path, value, "resources", "replicas", "restart_policy", "placement", "mode", *swarm)
    if value.get("mode") not in {None, "", "replicated"}:
        state.refuse((*path, "mode"), f"the mode {value['mode']}")
    if any((value.get("placement") or {}).values()):
        state.refuse((*path, "placement"), "a say in where containers run (placement)")
    resources = value.get("resources") or {}
    state.only((*path, "resources"), resources, "limits", "reservations")
    state.only((*path, "resources", "limits"), resources.get("limits") or {}, "cpus", "memory", "pids")
    reserved = resources.get("reservations") or {}
    state.only((*path, "resources", "reservations"), reserved, "cpus", "memory", "devices")
    for number, device in enumerate(reserved.get("devices") or ()):
        where = (*path, "resources", "reservations", "devices", number)
        if "gpu" in (device.get("capabilities") or ()) and device.get("driver") in {None, "", "nvidia", "amd", "cdi"}:
            _gpus(state, where, device)
        else:
            state.refuse(where, "devices of the host")
    for key in swarm:
        if value.get(key):
            state.note((*path, key), "left out, as only a swarm would read it")
    policy = value.get("restart_policy")
    return {"restart_policy": policy} if policy else None


def _networks(state: Vet, path: Path_, value: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    for key, about in value.items():
        fixed = ("ipv6_address", "link_local_ips", "mac_address", "driver_opts")
        for name in fixed:
            if (about or {}).get(name):
                state.refuse((*path, key, name), f"a fixed address ({name}): use the services' names")
        state.only((*path, key), about or {}, "aliases", "priority", "ipv4_address", *fixed)
    return {
        key: {
            "aliases": list((about or {}).get("aliases") or ()),
            **({"ipv4_address": about["ipv4_address"]} if about and about.get("ipv4_address") else {}),
        }
        for key, about in value.items()
    }


def _labels(state: Vet, path: Path_, value: Mapping[str, str]) -> dict[str, str]:
    return state.labels(path, value)


def _shm_size(state: Vet, _path: Path_, value: str | int) -> str:
    return str(min(int(value), state.limits.memory))


def _environment(_state: Vet, _path: Path_, value: Mapping[str, Any]) -> dict[str, str]:
    # A name without a value would be looked up again when the stack is started.
    return {key: str(one) for key, one in value.items() if one is not None}


def _pull_policy(state: Vet, path: Path_, value: str) -> None:
    if value not in {"missing", "if_not_present"}:
        state.note(path, f"{value} is left out here: an image is pulled where it is missing")


def _stop_grace_period(state: Vet, path: Path_, value: str) -> str:
    if seconds(value) > 10:
        state.note(path, "here a container has a few seconds to end, however long you give it")
    return value


RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(
        [
            "cap_drop",
            "command",
            "depends_on",
            "dns",
            "dns_opt",
            "dns_search",
            "domainname",
            "entrypoint",
            "expose",
            "group_add",
            "hostname",
            "init",
            "links",
            "read_only",
            "restart",
            "stdin_open",
            "stop_signal",
            "tmpfs",
            "tty",
            "user",
            "working_dir",
        ],
        _keep,
    ),
    # Read elsewhere in this module, replaced by the grader's own, or without meaning for a run.
    **dict.fromkeys(
        [
            "attach",
            "build",
            "configs",
            "container_name",
            "cpus",
            "develop",
            "healthcheck",
            "image",
            "mem_limit",
            "memswap_limit",
            "pids_limit",
            "profiles",
            "scale",
            "secrets",
        ],
        _drop,
    ),
    **dict.fromkeys(["annotations", "cpu_shares", "mem_reservation"], _leave_out),
    "pull_policy": _pull_policy,
    "stop_grace_period": _stop_grace_period,
    "deploy": _deploy,
    "gpus": _gpus,
    "models": _models,
    "environment": _environment,
    "extra_hosts": _extra_hosts,
    "ipc": _namespace,
    "labels": _labels,
    "logging": _logging,
    "network_mode": _network_mode,
    "networks": _networks,
    "pid": _namespace,
    "platform": _platform,
    "ports": _ports,
    "security_opt": _security_opt,
    "shm_size": _shm_size,
    "cgroup": _namespace,
    "ulimits": _ulimits,
    "volumes": _volumes,
    "volumes_from": _volumes_from,
}
