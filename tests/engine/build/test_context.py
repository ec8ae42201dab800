import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.engine.build import context
from grader.values.errors import CheckFailed, LimitReached
from grader.values.limits import Limits
from grader.values.units import GB, KB, MB

NAME = "Dockerfile"


def _written(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


def _link_outside(path: Path) -> None:
    outside = path.parent.parent / "secret"
    outside.write_text("FROM secret")
    path.symlink_to(outside)


def _in_a_linked_folder(path: Path) -> None:
    path.symlink_to("/etc/hostname")


BAD: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "missing": (lambda path: None, "There is no Dockerfile.", "an empty folder"),
    "empty": (_written(b""), "Dockerfile is empty.", "white space"),
    "white space": (_written(b" \n\t\r\n\xc2\xa0"), "Dockerfile is empty.", "white space"),
    "a byte-order mark alone": (_written(b"\xef\xbb\xbf"), "Dockerfile is empty.", "white space"),
    "UTF-16": (_written("FROM busybox\n".encode("utf-16")), "Dockerfile is not UTF-8 text.", "byte 0xff in line 1"),
    "Latin-1": (_written(b"FROM busybox\nLABEL a=\xe4\n"), "Dockerfile is not UTF-8 text.", "byte 0xe4 in line 2"),
    "a folder": (lambda path: path.mkdir(), "Dockerfile is a folder, not a file.", "a folder Dockerfile/"),
    "a pipe": (os.mkfifo, "Dockerfile is not an ordinary file.", "a pipe"),
    "a link to outside": (_link_outside, "a link to a place outside your folder", "secret"),
    "an absolute link": (_in_a_linked_folder, "a link to a place outside your folder", "/etc/hostname"),
    "a dangling link": (lambda path: path.symlink_to("nothing"), "Dockerfile is a link to nothing.", "a link to nothing"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "Dockerfile", ""),
    "too large": (_written(b"#" * (context.TEXT_BYTES + 1)), "Dockerfile is too large to be one.", "100 kB"),
    "an endless device": (lambda path: path.symlink_to("/dev/zero"), "outside your folder", "/dev/zero"),
}


@pytest.mark.parametrize(("make", "message", "found"), BAD.values(), ids=list(BAD))
def test_a_file_that_cannot_be_used_is_told_in_plain_words(
    tmp_path: Path, make: Callable[[Path], object], message: str, found: str
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    make(folder / NAME)
    begin = time.monotonic()
    with pytest.raises(CheckFailed) as caught:
        context.read_text(folder, NAME)
    assert message in caught.value.finding.message
    assert found in caught.value.finding.found
    assert time.monotonic() - begin < 1


def test_a_socket_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket may not be long
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(NAME)
        with pytest.raises(CheckFailed, match="not an ordinary file"):
            context.read_text(tmp_path, NAME)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"FROM busybox\n", "FROM busybox\n"),
        (b"\xef\xbb\xbfFROM busybox\n", "FROM busybox\n"),
        (b"FROM busybox\r\nRUN true\r\n", "FROM busybox\r\nRUN true\r\n"),
        ("# Größe\nFROM busybox\n".encode(), "# Größe\nFROM busybox\n"),
    ],
)
def test_reads_what_editors_write(tmp_path: Path, data: bytes, text: str) -> None:
    (tmp_path / NAME).write_bytes(data)
    assert context.read_text(tmp_path, NAME) == text


def test_a_link_within_the_folder_is_fine(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "prod").write_text("FROM busybox\n")
    (tmp_path / NAME).symlink_to("docker/prod")
    assert context.read_text(tmp_path, NAME) == "FROM busybox\n"


def test_a_submission_that_is_reached_by_a_link_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / NAME).write_text("FROM busybox\n")
    (tmp_path / "link").symlink_to("real")
    assert context.read_text(tmp_path / "link", NAME) == "FROM busybox\n"


def test_a_folder_on_the_way_may_not_lead_outside_either(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / NAME).write_text("FROM busybox\n")
    work = tmp_path / "work"
    work.mkdir()
    (work / "docker").symlink_to("../outside")
    with pytest.raises(CheckFailed, match="outside your folder"):
        context.read_text(work, "docker/Dockerfile")
    with pytest.raises(CheckFailed, match="outside your folder"):
        context.root(work, "docker")


@pytest.mark.parametrize("name", ["dockerfile", "Dockerfile.txt", "DOCKERFILE"])
def test_a_name_that_is_nearly_right_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("FROM busybox\n")
    with pytest.raises(CheckFailed, match=r"There is no Dockerfile\.") as caught:
        context.read_text(tmp_path, NAME)
    assert caught.value.finding.advice == f"You have {name}. The name must be exactly Dockerfile."


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become someone else")
@pytest.mark.parametrize("call", ["read_text(f, 'Dockerfile')", "measure(f, '', Limits())"])
def test_a_file_without_read_permission(open_folder: Path, call: str) -> None:
    """As another user, since root may read everything."""
    (open_folder / NAME).write_text("FROM busybox\n")
    (open_folder / NAME).chmod(0)
    code = f"""
import os, sys
from pathlib import Path
from grader.engine.build.context import measure, read_text
from grader.values.errors import CheckFailed
from grader.values.limits import Limits
os.setgid(65534); os.setuid(65534)
f = Path({str(open_folder)!r})
try:
    {call}
except CheckFailed as error:
    print(error, '|', error.finding.found, '|', error.finding.advice)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    message, found, advice = done.stdout.split(" | ")
    assert message == "Dockerfile cannot be read."
    assert found == "permission denied"
    assert "permissions" in advice


def test_a_missing_context_names_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    with pytest.raises(CheckFailed, match="There is no folder api") as caught:
        context.root(tmp_path, "api")
    assert "app" in caught.value.finding.found
    assert context.root(tmp_path, "app") == tmp_path / "app"
    assert context.root(tmp_path, ".") == tmp_path / "."


# How much is sent


def test_counts_files_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 10)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b").write_bytes(b"x" * 20)
    (tmp_path / "link").symlink_to("/etc")
    assert context.measure(tmp_path, "", Limits()) == context.ContextSize(3, 30)


def test_no_link_is_followed_out_or_round_in_circles(tmp_path: Path) -> None:
    (tmp_path / "root").symlink_to("/")
    (tmp_path / "me").symlink_to(".")
    assert context.measure(tmp_path, "", Limits()).n_files == 2


def test_pipes_and_sockets_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert context.measure(tmp_path, "", Limits()) == context.ContextSize(1, 0)


def test_five_gigabytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    with (tmp_path / "model.bin").open("wb") as file:
        file.truncate(5 * GB)  # takes no room
    begin = time.monotonic()
    with pytest.raises(LimitReached, match="too large to be sent") as caught:
        context.measure(tmp_path, "", Limits())
    assert "5 GB" in caught.value.finding.found
    assert "at most 200 MB" in caught.value.finding.expected
    assert "model.bin" in caught.value.finding.evidence[0].text
    assert ".dockerignore" in caught.value.finding.advice
    assert time.monotonic() - begin < 1
    assert context.measure(tmp_path, "*.bin\n", Limits()).n_bytes == 0


def _many(folder: Path, count: int) -> None:
    """Hard links to one file: as many names, hardly any time."""
    folder.mkdir(parents=True)
    first = folder / "0"
    first.write_text("x")
    for number in range(1, count):
        if number % 50_000 == 0:  # a file has a bounded number of names
            first = folder / str(number)
            first.write_text("x")
        else:
            os.link(first, folder / str(number))


def test_empty_folders_count_as_well(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"empty-{number}").mkdir()
    with pytest.raises(LimitReached, match="too large to be sent"):
        context.measure(tmp_path, "", Limits(context_files=50))
    assert context.measure(tmp_path, "empty-*\n", Limits(context_files=50)).n_files == 0


def test_too_many_files_are_refused_and_named(tmp_path: Path) -> None:
    _many(tmp_path / "venv" / "lib", 60)
    (tmp_path / "app.py").write_text("x")
    limits = Limits(context_files=50)
    with pytest.raises(LimitReached, match="too large to be sent") as caught:
        context.measure(tmp_path, "", limits)
    assert "in 49 files and 2 folders" in caught.value.finding.found
    assert "venv" in caught.value.finding.evidence[0].text
    assert context.measure(tmp_path, "venv/\n", limits).n_files == 1
    assert context.measure(tmp_path, "**/lib\n", limits).n_files == 1


def test_an_exception_by_wildcard_cannot_smuggle_anything_past_the_count(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "big").open("wb") as file:
        file.truncate(1 * GB)
    with pytest.raises(LimitReached):
        context.measure(tmp_path, "*\n!*/big\n", Limits())


@pytest.mark.slow
def test_two_hundred_thousand_files(tmp_path: Path) -> None:
    _many(tmp_path / "node_modules", 200_000)
    (tmp_path / "app.py").write_text("x")
    begin = time.monotonic()
    with pytest.raises(LimitReached):
        context.measure(tmp_path, "", Limits())
    refused = time.monotonic() - begin
    begin = time.monotonic()
    assert context.measure(tmp_path, "node_modules\n", Limits()).n_files == 1
    assert refused < 10
    assert time.monotonic() - begin < 1


def test_limits_are_those_of_the_documentation() -> None:
    assert (Limits().context, Limits().context_files) == (200 * MB, 20_000)
    assert context.TEXT_BYTES == 100 * KB
