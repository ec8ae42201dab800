"""A chapter begins with nothing of its own, and ends so; what is not its own stays."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import _workshop as workshop
import pytest

CHAPTER = f"t{uuid.uuid4().hex[:6]}"  # no chapter's number


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
    with pytest.raises(workshop.NotReadyError, match="no docker command") as raised:
        workshop.start(CHAPTER)
    assert raised.value._render_traceback_() == [str(raised.value)]


def test_without_an_engine_nothing_is_made(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{course}/none.sock")
    with pytest.raises(workshop.NotReadyError, match="No Docker engine answers"):
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


@pytest.mark.engine
class TestOnTheEngine:
    @pytest.fixture(autouse=True)
    def nothing_left(self) -> Iterator[None]:
        yield
        workshop._remove_all(CHAPTER)
        workshop._remove_all(f"{CHAPTER}-other")

    def names(self, chapter: str) -> set[str]:
        label = f"label=drydock.chapter={chapter}"
        every = subprocess.run(
            f"docker ps -a --filter {label} --format '{{{{.Names}}}}'; docker volume ls -q --filter {label};"
            f" docker network ls --filter {label} --format '{{{{.Name}}}}'",
            shell=True, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return set(every.stdout.split())

    def make(self, chapter: str) -> set[str]:
        name = f"ch{chapter}"
        mark = f"--label=drydock.chapter={chapter}"
        for command in (
            f"docker volume create {mark} {name}-volume",
            f"docker network create {mark} {name}-network",
            f"docker run -d {mark} --name {name}-box --network {name}-network -v {name}-volume:/data busybox sleep 60",
        ):
            subprocess.run(command.split(), check=True, capture_output=True)
        return {f"{name}-volume", f"{name}-network", f"{name}-box"}

    def test_start_and_finish_remove_what_is_theirs_and_nothing_else(self, course: Path) -> None:
        mine, others = self.make(CHAPTER), self.make(f"{CHAPTER}-other")
        assert self.names(CHAPTER) == mine
        workshop.start(CHAPTER, images=("busybox",))
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
        assert self.names(f"{CHAPTER}-other") == others

    def test_an_image_that_cannot_be_had_is_named(self) -> None:
        with pytest.raises(workshop.NotReadyError, match=r"localhost:1/none"):
            workshop.start(CHAPTER, images=("localhost:1/none",))
