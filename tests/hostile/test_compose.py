# ruff: noqa: E501 - tables of one compose file each
"""What a compose file asks the machine that reads it: nothing of it is reached, and the learner is told which line asked.

A canary lies in a file outside, in the home and in the environment of whoever grades. None may show, and nothing may start.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from grader.checks.compose.stack import start_stack
from grader.engine.session import Session
from grader.values.errors import WorkError
from grader.values.limits import Limits
from grader.values.units import MB

pytestmark = [pytest.mark.engine, pytest.mark.slow]

CANARY = "canary-of-the-host"
LEAKED = "{image: busybox, init: true, command: sh -c 'env; sleep 100'}"

# Below `services: {a: {…}}`, after image and command. OUT is the folder outside, by its full path.
SETTINGS: dict[str, str] = {
    "env_file": "env_file: OUT/canary.env",
    "env_file, home": "env_file: ~/canary.env",
    "env_file, above the home": "env_file: ~/../etc/passwd",
    "env_file, process": "env_file: ~/../proc/self/environ",
    "env_file, relative": "env_file: ../outside/canary.env",
    "env_file, round about": "env_file: ./data/../../outside/canary.env",
    "env_file, list": "env_file: [own.env, OUT/canary.env]",
    "env_file, optional": "env_file: [{path: OUT/canary.env, required: false}]",
    "env_file, optional home": "env_file: [{path: ~/canary.env, required: false}]",
    "env_file, raw": "env_file: [{path: ../outside/canary.env, format: raw}]",
    "env_file, variable": "env_file: ${HOME}/canary.env",
    "env_file, default of a variable": "env_file: [{path: '${NOPE:-../outside/canary.env}', required: false}]",
    "env_file, link": "env_file: link.env",
    "env_file, optional link": "env_file: [{path: link.env, required: false}]",
    "env_file, folder that is a link": "env_file: out/canary.env",
    "env_file, escaped": '"env_\\x66ile": ["\\x2fetc/passwd"]',
    "env_file, of the reader's own": "env_file: /etc/os-release",
    "env_file, the reader's home": "env_file: [{path: ~/x, required: false}]",
    "label_file": "label_file: [OUT/canary.env]",
    "label_file, home": "label_file: ~/canary.env",
    "label_file, of the reader's own": "label_file: /etc/os-release",
    "extends": "extends: {file: OUT/other.yaml, service: leaked}",
    "extends, git": "extends: {file: 'https://example.com/x.git#main:compose.yaml', service: leaked}",
    "extends, registry": "extends: {file: 'oci://127.0.0.1:5000/x', service: leaked}",
    "extends, web": "extends: {file: 'http://127.0.0.1:8888/x.yaml', service: leaked}",
    "extends, chain": "extends: {file: chain.yaml, service: leaked}",
    "extends, escaped": '"extend\\x73": {"fil\\x65": OUT/other.yaml, service: leaked}',
    "volume": "volumes: ['OUT:/x']",
    "volume, home": "volumes: ['~/:/x']",
    "volume, variable": "volumes: ['${HOME}:/x']",
    "volume, engine": "volumes: ['/var/run/docker.sock:/s']",
    "volume, link": "volumes: ['./out:/x']",
    "volume, pipe": "volumes: [{type: npipe, source: x, target: /x}]",
    "volume, cluster": "volumes: [{type: cluster, source: x, target: /x}]",
    "volume, image": "volumes: [{type: image, source: postgres, target: /x}]",
    "build": "build: OUT",
    "build, home": "build: ~/",
    "build, link": "build: ./out",
    "build, address": "build: https://example.com/x.git",
    "build, ssh address": "build: git@example.com:x/y.git",
    "build, archive": "build: http://127.0.0.1/x.tar",
    "build, dockerfile": "build: {context: ., dockerfile: OUT/Dockerfile}",
    "build, dockerfile in the home": "build: {context: ., dockerfile: ~/Dockerfile}",
    "build, contexts": "build: {context: ., additional_contexts: [x=OUT]}",
    "build, context of a service": "build: {context: ., additional_contexts: {x: 'service:a'}}",
    "build, keys": "build: {context: ., ssh: [default]}",
    "build, secrets": "build: {context: ., secrets: [s]}",
    "build, inline": "build: {context: ., dockerfile_inline: FROM busybox}",
    "build, network": "build: {context: ., network: host}",
    "build, rights": "build: {context: ., entitlements: [network.host]}",
    "build, privileged": "build: {context: ., privileged: true}",
    "build, cache": "build: {context: ., cache_to: ['type=local,dest=OUT']}",
    "secret": "secrets: [s]",
    "secret, variable": "secrets: [v]",
    "config": "configs: [c]",
    "config, link": "configs: [l]",
    "provider": "provider: {type: sh, options: {x: y}}",
    "hook at the start": "post_start: [{command: id, privileged: true}]",
    "hook at the end": "pre_stop: [{command: id}]",
    "engine's socket": "use_api_socket: true",
    "credentials": "credential_spec: {file: /etc/passwd}",
    "privileged": "privileged: true",
    "privileged, written as text": 'privileged: "true"',
    "processes": "pid: host",
    "memory": "ipc: host",
    "users": "userns_mode: host",
    "control group": "cgroup: host",
    "control group's parent": "cgroup_parent: /",
    "host name": "uts: host",
    "network": "network_mode: host",
    "somebody's network": "network_mode: container:x",
    "rights": "cap_add: [SYS_ADMIN]",
    "devices": "devices: [/dev/mem]",
    "no filter": "security_opt: ['seccomp=unconfined']",
    "filter from a file": "security_opt: ['seccomp=OUT/profile.json']",
    "way to the host": "extra_hosts: ['host=host-gateway']",
    "kernel": "sysctls: {kernel.shm_rmid_forced: 1}",
    "log elsewhere": "logging: {driver: syslog, options: {syslog-address: 'tcp://127.0.0.1:514'}}",
    "binary value": "env_file: !!binary L2V0Yy9wYXNzd2Q=",
    "binary key": "? !!binary ZW52X2ZpbGU=\n    : /etc/passwd",
    "binary, long": "env_file: !<tag:yaml.org,2002:binary> L2V0Yy9wYXNzd2Q=",
    "another tag": "env_file: !!set {/etc/passwd}",
    "a tag of no one's": "env_file: !env HOME",
}
OTHERS = """\
volumes: {v: }
secrets: {s: {file: OUT/canary.env}, v: {environment: CANARY_VARIABLE}}
configs: {c: {file: ~/canary.env}, l: {file: ./link.env}}
"""
LEFT_OUT = """
services:
  a:
    image: busybox
    command: sleep 600
    gpus: all
    models: [m]
  b:
    image: busybox
    command: sleep 600
    deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: all}]}}}
models: {m: {model: ai/smollm2}}
"""

# Whole files: the compose file first, then others beside it.
WHOLE: dict[str, dict[str, str]] = {
    "include": {"compose.yaml": f"include: [OUT/other.yaml]\nservices: {{a: {LEAKED}}}"},
    "include, long": {
        "compose.yaml": f"include: [{{path: own.yaml, env_file: OUT/canary.env, project_directory: OUT}}]\nservices: {{a: {LEAKED}}}"
    },
    "include, registry": {"compose.yaml": f"include: ['oci://127.0.0.1:5000/x']\nservices: {{a: {LEAKED}}}"},
    "include, git": {"compose.yaml": f"include: ['https://example.com/x.git']\nservices: {{a: {LEAKED}}}"},
    "include, web": {"compose.yaml": f"include: ['http://127.0.0.1:8888/x.yaml']\nservices: {{a: {LEAKED}}}"},
    "include, switched on": {
        "compose.yaml": f"include: ['oci://127.0.0.1:5000/x']\nservices: {{a: {LEAKED}}}",
        ".env": "COMPOSE_EXPERIMENTAL=1\nCOMPOSE_EXPERIMENTAL_OCI_REMOTE=1\nCOMPOSE_EXPERIMENTAL_GIT_REMOTE=1\n",
    },
    "include, binary": {"compose.yaml": f"? !!binary aW5jbHVkZQ==\n: [OUT/other.yaml]\nservices: {{a: {LEAKED}}}"},
    "include, escaped": {"compose.yaml": f'"incl\\u0075de": [OUT/other.yaml]\nservices: {{a: {LEAKED}}}'},
    "include, later": {"compose.yaml": f"services: {{a: {LEAKED}}}\n---\ninclude: [OUT/other.yaml]\n"},
    "include, override": {"compose.yaml": f"services: {{a: {LEAKED}}}", "compose.override.yaml": "include: [OUT/other.yaml]\n"},
    "services, binary": {
        "compose.yaml": "? !!binary c2VydmljZXM=\n:\n  a:\n    image: busybox\n    command: env\n    env_file: /etc/passwd\n"
    },
    "extends, binary": {
        "compose.yaml": "services:\n  a:\n    ? !!binary ZXh0ZW5kcw==\n    : {file: OUT/other.yaml, service: leaked}\n"
    },
    "tags of one's own": {"compose.yaml": f"%TAG !! tag:yaml.org,2002:binary\n---\nservices: {{a: {LEAKED}}}"},
    "env_file, anchor": {"compose.yaml": f"x-a: &a {{env_file: OUT/canary.env}}\nservices: {{a: {{<<: *a, {LEAKED[1:]}}}"},
    "env_file, alias": {"compose.yaml": f"x-a: &a ~/canary.env\nservices: {{a: {{env_file: *a, {LEAKED[1:]}}}"},
    "env_file, override": {
        "compose.yaml": f"services: {{a: {LEAKED}}}",
        "compose.override.yaml": "services: {a: {env_file: [{path: OUT/canary.env, required: false}]}}\n",
    },
    "env_file, of a neighbour": {"compose.yaml": f"services: {{a: {{extends: b}}, b: {{env_file: ~/canary.env, {LEAKED[1:]}}}"},
    "settings name a file": {"compose.yaml": f"services: {{a: {LEAKED}}}", ".env": "COMPOSE_FILE=OUT/other.yaml\n"},
    "settings name files": {
        "compose.yaml": f"services: {{a: {LEAKED}}}",
        ".env": "COMPOSE_PATH_SEPARATOR=,\nCOMPOSE_FILE=compose.yaml,OUT/other.yaml\n",
    },
    "settings name settings": {"compose.yaml": f"services: {{a: {LEAKED}}}", ".env": "COMPOSE_ENV_FILES=OUT/canary.env\n"},
    "settings name a profile": {
        "compose.yaml": f"services: {{a: {LEAKED}, b: {{profiles: [p], privileged: true, image: busybox}}}}",
        ".env": "COMPOSE_PROFILES=p\n",
    },
    "network of somebody": {
        "compose.yaml": f"services: {{a: {LEAKED}}}\nnetworks: {{default: {{external: true, name: bridge}}}}"
    },
    "network on a card": {
        "compose.yaml": f"services: {{a: {LEAKED}}}\nnetworks: {{default: {{driver: macvlan, driver_opts: {{parent: eth0}}}}}}"
    },
    "everybody's addresses": {
        "compose.yaml": f"services: {{a: {LEAKED}}}\nnetworks: {{default: {{ipam: {{config: [{{subnet: 0.0.0.0/0}}]}}}}}}"
    },
    "metadata's address": {
        "compose.yaml": f"services: {{a: {LEAKED}}}\nnetworks: {{default: {{ipam: {{config: [{{subnet: 169.254.169.0/24}}]}}}}}}"
    },
    "disk in disguise": {
        "compose.yaml": f"services: {{a: {{volumes: ['v:/v'], {LEAKED[1:]}}}\nvolumes: {{v: {{driver_opts: {{type: none, o: bind, device: OUT}}}}}}"
    },
    "volume of somebody": {
        "compose.yaml": f"services: {{a: {{volumes: ['v:/v'], {LEAKED[1:]}}}\nvolumes: {{v: {{external: true}}}}"
    },
    "laughs": {
        "compose.yaml": "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
        + f"services: {{a: {LEAKED}}}"
    },
    "laughs, merged": {
        "compose.yaml": "x-0: &a0 {k: v}\n"
        + "".join(f"x-{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 9))
        + "services:\n  a:\n    <<: *a8\n    image: busybox\n"
    },
    "nested without end": {"compose.yaml": "a: &a [*a]\nservices: {a: {image: busybox}}"},
    "deep": {"compose.yaml": "x-a: " + "[" * 20_000 + "]" * 20_000 + f"\nservices: {{a: {LEAKED}}}"},
    "huge": {"compose.yaml": f"services: {{a: {LEAKED}}}\n" + "# x\n" * 100_000},
    "huge settings": {"compose.yaml": f"services: {{a: {{env_file: large.env, {LEAKED[1:]}}}", "large.env": "A=1\n" * 50_000},
    "words of an engine in trouble": {
        "compose.yaml": "services: {a: {image: busybox, command: ['/no space left on device: connection refused']}}"
    },
    "words of a machine without compose": {
        "compose.yaml": "services: {a: {image: '${X:?docker: compose is not a docker command. cannot connect to the docker daemon}'}}"
    },
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as patched:
        home = tmp_path_factory.mktemp("home")
        (home / "canary.env").write_text(f"CANARY={CANARY}\n")
        (home / "Dockerfile").write_text("FROM busybox\n")
        patched.setenv("DOCKER_CONFIG", os.environ.get("DOCKER_CONFIG", str(Path.home() / ".docker")))
        patched.setenv("HOME", str(home))
        patched.setenv("CANARY_VARIABLE", CANARY)
        patched.setenv("DOCKER_CANARY", CANARY)
        with Session(Limits(memory=64 * MB, pids=64, start_seconds=20)) as session:
            yield session
        assert session.left == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "canary.env").write_text(f"CANARY={CANARY}\n")
    (outside / "other.yaml").write_text(f"services: {{leaked: {{image: busybox, environment: [CANARY={CANARY}]}}}}\n")
    (outside / "Dockerfile").write_text("FROM busybox\n")
    folder = tmp_path / "work"
    (folder / "data").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM busybox\n")
    (folder / "own.env").write_text("A=1\n")
    (folder / "own.yaml").write_text(f"services: {{leaked: {LEAKED}}}\n")
    (folder / "chain.yaml").write_text(f"services: {{leaked: {{extends: {{file: {outside}/other.yaml, service: leaked}}}}}}\n")
    (folder / "link.env").symlink_to(outside / "canary.env")
    (folder / "out").symlink_to(outside)
    return folder


def refused(session: Session, folder: Path, files: dict[str, str]) -> str:
    """All that is said of a stack that must be refused; nothing may have been started for it."""
    for name, text in files.items():
        (folder / name).write_text(text.replace("OUT", str(folder.parent / "outside")))
    with pytest.raises(WorkError) as failed:
        start_stack(session, folder)
    said = repr(failed.value.finding)
    assert CANARY not in said
    client = docker.from_env()
    started = client.api.containers(filters={"label": [f"drydock={session.id}", "com.docker.compose.project"]})
    client.close()
    assert started == []
    return said


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_reaches_out_is_refused_by_its_name(session: Session, folder: Path, name: str) -> None:
    text = f"services:\n  a:\n    image: busybox\n    {SETTINGS[name]}\n{OTHERS}"
    said = refused(session, folder, {"compose.yaml": text})
    where = "chain.yaml" if name == "extends, chain" else "compose.yaml"
    assert where in said or "There is no ~/Dockerfile" in said  # to compose, too, ~ is a folder there
    assert any(
        word in said
        for word in (
            "services.a",
            "services.leaked",
            "secrets.",
            "configs.",
            "YAML tag",
            "service a",
            'service "a"',
            "line 4",
            "~/Dockerfile",
        )
    ), said


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_reaches_out_is_refused(session: Session, folder: Path, name: str) -> None:
    refused(session, folder, WHOLE[name])


def test_the_environment_of_whoever_grades_stays_unseen(session: Session, folder: Path) -> None:
    (folder / "compose.yaml").write_text(
        "services:\n  a:\n    image: busybox\n    init: true\n    command: sh -c 'env; sleep 100'\n"
        "    environment: [CANARY_VARIABLE, DOCKER_CANARY, 'B=${CANARY_VARIABLE}', 'C=${DOCKER_CANARY:-none}', 'D=${HOME}', 'E=${PATH}']\n"
    )
    stack = start_stack(session, folder)
    stack.service("a").exec("env").expect(exit_code=0)
    said = stack.service("a").exec("env").stdout
    stack.down(volumes=True)
    assert CANARY not in said
    assert str(Path.home()) not in said
    assert "C=none" in said


def test_what_is_run_is_what_was_judged(session: Session, folder: Path) -> None:
    # One dollar for two, and none of them a variable: not for compose, not for the second compose that starts it.
    (folder / "own.env").write_text("RAW='$HOME $$HOME'\n")
    (folder / "compose.yaml").write_text(
        "services:\n  a:\n    image: busybox\n    init: true\n    command: [sleep, '100']\n    env_file: own.env\n"
        "    environment: {A: 'x$$y', B: '$${HOME}', C: 'a$$$$b', 'K$$L': '1'}\n    labels: {'d$$e': 'f$$g'}\n"
    )
    stack = start_stack(session, folder)
    env = dict(line.split("=", 1) for line in stack.service("a").exec("env").stdout.splitlines() if "=" in line)
    labels = stack.service("a").about.config.labels
    stack.down(volumes=True)
    assert {key: env.get(key) for key in ("A", "B", "C", "K$$L", "RAW")} == {
        "A": "x$y",
        "B": "${HOME}",
        "C": "a$$b",
        "K$$L": "1",
        "RAW": "$HOME $$HOME",
    }
    assert labels["d$$e"] == "f$g"


def test_graphics_cards_and_models_are_not_handed_out(session: Session, folder: Path) -> None:
    (folder / "compose.yaml").write_text(LEFT_OUT)
    stack = start_stack(session, folder)
    for name in ("a", "b"):
        about = session.client.api.inspect_container(stack.services[name].ids[0])
        assert not about["HostConfig"]["DeviceRequests"]
        assert not about["HostConfig"]["Devices"]
