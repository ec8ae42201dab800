"""However a forbidden thing is spelled, it is refused; however a harmless one is, it is accepted; and nothing ends the grader.

Compose files are drawn in many spellings of the specification. Compose itself resolves each, here without a container around
it: that takes no engine.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

import nbformat
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.engine.compose import config
from grader.engine.compose.plan import FILES_VOLUME, Plan
from grader.engine.compose.reading import HOME, Reading, Said, seen_as
from grader.engine.compose.source import Source
from grader.engine.compose.vet import vet
from grader.values.errors import CheckFailed, LimitReached
from grader.values.limits import Limits
from grader.values.units import MB

ROOT = Path(__file__).parents[3]
LIMITS: Final = Limits(memory=256 * MB, pids=100, cpus=1.5)
MANY: Final = int(os.environ.get("DRYDOCK_SPELLINGS", "20"))
"""Files of each kind: as many as take a few seconds; more by hand."""

Files = dict[str, str]
"""Name → text."""
Fragment = Mapping[str, Any]


# What is written


BINDS: Final = (
    "/:/host",
    "/etc/passwd:/x:ro",
    "../:/up",
    "../outside:/x",
    "~/.ssh:/keys",
    "./way-out:/x",
    "./data/etc/passwd:/x",
    "./api/../../outside:/x",
    "${PWD}/../outside:/x",
    "./way-in/../way-out:/x",
    "/var/run/docker.sock:/var/run/docker.sock",
)
FORBIDDEN: Final[tuple[Fragment, ...]] = (
    {"privileged": True},
    {"network_mode": "host"},
    {"network_mode": "container:other"},
    {"pid": "host"},
    {"ipc": "host"},
    {"uts": "host"},
    {"userns_mode": "host"},
    {"cgroup": "host"},
    {"cgroup_parent": "/system"},
    {"cap_add": ["SYS_ADMIN"]},
    {"devices": ["/dev/sda:/dev/sda"]},
    {"devices": [{"source": "/dev/sda", "target": "/dev/sda", "permissions": "rwm"}]},
    {"device_cgroup_rules": ["c 1:3 mr"]},
    {"security_opt": ["seccomp:unconfined"]},
    {"security_opt": ["no-new-privileges:true", "apparmor=unconfined"]},
    {"sysctls": {"net.core.somaxconn": 1}},
    {"sysctls": ["net.core.somaxconn=1"]},
    {"runtime": "runsc"},
    {"volumes_from": ["container:other"]},
    {"external_links": ["other"]},
    {"extra_hosts": ["up:host-gateway"]},
    {"extra_hosts": {"up": "host-gateway"}},
    {"credential_spec": {"file": "x.json"}},
    {"oom_score_adj": -1000},
    {"ulimits": {"memlock": -1}},
    {"logging": {"driver": "syslog", "options": {"syslog-address": "tcp://1.2.3.4"}}},
    {"scale": 50},
    {"deploy": {"replicas": 50}},
    {"deploy": {"placement": {"constraints": ["node.role == manager"]}}},
    {"labels": {"drydock": "mine"}},
    {"labels": ["com.docker.compose.project=other"]},
    {"use_api_socket": True},
    {"post_start": [{"command": "id", "user": "root", "privileged": True}]},
    {"provider": {"type": "model", "options": {"model": "x"}}},
    {"blkio_config": {"weight": 300}},
    {"mac_address": "02:42:ac:11:00:02"},
    {"build": "../outside"},
    {"build": "./way-out"},
    {"build": "https://example.org/a.git"},
    {"build": {"context": "api", "dockerfile": "../../outside/Dockerfile"}},
    {"build": {"context": "api", "dockerfile": "/etc/passwd"}},
    {"build": {"context": "api", "network": "host"}},
    {"build": {"context": "api", "additional_contexts": {"up": "../outside"}}},
    {"build": {"context": "api", "additional_contexts": ["up=../outside"]}},
    {"build": {"context": "api", "ssh": ["default"]}},
    {"build": {"context": "api", "privileged": True}},
    {"build": {"context": "api", "cache_to": ["type=local,dest=/tmp/x"]}},
    {"env_file": "../outside.env"},
    {"env_file": ["../outside.env"]},
    {"env_file": [{"path": "../outside.env", "required": False}]},
    {"env_file": "./api/../../outside.env"},
    *({"volumes": [one]} for one in BINDS),
    *(
        {"volumes": [{"type": "bind", "source": one.split(":")[0], "target": "/x", "read_only": True}]}
        for one in BINDS
        if not one.startswith("$")
    ),
    {"volumes": [{"type": "bind", "source": "./api", "target": "/s", "bind": {"propagation": "rshared"}}]},
    {"volumes": [{"type": "npipe", "source": "x", "target": "/x"}]},
)
FORBIDDEN_TOP: Final[tuple[tuple[Fragment, Fragment], ...]] = (
    ({"networks": ["n"]}, {"networks": {"n": {"external": True}}}),
    ({"networks": {"n": None}}, {"networks": {"n": {"driver": "macvlan"}}}),
    ({"networks": ["n"]}, {"networks": {"n": {"driver_opts": {"parent": "eth0"}}}}),
    ({"networks": ["n"]}, {"networks": {"n": {"ipam": {"config": [{"subnet": "8.8.8.0/24"}]}}}}),
    ({"volumes": ["vol:/x"]}, {"volumes": {"vol": {"external": True}}}),
    ({"volumes": ["vol:/x"]}, {"volumes": {"vol": {"driver": "nfs"}}}),
    ({"volumes": ["vol:/x"]}, {"volumes": {"vol": {"driver_opts": {"type": "none", "o": "bind", "device": "/"}}}}),
    ({"volumes": [{"type": "volume", "source": FILES_VOLUME, "target": "/x"}]}, {"volumes": {FILES_VOLUME: {}}}),
    ({"secrets": ["s"]}, {"secrets": {"s": {"file": "/etc/shadow"}}}),
    ({"secrets": [{"source": "s", "target": "t"}]}, {"secrets": {"s": {"file": "../outside.env"}}}),
    ({"secrets": ["s"]}, {"secrets": {"s": {"external": True}}}),
    ({"configs": ["c"]}, {"configs": {"c": {"file": "./way-out/Dockerfile"}}}),
)
HARMLESS: Final[tuple[Fragment, ...]] = (
    {"environment": ["A=1", "B"]},
    {"environment": {"A": 1, "C": "a$$b", "D": None}},
    {"env_file": "api.env"},
    {"env_file": [{"path": "nope.env", "required": False}]},
    {"ports": ["8000:8000", "127.0.0.1:5433:5432"]},
    {"ports": [{"target": 80, "published": "8080"}]},
    {"volumes": ["rows:/d", "/anonymous", "./data:/data:ro"]},
    {"volumes": [{"type": "bind", "source": "./way-in", "target": "/x"}]},
    {"tmpfs": "/tmp"},
    {"command": "sleep 60", "entrypoint": []},
    {"command": ["sleep", "60"], "init": True, "user": "1000"},
    {"restart": "unless-stopped", "stop_grace_period": "1m"},
    {"healthcheck": {"test": ["CMD", "true"], "interval": "30s"}},
    {"healthcheck": {"disable": True}},
    {"mem_limit": "64m", "cpus": 0.5},
    {"deploy": {"replicas": 2, "resources": {"limits": {"memory": "64M"}}}},
    {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]},
    {"labels": ["x=y"], "hostname": "a"},
    {"networks": {"front": {"aliases": ["www"]}}},
    {"networks": ["front", "default"]},
    {"secrets": ["password"]},
    {"configs": [{"source": "text", "target": "/c"}]},
    {"build": "./api"},
    {"build": {"context": "api", "args": {"X": 1}}},
    {"develop": {"watch": [{"path": "./api", "action": "rebuild"}]}},
    {"gpus": "all"},
    {"models": ["llm"]},
    {"logging": {"driver": "json-file", "options": {"max-size": "10m"}}},
    {"extra_hosts": ["db.example:10.0.0.1"]},
)
TOP: Final[Fragment] = {
    "volumes": {"rows": None},
    "networks": {"front": {"internal": True, "ipam": {"config": [{"subnet": "172.31.7.0/24"}]}}},
    "secrets": {"password": {"file": "./password.txt"}},
    "configs": {"text": {"content": "hello"}},
    "models": {"llm": {"model": "ai/smollm2"}},
}


# How it is spelled: service `a` with a fragment, and what stands at the top, as files


def dump(model: Fragment) -> str:
    return yaml.safe_dump(model, sort_keys=False)


def whole(fragment: Fragment, top: Fragment) -> dict[str, Any]:
    return {"services": {"a": {"image": "busybox", **fragment}}, **top}


def block(fragment: Fragment, top: Fragment) -> Files:
    return {"compose.yaml": dump(whole(fragment, top))}


def old_name(fragment: Fragment, top: Fragment) -> Files:
    return {"docker-compose.yml": "version: '3.8'\n" + dump(whole(fragment, top))}


def flow(fragment: Fragment, top: Fragment) -> Files:
    return {"compose.yaml": json.dumps(whole(fragment, top))}


def escaped(fragment: Fragment, top: Fragment) -> Files:
    """Every key in quotes, with its first letter as a number."""

    def said(value: Any) -> str:
        if isinstance(value, Mapping):
            return "{" + ", ".join(f'"\\x{ord(key[0]):02x}{key[1:]}": {said(one)}' for key, one in value.items()) + "}"
        return "[" + ", ".join(map(said, value)) + "]" if isinstance(value, list) else json.dumps(value)

    return {"compose.yaml": said(whole(fragment, top))}


def merged(fragment: Fragment, top: Fragment) -> Files:
    anchor = f"x-a: &a {json.dumps(fragment)}\nx-b: &b {{}}\n"
    return {"compose.yaml": f"{anchor}services:\n  a:\n    <<: [*b, *a]\n    image: busybox\n{dump(top) if top else ''}"}


def aliased(fragment: Fragment, top: Fragment) -> Files:
    anchors = "".join(f"x-{n}: &v{n} {json.dumps(one)}\n" for n, one in enumerate(fragment.values()))
    uses = "".join(f"    {key}: *v{n}\n" for n, key in enumerate(fragment))
    return {"compose.yaml": f"{anchors}services:\n  a:\n    image: busybox\n{uses}{dump(top) if top else ''}"}


def extended(fragment: Fragment, top: Fragment) -> Files:
    services = {"base": {"image": "busybox", **fragment}, "a": {"extends": {"service": "base"}}}
    return {"compose.yaml": dump({"services": services, **top})}


def extended_from_a_file(fragment: Fragment, top: Fragment) -> Files:
    main = {"services": {"a": {"extends": {"file": "base.yaml", "service": "base"}}}, **top}
    return {"compose.yaml": dump(main), "base.yaml": dump({"services": {"base": {"image": "busybox", **fragment}}})}


def included(fragment: Fragment, top: Fragment) -> Files:
    return {"compose.yaml": dump({"include": ["one.yaml"], "services": {"z": {"image": "busybox"}}})} | {
        "one.yaml": dump({"include": [{"path": "two.yaml", "env_file": "api.env"}]}),
        "two.yaml": dump(whole(fragment, top)),
    }


def overridden(fragment: Fragment, top: Fragment) -> Files:
    main = dump({"services": {"a": {"image": "busybox"}}})
    return {"compose.yaml": main, "compose.override.yaml": dump({"services": {"a": dict(fragment)}, **top})}


def several(fragment: Fragment, top: Fragment) -> Files:
    files = {"one.yaml": dump({"services": {"a": {"image": "busybox"}}}), "two.yml": dump(whole(fragment, top))}
    return {**files, ".env": 'COMPOSE_PATH_SEPARATOR=";"\nCOMPOSE_FILE="one.yaml;two.yml"\n'}


def two_documents(fragment: Fragment, top: Fragment) -> Files:
    return {"compose.yaml": "services: {z: {image: busybox}}\n---\n" + dump(whole(fragment, top))}


_NEVER_A_VARIABLE: Final = {"env_file", "path", "type", "cgroup", "ssh"}
"""Compose itself takes no variable there, and names of files with variables are refused by a rule of their own."""


def by_variables(fragment: Fragment, top: Fragment) -> Files:
    """Every text is a default, or stands in .env."""
    env: list[str] = []

    def said(value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {name: said(one, name) for name, one in value.items()}
        if isinstance(value, list):
            return [said(one, key) for one in value]
        if not isinstance(value, str) or "$" in value or key in _NEVER_A_VARIABLE:
            return value
        env.append(f"V{len(env)}='{value}'")
        return f"${{V{len(env) - 1}}}" if len(env) % 2 else f"${{NOBODY_SETS_THIS:-{value}}}"

    text = dump(said(whole(fragment, top)))
    return {"compose.yaml": text, ".env": "\n".join(env) + "\n"}


def replaced(fragment: Fragment, top: Fragment) -> Files:
    tags = {key: "!override " if isinstance(one, list | dict) else "" for key, one in fragment.items()}
    lists = "".join(f"    {key}: {tags[key]}{json.dumps(one)}\n" for key, one in fragment.items())
    main = "services:\n  a:\n    image: busybox\n"
    return {"compose.yaml": main, "compose.override.yml": f"services:\n  a:\n{lists}{dump(top) if top else ''}"}


SPELLINGS: Final[tuple[Callable[[Fragment, Fragment], Files], ...]] = (
    block, old_name, flow, escaped, merged, aliased, extended, extended_from_a_file, included, overridden, several,
    two_documents, by_variables, replaced,
)  # fmt: skip


# Judging


class NoRun:
    """What the reading needs of a run."""

    limits = LIMITS


def read_here(_run: object, folder: Path, file: str | None, _variables: Mapping[str, str] | None = None) -> Reading:
    """Compose's reading, as in the container, of a folder that is only for this."""
    plugins = os.environ.get("DOCKER_CONFIG") or str(Path("~/.docker").expanduser())
    env = {"PATH": os.environ["PATH"], "HOME": HOME, "PWD": str(folder), "DOCKER_CONFIG": plugins}

    def say(*how: str) -> Said:
        command = ["docker", "compose", *(("--file", file) if file else ()), "config", *how, "--format", "json"]
        done = subprocess.run(command, check=False, cwd=folder, env=env, capture_output=True, timeout=120)
        said = (one.decode("utf-8", "replace").replace(str(folder), seen_as(folder)) for one in (done.stdout, done.stderr))
        return Said(done.returncode, *said)

    with ThreadPoolExecutor(2) as pool:
        written = pool.submit(say, "--no-interpolate", "--no-normalize")
        return Reading(written.result(), say(), frozenset())


@contextmanager
def judging(files: Mapping[str, str | bytes]) -> Iterator[Callable[[], Plan]]:
    with tempfile.TemporaryDirectory(prefix="drydock-spelling-") as made:
        folder = Path(os.path.realpath(made)) / "work"
        for name in ("api", "data"):
            (folder / name).mkdir(parents=True)
        (folder / "api" / "Dockerfile").write_text("FROM busybox\n")
        (folder / "api.env").write_text("A=1\n")
        (folder / "password.txt").write_text("secret\n")
        (folder.parent / "outside.env").write_text("LEAK=leaked\n")
        (folder.parent / "outside").mkdir()
        (folder.parent / "outside" / "Dockerfile").write_text("FROM busybox\n")
        (folder / "way-out").symlink_to(folder.parent / "outside")
        (folder / "data" / "etc").symlink_to("/etc")
        (folder / "way-in").symlink_to("api")
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

        def judge() -> Plan:
            run: Any = NoRun()
            with mock.patch.object(config, "read", read_here):
                source = Source(folder)
                plan = vet(config.configure(run, source), folder, LIMITS, "linux/amd64", source.place)
            assert_contained(plan, folder)
            return plan

        yield judge


def assert_contained(plan: Plan, folder: Path) -> None:
    """Whatever was asked for, this is what would be run."""
    for one in plan.services.values():
        kept = one.settings
        assert (
            not {"privileged", "cap_add", "devices", "sysctls", "uts", "userns_mode", "container_name", "post_start"}
            & kept.keys()
        )
        for key in ("network_mode", "pid", "ipc", "cgroup"):
            assert str(kept.get(key, "none")).split(":")[0] in {"none", "service", "private", "shareable"}, kept[key]
        assert kept["security_opt"] == ["no-new-privileges:true"]
        assert 0 < int(kept["mem_limit"]) <= LIMITS.memory
        assert 0 < kept["pids_limit"] <= LIMITS.pids
        for mount in kept.get("volumes", ()):
            assert mount["type"] in {"volume", "tmpfs"}
            assert mount.get("source", FILES_VOLUME) in {FILES_VOLUME, *plan.volumes}, mount
        assert all(port["host_ip"] == "127.0.0.1" and "published" not in port for port in kept.get("ports", ()))
        assert "LEAK" not in kept.get("environment", {})
        if one.build:
            assert Path(os.path.realpath(one.build.context)).is_relative_to(folder)
            assert Path(os.path.realpath(one.build.context / one.build.dockerfile)).is_relative_to(folder)
    for about in (*plan.networks.values(), *plan.volumes.values()):
        assert about.keys() <= {"labels", "internal", "ipam"}
    assert all(Path(os.path.realpath(folder / name)).is_relative_to(folder) for name in plan.files)


forbidden = st.sampled_from([(one, {}) for one in FORBIDDEN] + list(FORBIDDEN_TOP))
spelled = st.sampled_from(SPELLINGS)


@settings(max_examples=MANY, deadline=None)
@given(forbidden, spelled, st.sampled_from(HARMLESS))
def test_a_forbidden_thing_is_refused_in_every_spelling(
    asked: tuple[Fragment, Fragment], spelling: Callable[[Fragment, Fragment], Files], beside: Fragment
) -> None:
    fragment, own_top = asked
    kinds = {*TOP, *own_top}
    top = {kind: {**(TOP.get(kind) or {}), **(own_top.get(kind) or {})} for kind in sorted(kinds)}
    with judging(spelling({**beside, **fragment}, top)) as judge, pytest.raises(CheckFailed):
        judge()


@settings(max_examples=MANY, deadline=None)
@given(st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=4), spelled)
def test_what_people_write_is_accepted_in_every_spelling(
    fragments: list[Fragment], spelling: Callable[[Fragment, Fragment], Files]
) -> None:
    together: dict[str, Any] = {}
    for one in fragments:
        together |= one
    with judging(spelling(together, TOP)) as judge:
        assert "a" in judge().services


# The course's own files


def own_folders() -> list[tuple[str, list[Path]]]:
    """Each right answer of an exercise with a compose file: the folders that lie over each other."""
    found = []
    for exercise in sorted((ROOT / "solutions").iterdir()):
        starter = exercise / "starter"
        for answer in (exercise / "reference", *sorted((exercise / "alternatives").glob("*"))):
            if any(list(folder.glob("*compose*.y*ml")) for folder in (starter, answer)):
                found += [(f"{exercise.name}/{answer.name}", [starter, answer])]
    return found


def own_cells() -> list[tuple[str, dict[str, str]]]:
    """Each compose file that a chapter has its reader write."""
    found = []
    for chapter in sorted((ROOT / "course").glob("[0-9]*.ipynb")):
        whole_file = ""
        for cell in nbformat.read(chapter, as_version=4).cells:  # type: ignore[no-untyped-call]
            first, _, text = (cell.metadata.get("drydock", {}).get("answer") or cell.source).partition("\n")
            if first.startswith("%%writefile ") and first.endswith((".yaml", ".yml")) and "services:" in text:
                name = first.removeprefix("%%writefile ").strip()
                beside = {"compose.yaml": whole_file} if "override" in name else {}  # it changes a file, and is none itself
                found.append((f"{chapter.stem}#{cell.id}", beside | {name if beside else "compose.yaml": text}))
                whole_file = whole_file if beside else text
    return found


def files_of(folders: list[Path]) -> dict[str, str | bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


@pytest.mark.parametrize(("name", "folders"), own_folders(), ids=[name for name, _ in own_folders()])
def test_the_courses_own_answers_are_accepted(name: str, folders: list[Path]) -> None:
    with judging(files_of(folders)) as judge:
        assert judge().services, name


@pytest.mark.parametrize(("name", "files"), own_cells(), ids=[name for name, _ in own_cells()])
def test_a_chapters_files_are_accepted(name: str, files: dict[str, str]) -> None:
    with judging({**files, "Dockerfile": "FROM busybox\n", ".env": "DB_PASSWORD=krill\nSTATION=Biscoe\n"}) as judge:
        assert judge().services, name


@st.composite
def damaged(draw: st.DrawFn) -> Files:
    """A file that somebody has slipped in: pieces cut out, doubled, moved, or typed over."""
    text = draw(
        st.sampled_from([text for _, files in own_cells() for text in files.values()] or [dump(whole(HARMLESS[0], TOP))])
    )
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(lines) - 1, 0)))
        what = draw(st.sampled_from(["cut", "double", "indent", "outdent", "type", "swap"]))
        line = lines[place] if lines else ""
        typed = draw(st.text(alphabet="ab:-{}[]&*!|>'\"#%@`,$\\\t\x00\u00a0\u201c~? 0", max_size=4))
        at = draw(st.integers(0, len(line)))
        lines[place : place + 1] = {
            "cut": [],
            "double": [line, line],
            "indent": ["  " + line],
            "outdent": [line.removeprefix("  ")],
            "type": [line[:at] + typed + line[at:]],
            "swap": [line[at:] + line[:at]],
        }[what]
    return {"compose.yaml": "\n".join(lines), "Dockerfile": "FROM busybox\n"}


@settings(max_examples=MANY, deadline=None)
@given(damaged())
def test_a_slip_gets_a_verdict_and_never_ends_the_grader(files: Files) -> None:
    with judging(files) as judge:
        try:
            judge()
        except (CheckFailed, LimitReached):
            return
