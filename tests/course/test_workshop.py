"""A chapter begins with nothing of its own, and ends so; what is not its own stays."""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import _belongings as belongings
import _workshop as workshop
import pytest

CHAPTER = f"t{uuid.uuid4().hex[:6]}"  # no chapter's number
OTHER = f"{CHAPTER}0"


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course folder of the test's own; what `start` changes in the process is put back."""
    monkeypatch.setattr(workshop, "COURSE", tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("PATH", "MARK", "DOCKER_CLI_HINTS"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    return tmp_path


def test_without_a_docker_command_the_reader_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(belongings.NotReadyError, match="no docker command") as raised:
        workshop.start(CHAPTER)
    assert raised.value._render_traceback_() == [str(raised.value)]


def test_without_an_engine_nothing_is_made(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{course}/none.sock")
    with pytest.raises(belongings.NotReadyError, match="No Docker engine answers"):
        workshop.start(CHAPTER)
    assert list(course.iterdir()) == []


def test_a_file_of_the_running_example_is_copied(course: Path) -> None:
    (course / "penguins").mkdir()
    (course / "penguins" / "train.py").write_text("print('train')\n")
    folder = course / "elsewhere"
    folder.mkdir()
    os.chdir(folder)
    workshop.bring("train.py")
    assert (folder / "train.py").read_text() == "print('train')\n"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"DRYDOCK_OWNER": "lab", "DRYDOCK_PORT": "9999"}, "http://localhost:9999/proxy/8041/\n"),
        ({"DRYDOCK_OWNER": "", "DRYDOCK_PORT": "9999"}, "http://localhost:8041/\n"),
    ],
)
def test_a_browser_is_told_where_a_published_port_is(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    workshop.address(8041)
    assert capsys.readouterr().out == expected


class NoNetwork:
    """A socket of a machine without a network."""

    def __init__(self, *_: object) -> None: ...
    def __enter__(self) -> "NoNetwork":
        return self

    def __exit__(self, *_: object) -> None: ...
    def connect(self, _: object) -> None:
        raise OSError("Network is unreachable")


@pytest.mark.engine
class TestOnTheEngine:
    @pytest.fixture(autouse=True)
    def nothing_left(self) -> Iterator[None]:
        yield
        belongings.remove_all(CHAPTER, set())
        belongings.remove_all(OTHER, set())

    def names(self, chapter: str) -> set[str]:
        every = subprocess.run(
            "docker ps -a --format '{{.Names}} {{.Image}}'; docker volume ls -q; docker network ls --format '{{.Name}}';"
            " docker image ls --format '{{.Repository}}'; "
            f"docker ps -a --filter label=drydock.chapter={chapter} --format '{{{{.Names}}}}'",
            shell=True, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return {
            name for name in every.stdout.split() if name.startswith((f"ch{chapter}-", f"ch{chapter}_", f"labelled-{chapter}-"))
        }

    def make(self, chapter: str) -> set[str]:
        name = f"ch{chapter}"
        for command in (
            f"docker volume create {name}-volume",
            f"docker network create {name}_network",  # as Compose names it
            f"docker run -d --name {name}-box --network {name}_network -v {name}-volume:/data busybox sleep 60",
            f"docker run -d --label drydock.chapter={chapter} --name labelled-{chapter}-box busybox sleep 60",
            f"docker tag busybox {name}-image",
            f"docker create {name}-image",  # with a name that Docker makes up
        ):
            subprocess.run(command.split(), check=True, capture_output=True)
        return {f"{name}-volume", f"{name}_network", f"{name}-box", f"labelled-{chapter}-box", f"{name}-image"}

    def test_start_and_finish_remove_what_is_theirs_and_nothing_else(self, course: Path) -> None:
        mine, others = self.make(CHAPTER), self.make(OTHER)
        assert self.names(CHAPTER) == mine
        os.environ["COMPOSE_PROJECT_NAME"] = "another"  # it would overrule the chapter's own
        workshop.start(CHAPTER, images=("busybox",))
        assert "COMPOSE_PROJECT_NAME" not in os.environ
        assert self.names(CHAPTER) == set()
        assert Path.cwd() == course / "work" / f"ch{CHAPTER}"
        assert os.environ["MARK"] == f"--label=drydock.chapter={CHAPTER}"

        Path("mine.txt").write_text("of this run")
        self.make(CHAPTER)
        workshop.start(CHAPTER)  # again, from within its folder
        assert list(Path.cwd().iterdir()) == []
        workshop.finish(CHAPTER)
        assert self.names(CHAPTER) == set()
        assert not (course / "work").exists()
        assert self.names(OTHER) == others

    def test_without_a_network_the_machines_own_address_is_that_of_the_bridge(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("ADDRESS", "")
        monkeypatch.setattr("socket.socket", NoNetwork)
        workshop.own_address()
        monkeypatch.undo()
        asked = ["docker", "network", "inspect", "bridge"]
        (bridge,) = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
        assert capsys.readouterr().out.strip() == bridge["IPAM"]["Config"][0]["Gateway"]

    def test_an_image_that_cannot_be_had_is_named(self) -> None:
        with pytest.raises(belongings.NotReadyError, match=r"localhost:1/none"):
            workshop.start(CHAPTER, images=("localhost:1/none",))

    def build(self, chapter: str, content: str, name: str = "draft") -> str:
        text = f"FROM busybox\nRUN echo {content} > /content\n"
        command = ["docker", "build", "-q", "-t", f"ch{chapter}-{name}", "-"]
        return subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout.strip()

    def there(self, *images: str) -> list[bool]:
        inspect = ["docker", "image", "inspect"]
        return [subprocess.run([*inspect, one], check=False, capture_output=True).returncode == 0 for one in images]

    def test_an_image_that_lost_its_name_goes_as_well(self, course: Path) -> None:
        """Also where it lost it within one cell, and where the kernel was restarted since; never one with a foreign name."""
        workshop.start(CHAPTER)
        draw = uuid.uuid4().hex
        first, second = self.build(CHAPTER, f"{draw}1"), self.build(CHAPTER, f"{draw}2")
        subprocess.run(["docker", "tag", second, f"labelled-{CHAPTER}-kept"], check=True)
        third = self.build(CHAPTER, f"{draw}3")
        subprocess.run(["docker", "tag", "busybox", f"ch{CHAPTER}-box"], check=True)
        try:
            workshop._after_a_cell(None)
            workshop._started.clear()
            assert self.there(second, third) == [True, True]  # the first is gone at once on the containerd image store
            workshop.start(CHAPTER)
            assert self.there(first, second, third) == [False, True, False]
            fourth, fifth = self.build(CHAPTER, f"{draw}4"), self.build(CHAPTER, f"{draw}5")
            workshop.finish(CHAPTER)  # in the cell that made them
            assert self.there(fourth, fifth, "busybox") == [False, False, True]
        finally:
            subprocess.run(["docker", "image", "rm", f"labelled-{CHAPTER}-kept"], check=True, capture_output=True)
        assert not (course / "work").exists()
