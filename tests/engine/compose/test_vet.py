# ruff: noqa: E501 - tables of one compose file each
"""What a stack may ask for: every forbidden thing is refused with its line, and what people write is accepted."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.engine.compose.config import Config, configure
from grader.engine.compose.plan import FILES_VOLUME, Plan
from grader.engine.compose.service import RULES
from grader.engine.compose.source import Source
from grader.engine.compose.vet import vet
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.limits import Limits
from grader.values.units import MB

LIMITS = Limits(memory=256 * MB, pids=100, cpus=1.5)
PLATFORM = "linux/amd64"

Judge = Callable[..., Plan]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session() as session:
        yield session


def plain(model: Mapping[str, Any]) -> Config:
    return Config(model, {}, "", frozenset(), ())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def make_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "api").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "api" / "Dockerfile").write_text("FROM busybox\n")
    (folder / "api.env").write_text("A=1\n")
    (folder / "password.txt").write_text("secret\n")
    (folder / "parts").mkdir()
    (folder / "parts" / "base.yaml").write_text(
        "services: {base: {image: busybox, env_file: [../api.env], volumes: ['../data:/d']}}\n"
    )
    (tmp_path / "outside.env").write_text("LEAK=leaked\n")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "Dockerfile").write_text("FROM busybox\n")
    (folder / "way-out").symlink_to(tmp_path / "outside")
    (folder / "data" / "etc").symlink_to("/etc")
    (folder / "way-in").symlink_to("api")
    return folder


@pytest.fixture
def judge(session: Session, folder: Path) -> Judge:
    def judged(text: str, file: str = "compose.yaml") -> Plan:
        (folder / file).write_text(text)
        source = Source(folder, None if file == "compose.yaml" else file)
        return vet(configure(session, source), folder, LIMITS, PLATFORM, source.place)

    return judged


# Each is put below `services: {api: {image: busybox, …}}`; the marked line is the one that the message must name.
REFUSED = {
    "privileged": "privileged: true  # here",
    "host network": "network_mode: host  # here",
    "bridge network": "network_mode: bridge  # here",
    "another container's network": "network_mode: container:other  # here",
    "host processes": "pid: host  # here",
    "another container's processes": "pid: container:other  # here",
    "host ipc": "ipc: host  # here",
    "another container's ipc": "ipc: container:other  # here",
    "host uts": "uts: host  # here",
    "host users": "userns_mode: host  # here",
    "host cgroup": "cgroup: host  # here",
    "cgroup parent": "cgroup_parent: /system  # here",
    "capabilities": "cap_add: [SYS_ADMIN]  # here",
    "all capabilities": "cap_add: # here\n  - ALL",
    "harmless capabilities too": "cap_add: [NET_BIND_SERVICE]  # here",
    "devices": "devices: # here\n  - /dev/sda:/dev/sda",
    "device rules": "device_cgroup_rules: ['c 1:3 mr']  # here",
    "reserved devices": (
        "deploy:\n  resources:\n    reservations:\n      devices:\n        - driver: tape # here\n          capabilities: [tape]"
    ),
    "seccomp off": "security_opt:\n  - seccomp:unconfined # here",
    "apparmor off": "security_opt:\n  - apparmor=unconfined # here",
    "labels off": "security_opt:\n  - label:disable # here",
    "sysctls": "sysctls: {net.core.somaxconn: 1}  # here",
    "runtime": "runtime: runsc  # here",
    "a foreign container's volumes": "volumes_from:\n  - container:other # here",
    "external links": "external_links: [other]  # here",
    "the engine's socket": "volumes:\n  - /var/run/docker.sock:/var/run/docker.sock # here",
    "the engine's socket, long form": (
        "volumes:\n  - type: bind # here\n    source: /run/docker.sock\n    target: /s\n    read_only: true"
    ),
    "the whole disk": "volumes:\n  - data:/d\n  - /:/host:ro # here",
    "a folder above": "volumes:\n  - ../:/up # here",
    "the home": "volumes:\n  - ~/.ssh:/keys # here",
    "through a link": "volumes:\n  - ./way-out:/out # here",
    "through a link, below": "volumes:\n  - ./data/etc/passwd:/out # here",
    "through a variable": "volumes:\n  - ${SOMEWHERE:-/etc}:/out # here",
    "propagation": "volumes:\n  - type: bind # here\n    source: ./api\n    target: /s\n    bind: {propagation: rshared}",
    "host gateway": "extra_hosts: ['host.docker.internal:host-gateway']  # here",
    "credential spec": "credential_spec: {file: x.json}  # here",
    "oom score": "oom_score_adj: -1000  # here",
    "oom kill": "oom_kill_disable: true  # here",
    "memory lock": "ulimits: {memlock: -1}  # here",
    "syslog": "logging:\n  driver: syslog # here\n  options: {syslog-address: 'tcp://1.2.3.4'}",
    "log options": "logging:\n  driver: json-file\n  options:\n    tag: x # here",
    "another platform": "platform: linux/s390x  # here",
    "mac address": "mac_address: 02:42:ac:11:00:02  # here",
    "storage": "storage_opt: {size: 1T}  # here",
    "isolation": "isolation: hyperv  # here",
    "block devices": "blkio_config: {weight: 300}  # here",
    "cpu set": "cpuset: '0'  # here",
    "too many": "scale: 50  # here",
    "too many, deployed": "deploy: {replicas: 50}  # here",
    "placement": "deploy:\n  placement: # here\n    constraints: [node.role == manager]",
    "fixed address": "networks:\n  default:\n      ipv6_address: fd00::9 # here",
    "labels of ours": "labels:\n  drydock: someone-else # here",
    "labels of compose": "labels:\n  com.docker.compose.project: other # here",
    "remote context": "build:\n  context: https://github.com/moby/moby.git # here",
    "context outside": "build: ../outside  # here",
    "context through a link": "build: ./way-out  # here",
    "dockerfile outside": "build:\n  context: api\n  dockerfile: ../../outside/Dockerfile # here",
    "build on the host's network": "build:\n  context: api\n  network: host # here",
    "privileged build": "build:\n  context: api\n  privileged: true # here",
    "ssh keys": "build:\n  context: api\n  ssh: [default] # here",
    "entitlements": "build:\n  context: api\n  entitlements: [security.insecure] # here",
    "further contexts": "build:\n  context: api\n  additional_contexts: {up: ../outside} # here",
    "cache elsewhere": "build:\n  context: api\n  cache_to: ['type=local,dest=/tmp/x'] # here",
    "build secrets": "build:\n  context: api\n  secrets: [s] # here",
    "inline": "build:\n  context: api\n  dockerfile_inline: FROM busybox # here",
    "extra hosts in a build": "build:\n  context: api\n  extra_hosts: ['a:1.2.3.4'] # here",
    "env file outside": "env_file: ../outside.env  # here",
    "env file, absolute": "env_file:\n  - /etc/environment # here",
    "env file, long form": "env_file:\n  - path: ../outside.env # here\n    required: false",
    "env file by a variable": "env_file: ${HOME}/x  # here",
    "extends": "extends: # here\n  file: ../outside.yaml\n  service: x",
}


def lines(text: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if "# here" in line)


# Refused by what the file's own lines say, before compose reads it: one file each. All others together in one.
READ_EARLY = ("env file", "extends")


def as_service(name: str, setting: str) -> str:
    body = "\n".join(f"    {line}" for line in setting.splitlines())
    return f"  {name}:\n    image: busybox\n{body}\n"


REST = "volumes:\n  data:\nsecrets:\n  s:\n    file: ./password.txt\n"


@pytest.fixture(scope="module")
def refused_together(session: Session, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A file with a service for each, and what is said of it."""
    tmp_path = tmp_path_factory.mktemp("refused")
    folder = make_folder(tmp_path)
    services = [as_service(name_of(key), one) for key, one in REFUSED.items() if not key.startswith(READ_EARLY)]
    text = "services:\n" + "".join(services) + REST
    (folder / "compose.yaml").write_text(text)
    source = Source(folder)
    with pytest.raises(CheckFailed) as refused:
        vet(configure(session, source), folder, LIMITS, PLATFORM, source.place)
    return text, refused.value.finding.evidence[0].text


def name_of(key: str) -> str:
    return key.replace(" ", "_").replace("'", "").replace(",", "")


@pytest.mark.engine
@pytest.mark.parametrize("key", [key for key in REFUSED if not key.startswith(READ_EARLY)])
def test_refuses_and_names_the_line(refused_together: tuple[str, str], key: str) -> None:
    text, said = refused_together
    begin = text[: text.index(f"  {name_of(key)}:\n")].count("\n")
    number = begin + lines(as_service(name_of(key), REFUSED[key]))
    assert f", in line {number} of compose.yaml: " in said


@pytest.mark.engine
@pytest.mark.parametrize("key", ["privileged", "the whole disk", *(key for key in REFUSED if key.startswith(READ_EARLY))])
def test_refuses_in_words(judge: Judge, key: str) -> None:
    text = f"services:\n{as_service('api', REFUSED[key])}{REST}"
    with pytest.raises(CheckFailed) as refused:
        judge(text)
    assert "not allowed here; nothing was started" in refused.value.finding.message
    assert f"in line {lines(text)} of compose.yaml" in refused.value.finding.found


TOP = {
    "include from elsewhere": "include:\n  - ../outside.yaml # here\nservices: {a: {image: busybox}}",
    "include through a link": "include:\n  - way-out/x.yaml # here\nservices: {a: {image: busybox}}",
    "include from a repository": "include:\n  - https://github.com/a/b.git # here\nservices: {a: {image: busybox}}",
    "include by a variable": "include:\n  - ${WHERE} # here\nservices: {a: {image: busybox}}",
    "include with another's settings": "include:\n  - {path: api.yaml, env_file: ../outside.env} # here\nservices: {a: {image: busybox}}",
    "external network": "services: {a: {image: busybox, networks: [n]}}\nnetworks:\n  n:\n    external: true # here",
    "network driver": "services: {a: {image: busybox, networks: [n]}}\nnetworks:\n  n:\n    driver: macvlan # here",
    "network options": "services: {a: {image: busybox, networks: [n]}}\nnetworks:\n  n:\n    driver_opts: {parent: eth0} # here",
    "someone's addresses": "services: {a: {image: busybox}}\nnetworks:\n  default:\n    ipam: {config: [{subnet: 8.8.8.0/24}]} # here",
    "loopback addresses": "services: {a: {image: busybox}}\nnetworks:\n  default:\n    ipam: {config: [{subnet: 127.0.0.0/16}]} # here",
    "metadata addresses": "services: {a: {image: busybox}}\nnetworks:\n  default:\n    ipam: {config: [{subnet: 169.254.0.0/16}]} # here",
    "too many addresses": "services: {a: {image: busybox}}\nnetworks:\n  default:\n    ipam: {config: [{subnet: 10.0.0.0/8}]} # here",
    "address driver": "services: {a: {image: busybox}}\nnetworks:\n  default:\n    ipam: {driver: dhcp} # here",
    "external volume": "services: {a: {image: busybox, volumes: ['vol:/v']}}\nvolumes:\n  vol:\n    external: true # here",
    "volume driver": "services: {a: {image: busybox, volumes: ['vol:/v']}}\nvolumes:\n  vol:\n    driver: nfs # here",
    "bind in disguise": (
        "services: {a: {image: busybox, volumes: ['vol:/v']}}\nvolumes:\n  vol:\n"
        "    driver_opts: {type: none, o: bind, device: /} # here"
    ),
    "our volume": f"services: {{a: {{image: busybox, volumes: ['{FILES_VOLUME}:/v']}}}}\nvolumes:\n  {FILES_VOLUME}: # here",
    "secret file outside": "services: {a: {image: busybox, secrets: [s]}}\nsecrets:\n  s:\n    file: /etc/shadow # here",
    "secret through a link": "services: {a: {image: busybox, secrets: [s]}}\nsecrets:\n  s:\n    file: ./data/etc/shadow # here",
    "secret from the environment": "services:\n  a:\n    image: busybox\n    secrets: [s] # here\nsecrets: {s: {environment: HOME}}",
    "external secret": "services: {a: {image: busybox, secrets: [s]}}\nsecrets:\n  s:\n    external: true # here",
    "config file outside": "services: {a: {image: busybox, configs: [c]}}\nconfigs:\n  c:\n    file: ../outside.env # here",
    "anchors": "x-a: &a\n  privileged: true # here\nservices:\n  a:\n    <<: *a\n    image: busybox",
    "aliases": "x-a: &a\n  - ALL\nservices:\n  a:\n    image: busybox\n    cap_add: *a # here",
    "a second document": "services: {a: {image: busybox}}\n---\nservices:\n  b:\n    image: busybox\n    privileged: true # here",
    "env file in a second document": "services: {a: {image: busybox}}\n---\nservices:\n  b:\n    env_file: /etc/environment # here",
    "env file through an anchor": "x-a: &a\n  env_file: /etc/environment # here\nservices:\n  a:\n    <<: [*a]\n    image: busybox",
}


@pytest.mark.engine
@pytest.mark.parametrize("text", TOP.values(), ids=TOP.keys())
def test_refuses_at_the_top(judge: Judge, text: str) -> None:
    with pytest.raises(CheckFailed) as refused:
        judge(text)
    assert "not allowed here" in refused.value.finding.message
    assert f"in line {lines(text)} of compose.yaml" in refused.value.finding.found


@pytest.mark.engine
def test_names_every_line(judge: Judge) -> None:
    with pytest.raises(CheckFailed) as refused:
        judge("services:\n  a:\n    image: x\n    privileged: true\n    pid: host\n    volumes:\n      - /:/host\n")
    assert "(and 2 more)" in refused.value.finding.found
    evidence = refused.value.finding.evidence[0].text
    assert [f"in line {n}" in evidence for n in (4, 5, 7)] == [True] * 3


ACCEPTED = {
    "smallest": "services: {a: {image: busybox}}",
    "obsolete version": "version: '3.8'\nservices: {a: {image: busybox}}",
    "project name": "name: shop\nservices: {a: {image: busybox}}",
    "container name": "services: {a: {image: busybox, container_name: api, hostname: api}}",
    "build, short": "services: {a: {build: ./api}}",
    "build, long": "services: {a: {build: {context: api, dockerfile: Dockerfile, args: {X: 1}, target: t}, image: 'my:tag'}}",
    "build through a link inside": "services: {a: {build: ./way-in}}",
    "ports": "services: {a: {image: busybox, ports: ['8000:8000', '127.0.0.1:5433:5432', '9000', '7000-7002:7000-7002/udp']}}",
    "port by a variable": "services: {a: {image: busybox, ports: ['${PORT:-8000}:8000']}}",
    "ports, long": "services: {a: {image: busybox, ports: [{target: 80, published: '8080', protocol: tcp, mode: host}]}}",
    "environment": "services: {a: {image: busybox, environment: [A=1, B, 'C=a$$b']}}",
    "env file": "services: {a: {image: busybox, env_file: [api.env, ./api.env]}}",
    "optional env file": "services: {a: {image: busybox, env_file: [{path: nope.env, required: false}]}}",
    "named volume": "services: {a: {image: busybox, volumes: ['vol:/d:ro', '/anonymous']}}\nvolumes: {vol: {name: fixed}}",
    "own folders": "services: {a: {image: busybox, volumes: ['./data:/data', '.:/app:ro,z', '${PWD}/api:/x']}}",
    "own folder, long": (
        "services: {a: {image: busybox, volumes: [{type: bind, source: ./data, target: /d, bind: {create_host_path: true}}]}}"
    ),
    "memory disk": "services: {a: {image: busybox, tmpfs: [/tmp], volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1000}}]}}",
    "secrets": "services: {a: {image: busybox, secrets: [s]}}\nsecrets: {s: {file: ./password.txt}}",
    "configs": "services: {a: {image: busybox, configs: [{source: c, target: /c}]}}\nconfigs: {c: {content: 'cost $$5'}}",
    "config file": "services: {a: {image: busybox, configs: [c]}}\nconfigs: {c: {file: ./api.env}}",
    "health": "services: {a: {image: busybox, healthcheck: {test: [CMD, 'true'], interval: 30s, start_period: 1m}}}",
    "no health": "services: {a: {image: busybox, healthcheck: {disable: true}}}",
    "conditions": (
        "services:\n  a: {image: busybox, depends_on: {b: {condition: service_healthy, restart: true}}}\n"
        "  b: {image: busybox, healthcheck: {test: 'true'}}"
    ),
    "networks": (
        "services: {a: {image: busybox, networks: {front: {aliases: [www]}, back: }}}\n"
        "networks: {front: {name: fixed, driver: bridge}, back: {internal: true}}"
    ),
    "no network": "services: {a: {image: busybox, network_mode: none}}",
    "a neighbour's network": "services: {a: {image: busybox}, b: {image: busybox, network_mode: 'service:a'}}",
    "limits": "services: {a: {image: busybox, mem_limit: 64m, cpus: 0.5, pids_limit: 10, shm_size: 1g, ulimits: {nofile: 1024}}}",
    "deployed limits": (
        "services: {a: {image: busybox, deploy: {replicas: 2, resources: {limits: {memory: 64M, cpus: '0.5'}, "
        "reservations: {memory: 32M}}, restart_policy: {condition: on-failure}}}}"
    ),
    "hardened": (
        "services: {a: {image: busybox, read_only: true, cap_drop: [ALL], security_opt: ['no-new-privileges:true'], "
        "user: '1000:1000', init: true, privileged: false, cap_add: []}}"
    ),
    "runs": (
        "services: {a: {image: busybox, command: sh -c 'echo $$HOME', entrypoint: [], working_dir: /tmp, tty: true, "
        "stdin_open: true, restart: unless-stopped, stop_signal: SIGINT, stop_grace_period: 1m, expose: [80], labels: [x=y]}}"
    ),
    "logs": "services: {a: {image: busybox, logging: {driver: json-file, options: {max-size: 10m, max-file: '3'}}}}",
    "develop": "services: {a: {build: api, develop: {watch: [{path: ./api, action: rebuild}]}}}",
    "profiles": "services: {a: {image: busybox}, b: {image: busybox, profiles: [debug]}}",
    "extension": "x-common: &c {restart: always}\nservices: {a: {<<: *c, image: busybox, x-note: hi}}",
    "extends from a file": "services: {a: {image: busybox, extends: {file: parts/base.yaml, service: base}}}",
    "include": "include: [parts/base.yaml]\nservices: {a: {image: busybox}}",
    "include, long": "include: [{path: [parts/base.yaml], env_file: api.env, project_directory: parts}]\nservices: {a: {image: busybox}}",
    "graphics cards": "services: {a: {image: busybox, gpus: all}}",
    "reserved graphics cards": (
        "services: {a: {image: busybox, deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}}}"
    ),
    "models": "services: {a: {image: busybox, models: [llm]}}\nmodels: {llm: {model: ai/smollm2}}",
    "models, long": (
        "services: {a: {image: busybox, models: {llm: {endpoint_var: URL, model_var: NAME}}}}\nmodels: {llm: {model: 'x', context_size: 1024}}"
    ),
    "fixed addresses": (
        "services: {a: {image: busybox, networks: {n: {ipv4_address: 172.30.1.9}}}}\nnetworks: {n: {ipam: {config: [{subnet: 172.30.1.0/24}]}}}"
    ),
    "extends here": "services: {a: {image: busybox}, b: {extends: {service: a}}}",
    "own platform": "services: {a: {image: busybox, platform: linux/amd64, pull_policy: missing}}",
    "hosts": "services: {a: {image: busybox, extra_hosts: ['db.example:10.0.0.1'], dns: [1.1.1.1]}}",
}


@pytest.mark.engine
@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepts_what_people_write(judge: Judge, text: str) -> None:
    plan = judge(text)
    assert "a" in plan.services
    for service in plan.services.values():
        assert int(service.settings["mem_limit"]) <= LIMITS.memory
        assert service.settings["memswap_limit"] == service.settings["mem_limit"]
        assert 0 < service.settings["pids_limit"] <= LIMITS.pids
        assert 0 < service.settings["cpus"] <= LIMITS.cpus
        assert service.settings["security_opt"] == ["no-new-privileges:true"]
        assert "container_name" not in service.settings
        assert all("published" not in port and port["host_ip"] == "127.0.0.1" for port in service.settings.get("ports", ()))
        assert all(mount["type"] in {"volume", "tmpfs"} for mount in service.settings.get("volumes", ()))
    assert not any("name" in about for about in (*plan.networks.values(), *plan.volumes.values()))


@pytest.mark.engine
def test_limits_are_narrowed_and_never_widened(judge: Judge) -> None:
    plan = judge(
        "services:\n  a: {image: x, mem_limit: 10g, pids_limit: -1, cpus: 64}\n"
        "  b: {image: x, mem_limit: 10m, cpus: 0.25, pids_limit: 7}\n"
        "  c: {image: x, deploy: {resources: {limits: {memory: 10m, pids: 7, cpus: '0.25'}}}}\n"
    )
    shown = {name: [one.settings[key] for key in ("mem_limit", "pids_limit", "cpus")] for name, one in plan.services.items()}
    narrow = [str(10 << 20), 7, 0.25]
    assert shown == {"a": [str(256 * MB), 100, 1.5], "b": narrow, "c": narrow}


@pytest.mark.engine
def test_ports_are_free_ones_and_remembered_as_written(judge: Judge) -> None:
    plan = judge("services:\n  db:\n    image: x\n    ports:\n      - '127.0.0.1:5433:5432'\n      - 9999:5432\n")
    assert plan.services["db"].settings["ports"] == [
        {"target": 5432, "protocol": "tcp", "host_ip": "127.0.0.1", "mode": "ingress"}
    ]
    first, second = plan.services["db"].published
    assert str(first) == "127.0.0.1:5433:5432/tcp"
    assert str(second) == "9999:5432/tcp"
    assert first.place is not None
    assert first.place.line == 5


@pytest.mark.engine
def test_the_graders_environment_stays_unseen(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_AUTH_CONFIG", "do-not-tell")
    monkeypatch.setenv("TOKEN", "do-not-tell")
    plan = judge(
        "services: {a: {image: busybox, environment: ['A=${DOCKER_AUTH_CONFIG}', 'B=${TOKEN:-none}', "
        "'C=${BUILDX_CONFIG}', DOCKER_AUTH_CONFIG, TOKEN]}}"
    )
    assert plan.services["a"].settings["environment"] == {"A": "", "B": "none", "C": ""}


@pytest.mark.engine
def test_the_env_file_beside_it_is_read_and_cannot_name_others(judge: Judge, folder: Path, tmp_path: Path) -> None:
    (folder / ".env").write_text("TAG=1.37\nCOMPOSE_PROJECT_NAME=x\n")
    plan = judge("services: {a: {image: 'busybox:${TAG}', environment: ['L=${LEAK:-nothing}']}}")
    assert plan.services["a"].image == "busybox:1.37"
    assert plan.services["a"].settings["environment"] == {"L": "nothing"}
    (folder / ".env").write_text(f"TAG=1.37\nCOMPOSE_ENV_FILES={tmp_path}/outside.env\n")
    with pytest.raises(CheckFailed) as refused:
        judge("services: {a: {image: busybox}}")
    assert "COMPOSE_ENV_FILES), in line 2 of .env" in refused.value.finding.found


@pytest.mark.engine
def test_variables_of_the_shell_win(session: Session, folder: Path) -> None:
    (folder / ".env").write_text("A=file\nB=file\n")
    (folder / "compose.yaml").write_text("services: {api: {image: x, environment: ['A=${A}', 'B=${B}']}}")
    said = configure(session, Source(folder), {"A": "it's the $SHELL's"})
    assert said.model["services"]["api"]["environment"] == {"A": "it's the $SHELL's", "B": "file"}


def test_an_env_file_that_leads_outside_is_not_read(folder: Path, tmp_path: Path) -> None:
    (folder / "compose.yaml").write_text("services: {a: {image: busybox}}")
    (folder / ".env").symlink_to(tmp_path / "outside.env")
    with pytest.raises(CheckFailed, match="link to a place outside"):
        Source(folder)


@pytest.mark.engine
def test_an_override_file_is_merged_as_compose_does(session: Session, folder: Path) -> None:
    (folder / "compose.yaml").write_text("services:\n  a:\n    image: busybox\n")
    (folder / "compose.override.yaml").write_text("services:\n  a:\n    command: sleep 5\n    privileged: true\n")
    source = Source(folder)
    config = configure(session, source)
    assert config.model["services"]["a"]["command"] == ["sleep", "5"]
    with pytest.raises(CheckFailed) as refused:
        vet(config, folder, LIMITS, PLATFORM, source.place)
    assert "in line 4 of compose.override.yaml" in refused.value.finding.found


# What compose itself does not accept: the text, words of the message, the line.
BROKEN: dict[str, tuple[str, str, int | None]] = {
    "tab": ("services:\n  a:\n\timage: x\n", "cannot start any token", 3),
    "bracket": ("services:\n  a:\n    command: [x\n", "expected", 4),
    "unknown key": ("services:\n  a:\n    image: x\n    enviroment: {A: 1}\n", "enviroment", 4),
    "unknown key at the top": ("servces:\n  a: {image: x}\n", "servces", 1),
    "undefined volume": ("services:\n  a:\n    image: x\n    volumes:\n      - data:/d\n", "undefined volume data", 4),
    "undefined network": ("services:\n  a:\n    image: x\n    networks: [n]\n", "undefined network n", 4),
    "required variable": ("services:\n  a:\n    image: ${X:?set me}\n", "set me", 3),
    "twice": ("services:\n  a:\n    image: x\n    image: y\n", "already defined", 4),
    "no list": ("services:\n  a:\n    image: x\n    ports: 8000\n", "must be a", 4),
    "nothing to run": ("services:\n  a: {restart: always}\n", "neither an image nor a build context", 2),
    "unknown neighbour": ("services:\n  a:\n    image: x\n    depends_on: [b]\n", 'undefined service "b"', 4),
    "circle": ("services:\n  a: {image: x, depends_on: [b]}\n  b: {image: y, depends_on: [a]}\n", "cycle", None),
    "a list": ("- a\n- b\n", "mapping", None),
    "no services": ("services:\n", "services", None),
    "dash and colon": ("services:\n  a:\n    image: x\n    environment:\n      - A: b\n", "unexpected type", 4),
    "indentation": ("services:\n   a:\n     image: x\n    ports: [1]\n", "expected", 4),
    "missing env file": ("services:\n  a: {image: x, env_file: nope.env}\n", "nope.env not found", None),
}


@pytest.mark.engine
@pytest.mark.parametrize(("text", "words", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_what_compose_does_not_accept_is_told_with_its_line(
    judge: Judge, tmp_path: Path, text: str, words: str, line: int | None
) -> None:
    with pytest.raises(CheckFailed) as failed:
        judge(text)
    finding = failed.value.finding
    assert words in finding.found
    assert str(tmp_path) not in finding.found + finding.message
    if line is not None:
        assert f"line {line}" in finding.found


ONE = "services:\n  a:\n    image: busybox\n"
BESIDE: dict[str, tuple[dict[str, str], str, str]] = {
    "env file": (
        {"compose.yaml": f"{ONE}    env_file: own.env\n", "own.env": "A=1\nMY KEY=foo bar\n"},
        "own.env is not a file of settings that compose accepts.",
        "key cannot contain a space (in line 2 of own.env: MY KEY=foo bar)",
    ),
    ".env": (
        {"compose.yaml": ONE, ".env": "A=1\nMY KEY=foo bar\n"},
        ".env is not a file of settings that compose accepts.",
        "(in line 2 of .env: MY KEY=foo bar)",
    ),
    "a key twice in the override": (
        {"compose.yaml": ONE, "compose.override.yaml": "services:\n  a:\n    command: x\n    command: y\n"},
        "compose.override.yaml is not a compose file that compose accepts.",
        "(in line 4 of compose.override.yaml: command: y)",
    ),
    "an unknown key in the override": (
        {"compose.yaml": ONE, "compose.override.yaml": "services:\n  a:\n    comand: x\n"},
        "compose.override.yaml is not a compose file that compose accepts.",
        "(in line 3 of compose.override.yaml: comand: x)",
    ),
}


@pytest.mark.engine
@pytest.mark.parametrize("name", BESIDE)
def test_a_mistake_is_told_of_the_file_that_it_is_in(session: Session, folder: Path, name: str) -> None:
    files, message, found = BESIDE[name]
    for file, text in files.items():
        (folder / file).write_text(text)
    with pytest.raises(CheckFailed) as failed:
        configure(session, Source(folder))
    assert failed.value.finding.message == message
    assert found in failed.value.finding.found


@pytest.mark.engine
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api:\n  build: .\ndb:\n  image: postgres:17\n", "compose's first format"),
        ("version: '2'\napi:\n  image: busybox\n", "compose's first format"),
        (f"{ONE}    ports: [\u201c8000:8000\u201d]\n", "Line 4 of compose.yaml holds a curly quote (U+201C)"),
        (f"{ONE}\u00a0   command: x\n", "Line 4 of compose.yaml holds a no-break space (U+00A0)"),
    ],
    ids=["first format", "second format without services", "curly quotes", "no-break space"],
)
def test_advice_is_about_what_was_written(judge: Judge, text: str, words: str) -> None:
    with pytest.raises(CheckFailed) as failed:
        judge(text)
    assert words in failed.value.finding.advice


@pytest.mark.engine
def test_fixed_addresses_and_names_are_kept(judge: Judge) -> None:
    plan = judge(
        "name: shop\nservices:\n  a: {image: busybox, container_name: front, networks: {n: {ipv4_address: 172.30.5.9}}}\n"
        "  b: {image: busybox, networks: [n], deploy: {replicas: 2}}\n  c: {image: busybox, network_mode: none}\n"
        "networks: {n: {ipam: {config: [{subnet: 172.30.5.0/24, gateway: 172.30.5.1}]}}}\n"
    )
    assert plan.networks["n"]["ipam"] == {"config": [{"subnet": "172.30.5.0/24", "gateway": "172.30.5.1"}]}
    assert plan.services["a"].settings["networks"] == {"n": {"aliases": ["front"], "ipv4_address": "172.30.5.9"}}
    assert plan.services["b"].settings["networks"] == {"n": {"aliases": []}}
    assert "networks" not in plan.services["c"].settings
    named = judge("name: shop\nservices: {a: {image: busybox}}").services["a"].settings["networks"]
    assert named == {"default": {"aliases": ["shop-a-1"]}}


@pytest.mark.engine
def test_what_is_run_otherwise_than_it_was_written_is_noted(judge: Judge) -> None:
    plan = judge(
        "services:\n  a:\n    image: busybox\n    mem_limit: 10g\n    cpus: 0.5\n    cpu_shares: 5\n"
        "    healthcheck: {test: 'true', interval: 30s}\n    stop_grace_period: 1m\n"
        "    pids_limit: 5000\n    logging: {driver: local}\n    volumes: ['./data:/data']\n"
    )
    for words in (
        "services.a.mem_limit: at most 256 MB here (compose.yaml, line 4)",
        "services.a.pids_limit: at most 100 processes here (compose.yaml, line 9)",
        "services.a.cpu_shares: left out here (compose.yaml, line 6)",
        "services.a.healthcheck.interval: run every 0.5 s here",
        "services.a.stop_grace_period: here a container has a few seconds to end",
        "services.a.logging: left out here",
        "What the stack mounts from your folder (data) is a copy",
    ):
        assert any(words in note for note in plan.notes), plan.notes
    assert not any("cpus" in note for note in plan.notes)
    named = judge(
        "services: {a: {image: busybox, volumes: ['kept:/v']}}\nvolumes:\n  kept: {name: mine}\nnetworks:\n  default: {name: ours}\n"
    )
    assert [note.split(":")[0] for note in named.notes] == ["networks.default.name", "volumes.kept.name"]
    assert not judge("services: {a: {image: busybox, restart: always, ports: ['80']}}").notes


def test_a_spelling_mistake_gets_a_suggestion(judge: Judge) -> None:
    with pytest.raises(CheckFailed) as failed:
        judge("services:\n  a:\n    image: x\n    enviroment: {A: 1}\n")
    assert failed.value.finding.advice == "Did you mean “environment”?"


@pytest.mark.engine
def test_reads_bom_and_windows_line_endings(session: Session, folder: Path) -> None:
    (folder / "compose.yaml").write_bytes(b"\xef\xbb\xbfservices:\r\n  a:\r\n    image: busybox\r\n")
    assert configure(session, Source(folder)).model["services"]["a"]["image"] == "busybox"


@pytest.mark.engine
def test_keeps_the_warnings(session: Session, folder: Path) -> None:
    (folder / "compose.yaml").write_text("version: '3'\nservices: {a: {image: 'x:${T}'}}\n")
    warnings = configure(session, Source(folder)).warnings
    assert any("compose.yaml" in one and "`version` is obsolete" in one for one in warnings)
    assert any('"T" variable is not set' in one for one in warnings)


def test_a_missing_file_tells_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "docker_compose.yaml").write_text("services: {}")
    with pytest.raises(CheckFailed) as failed:
        Source(tmp_path)
    assert failed.value.finding.message == "There is no compose.yaml."
    assert "docker_compose.yaml" in failed.value.finding.found


@pytest.mark.parametrize("name", ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"])
def test_finds_the_file_that_compose_would_take(tmp_path: Path, name: str) -> None:
    names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"]
    for one in names[names.index(name) :]:
        (tmp_path / one).write_text("services: {}")
    assert Source(tmp_path).name == name


@pytest.mark.parametrize(
    "text", ["a: &a [*a]", "[" * 5000, "a: " + "{a: " * 3000, "x: *nope", "? [a]: b", "\x00", "&a a: *a", "- " * 3000 + "a"]
)
def test_strange_yaml_never_ends_the_grader(tmp_path: Path, text: str) -> None:
    (tmp_path / "compose.yaml").write_text(text)
    with suppress(CheckFailed):
        Source(tmp_path).place(("services", "a", 0, "b"))


def test_merges_without_end_are_refused(tmp_path: Path) -> None:
    levels = ["x0: &a0 {k: v}"] + [f"x{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 9)]
    (tmp_path / "compose.yaml").write_text("\n".join([*levels, "services:", "  a:", "    <<: *a8", "    image: x"]))
    with pytest.raises(CheckFailed, match="merges too many"):
        Source(tmp_path)


# Fail closed, whatever compose may print one day.

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SOUP: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(sorted(RULES)) | st.text(min_size=1, max_size=12), VALUES, max_size=4
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(service=SOUP)
def test_a_setting_without_a_rule_never_gets_through(tmp_path: Path, service: dict[str, Any]) -> None:
    try:
        plan = vet(plain({"services": {"a": {"image": "x", **service}}}), tmp_path, LIMITS, PLATFORM, lambda _: None)
    except CheckFailed:
        return
    assert not {key for key, value in service.items() if value and key not in RULES and not key.startswith("x-")}
    assert int(plan.services["a"].settings["mem_limit"]) <= LIMITS.memory


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    config=st.dictionaries(
        st.sampled_from(["services", "networks", "volumes", "configs", "secrets", "include", "models"]) | st.text(max_size=5),
        VALUES,
    )
)
def test_nothing_but_a_refusal_comes_out_of_nonsense(tmp_path: Path, config: dict[str, Any]) -> None:
    with suppress(CheckFailed):
        vet(plain(config), tmp_path, LIMITS, PLATFORM, lambda _: None)
