"""What a learner's commands may ask of the sandbox's engine, and what is refused in a sentence."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.engine.sandbox import restore, rules, socket_filter
from grader.engine.sandbox.parts import packed
from grader.engine.sandbox.rules import Refused, judge, read_json

WORK = "/exercise"


def _create(**host: Any) -> Mapping[str, Any]:
    return read_json(json.dumps({"Image": "busybox", "HostConfig": host}).encode())


def _judge(body: Mapping[str, Any], path: str = "/containers/create", work: str = WORK) -> None:
    judge("POST", path, body, work)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "privileged": ({"Privileged": True}, "--privileged cannot be used in this sandbox"),
    "capabilities": ({"CapAdd": ["SYS_ADMIN"]}, "--cap-add"),
    "devices": ({"Devices": [{"PathOnHost": "/dev/sda"}]}, "--device"),
    "a graphics card": ({"DeviceRequests": [{"Count": -1}]}, "--gpus"),
    "device rules": ({"DeviceCgroupRules": ["a *:* rwm"]}, "--device-cgroup-rule"),
    "the host's processes": ({"PidMode": "host"}, "--pid host"),
    "the host's memory": ({"IpcMode": "host"}, "--ipc host"),
    "the host's name": ({"UTSMode": "host"}, "--uts host"),
    "the host's users": ({"UsernsMode": "host"}, "--userns host"),
    "the host's groups": ({"CgroupnsMode": "host"}, "--cgroupns host"),
    "the host's network": ({"NetworkMode": "host"}, "--network host"),
    "a group elsewhere": ({"CgroupParent": "/"}, "--cgroup-parent"),
    "another runtime": ({"Runtime": "evil"}, "--runtime"),
    "kernel settings": ({"Sysctls": {"kernel.x": "1"}}, "--sysctl"),
    "no seccomp": ({"SecurityOpt": ["seccomp=unconfined"]}, "--security-opt seccomp=unconfined"),
    "no masks": ({"MaskedPaths": []}, "systempaths"),
    "no read-only paths": ({"ReadonlyPaths": []}, "systempaths"),
    "a log to elsewhere": ({"LogConfig": {"Type": "syslog"}}, "--log-driver"),
    "a volume plugin": ({"VolumeDriver": "sshfs"}, "--volume-driver"),
    "a setting of tomorrow": ({"HostRoot": True}, "hostroot"),
    "the root": ({"Binds": ["/:/host"]}, "only your own folder"),
    "the engine's socket": ({"Binds": ["/run/sandbox/docker.sock:/s:ro"]}, "not /run/sandbox/docker.sock"),
    "a way up": ({"Binds": [f"{WORK}/../etc:/x"]}, "only your own folder"),
    "a name that begins alike": ({"Binds": [f"{WORK}-2:/x"]}, "only your own folder"),
    "a mount of the root": ({"Mounts": [{"Type": "bind", "Source": "/", "Target": "/x"}]}, "only your own folder"),
    "a mount without a source": ({"Mounts": [{"Type": "bind"}]}, "only your own folder"),
    "a pipe": ({"Mounts": [{"Type": "npipe"}]}, "a mount of type npipe"),
    "a volume with options": (
        {"Mounts": [{"Type": "volume", "VolumeOptions": {"DriverConfig": {"Options": {"device": "/"}}}}]},
        "a volume with driver options",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("host", "words"), REFUSED.values(), ids=list(REFUSED))
def test_what_leads_out_is_refused_in_a_sentence(host: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match="sandbox") as refusal:
        _judge(_create(**host))
    assert words in str(refusal.value)


@pytest.mark.parametrize("host", [REFUSED[one][0] for one in ("privileged", "the root", "no masks")])
def test_upper_and_lower_case_make_no_difference(host: dict[str, Any]) -> None:
    body = json.dumps({"hOsTcOnFiG": {name.swapcase(): value for name, value in host.items()}}).encode()
    with pytest.raises(Refused):
        _judge(read_json(body))


ALLOWED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "as the client sends it": {
        "Privileged": False, "CapAdd": None, "Devices": [], "MaskedPaths": None, "PidMode": "", "IpcMode": "",
        "NetworkMode": "default", "LogConfig": {"Type": "", "Config": {}}, "Runtime": "", "SecurityOpt": None,
        "MemorySwappiness": -1, "Mounts": None, "Binds": None, "CgroupnsMode": "", "OomScoreAdj": 0,
    },
    "ports": {"PortBindings": {"80/tcp": [{"HostPort": "8000"}]}, "PublishAllPorts": True},
    "limits": {"Memory": 10**7, "NanoCpus": 10**9, "PidsLimit": 10, "RestartPolicy": {"Name": "always"}},
    "own folder": {"Binds": [WORK, f"{WORK}:/app", f"{WORK}/data:/data:ro", "volume:/v"]},
    "mounts": {"Mounts": [{"Type": "bind", "Source": f"{WORK}/a"}, {"Type": "volume", "Source": "v"}, {"Type": "tmpfs"}]},
    "fewer rights": {"CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges"], "ReadonlyRootfs": True},
    "each other": {"PidMode": "container:a", "NetworkMode": "container:a", "VolumesFrom": ["a"], "Links": ["a:b"]},
}  # fmt: skip


@pytest.mark.parametrize("host", ALLOWED.values(), ids=list(ALLOWED))
def test_what_the_course_teaches_is_allowed(host: dict[str, Any]) -> None:
    _judge(_create(**host))


def test_a_link_in_the_folder_is_no_way_out(tmp_path: Path) -> None:
    work = tmp_path.resolve() / "work"
    (work / "inside").mkdir(parents=True)
    (work / "out").symlink_to("/")
    _judge(_create(Binds=[f"{work}/inside:/x", f"{work}/not-there-yet:/y"]), work=str(work))
    for source in ("out", "out/etc"):
        with pytest.raises(Refused, match="only your own folder"):
            _judge(_create(Binds=[f"{work}/{source}:/x"]), work=str(work))


OTHER: list[tuple[str, str, dict[str, Any], dict[str, Sequence[str]], str]] = [
    ("POST", "/containers/a/exec", {"Privileged": True}, {}, "--privileged"),
    ("POST", "/containers/a/b/exec", {"Privileged": True}, {}, "--privileged"),
    ("POST", "/containers/a/update", {"Devices": [{"PathOnHost": "/dev/sda"}]}, {}, "--device"),
    ("POST", "/containers/a/pause", {}, {}, "docker pause"),
    ("POST", "/volumes/create", {"DriverOpts": {"device": "/"}}, {}, "driver options"),
    ("POST", "/volumes/create", {"Driver": "sshfs"}, {}, "driver options"),
    ("POST", "/networks/create", {"Driver": "macvlan"}, {}, "only bridge networks"),
    ("POST", "/build", {}, {"cgroupparent": ["/x"]}, "--cgroup-parent"),
    ("POST", "/swarm/init", {}, {}, "docker swarm cannot be used"),
    ("POST", "/plugins/pull", {}, {}, "docker plugin cannot be used"),
    ("POST", "/services/create", {}, {}, "docker service cannot be used"),
    ("DELETE", "/secrets/x", {}, {}, "docker secret cannot be used"),
    ("POST", "/images/penguins/push", {}, {}, "docker push to docker.io cannot be used"),
    ("POST", "/images/team/penguins/push", {}, {}, "docker push to docker.io cannot be used"),
    ("POST", "/images/ghcr.io/team/penguins/push", {}, {}, "docker push to ghcr.io cannot be used"),
    ("POST", "/images/registry:5000/penguins/push", {}, {}, "docker push to registry:5000 cannot be used"),
    ("POST", "/images/localhost.example.com/penguins/push", {}, {}, "docker push to localhost.example.com"),
    ("POST", "/images/127.0.0.1.example.com:5000/penguins/push", {}, {}, "docker push to 127.0.0.1.example.com:5000"),
    ("POST", "/something/new", {}, {}, "cannot be read"),
    ("GET", "/debug/pprof", {}, {}, "cannot be read"),
]


@pytest.mark.parametrize(("method", "path", "body", "query", "words"), OTHER, ids=[f"{one[0]} {one[1]}" for one in OTHER])
def test_other_requests_that_are_refused(
    method: str, path: str, body: dict[str, Any], query: dict[str, Sequence[str]], words: str
) -> None:
    with pytest.raises(Refused) as refusal:
        judge(method, path, read_json(json.dumps(body).encode()), WORK, query)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/plugins"), ("GET", "/containers/json"), ("POST", "/volumes/prune"), ("PUT", "/containers/a/archive"),
     ("DELETE", "/images/busybox"), ("HEAD", "/_ping"), ("POST", "/networks/create"), ("POST", "/containers/a/exec"),
     ("POST", "/containers/a/unpause"), ("POST", "/images/localhost:5000/team/penguins/push"),
     ("POST", "/images/127.0.0.1:5000/penguins/push")],
)  # fmt: skip
def test_other_requests_that_are_allowed(method: str, path: str) -> None:
    judge(method, path, {}, WORK)


BODIES = {
    "twice": b'{"HostConfig": {"Privileged": true}, "HostConfig": {}}',
    "twice in other letters": b'{"HostConfig": {"Privileged": true}, "hostconfig": {}}',
    "twice in letters of elsewhere": '{"HostConfig": {"Privileged": true}, "Ho\u017ftConfig": {}}'.encode(),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "two": b'{} {"HostConfig": {}}',
    "a list": b"[]",
    "null": b"null",
    "nonsense": b"{",
    "deep": b'{"a":' * 100_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_body_that_can_be_read_in_two_ways_is_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        read_json(body)


@pytest.mark.parametrize("body", [{"HostConfig": []}, {"HostConfig": {"LogConfig": "x"}}, {"HostConfig": {"Mounts": ["/"]}}])
def test_a_body_of_another_shape_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        _judge(read_json(json.dumps(body).encode()))


def test_what_runs_in_a_container_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    archive = tmp_path / "ours.zip"
    archive.write_bytes(packed(socket_filter, rules, restore))
    code = f"import sys; sys.path.insert(0, {str(archive)!r})\n"
    code += "".join(f"import {one.__name__} as one; print(one.__file__)\n" for one in (socket_filter, restore))
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False, cwd="/")
    assert done.stderr == ""
    assert all(line.startswith(str(archive)) for line in done.stdout.splitlines())
