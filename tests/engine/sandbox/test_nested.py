"""The sandbox on the real engine: what works in it, what cannot get out of it, and what is left of it after a play."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.engine import containers
from grader.engine.sandbox.nested import Sandbox
from grader.engine.sandbox.parts import Size
from grader.engine.session import Session
from grader.values.errors import LimitReached
from grader.values.units import MB
from tests import core

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch, core.nothing_left(tmp_path_factory.mktemp("s") / "runtime", patch):
        with Session() as session:
            yield Sandbox(session, ["busybox"], Size(memory=600 * MB, disk=150 * MB, files=20 * MB, pids=300))
        assert session.left == []


def _play(sandbox: Sandbox, script: str, *, seconds: float = 60, files: dict[str, bytes] | None = None) -> str:
    sandbox.reset()
    return sandbox.play(script, files or {}, seconds=seconds).stdout


def _state(sandbox: Sandbox) -> str:
    lists = (
        ("ps", "-aq"),
        ("volume", "ls", "-q"),
        ("network", "ls", "--filter", "type=custom", "-q"),
        ("image", "ls", "-a", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"),
    )
    return "\n---\n".join(sandbox.docker(*one).stdout for one in lists)


HEALTHY = "docker run --rm busybox sh -c 'sleep 1; echo healthy'"  # brief containers may go unheard: engine/lost_output.py

EVERYTHING = """\
docker pull busybox
docker run -d --name web -p 8000:8000 busybox httpd -f -p 8000 -h /etc && echo ok-run
sleep 1; wget -qO- localhost:8000/hostname && echo ok-port
docker exec web cat /etc/hostname && echo ok-exec
docker logs web && echo ok-logs
docker stats --no-stream web && echo ok-stats
docker inspect web >/dev/null && echo ok-inspect
docker cp web:/etc/hostname taken && docker cp taken web:/given && echo ok-cp
docker update --memory 20m --memory-swap 20m web && echo ok-update
docker volume create data && docker run --rm -v data:/data busybox touch /data/x && echo ok-volume
docker network create net && docker network connect net web && echo ok-network
docker run --rm --network net busybox wget -qO- web:8000/hostname && echo ok-name
docker run --rm -v "$PWD":/here busybox sh -c 'cat /here/taken; echo x >/here/taken; mkdir /here/made' && echo ok-bind
mkdir below; docker run --rm -v "$PWD/below":/b busybox touch /b/x && ls below/x && echo ok-below
printf 'FROM busybox\\nCOPY given.txt /\\nRUN echo built >/built\\n' >Dockerfile
docker build -q -t own:1 . && docker run --rm own:1 cat /built /given.txt && echo ok-build
umask 077; mkdir mine; echo x >mine/own; umask 0
docker run --rm -v "$PWD/mine":/mine busybox sh -c 'cat /mine/own && echo y >/mine/own' && echo ok-mine
docker run --rm --user "$(id -u):$(id -g)" -v "$PWD":/here busybox touch /here/by-me && ls by-me && echo ok-user
docker tag own:1 own:2 && docker save -o own.tar own:1 own:2 && docker rmi own:1 own:2 && docker load -i own.tar && echo ok-save
printf 'services:\\n  a:\\n    image: busybox\\n    command: sleep 100\\n' >compose.yaml
docker compose up -d && docker compose exec -T a echo hello && docker compose down -t 0 && echo ok-compose
docker events --since 1m --until 0s >/dev/null && echo ok-events
docker run --rm --volumes-from web --pid container:web busybox ps && echo ok-shared
docker rmi -f busybox && docker tag own:1 busybox && docker run -d --restart always busybox sh -c 'exit 1'; echo ok-mess
mkdir .hidden && touch .hidden/x
"""


def test_what_the_course_teaches_works_and_a_reset_undoes_all_of_it(sandbox: Sandbox) -> None:
    sandbox.reset()
    before = _state(sandbox)
    said = _play(sandbox, EVERYTHING, files={"given.txt": b"given\n"}, seconds=120)
    wanted = [line.rsplit("echo ", 1)[1] for line in EVERYTHING.splitlines() if "echo ok-" in line]
    assert [one for one in wanted if one not in said.splitlines()] == [], said
    assert _state(sandbox) != before
    sandbox.reset()
    assert _state(sandbox) == before
    assert _play(sandbox, "ls -A; docker ps -aq").splitlines() == ["$ ls -A", ".commands.sh", "$ docker ps -aq"]


REFUSED = {
    "docker run --privileged busybox true": "--privileged cannot be used in this sandbox",
    "docker run -v /:/host busybox true": "only your own folder",
    "docker run --mount type=bind,src=/run,dst=/x busybox true": "only your own folder",
    "ln -s / out; docker run -v $PWD/out:/host busybox true": "only your own folder",
    "docker run --pid host busybox true": "--pid host cannot be used",
    "docker run --network host busybox true": "--network host cannot be used",
    "docker run --userns host busybox true": "--userns host cannot be used",
    "docker run --device /dev/null busybox true": "--device cannot be used",
    "docker run --cap-add ALL busybox true": "--cap-add cannot be used",
    "docker run --security-opt seccomp=unconfined busybox true": "--security-opt seccomp=unconfined cannot be used",
    "docker run --security-opt systempaths=unconfined busybox true": "systempaths cannot be used",
    "docker run --cgroup-parent / busybox true": "--cgroup-parent cannot be used",
    "docker volume create -o type=none -o o=bind -o device=/ v1": "a volume with driver options cannot be used",
    "docker network create -d macvlan n1": "only bridge networks",
    "docker run -d --name c1 busybox sleep 100; docker exec --privileged c1 true": "--privileged cannot be used",
    "docker run -d --name c2 busybox sleep 100; docker pause c2": "docker pause cannot be used",
    "docker swarm init": "docker swarm cannot be used",
    "docker plugin install x": "docker plugin cannot be used",
    "docker pull nginx": "nginx:latest is not one of its images",
    "docker pull registry:5000/box": "this sandbox has no network, and registry:5000/box:latest is not one of its images",
    "docker push busybox": "docker push to docker.io cannot be used in this sandbox",
    "DOCKER_HOST=unix:///run/sandbox/docker.sock docker ps": "Cannot connect to the Docker daemon",
    "DOCKER_BUILDKIT=0 docker build --cgroup-parent / - </dev/null": "--cgroup-parent",
}


def test_ways_out_are_refused_with_a_sentence(sandbox: Sandbox) -> None:
    marks = [f"echo '== {number}'\n{command}\n" for number, command in enumerate(REFUSED)]
    said = _play(sandbox, "set +x\n" + "".join(marks), seconds=120)
    for number, (command, words) in enumerate(REFUSED.items()):
        answer = said.split(f"== {number}\n", 1)[1].split("\n== ", 1)[0]
        assert words in answer, f"{command}: {answer}"


def test_there_is_no_reach_to_the_machine(sandbox: Sandbox) -> None:
    said = _play(
        sandbox,
        "set +x\n"
        "ls -d /var/run/docker.sock /run/sandbox 2>&1\n"
        "touch /run/learner/x /usr/x 2>&1\n"
        "mount -t tmpfs none /exercise 2>&1\n"
        "ip route 2>/dev/null | grep default || echo no way out\n"
        "grep CapEff /proc/self/status\n"
        "docker run --rm busybox sh -c 'sleep 1; cat /proc/self/uid_map'\n",  # brief containers may go unheard
    )
    assert said.count("Read-only file system") == 2
    assert "permission denied" in said.lower() or "must be superuser" in said.lower()
    assert "no way out" in said
    assert "CapEff:\t0000000000000000" in said
    first, outside, _ = said.splitlines()[-1].split()
    assert (first, int(outside) > 0) == ("0", True)


def test_a_link_put_in_place_later_leads_to_nothing_of_worth(sandbox: Sandbox) -> None:
    said = _play(
        sandbox,
        "set +x\nmkdir trap\n"
        "docker create --name thief -v $PWD/trap:/x busybox sh -c 'ls -ln /x; echo >/x/new; chmod 777 /x'\n"
        "rmdir trap; ln -s /run/sandbox trap\n"
        "docker start -a thief 2>&1",
    )
    assert "srw-rw----" in said  # the engine's own socket can be seen, but belongs to nobody here, and is closed to others
    assert "can't create /x/new: Permission denied" in said
    assert "Operation not permitted" in said


LIMITS = {
    "never ends": ("sleep 1000", "did not come to an end", "still at: sleep 1000", 8),
    "waits for its container": ("docker run busybox sleep 1000", "did not come to an end", "docker run busybox sleep", 8),
    "fills the disk": ("docker run busybox dd if=/dev/zero of=/x bs=1M count=400", "filled the sandbox's disk", "", 60),
    "fills its folder": ("dd if=/dev/zero of=x bs=1M count=100", "filled the sandbox's disk", "", 60),
    "eats memory": ("docker run busybox sh -c 'a=x; while :; do a=$a$a; done'", "more memory", "", 60),
    "eats memory outside": ("a=x; set +x; while :; do a=$a$a; done", "more memory", "", 60),
    "a bomb inside": ("docker run busybox sh -c 'f() { sleep 1000 & f; }; f'", "processes", "", 15),
    "a bomb that goes on": ("docker run busybox sh -c 'f() { f | f & }; f; sleep 1000'", "processes", "", 20),
}


@pytest.mark.parametrize(("script", "message", "found", "seconds"), LIMITS.values(), ids=list(LIMITS))
def test_a_limit_is_told_and_the_next_play_gets_a_healthy_sandbox(
    sandbox: Sandbox, script: str, message: str, found: str, seconds: float
) -> None:
    with pytest.raises(LimitReached) as limit:
        _play(sandbox, script, seconds=seconds)
    assert message in limit.value.finding.message
    assert found in limit.value.finding.found
    assert _play(sandbox, HEALTHY).splitlines()[-1] == "healthy"


def test_a_bomb_outside_ends_with_the_commands(sandbox: Sandbox) -> None:
    assert "fork" in _play(sandbox, "set +x; f() { sleep 1000 & f; }; f")
    assert _play(sandbox, HEALTHY).splitlines()[-1] == "healthy"


def test_refused_forks_are_known_when_the_engine_lost_their_count(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    real = containers.logs

    def without_the_count(*args: Any, **kwargs: Any) -> str:
        return "" if kwargs.get("stdout") is False else real(*args, **kwargs)

    monkeypatch.setattr(containers, "logs", without_the_count)
    said = _play(sandbox, "set +x; i=0; while [ $i -lt 300 ]; do sleep 1000 & i=$((i+1)); done")
    monkeypatch.undo()
    limit = sandbox.limit_behind(said)
    assert limit is not None, said
    assert "Your commands started more processes" in limit.finding.message


def test_an_engine_that_dies_is_told_and_replaced(sandbox: Sandbox) -> None:
    sandbox.reset()
    sandbox.session.client.api.kill(sandbox.engine)
    assert _play(sandbox, HEALTHY).splitlines()[-1] == "healthy"


def test_what_could_not_start_is_no_lost_output(sandbox: Sandbox) -> None:
    sandbox.reset()
    before = sandbox.losses()
    said = _play(
        sandbox, f"docker run busybox nonsense; docker run -d --name up busybox sleep 9; docker exec up nonsense; {HEALTHY}"
    )
    assert said.count('exec: "nonsense"') == 2
    assert said.splitlines()[-1] == "healthy"
    assert sandbox.losses() == before


def test_a_filter_that_dies_is_replaced(sandbox: Sandbox) -> None:
    sandbox.docker("version")
    sandbox.session.client.api.kill(sandbox._parts.filter)
    assert _play(sandbox, HEALTHY).splitlines()[-1] == "healthy"


def test_a_fault_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "_load", lambda _self: 1 / 0)
    with core.nothing_left(tmp_path / "runtime", monkeypatch), pytest.raises(ZeroDivisionError), Session() as session:
        Sandbox(session, ["busybox"])
