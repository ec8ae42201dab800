"""What a learner's commands may ask of the sandbox's engine: one table, and no request that is not in it.

Runs in the filter's container, with the standard library only; see ``socket_filter``. It fails closed: a path that the table
does not have, a setting of a container that it does not name, or a value of another shape is refused.
"""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Judge = Callable[[Any, str], None]
"""Looks at a value of a request, given the learner's folder; raises Refused. A value that is not there is None."""


class Refused(Exception):
    """The request leads out of the sandbox; the text is what the learner reads."""


def unreadable() -> Refused:
    """What cannot be read to the letter."""
    return Refused("this request cannot be read by the sandbox")


def _here(what: str) -> Refused:
    return Refused(f"{what} cannot be used in this sandbox")


# How values are judged


def _free(_value: Any, _work: str) -> None:
    """Whatever it is."""


def _empty(what: str) -> Judge:
    """Nothing, or as good as nothing."""

    def judge(value: Any, _work: str) -> None:
        if value:
            raise _here(what)

    return judge


def _left_out(what: str) -> Judge:
    """Not even an empty list, where that would mean: none at all."""

    def judge(value: Any, _work: str) -> None:
        if value is not None:
            raise _here(what)

    return judge


def _one_of(*allowed: str, otherwise: Refused) -> Judge:
    """One of these words, or nothing."""

    def judge(value: Any, _work: str) -> None:
        if value not in (None, "", *allowed):
            raise Refused(*otherwise.args)

    return judge


def _each(judge_one: Judge) -> Judge:
    """A list of which each is judged."""

    def judge(value: Any, work: str) -> None:
        if not isinstance(value, list | None):
            raise unreadable()
        for one in value or ():
            judge_one(one, work)

    return judge


def _of(fields: Mapping[str, Judge], others: Callable[[str], Judge] = lambda _name: _free) -> Judge:
    """An object: first what is in it and not among these fields, then each of these, in their order, there or not."""

    def judge(value: Any, work: str) -> None:
        content = _mapping(value)
        for name, found in content.items():
            if name not in fields:
                others(name)(found, work)
        for name, judge_one in fields.items():
            judge_one(content.get(name), work)

    return judge


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise unreadable()
    return value


def _namespace(option: str) -> Judge:
    """The container's own, or another container's; not the host's."""

    def judge(value: Any, _work: str) -> None:
        mode = str(value or "")
        if mode not in {"", "private", "none", "shareable"} and not mode.startswith("container:"):
            raise _here(f"{option} {mode}")

    return judge


def _network(value: Any, _work: str) -> None:
    if value == "host":
        raise _here("--network host")


def _security_option(value: Any, _work: str) -> None:
    if value not in ("no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"):
        raise _here(f"--security-opt {value}")


def _own_folder(value: Any, work: str) -> None:
    """The learner's folder or something below it, and no link that leads away from it.

    A link that is put there later leads no further than into the engine's container, as somebody without rights there.
    """
    path = str(value)
    plain = os.path.normpath(path)
    if os.path.realpath(path) != plain or not (plain + "/").startswith(work.rstrip("/") + "/"):
        raise Refused(f"only your own folder, {work}, and what is below it can be mounted in this sandbox, not {path}")


def _bind(value: Any, work: str) -> None:
    """``/folder:/inside:ro``, or a volume by its name."""
    source = str(value).split(":")[0]
    if source.startswith("/"):
        _own_folder(source, work)


def _mount(value: Any, work: str) -> None:
    mount = _mapping(value)
    kind = mount.get("type")
    if kind not in ("bind", "volume", "tmpfs"):
        raise _here(f"a mount of type {kind}")
    if kind == "bind":
        _own_folder(mount.get("source"), work)
    _of({"driverconfig": _empty("a volume with driver options")})(mount.get("volumeoptions"), work)


# The profile. All names are in lower case, as ``read_json`` makes them: the engine tells no Privileged from privileged.

# Settings of a container that are of no interest here.
_FREE = (
    "annotations", "autoremove", "blkiodevicereadbps", "blkiodevicereadiops", "blkiodevicewritebps", "blkiodevicewriteiops",
    "blkioweight", "blkioweightdevice", "capdrop", "consolesize", "containeridfile", "cpucount", "cpupercent", "cpuperiod",
    "cpuquota", "cpurealtimeperiod", "cpurealtimeruntime", "cpusetcpus", "cpusetmems", "cpushares", "dns", "dnsoptions",
    "dnssearch", "extrahosts", "groupadd", "init", "iomaximumbandwidth", "iomaximumiops", "isolation", "kernelmemory",
    "kernelmemorytcp", "links", "memory", "memoryreservation", "memoryswap", "memoryswappiness", "nanocpus",
    "oomkilldisable", "oomscoreadj", "pidslimit", "portbindings", "publishallports", "readonlyrootfs", "restartpolicy",
    "shmsize", "storageopt", "tmpfs", "ulimits", "volumesfrom",
)  # fmt: skip
# Those that have to be empty, as a learner knows them. So does every other one that is not named here, under its own name.
_OPTION = {
    "privileged": "--privileged",
    "capadd": "--cap-add",
    "devices": "--device",
    "devicerequests": "--gpus",
    "devicecgrouprules": "--device-cgroup-rule",
    "cgroupparent": "--cgroup-parent",
    "sysctls": "--sysctl",
}
_CONTAINER = _of(
    {
        **dict.fromkeys(_FREE, _free),
        "maskedpaths": _left_out("--security-opt systempaths"),
        "readonlypaths": _left_out("--security-opt systempaths"),
        "pidmode": _namespace("--pid"),
        "ipcmode": _namespace("--ipc"),
        "utsmode": _namespace("--uts"),
        "usernsmode": _namespace("--userns"),
        "cgroupnsmode": _namespace("--cgroupns"),
        "networkmode": _network,
        "runtime": _one_of("runc", otherwise=_here("--runtime")),
        "volumedriver": _one_of("local", otherwise=_here("--volume-driver")),
        "logconfig": _of(
            {
                "type": _one_of(
                    "json-file",
                    "local",
                    "none",
                    otherwise=_here("--log-driver with another driver than json-file, local or none"),
                )
            }
        ),
        "securityopt": _each(_security_option),
        "binds": _each(_bind),
        "mounts": _each(_mount),
    },
    others=lambda name: _empty(_OPTION.get(name, name)),
)
_OPTIONS_OF_A_VOLUME = "a volume with driver options"
_OPTIONS_OF_A_BUILD = _each(_empty("--cgroup-parent or --security-opt in a build"))
# The engine speaks plain HTTP to a registry on loopback, and one there is the sandbox's own. To all others there is no network.
_INSIDE = r"(localhost|127(\.[0-9]{1,3}){3})(:[0-9]{1,5})?"
_SWARM = "configs|nodes|plugins|secrets|services|swarm|tasks"
_ENGINE = "_ping|auth|build|commit|containers|distribution|events|exec|grpc|images|info|networks|session|system|version|volumes"


@dataclass(frozen=True)
class Rule:
    """What becomes of some requests: they are passed on, unless something here speaks against it.

    Attributes:
        method: HTTP method; ``*`` for all.
        path: pattern of the whole path, without the version in front.
        body: judges the JSON that is sent; None: it is passed on unread.
        query: judges what is behind the question mark: name → list of values.
        refused: what the learner tried to use, where nothing of the kind is passed on; ``{kind}`` is the path's first name,
            ``{registry}`` the registry that the name of its image leads to.
        stream: the connection may become a stream.
        pull: the filter answers by itself, except where ``leads_inside``: there is no network, but what is here need not be
            fetched.
    """

    method: str
    path: str
    body: Judge | None = None
    query: Judge = _free
    refused: str = ""
    stream: bool = False
    pull: bool = False


PROFILE = (
    Rule("POST", "/containers/create", body=_of({"hostconfig": _CONTAINER})),
    Rule("POST", "/containers/.+/update", body=_CONTAINER),
    Rule("POST", "/containers/.+/exec", body=_of({"privileged": _empty("--privileged")})),
    # With version 1 of control groups, what is frozen cannot be killed, and would outlive us.
    Rule("POST", "/containers/.+/pause", refused="docker pause"),
    Rule("POST", "/containers/.+/attach", stream=True),
    Rule("POST", "/exec/[^/]+/start", stream=True),
    Rule("POST", "/session|/grpc", stream=True),
    Rule(
        "POST",
        "/volumes/create",
        body=_of(
            {
                "driveropts": _empty(_OPTIONS_OF_A_VOLUME),
                "driver": _one_of("local", otherwise=_here(_OPTIONS_OF_A_VOLUME)),
            }
        ),
    ),
    Rule(
        "POST",
        "/networks/create",
        body=_of(
            {"driver": _one_of("default", "bridge", otherwise=Refused("only bridge networks can be made in this sandbox"))}
        ),
    ),
    Rule("POST", "/build", query=_of({"cgroupparent": _OPTIONS_OF_A_BUILD, "securityopt": _OPTIONS_OF_A_BUILD})),
    Rule("POST", "/images/create", pull=True),
    Rule("POST", f"/images/{_INSIDE}/.+/push"),
    Rule("POST", "/images/.+/push", refused="docker push to {registry}"),
    Rule("GET", f"/({_SWARM})(/.*)?"),
    Rule("*", f"/({_SWARM})(/.*)?", refused="docker {kind}"),
    Rule("*", f"/({_ENGINE})(/.*)?"),
)
"""Everything that may be asked; the first that fits decides."""


def find(method: str, path: str) -> Rule:
    """The rule for a request.

    Args:
        method: HTTP method.
        path: without the version in front and the query behind.

    Raises:
        Refused: there is none.
    """
    for rule in PROFILE:
        if rule.method in (method, "*") and re.fullmatch(rule.path, path):
            return rule
    raise unreadable()


def judge(method: str, path: str, body: Mapping[str, Any], work: str, query: Mapping[str, Sequence[str]] | None = None) -> None:
    """Refuse a request to the engine's API.

    Args:
        method: HTTP method.
        path: without the version in front and the query behind.
        body: the JSON sent, as ``read_json`` gives it; empty for none.
        work: the folder that may be bind-mounted.
        query: what is behind the question mark.

    Raises:
        Refused: it is not allowed.
    """
    rule = find(method, path)
    if rule.refused:
        kind, _, image = path.removeprefix("/").partition("/")
        raise _here(rule.refused.format(kind=kind.removesuffix("s"), registry=_registry(image)))
    if rule.body is not None:
        rule.body(body, work)
    rule.query(query, work)


def leads_inside(image: str) -> bool:
    """Whether an image's name leads to a registry in the sandbox's own network."""
    return re.fullmatch(f"{_INSIDE}/.+", image) is not None


def _registry(image: str) -> str:
    """The registry that an image's name leads to."""
    first, slash, _ = image.partition("/")
    return first if slash and {".", ":"} & set(first) else "docker.io"


def read_json(data: bytes) -> dict[str, Any]:
    """A request's body, with all names in lower case.

    Raises:
        Refused: it is no object, or says one name twice.
    """

    def folded(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        result = {name.casefold(): value for name, value in pairs}
        if len(result) != len(pairs):
            raise Refused("this request says one name twice, perhaps in upper and in lower case")
        return result

    try:
        content = json.loads(data.decode("utf-8") or "{}", object_pairs_hook=folded)
    except (ValueError, RecursionError):
        raise unreadable() from None
    if not isinstance(content, dict):
        raise unreadable()
    return content
