"""What is checked is what was there when the check began."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import catalogue, layout
from grader.course.catalogue import Entry
from grader.engine import copies, ownership
from grader.progress import fingerprint
from grader.run import snapshot
from grader.values.errors import UsageError
from grader.values.limits import Limits
from grader.workspace.watch import look
from tests import toys

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRYDOCK_RUNTIME", str(tmp_path / "runtime"))
    return tmp_path / "runtime"


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    return catalogue.find(toys.course(tmp_path / "course"), toys.TOY)


@pytest.fixture
def folder(tmp_path: Path, runtime: Path) -> Path:
    folder = toys.write(tmp_path / "work" / toys.TOY, {**toys.VARIANTS["starter"], "src/main.py": "pass\n", ".env": "A=1\n"})
    (folder / "src" / "main.py").chmod(0o750)
    (folder / "link").symlink_to("src/main.py")
    return folder


def test_the_copy_is_the_same_and_goes_with_the_block(entry: Entry, folder: Path, runtime: Path) -> None:
    with snapshot.take(entry, folder) as taken:
        assert taken.private
        assert taken.folder.name == folder.name
        assert copies.same(folder, taken.folder)
        assert (taken.folder / "link").readlink() == Path("src/main.py")
        assert (taken.folder / "src" / "main.py").stat().st_mode & 0o777 == 0o750
    assert list(runtime.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "stays"),
    {"an earlier release's": (toys.CHECKS, False), "their own": ("def check(row):\n    ...\n", True)}.values(),
)
def test_checks_that_an_earlier_release_left_are_not_part_of_the_work(
    entry: Entry, folder: Path, text: str, stays: bool
) -> None:
    (folder / "checks.py").write_text(text)
    (folder / "src" / "checks.py").write_text(text)
    with snapshot.take(entry, folder) as taken:
        assert taken.private
        assert (taken.folder / "checks.py").exists() is stays
        assert (taken.folder / "src" / "checks.py").exists()
    assert (folder / "checks.py").read_text() == text


def test_every_definition_is_known_as_one() -> None:
    for entry in catalogue.entries(ROOT):
        assert layout.released_earlier(entry.folder) == entry.folder / "checks.py"


def test_what_is_saved_meanwhile_reaches_neither_the_check_nor_the_record(entry: Entry, folder: Path) -> None:
    before = fingerprint(folder, ["Dockerfile"])
    with snapshot.take(entry, folder) as taken:
        (folder / "Dockerfile").write_text("FROM scratch\n")
        (folder / "new.txt").touch()
        assert (taken.folder / "Dockerfile").read_text() == toys.VARIANTS["starter"]["Dockerfile"]
        assert not (taken.folder / "new.txt").exists()
        assert taken.fingerprint == before != fingerprint(folder, ["Dockerfile"])


def test_a_lost_execute_bit_is_back_before_anything_is_recorded(entry: Entry, folder: Path) -> None:
    toys.write(folder, {"run.sh": "#!/bin/sh\n"}).joinpath("run.sh").chmod(0o644)
    with snapshot.take(entry, folder) as taken:
        assert (taken.folder / "run.sh").stat().st_mode & 0o111 == 0o111
        assert look(folder) == taken.seen


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def _link_up(folder: Path) -> None:
    (folder / "up").symlink_to("..")


def _link_to_itself(folder: Path) -> None:
    (folder / "whole").symlink_to(folder.absolute() / "src")


def _many(folder: Path) -> None:
    for number in range(30):
        (folder / f"{number}.csv").touch()


def _large(folder: Path) -> None:
    (folder / "data.bin").write_bytes(b"x" * 20_000)


@pytest.mark.parametrize("make", [_pipe, _link_up, _link_to_itself, _many, _large])
def test_where_a_copy_would_not_be_the_same_the_folder_itself_is_checked(
    entry: Entry, folder: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(snapshot, "MOST", Limits(context=10_000, context_files=20))
    make(folder)
    with snapshot.take(entry, folder) as taken:
        assert (taken.folder, taken.private) == (folder, False)
        assert taken.fingerprint == fingerprint(folder, ["Dockerfile"])
    assert list(runtime.iterdir()) == []


def test_a_save_during_the_copy_makes_another(entry: Entry, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy, texts = copies.copy, iter(["FROM busybox:half\n", "FROM busybox:whole\n"])

    def slow(source: Path, target: Path, limits: Limits) -> None:
        copy(source, target, limits)
        if text := next(texts, None):
            (folder / "Dockerfile").write_text(text)

    monkeypatch.setattr(copies, "copy", slow)
    with snapshot.take(entry, folder) as taken:
        assert taken.private
        assert (taken.folder / "Dockerfile").read_text() == "FROM busybox:whole\n"


def test_what_never_comes_to_rest_is_checked_where_it_is(entry: Entry, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = copies.copy

    def busy(source: Path, target: Path, limits: Limits) -> None:
        copy(source, target, limits)
        with (folder / "server.log").open("a") as log:
            log.write("a line\n")

    monkeypatch.setattr(copies, "copy", busy)
    with snapshot.take(entry, folder) as taken:
        assert not taken.private


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_owners_are_kept_where_we_may(entry: Entry, folder: Path) -> None:
    os.chown(folder / "src", 1234, 1234)
    with snapshot.take(entry, folder) as taken:
        assert taken.private
        assert (taken.folder / "src").stat().st_uid == 1234


def test_no_folder(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"), snapshot.take(entry, tmp_path / "nothing"):
        pass


def test_a_killed_process_leaves_its_copy_to_the_next_sweep(entry: Entry, folder: Path, runtime: Path) -> None:
    code = f"""
        import os, signal
        from pathlib import Path
        from grader.course import catalogue, layout
        from grader.run import snapshot
        with snapshot.take(catalogue.load(Path({str(entry.folder)!r})), Path({str(folder)!r})):
            os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    (lock,) = runtime.glob("*.lock")
    assert (runtime / lock.stem).is_dir()
    assert ownership._is_dead(lock)
