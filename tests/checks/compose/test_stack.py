"""A learner's stack on the real engine: brought up, asked, broken, and gone afterwards."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from grader.checks.compose.stack import Stack, start_stack
from grader.engine.sandbox.parts import ENGINE_IMAGE
from grader.engine.session import Session
from grader.values.errors import Cancelled, CheckFailed, ImageUnavailable, LimitReached
from grader.values.events import EngineOutput, Event
from grader.values.limits import Limits
from grader.values.units import MB

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LIMITS = Limits(memory=64 * MB, pids=64, start_seconds=20)

# httpd of busybox: a web server in a few milliseconds. sh hands SIGTERM on by ending itself (init: true).
COUNTER = """\
services:
  web:
    image: busybox
    init: true
    command: >-
      sh -c 'test -f /data/n || cat /proc/sys/kernel/random/uuid >/data/n;
      cp /data/n /data/index.html; httpd -f -p 80 -h /data'
    volumes: ["numbers:/data"]
    ports: ["8000:80"]
    restart: always
  db:
    image: busybox
    init: true
    command: httpd -f -p 5432 -h /etc
    healthcheck: {test: wget -q -O /dev/null localhost:5432/passwd, interval: 30s, retries: 3}
volumes:
  numbers:
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(LIMITS) as session:
        client, label = docker.from_env(), f"drydock={session.id}"
        yield session
    assert session.left == []
    assert left_with(client, label) == []
    client.close()


def left_with(client: docker.DockerClient, label: str) -> list[object]:
    """Everything on the engine that carries a label."""
    wanted = {"label": label}
    return [
        *client.api.containers(all=True, filters=wanted),
        *client.api.networks(filters=wanted),
        *(client.api.volumes(filters=wanted).get("Volumes") or ()),
        *client.api.images(filters=wanted, all=True),
    ]


@pytest.fixture
def bring_up(session: Session, folder: Path) -> Callable[[str], Stack]:
    def up(text: str) -> Stack:
        (folder / "compose.yaml").write_text(text)
        return start_stack(session, folder)

    return up


def failure(bring_up: Callable[[str], Stack], text: str) -> CheckFailed:
    with pytest.raises(CheckFailed) as failed:
        bring_up(text)
    return failed.value


def test_data_outlive_down_and_up_and_not_down_volumes(bring_up: Callable[[str], Stack]) -> None:
    stack = bring_up(COUNTER)
    first = stack.http("web", "/", port=80).expect(status=200).body
    stack.down()
    with pytest.raises(CheckFailed, match="has no container"):
        stack.http("web", "/")
    stack.up()
    assert stack.http("web", "/").body == first
    stack.down(volumes=True)
    stack.up()
    assert stack.http("web", "/").body != first


def test_what_a_running_stack_tells(bring_up: Callable[[str], Stack], session: Session) -> None:
    stack = bring_up(COUNTER)
    stack.service("db").expect_healthy()
    stack.service("web").expect_running(for_seconds=1)
    assert stack.health("db") == "healthy"
    assert stack.health("web") == "none"
    with pytest.raises(CheckFailed):
        stack.services_healthy()

    stack.expect_not_published("db")
    with pytest.raises(CheckFailed) as published:
        stack.expect_not_published("web")
    assert "8000:80/tcp (in line 9 of compose.yaml" in published.value.finding.found

    with pytest.raises(CheckFailed) as private:
        stack.http("db", "/")
    assert private.value.finding.found == "no ports; inside, something listens on 5432"
    with pytest.raises(CheckFailed) as other:
        stack.http("web", "/", port=8000)
    assert "8000:80/tcp" in other.value.finding.found
    assert "the second one" in other.value.finding.advice
    assert private.value.finding.advice == ""
    assert stack.service("web").mounts == ("the volume numbers at /data",)

    with pytest.raises(CheckFailed) as unknown:
        stack.service("redis")
    assert unknown.value.finding.found == "these services: db, web"

    about = session.client.api.inspect_container(stack.service("db").container.id)
    assert about["HostConfig"]["Memory"] == about["HostConfig"]["MemorySwap"] == LIMITS.memory
    assert about["HostConfig"]["PidsLimit"] == LIMITS.pids
    assert about["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
    assert about["HostConfig"]["LogConfig"]["Config"]["max-size"] == str(LIMITS.log)
    assert about["Config"]["Labels"]["drydock"] == session.id


def test_a_killed_service_comes_back_only_with_a_restart_policy(bring_up: Callable[[str], Stack]) -> None:
    stack = bring_up(COUNTER)
    stack.http("web", "/").expect(status=200)
    stack.kill("web")
    stack.expect_recovers("web", "/", within=15)
    stack.kill("db")
    time.sleep(1.5)
    with pytest.raises(CheckFailed) as dead:
        stack.service("db").expect_running()
    assert "exit code 137" in dead.value.finding.found


def test_stop_start_and_restart(bring_up: Callable[[str], Stack]) -> None:
    stack = bring_up(COUNTER)
    stack.stop("web")
    with pytest.raises(CheckFailed, match="stopped"):
        stack.http("web", "/")
    stack.service("web").start()
    stack.http("web", "/").expect(status=200)
    stack.restart("web")  # its free port is another one now
    stack.http("web", "/").expect(status=200)


def test_two_stacks_of_one_file_live_side_by_side(bring_up: Callable[[str], Stack]) -> None:
    fixed = COUNTER.replace("    image: busybox\n", "    image: busybox\n    container_name: fixed\n", 1)
    fixed = f"name: shop\n{fixed}".replace("  numbers:\n", "  numbers: {name: fixed}\n")
    first, second = bring_up(fixed), bring_up(fixed)
    assert first.http("web", "/").body != second.http("web", "/").body


NAMED = """\
name: shop
services:
  web:
    image: busybox
    init: true
    command: httpd -f -p 80 -h /etc
    container_name: front-door
    hostname: porch
    networks: [inside]
  asks:
    image: busybox
    init: true
    command: sleep 100
    networks: [inside]
    links: ["web:linked"]
networks: {inside: {name: fixed}}
"""


def test_the_names_that_a_learner_wrote_lead_to_the_same_containers(bring_up: Callable[[str], Stack], session: Session) -> None:
    asks = bring_up(NAMED).service("asks")
    for name in ("web", "front-door", "porch", "linked"):
        asks.exec("wget", "-q", "-O", "/dev/null", f"http://{name}/passwd").expect(exit_code=0)
    assert any("services.web.container_name: the container has a name of its own here" in note for note in session.notes)
    unnamed = NAMED.replace("    container_name: front-door\n", "")
    other = bring_up(unnamed).service("asks")
    other.exec("wget", "-q", "-O", "/dev/null", "http://shop-web-1/passwd").expect(exit_code=0)


SHARED = """\
services:
  web:
    image: busybox
    init: true
    command: httpd -f -p 80 -h /etc
    network_mode: service:middle
  middle:
    image: busybox
    init: true
    command: sleep 100
    network_mode: service:outer
  outer:
    image: busybox
    init: true
    command: sleep 100
    ports: ["8000:80"]
"""


def test_a_port_is_published_by_the_service_whose_network_is_shared(bring_up: Callable[[str], Stack]) -> None:
    stack = bring_up(SHARED)
    stack.http("web", "/passwd", port=80).expect(status=200)
    assert stack.service("web").host.name == "outer"
    assert not stack.service("outer").alone
    stack.restart("outer")
    stack.restart("middle")
    stack.restart("web")
    stack.http("web", "/passwd", port=80).expect(status=200)  # behind another free port now


FIXED = """\
services:
  web:
    image: busybox
    init: true
    command: httpd -f -p 80 -h /etc
    networks: {back: {ipv4_address: 172.29.83.5}}
  asks:
    image: busybox
    init: true
    command: sleep 100
    networks: [back]
networks: {back: {ipam: {config: [{subnet: 172.29.83.0/24}]}}}
"""


def test_fixed_addresses_are_kept_or_moved_out_of_the_way(bring_up: Callable[[str], Stack], session: Session) -> None:
    first = bring_up(FIXED)
    first.service("asks").exec("wget", "-q", "-O", "/dev/null", "http://172.29.83.5/passwd").expect(exit_code=0)
    second = bring_up(FIXED.replace("sleep 100", "ping 172.29.83.5"))  # the first is in its way
    asks = second.service("asks")
    asks.exec("wget", "-q", "-O", "/dev/null", "http://web/passwd").expect(exit_code=0)
    assert asks.look().command[-1] != "172.29.83.5"
    asks.container.expect_log("64 bytes from", within=15)
    assert any("The addresses 172.29.83.0/24 are in use on this machine" in note for note in session.notes)


def test_a_service_of_a_profile_is_not_missing_but_asleep(bring_up: Callable[[str], Stack], folder: Path) -> None:
    text = COUNTER.replace("  db:\n", "  db:\n    profiles: [full]\n")
    with pytest.raises(CheckFailed) as asleep:
        bring_up(text).service("db")
    assert asleep.value.finding.message == "The service db is not started."
    assert "a profile: full (in line 12 of compose.yaml" in asleep.value.finding.found
    (folder / ".env").write_text("COMPOSE_PROFILES=full\n")
    bring_up(text).service("db").expect_running()


def test_what_compose_warns_of_and_what_is_left_out_is_noted(
    bring_up: Callable[[str], Stack], session: Session, folder: Path
) -> None:
    (folder / "docker-compose.yml").write_text("services: {other: {image: busybox}}")
    bring_up(
        "version: '3.8'\nservices:\n  a:\n    image: busybox\n    init: true\n    command: sleep 100\n"
        "    cpu_shares: 3\n    pull_policy: always\n    environment: ['A=${NOWHERE}']\n"
    )
    said = "\n".join(session.notes)
    for words in (
        "compose.yaml: the attribute `version` is obsolete",
        "Found multiple config files with supported names: compose.yaml, docker-compose.yml",
        'The "NOWHERE" variable is not set',
        "services.a.cpu_shares: left out here (compose.yaml, line 7)",
        "services.a.pull_policy: always is left out here",
    ):
        assert words in said


BUILT = """\
services:
  one:
    build: {context: ., args: {WORD: first}}
  two:
    build: {context: ., dockerfile: Dockerfile, args: {WORD: second}}
    image: learner/two:latest
  three:
    image: learner/two:latest
"""


def test_builds_images_with_labels_and_limits(bring_up: Callable[[str], Stack], folder: Path, session: Session) -> None:
    (folder / "Dockerfile").write_text(
        "FROM busybox\nARG WORD\nENV WORD=$WORD\nHEALTHCHECK --interval=30s CMD true\nCMD sleep 100\n"
    )
    stack = bring_up(BUILT)
    stack.services_healthy(within=5)  # the image's own test, at the grader's cadence
    assert [stack.service(name).exec("sh", "-c", "echo $WORD").stdout.strip() for name in ("one", "two", "three")] == [
        "first",
        "second",
        "second",
    ]
    assert not session.client.images.list("learner/two")


def test_a_dockerfile_is_vetted_before_anything_starts(
    bring_up: Callable[[str], Stack], folder: Path, session: Session
) -> None:
    (folder / "Dockerfile").write_text("FROM busybox\nRUN --network=host true\n")
    failed = failure(bring_up, "services:\n  db: {image: busybox, command: sleep 100}\n  api: {build: .}\n")
    assert "in line 2" in failed.finding.found
    mine = session.client.api.containers(all=True, filters={"label": f"drydock={session.id}"})
    assert not [one for one in mine if one["Image"] != ENGINE_IMAGE]  # what read the file may still be going


def test_a_context_that_is_too_large_is_a_limit(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM busybox\n")
    (folder / "large").write_bytes(bytes(3 * MB))
    (folder / "compose.yaml").write_text("services: {a: {build: .}}")
    with Session(Limits(context=2 * MB)) as session, pytest.raises(LimitReached, match="build context is too large"):
        start_stack(session, folder)
    (folder / "compose.yaml").write_text("services: {a: {image: busybox, volumes: ['.:/x']}}")
    with Session(Limits(context=2 * MB)) as session, pytest.raises(LimitReached, match="mounts are too large"):
        start_stack(session, folder)


MOUNTS = """\
services:
  a:
    image: busybox
    command: sh -c 'cat /all/data/word /run/secrets/password /conf /text; ls -A /missing; echo new >/data/made; sleep 100'
    volumes: [".:/all", "./data:/data", "./missing:/missing"]
    secrets: [password]
    configs: [{source: settings, target: /conf}, {source: text, target: /text}]
  b:
    image: busybox
    command: >-
      sh -c 'exec 2>&1; while ! cat /again/made; do sleep 0.1; done; cat /one.txt;
      echo x >/again/no || echo read-only; sleep 100'
    volumes: ["./data:/again:ro", "./data/word:/one.txt:ro"]
secrets: {password: {file: ./password.txt}}
configs: {settings: {file: ./settings.ini}, text: {content: "costs $$5\\n"}}
"""


def test_mounted_files_are_shared_and_the_learners_own_stay_as_they_are(bring_up: Callable[[str], Stack], folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "word").write_text("word\n")
    (folder / "data" / "out").symlink_to("/etc/hostname")
    (folder / "password.txt").write_text("secret\n")
    (folder / "settings.ini").write_text("[settings]\n")
    before = sorted(folder.rglob("*"))
    stack = bring_up(MOUNTS)
    time.sleep(1)
    assert stack.logs("a") == "word\nsecret\n[settings]\ncosts $5\n"
    assert stack.logs("b").endswith("new\nword\nsh: can't create /again/no: Read-only file system\nread-only\n")
    assert stack.warnings == (
        "What the stack mounts from your folder (all of it) is a copy: your own files stay as they are.",
        "missing does not exist: the engine mounts an empty folder instead",
    )
    assert [path for path in sorted(folder.rglob("*")) if path.name != "compose.yaml"] == before
    with stack:
        pass
    again = start_stack(stack.session, folder)
    assert again.service("a").exec("ls", "/data").stdout.split() == ["made", "out", "word"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_what_a_trial_left_in_a_mounted_folder_is_not_begun_with(bring_up: Callable[[str], Stack], folder: Path) -> None:
    data = folder / "data"
    data.mkdir()
    (data / "old").write_text("of an earlier trial")
    os.chown(data, 999, 999)  # as PostgreSQL does with its data directory
    data.chmod(0o700)
    (folder / "own").mkdir()
    (folder / "own" / "page").write_text("the learner's")
    stack = bring_up(
        "services: {web: {image: busybox, init: true, command: 'sleep 60', volumes: ['./data:/data', './own:/own']}}"
    )
    web = stack.service("web")
    web.exec("ls", "/data").expect(exit_code=0, output="")
    web.exec("touch", "/data/new").expect(exit_code=0)
    web.exec("cat", "/own/page").expect(output="the learner's")
    assert (data / "old").exists()


def test_a_planted_link_does_not_lead_out(bring_up: Callable[[str], Stack], folder: Path) -> None:
    (folder / "data" / "sub").mkdir(parents=True)
    stack = bring_up(
        "services:\n"
        "  a:\n    image: busybox\n    command: sh -c 'rm -r /data/sub; ln -s / /data/sub; sleep 100'\n"
        "    volumes: ['./data:/data']\n"
        "  b:\n    image: busybox\n    command: sleep 100\n    init: true\n    volumes: ['./data/sub:/sub']\n"
    )
    assert stack.service("b").exec("ls", "-A", "/sub").stdout == ""
    stack.down()
    with pytest.raises(CheckFailed) as refused:  # the link is there now, when b is made again
        stack.up()
    assert "escapes" in refused.value.finding.found


# What goes wrong, and what the learner reads: the services, words of the message, of what was found, of the evidence.
WRONG = {
    "stops": (
        "a: {image: busybox, command: sh -c 'echo goodbye; exit 3'}",
        ("service a stopped", "exit code 3: goodbye", "goodbye"),
    ),
    "keeps restarting": (
        "a: {image: busybox, restart: always, command: sh -c 'echo oops; exit 4'}",
        ("service a keeps restarting", "exit code 4", "oops"),
    ),
    "unhealthy": (
        "a: {image: busybox, command: sleep 100, healthcheck: {test: 'curl localhost', interval: 1s, retries: 2}}",
        ("service a is not healthy", "curl: not found", ""),
    ),
    "unhealthy neighbour": (
        "a: {image: busybox, depends_on: {b: {condition: service_healthy}}}\n"
        "  b: {image: busybox, command: sleep 100, healthcheck: {test: 'echo no; exit 1', interval: 1s, retries: 1}}",
        ("service b is not healthy", "exit code 1: no", ""),
    ),
    "neighbour's check cannot run": (
        "a: {image: busybox, depends_on: {b: {condition: service_healthy}}}\n"
        "  b: {image: busybox, command: sleep 100, healthcheck: {test: [CMD, curl, localhost]}}",
        ("service b is not healthy", "curl", ""),
    ),
    "no such command": (
        "a: {image: busybox, command: [run-me]}",
        ("its command does not exist", "run-me", ""),
    ),
    "no such user": (
        "a: {image: busybox, user: nobody-here}",
        ("service a cannot start", "nobody-here", ""),
    ),
    "no health to wait for": (
        "a: {image: busybox, depends_on: {b: {condition: service_healthy}}}\n  b: {image: busybox, command: sleep 100}",
        ("stack cannot be started", "container b-1 has no healthcheck", ""),
    ),
    "no image's name": ("a: {image: '--all-tags'}", ("cannot be an image's name", "in line 2", "")),
    "no such folder": ("a: {build: ./nope}", ("folder that does not exist", "in line 2 of compose.yaml", "")),
    "no Dockerfile": ("a: {build: .}", ("no Dockerfile", "compose.yaml", "")),
}


@pytest.mark.parametrize(("services", "words"), WRONG.values(), ids=WRONG.keys())
def test_says_what_went_wrong(folder: Path, services: str, words: tuple[str, str, str]) -> None:
    (folder / "compose.yaml").write_text(f"services:\n  {services}\n")
    with Session(Limits(memory=64 * MB, start_seconds=8)) as session, pytest.raises(CheckFailed) as failed:
        start_stack(session, folder)
    finding = failed.value.finding
    shown = "".join(one.text for one in finding.evidence)
    assert [words[0] in finding.message, words[1] in finding.found, words[2] in shown] == [True] * 3, finding


def test_memory_and_time_are_limits(folder: Path) -> None:
    (folder / "compose.yaml").write_text("services: {a: {image: busybox, command: 'tail /dev/zero'}}")
    with Session(LIMITS) as session, pytest.raises(LimitReached, match="more memory than it may"):
        start_stack(session, folder).service("a").expect_running(for_seconds=10)
    (folder / "compose.yaml").write_text(
        "services: {a: {image: busybox, command: sleep 100, depends_on: {b: {condition: service_completed_successfully}}}, "
        "b: {image: busybox, command: sleep 100}}"
    )
    with Session(Limits(start_seconds=4)) as session, pytest.raises(LimitReached) as late:
        start_stack(session, folder)
    assert "a: waits for another service" in late.value.finding.found


def test_the_docker_clients_proxies_reach_no_container(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tmp_path / "client"
    client.mkdir()
    (client / "config.json").write_text('{"proxies": {"default": {"httpProxy": "http://proxy.example:3128"}}}')
    monkeypatch.setenv("DOCKER_CONFIG", str(client))
    (folder / "compose.yaml").write_text("services: {a: {image: busybox, init: true, command: sleep 100}}")
    with Session(LIMITS) as session:
        said = start_stack(session, folder).service("a").exec("env").stdout
    assert "PATH=" in said
    assert "proxy.example" not in said


def test_work_that_ends_well_is_no_failure(bring_up: Callable[[str], Stack]) -> None:
    stack = bring_up(
        "services:\n  train: {image: busybox, command: sh -c 'sleep 1; echo done'}\n"
        "  serve: {image: busybox, command: sleep 100, depends_on: {train: {condition: service_completed_successfully}}}\n"
    )
    assert stack.logs("train") == "done\n"
    stack.service("serve").expect_running()


def test_a_slow_start_is_not_mistaken_for_illness(bring_up: Callable[[str], Stack]) -> None:
    stack = bring_up(
        "services:\n  a:\n    image: busybox\n    command: sh -c 'sleep 4; touch /ready; sleep 100'\n"
        "    healthcheck: {test: test -f /ready, interval: 10s, retries: 3}\n"
    )
    assert stack.health("a") == "healthy"
    stack.service("a").exec("rm", "/ready")
    stack.service("a").expect_unhealthy(within=5)


def test_an_image_that_cannot_be_had_is_not_the_learners_fault(bring_up: Callable[[str], Stack]) -> None:
    # With a network, a registry says that there is none; without, nobody can tell.
    with pytest.raises((ImageUnavailable, CheckFailed)):
        bring_up("services: {a: {image: 'drydock.invalid/nothing:1'}}")


def test_tells_what_it_does(folder: Path) -> None:
    seen: list[Event] = []
    (folder / "compose.yaml").write_text("services: {a: {image: busybox, command: sleep 100, init: true}}")
    with Session(LIMITS, observe=seen.append) as session:
        start_stack(session, folder)
    told = [one.line for one in seen if isinstance(one, EngineOutput)]
    assert any("a-1" in line and "Started" in line for line in told)
    assert not any(session.id.lower() in line for line in told)


def test_nothing_is_left_after_an_exception(folder: Path) -> None:
    client = docker.from_env()
    (folder / "compose.yaml").write_text(COUNTER)
    session = Session(LIMITS)

    def fails() -> None:
        with session:
            start_stack(session, folder)
            assert left_with(client, f"drydock={session.id}")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert left_with(client, f"drydock={session.id}") == []
    client.close()


@pytest.mark.parametrize("after", [0.3, 1.0, 2.0])
def test_nothing_is_left_after_a_cancel(folder: Path, after: float) -> None:
    client, cancelled = docker.from_env(), threading.Event()
    (folder / "compose.yaml").write_text(COUNTER)
    timer = threading.Timer(after, cancelled.set)
    try:
        with Session(LIMITS, cancelled=cancelled) as session:
            timer.start()
            begun = time.monotonic()
            with pytest.raises(Cancelled):
                start_stack(session, folder).service("web").expect_running(for_seconds=30)
            assert time.monotonic() - begun < after + 8
        assert session.left == []
        assert left_with(client, f"drydock={session.id}") == []
    finally:
        timer.cancel()
        client.close()
