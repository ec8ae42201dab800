"""Whatever a submission does: the named check fails with what was seen, the others run, and nothing is left."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.checks.image import Image
from grader.engine.client import connect
from grader.values.outcome import Outcome
from grader.values.units import GB
from tests import core

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        yield


def _starts(image: Image) -> None:
    with image.start() as container:
        container.expect_running(for_seconds=2)


def _runs(image: Image) -> None:
    image.run().expect(exit_code=0, contains="done")


def _answers(image: Image) -> None:
    with image.start(publish=8000) as api:
        api.http("/health", timeout=2).expect(status=200)


def _dockerfile(*lines: str) -> str:
    return "\n".join(["FROM busybox", *lines, ""])


def _script(text: str) -> dict[str, str | bytes]:
    return {"Dockerfile": _dockerfile("COPY main.sh /", 'CMD ["/main.sh"]'), "main.sh": f"#!/bin/sh\n{text}\n"}


# The Dockerfile


def _text(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


DOCKERFILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "There is no Dockerfile."),
    "misspelt": (lambda path: path.with_name("dockerfile").write_text("FROM busybox"), "You have dockerfile."),
    "with an extension": (lambda path: path.with_name("Dockerfile.txt").write_text("FROM busybox"), "You have Dockerfile.txt."),
    "empty": (_text(b""), "Dockerfile is empty."),
    "white space": (_text(b"\n \t\n"), "Dockerfile is empty."),
    "UTF-16": (_text("FROM busybox".encode("utf-16")), "Dockerfile is not UTF-8 text."),
    "a folder": (lambda path: path.mkdir(), "Dockerfile is a folder, not a file."),
    "a pipe": (os.mkfifo, "Dockerfile is not an ordinary file."),
    "a link to outside": (lambda path: path.symlink_to("/etc/passwd"), "outside your folder"),
    "a dangling link": (lambda path: path.symlink_to("nowhere"), "Dockerfile is a link to nothing."),
    "comments only": (_text(b"# FROM busybox\n"), "no instructions"),
    "nonsense": (_text(b"hello world\n"), "does not build"),
    "an unknown instruction": (_text(b"FROM busybox\nRUNN x\n"), "unknown instruction"),
    "no such file to copy": (_text(b"FROM busybox\nCOPY app.py /\n"), "The build does not find app.py."),
    "a step that fails": (_text(b"FROM busybox\nRUN echo alas && exit 7\n"), "exit code 7: alas"),
    "an unknown stage": (_text(b"FROM busybox\nCOPY --from=9 /x /\n"), "does not build"),
    "binary": (_text(bytes(range(1, 128))), "does not build"),
    "a foreign frontend": (_text(b"# syntax=example.com/evil:1\nFROM busybox\n"), "a Dockerfile frontend other than"),
    "the host's network": (_text(b"FROM busybox\nRUN --network=host true\n"), "RUN on the host's network"),
    "without a sandbox": (_text(b"FROM busybox\nRUN --security=insecure true\n"), "RUN without its sandbox"),
    "a filled cache": (_text(b"FROM busybox\nRUN --mount=type=cache,target=/x,from=busybox true\n"), "a cache mount"),
}


@pytest.mark.parametrize(("make", "words"), DOCKERFILES.values(), ids=list(DOCKERFILES))
def test_a_bad_dockerfile(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    make(core.submission(tmp_path / "work", None) / "Dockerfile")
    results = core.run(tmp_path, None, _runs)
    assert results["builds"].outcome is Outcome.FAIL
    assert words in core.seen(results["builds"])
    assert results["builds"].points == 0
    assert results["works"].outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + _dockerfile('CMD ["echo", "done"]').encode(),
        _dockerfile("RUN true && \\", "  true", 'CMD ["echo", "done"]').replace("\n", "\r\n").encode(),
        ("# syntax=docker/dockerfile:1\n" + _dockerfile("CMD echo done")).encode(),
        ("# syntax=docker/dockerfile:1\n# escape=`\n" + _dockerfile("RUN true && `", " true", "CMD echo done")).encode(),
    ],
    ids=["byte-order mark", "Windows line endings", "official frontend", "official frontend and another escape character"],
)
def test_a_dockerfile_as_editors_and_tutorials_leave_it(tmp_path: Path, data: bytes) -> None:
    results = core.run(tmp_path, {"Dockerfile": data}, _runs)
    assert [one.outcome for one in results.values()] == [Outcome.PASS, Outcome.PASS], results


def test_a_link_within_the_folder_is_built(tmp_path: Path) -> None:
    work = core.submission(tmp_path / "work", {"docker/prod": _dockerfile("CMD echo done")})
    (work / "Dockerfile").symlink_to("docker/prod")
    assert core.run(tmp_path, None, _runs)["works"].outcome is Outcome.PASS


def test_an_image_that_does_not_exist_is_the_learners_mistake_or_nobodys(tmp_path: Path) -> None:
    """Without a network nobody can know whether it exists: then it is no failure of the learner's."""
    results = core.run(tmp_path, "FROM no-such-image-anywhere:1\n")
    assert results["builds"].outcome in {Outcome.FAIL, Outcome.ERROR}
    assert "no-such-image-anywhere:1" in core.seen(results["builds"])


# What is sent


def test_a_context_of_five_gigabytes(tmp_path: Path) -> None:
    work = core.submission(tmp_path / "work", _dockerfile("COPY . /app", "CMD echo done"))
    with (work / "model.bin").open("wb") as file:
        file.truncate(5 * GB)
    begin = time.monotonic()
    results = core.run(tmp_path, None, _runs)
    assert results["builds"].outcome is Outcome.LIMIT
    assert "model.bin" in core.seen(results["builds"])
    (work / ".dockerignore").write_text("*.bin\n")
    assert core.run(tmp_path, None, _runs)["works"].outcome is Outcome.PASS
    assert time.monotonic() - begin < 20


def test_a_context_of_too_many_files(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"venv/{number}": "" for number in range(150)}
    limits = replace(core.LIMITS, context_files=100)
    results = core.run(tmp_path, {**files, "Dockerfile": _dockerfile("COPY . /app", "CMD echo done")}, _runs, limits=limits)
    assert results["builds"].outcome is Outcome.LIMIT
    assert "venv" in core.seen(results["builds"])
    results = core.run(tmp_path, {".dockerignore": "**/venv\n"}, _runs, limits=limits)
    assert results["works"].outcome is Outcome.PASS


@pytest.mark.slow
def test_a_context_of_two_hundred_thousand_files_that_are_ignored(tmp_path: Path) -> None:
    work = core.submission(
        tmp_path / "work", {"Dockerfile": _dockerfile("COPY . /app", "CMD echo done"), ".dockerignore": "many\n"}
    )
    (work / "many").mkdir()
    for number in range(200_000):
        (work / "many" / str(number)).touch()
    begin = time.monotonic()
    assert core.run(tmp_path, None, _runs)["works"].outcome is Outcome.PASS
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.mkdir(), ".dockerignore is a folder"),
        (os.mkfifo, ".dockerignore is not an ordinary file"),
        (lambda path: path.symlink_to("/etc/passwd"), "outside your folder"),
        (lambda path: path.write_bytes(b"\xff\xfe*\0"), ".dockerignore is not UTF-8"),
    ],
    ids=["folder", "pipe", "link to outside", "UTF-16"],
)
def test_a_bad_ignore_file(tmp_path: Path, make: Callable[[Path], object], words: str) -> None:
    make(core.submission(tmp_path / "work", _dockerfile()) / ".dockerignore")
    results = core.run(tmp_path, None)
    assert results["builds"].outcome is Outcome.FAIL
    assert words in core.seen(results["builds"])


def test_an_empty_ignore_file_and_odd_things_in_the_context_are_fine(tmp_path: Path) -> None:
    work = core.submission(tmp_path / "work", {"Dockerfile": _dockerfile("COPY . /app", "CMD echo done"), ".dockerignore": ""})
    (work / "out").symlink_to("/")
    (work / "round").symlink_to(".")
    (work / "name with\nnewline").write_text("x")
    assert core.run(tmp_path, None, _runs)["works"].outcome is Outcome.PASS


def test_a_context_elsewhere(tmp_path: Path) -> None:
    work = core.submission(tmp_path / "work", {"Dockerfile": _dockerfile("COPY . /app")})
    (work / "app").symlink_to("/etc")
    results = core.run(tmp_path, None, build={"context": "app"})
    assert results["builds"].outcome is Outcome.FAIL
    assert "outside your folder" in core.seen(results["builds"])


# The build


def test_a_build_that_hangs(tmp_path: Path) -> None:
    begin = time.monotonic()
    results = core.run(tmp_path, _dockerfile("RUN sleep 1000"), limits=replace(core.LIMITS, build_seconds=4))
    assert results["builds"].outcome is Outcome.LIMIT
    assert "took longer than 4 s" in core.seen(results["builds"])
    assert "RUN sleep 1000" in core.seen(results["builds"])
    assert time.monotonic() - begin < 15


def test_a_build_that_eats_memory(tmp_path: Path) -> None:
    results = core.run(tmp_path, _dockerfile("RUN a=x; while :; do a=$a$a; done"))
    assert results["builds"].outcome is Outcome.LIMIT
    assert "used more memory than it may" in core.seen(results["builds"])
    assert "at most 100 MB" in core.seen(results["builds"])


def test_a_build_that_fills_the_page_cache_and_then_fails_did_not_reach_its_memory_limit(tmp_path: Path) -> None:
    results = core.run(tmp_path, _dockerfile("RUN dd if=/dev/zero of=/x bs=1M count=150 2>/dev/null; rm /x; exit 3"))
    assert results["builds"].outcome is Outcome.FAIL
    assert "exit code 3" in core.seen(results["builds"])


def test_a_build_that_forks_without_end(tmp_path: Path) -> None:
    begin = time.monotonic()
    lines = "RUN f() { sleep 1000 & f; }; f"
    results = core.run(tmp_path, _dockerfile(lines), limits=replace(core.LIMITS, build_memory=1 * GB, build_seconds=20))
    assert results["builds"].outcome is Outcome.LIMIT
    assert "processes" in core.seen(results["builds"]) or "took longer" in core.seen(results["builds"])
    assert time.monotonic() - begin < 40


def test_a_build_that_floods_its_log(tmp_path: Path) -> None:
    lines: list[object] = []
    results = core.run(tmp_path, _dockerfile("RUN yes | head -c 30000000; exit 4"), observe=lines.append)
    assert results["builds"].outcome is Outcome.FAIL
    assert "exit code 4" in core.seen(results["builds"])
    assert len(core.seen(results["builds"])) < 10_000
    assert len(lines) < 20_000


def test_nobody_can_talk_the_grader_into_a_fault_of_its_own(tmp_path: Path) -> None:
    words = "no space left on device; cannot connect to the docker daemon; connection refused; error reading from server: EOF"
    results = core.run(tmp_path, _dockerfile(f'RUN echo "{words}"; echo "{words}" >&2; exit 1'))
    assert results["builds"].outcome is Outcome.FAIL
    results = core.run(tmp_path, _dockerfile(f'CMD ["{words}"]'), _runs)
    assert results["works"].outcome is Outcome.FAIL
    assert "does not exist in the image" in core.seen(results["works"])


def test_what_one_submission_leaves_in_a_cache_mount_does_not_reach_another(tmp_path: Path) -> None:
    mount = "RUN --mount=type=cache,id=shared,target=/c "
    first = core.run(tmp_path / "a", _dockerfile(mount + "echo poison > /c/x"))
    assert first["builds"].outcome is Outcome.PASS
    second = core.run(tmp_path / "b", _dockerfile(f"{mount} test ! -e /c/x"))
    assert second["builds"].outcome is Outcome.PASS, core.seen(second["builds"])


# The container

DEATHS: dict[str, tuple[dict[str, str | bytes] | str, str]] = {
    "exits at once": (_script("echo no such model >&2; exit 3"), "exit code 3"),
    "exits well, but exits": (_dockerfile("CMD true"), "exit code 0"),
    "no command": ("FROM scratch\nCOPY note.txt /\n", "the image does not say what to run"),
    "entrypoint not found": (_dockerfile('ENTRYPOINT ["/missing"]'), "its command does not exist in the image"),
    "not executable": (_dockerfile("COPY note.txt /note", 'ENTRYPOINT ["/note"]'), "its command may not be executed"),
    "a folder as entrypoint": (_dockerfile('ENTRYPOINT ["/etc"]'), "The container cannot start"),
    "Windows line ending behind #!": (
        {"Dockerfile": _dockerfile("COPY main.sh /", 'CMD ["/main.sh"]'), "main.sh": "#!/bin/sh\r\necho done\r\n"},
        "no such file or directory",
    ),
    "a user who does not exist": (_dockerfile("USER nobody-knows", "CMD sleep 9"), "the image's user does not exist"),
    "a shell line in brackets": (_dockerfile('CMD ["sleep 9"]'), "its command does not exist in the image"),
    "a crash": (_script("sh -c 'kill -SEGV $$'; exit $?"), "exit code 139 (crashed with SIGSEGV)"),
}


@pytest.mark.parametrize(("files", "words"), DEATHS.values(), ids=list(DEATHS))
def test_a_container_that_does_not_stay(tmp_path: Path, files: dict[str, str | bytes] | str, words: str) -> None:
    results = core.run(tmp_path, files, _starts)
    assert results["works"].outcome is Outcome.FAIL
    assert words in core.seen(results["works"])


def test_a_container_that_never_ends(tmp_path: Path) -> None:
    begin = time.monotonic()
    results = core.run(tmp_path, _script("echo working; sleep 1000"), _runs, limits=replace(core.LIMITS, start_seconds=2))
    assert results["works"].outcome is Outcome.LIMIT
    assert "ends within 2 s" in core.seen(results["works"])
    assert "working" in core.seen(results["works"])
    assert time.monotonic() - begin < 20


def test_a_container_that_ignores_sigterm(tmp_path: Path) -> None:
    def stops(image: Image) -> None:
        with image.start() as container:
            container.stop(grace=1).expect(within=0.9)

    results = core.run(tmp_path, _script("trap '' TERM; while :; do sleep 0.1; done"), stops)
    assert results["works"].outcome is Outcome.FAIL
    assert "did not end when it was asked to, and was killed" in core.seen(results["works"])


def test_a_container_that_floods_its_log(tmp_path: Path) -> None:
    begin = time.monotonic()
    results = core.run(tmp_path, _dockerfile('CMD ["yes", "spam"]'), _runs, limits=replace(core.LIMITS, start_seconds=3))
    assert results["works"].outcome is Outcome.LIMIT
    assert len(core.seen(results["works"])) < 10_000
    assert time.monotonic() - begin < 30


def test_a_container_that_writes_one_endless_line(tmp_path: Path) -> None:
    limits = replace(core.LIMITS, start_seconds=2)
    results = core.run(tmp_path, _dockerfile("CMD tr '\\\\0' x < /dev/zero"), _runs, limits=limits)
    assert results["works"].outcome is Outcome.LIMIT
    assert len(core.seen(results["works"])) < 10_000


def test_a_command_in_a_container_that_floods(tmp_path: Path) -> None:
    def floods(image: Image) -> None:
        with image.start() as container:
            container.exec("cat", "/dev/zero", seconds=2)

    results = core.run(tmp_path, _dockerfile("CMD sleep 1000"), floods)
    assert results["works"].outcome is Outcome.LIMIT
    assert "did not end" in core.seen(results["works"])


def test_a_fork_bomb_is_contained_and_told_from_the_kernels_counter(tmp_path: Path) -> None:
    script = "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done; sleep 1000"
    bomb = f"(while :; do ({script}) 2>/dev/null; sleep 0.2; done) & exec sleep 1000"
    results = core.run(tmp_path, _script(bomb), _answers)
    assert results["works"].outcome is Outcome.LIMIT
    assert "started more processes than it may" in core.seen(results["works"])
    assert "at most 64 processes" in core.seen(results["works"])


def test_a_container_that_eats_memory(tmp_path: Path) -> None:
    results = core.run(tmp_path, _script("a=x; while :; do a=$a$a; done"), _runs)
    assert results["works"].outcome is Outcome.LIMIT
    assert "used more memory than it may" in core.seen(results["works"])
    assert "at most 64 MB" in core.seen(results["works"])


def test_a_container_whose_child_eats_memory(tmp_path: Path) -> None:
    """The main process lives on; only the kernel's counter knows."""
    results = core.run(tmp_path, _script("sh -c 'a=x; while :; do a=$a$a; done'; exec sleep 1000"), _answers)
    assert results["works"].outcome is Outcome.LIMIT
    assert "used more memory than it may" in core.seen(results["works"])


def test_exit_code_137_alone_is_no_memory_limit(tmp_path: Path) -> None:
    results = core.run(tmp_path, _script("sh -c 'kill -KILL $$'; exit $?"), _starts)
    assert results["works"].outcome is Outcome.FAIL
    assert "exit code 137 (killed by SIGKILL)" in core.seen(results["works"])


def test_a_file_larger_than_a_file_may_be(tmp_path: Path) -> None:
    results = core.run(tmp_path, _script("dd if=/dev/zero of=/x bs=1M count=50 && echo done"), _runs)
    assert results["works"].outcome is Outcome.LIMIT
    assert "files of at most 20 MB" in core.seen(results["works"])


# The server

SERVERS: dict[str, tuple[str, str]] = {
    "on another port": ("httpd -f -p 9000 -h /www", "nothing listens on port 8000, but something does on port 9000"),
    "on loopback only": ("httpd -f -p 127.0.0.1:8000 -h /www", "which only the container can reach"),
    "nowhere": ("sleep 1000", "nothing in it listens on any port"),
    "answers 404": ("httpd -f -p 8000 -h /tmp", "GET /health answered 404"),
    "answers 500": ("nc -ll -p 8000 -e /answer.sh 'HTTP/1.0 500 Oops\\r\\n\\r\\nno model'", "status 500: no model"),
    "is slow": ("nc -ll -p 8000 -e /slow.sh", "no complete answer within 2 s"),
    "never ends its answer": ("nc -ll -p 8000 -e /endless.sh", "got no complete answer"),
    "drips its answer": ("nc -ll -p 8000 -e /drip.sh", "no complete answer within 2 s"),
    "closes every connection": ("nc -ll -p 8000 -e true", "breaks off every connection"),
    "speaks another protocol": ("nc -ll -p 8000 -e /answer.sh '+PONG\\r\\n'", "not HTTP"),
    "dies when it is asked": ("nc -l -p 8000 -e false", "The container stopped."),
}
HEAD = "printf 'HTTP/1.0 200 OK\\r\\n\\r\\n'"


@pytest.mark.parametrize(("command", "words"), SERVERS.values(), ids=list(SERVERS))
def test_a_server_that_does_not_answer_as_it_should(tmp_path: Path, command: str, words: str) -> None:
    files: dict[str, str | bytes] = {
        "Dockerfile": _dockerfile("COPY *.sh /", "COPY health /www/health", 'CMD ["/main.sh"]'),
        "main.sh": f"#!/bin/sh\nexec {command}\n",
        "answer.sh": '#!/bin/sh\nprintf "$1"\nsleep 0.2\n',
        "slow.sh": f"#!/bin/sh\nsleep 8\n{HEAD}\n",
        "endless.sh": f"#!/bin/sh\n{HEAD}\nexec yes\n",
        "drip.sh": f"#!/bin/sh\n{HEAD}\nwhile :; do printf x; sleep 0.3; done\n",
        "health": "ok",
    }
    begin = time.monotonic()
    results = core.run(tmp_path, files, _answers, limits=replace(core.LIMITS, start_seconds=3))
    assert results["works"].outcome is Outcome.FAIL
    assert words in core.seen(results["works"])
    assert time.monotonic() - begin < 30


def test_a_server_that_answers(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "Dockerfile": _dockerfile("COPY health /www/", "CMD sleep 1; httpd -f -p 8000 -h /www"),
        "health": "ok",
    }
    assert core.run(tmp_path, files, _answers)["works"].outcome is Outcome.PASS


# Health checks


def _healthy(image: Image) -> None:
    with image.start() as container:
        container.expect_healthy(within=3)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("HEALTHCHECK --timeout=60s CMD sleep 1000", "it has not ended once"),
        ("HEALTHCHECK --retries=1 CMD echo the model is missing; exit 1", "exit code 1: the model is missing"),
        ("", "The image has no health check."),
        ("HEALTHCHECK NONE", "The image has no health check."),
    ],
    ids=["hangs", "fails", "there is none", "there is none on purpose"],
)
def test_a_health_check_that_does_not_pass(tmp_path: Path, check: str, words: str) -> None:
    begin = time.monotonic()
    results = core.run(tmp_path, _dockerfile(check, "CMD sleep 1000"), _healthy)
    assert results["works"].outcome is Outcome.FAIL
    assert words in core.seen(results["works"])
    assert time.monotonic() - begin < 20


@pytest.mark.parametrize("options", ["--interval=30s", "--interval=5m --start-period=5m"])
def test_nobody_waits_for_the_learners_own_interval(tmp_path: Path, options: str) -> None:
    results = core.run(tmp_path, _dockerfile(f"HEALTHCHECK {options} CMD true", "CMD sleep 1000"), _healthy)
    assert results["works"].outcome is Outcome.PASS, core.seen(results["works"])


# What is left


def _volumes() -> set[str]:
    client = connect()
    try:
        return {one["Name"] for one in client.api.volumes().get("Volumes") or ()}
    finally:
        client.close()


def test_anonymous_volumes_go_with_their_container(tmp_path: Path) -> None:
    def mounts(image: Image) -> None:
        image.run("sh", "-c", "echo $(hostname) > /data/x; cat /proc/mounts; echo done").expect(contains="/data")
        with image.start("sleep", "1000") as container:
            names.update(mount["Name"] for mount in image.session.client.api.inspect_container(container.id)["Mounts"])

    names: set[str] = set()
    results = core.run(tmp_path, _dockerfile("VOLUME /data /more"), mounts)
    assert results["works"].outcome is Outcome.PASS
    assert len(names) == 2
    assert not names & _volumes()


def test_a_label_of_the_learners_does_not_hide_an_image_from_the_sweep(tmp_path: Path) -> None:
    results = core.run(tmp_path, _dockerfile("LABEL drydock=mine drydock.owner=me", "CMD echo done"), _runs)
    assert results["works"].outcome is Outcome.PASS


def test_a_build_argument_is_no_secret_way_to_another_frontend(tmp_path: Path) -> None:
    results = core.run(tmp_path, _dockerfile("ARG BUILDKIT_SYNTAX=evil/frontend", "CMD echo done"), _runs)
    assert results["works"].outcome is Outcome.PASS
