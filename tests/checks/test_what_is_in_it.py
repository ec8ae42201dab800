"""What goes into a build, what is in an image's layers and in a volume: both verdicts, on the real engine."""

import base64
import gzip
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checks.context import path_fits
from grader.checks.work import Work
from grader.engine.session import Session
from grader.values.errors import CheckFailed, LimitReached
from grader.values.facts import Facts
from tests import core

BUSYBOX = "FROM busybox\n"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(core.LIMITS) as session:
        yield session


def _work(session: Session, folder: Path, files: dict[str, str | bytes] | str) -> Work:
    return Work(session, core.submission(folder / "work", files), Facts("somebody", "99-toy"))


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        (".env", ".env", True),
        ("a/.env", ".env", False),
        ("a/b/.env", "**/.env", True),
        (".env", "**/.env", True),
        (".env.local", "**/.env*", True),
        ("src/environment.py", "**/.env*", False),
        ("data/raw/x.csv", "data", True),
        ("src/data/x.csv", "data", False),
        ("src/data/x.csv", "**/data", True),
        ("database", "data", False),
        ("src/x.csv", "*.csv", False),
        ("opt/a/lib/b-1.0.dist-info/RECORD", "**/b-*.dist-info/RECORD", True),
    ],
)
def test_patterns(path: str, pattern: str, fits: bool) -> None:
    assert path_fits(path, pattern) is fits


@pytest.mark.engine
def test_a_file_that_a_later_step_deletes_is_found(session: Session, tmp_path: Path) -> None:
    image = _work(session, tmp_path, {"Dockerfile": BUSYBOX + "COPY x /app/x\nRUN rm /app/x\n", "x": "hunter2"}).build()
    assert [one.path for one in image.files("app/x")] == ["app/x"]
    assert image.run("ls", "/app/x").exit_code != 0
    with pytest.raises(CheckFailed) as failed:
        image.expect_nowhere("hunter2", "the password")
    assert "app/x" in failed.value.finding.found
    image.expect_nowhere("hunter3", "the password")
    assert image.files("**/no-such-file") == ()
    image.expect_lacks("**/no-such-file", what="what is not there")
    with pytest.raises(CheckFailed, match=r"^The image still holds the password\.$") as failed:
        image.expect_lacks("**/x", what="the password")
    finding = failed.value.finding
    assert finding.found == "/app/x"
    assert finding.evidence[0].text == "COPY x /app/x\n    /app/x"
    assert "deleting only hides a file" in finding.advice


@pytest.mark.engine
def test_a_file_that_nothing_deletes_is_not_said_to_be_hidden(session: Session, tmp_path: Path) -> None:
    image = _work(session, tmp_path, {"Dockerfile": BUSYBOX + "COPY x /a/x\nCOPY x /b/x\nRUN rm -r /a\n", "x": "1"}).build()
    with pytest.raises(CheckFailed) as failed:
        image.expect_lacks("**/x", what="it")
    assert (failed.value.finding.found, failed.value.finding.advice) == ("/a/x and 1 more", "")
    with pytest.raises(CheckFailed) as failed:
        image.expect_lacks("a/x", what="it")
    assert failed.value.finding.advice


@pytest.mark.engine
@pytest.mark.parametrize("line", ["ENV TOKEN=hunter2", "LABEL token=hunter2", "ARG T=hunter2\nRUN true", "RUN echo hunter2"])
def test_a_text_in_the_description_is_found(session: Session, tmp_path: Path, line: str) -> None:
    image = _work(session, tmp_path, f"{BUSYBOX}{line}\n").build()
    with pytest.raises(CheckFailed, match="The password is in the image"):
        image.expect_nowhere("hunter2", "the password")


@pytest.mark.engine
def test_a_file_is_found_by_what_it_holds(session: Session, tmp_path: Path) -> None:
    """Packed, renamed, deleted later, in a heredoc, in the name of a link: it is in the image, and it is said where."""
    source = "".join(f"static int step_{number}(int count);\n" for number in range(6))
    lines = [
        "COPY x.bin readme /lib/",
        "RUN rm /lib/x.bin && ln -s hunter2hunter2 /lib/link",
        "RUN echo 'static int step_1(int count);' > /one",
        f"LABEL note={base64.b64encode(b'x=hunter2hunter2').decode()}",
    ]
    packed = gzip.compress(gzip.compress(source.encode()))
    files: dict[str, str | bytes] = {
        "Dockerfile": BUSYBOX + "\n".join(lines),
        "x.bin": packed,
        "readme": "See x.c, where step_1 is.\n",
    }
    image = _work(session, tmp_path, files).build()
    with pytest.raises(CheckFailed, match=r"^The source is in the image\.$") as failed:
        image.expect_no_copy(source, "the source")
    said = failed.value.finding
    assert said.found == "layer 2: lib/x.bin (inside: gzip, gzip)"
    assert said.evidence[0].text == "COPY x.bin readme /lib/\n    /lib/x.bin (inside: gzip, gzip)"
    assert "deleting only hides a file" in said.advice
    image.expect_no_copy(source.replace("step", "leap"), "another source")
    with pytest.raises(CheckFailed) as failed:
        image.expect_nowhere("hunter2hunter2", "the password")
    assert failed.value.finding.found == "layer 3: lib/link, the image's description: its history, environment or labels"
    with pytest.raises(CheckFailed) as failed:
        image.expect_nowhere("x=hunter2hunter2", "the password")
    assert failed.value.finding.found == "the image's description: its history, environment or labels (inside: base64)"


@pytest.mark.engine
def test_what_is_packed_too_often_is_a_limit_unless_it_is_found(session: Session, tmp_path: Path) -> None:
    bomb = b"hunter3"
    for _ in range(9):
        bomb = gzip.compress(bomb)
    files: dict[str, str | bytes] = {"Dockerfile": BUSYBOX + "COPY bomb /\nCOPY x /\n", "bomb": bomb, "x": "hunter2"}
    image = _work(session, tmp_path, files).build()
    with pytest.raises(LimitReached, match="more packed inside"):
        image.expect_nowhere("hunter3", "the password")
    with pytest.raises(CheckFailed):
        image.expect_nowhere("COPY bomb", "the password")


@pytest.mark.engine
def test_a_file_is_read_changed_and_put_back(session: Session, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "Dockerfile": BUSYBOX + "COPY --chmod=755 hello /bin/hello\nRUN mkdir /d\n",
        "hello": "#!/bin/sh\necho hello; echo bye >/d/said; sleep 60\n",
    }
    image = _work(session, tmp_path, files).build()
    assert (image.read("/none"), image.read("/d")) == (None, None)
    program = image.read("/bin/hello") or b""
    assert (
        image.run("hello", files={"/bin/hello": program.replace(b"hello", b"howdy").replace(b"sleep 60", b"")}).output
        == "howdy\n"
    )
    with image.start("hello") as container:
        container.expect_log("hello")
        container.expect_file("/d/said", contains="bye")
        with pytest.raises(CheckFailed, match=r"^Nothing was said\.$") as failed:
            container.expect_file("/d/said", contains="hello", message="Nothing was said.")
        assert (failed.value.finding.expected, failed.value.finding.found) == ("a file /d/said with hello in it", "bye")


@pytest.mark.engine
def test_a_text_across_two_reads_is_found(session: Session, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "Dockerfile": BUSYBOX + "COPY big /\n",
        "big": b"x" * (2**20 - 51_427) + b"hunter2" * 20_000,
    }
    with pytest.raises(CheckFailed):
        _work(session, tmp_path, files).build().expect_nowhere("r2hunter2hunt", "it")


@pytest.mark.engine
@pytest.mark.parametrize("ignore", [".dockerignore", "Dockerfile.dockerignore"])
def test_what_is_sent(session: Session, tmp_path: Path, ignore: str) -> None:
    work = _work(session, tmp_path, {"Dockerfile": BUSYBOX, ignore: ".env\n**/cache\n", "main.py": "x" * 100})
    sent = work.with_files({".env": "1", "sub/.env": "2", "a/b/cache/c": "3"}).sent()
    assert {"main.py", "sub/.env"} <= {one.path for one in sent.files}
    sent.expect_lacks(".env", "**/cache", what="secrets")
    sent.expect_at_most(10_000)
    with pytest.raises(CheckFailed, match=r"^The build is still sent secrets\.$") as failed:
        sent.expect_lacks("**/.env", what="secrets")
    said = failed.value.finding
    assert (said.found, said.advice) == ("sub/.env", "No line of .dockerignore matches sub/.env.")
    with pytest.raises(CheckFailed, match="too large") as failed:
        sent.expect_at_most(50)
    assert "; the largest: main.py (100 bytes)" in failed.value.finding.found


@pytest.mark.engine
def test_what_lets_a_file_in_again_and_what_keeps_it_out_is_told(session: Session, tmp_path: Path) -> None:
    work = _work(session, tmp_path, {"Dockerfile": BUSYBOX, ".dockerignore": "*\n!sub\n", "main.py": "1", "sub/.env": "2"})
    with pytest.raises(CheckFailed) as failed:
        work.sent().expect_lacks("**/.env", what="secrets")
    advice = failed.value.finding.advice
    assert advice == "The last line of .dockerignore that matches sub/.env is !sub, which lets it in again."
    image = work.build()
    assert image.left_out("sub/.env") == ""
    assert image.left_out("sub/.env", "main.py") == "In .dockerignore, the line * keeps main.py out of the build."


@pytest.mark.engine
def test_it_is_told_where_there_is_no_ignore_file(session: Session, tmp_path: Path) -> None:
    sent = _work(session, tmp_path, {"Dockerfile": BUSYBOX, ".env": "1"}).sent()
    with pytest.raises(CheckFailed) as failed:
        sent.expect_lacks(".env", what="secrets")
    assert failed.value.finding.advice.startswith("There is no .dockerignore")
    with pytest.raises(CheckFailed) as failed:
        sent.expect_at_most(0)
    assert failed.value.finding.advice.startswith("There is no .dockerignore")
    (tmp_path / "work" / ".gitignore").write_text(".env\n")
    with pytest.raises(CheckFailed) as failed:
        Work(session, tmp_path / "work", Facts("somebody", "99-toy")).sent().expect_lacks(".env", what="secrets")
    assert failed.value.finding.advice.endswith(".gitignore is for git; a build does not read it.")


@pytest.mark.engine
def test_nothing_is_sent(session: Session, tmp_path: Path) -> None:
    assert _work(session, tmp_path, {"Dockerfile": BUSYBOX, ".dockerignore": "*\n"}).sent().files == ()


@pytest.mark.engine
@pytest.mark.parametrize("name", ["dockerignore", ".dockerignore.txt"])
def test_an_ignore_file_by_another_name_is_named(session: Session, tmp_path: Path, name: str) -> None:
    sent = _work(session, tmp_path, {"Dockerfile": BUSYBOX, name: ".env\n", ".env": "1"}).sent()
    with pytest.raises(CheckFailed) as failed:
        sent.expect_lacks(".env", what="secrets")
    assert failed.value.finding.advice == f"You have {name}. The name must be exactly .dockerignore."


@pytest.mark.engine
def test_a_changed_copy_uses_the_same_caches_and_leaves_the_work_alone(session: Session, tmp_path: Path) -> None:
    lines = "COPY a /\nRUN --mount=type=cache,target=/c echo $(cat /a) >> /c/log && cat /c/log > /seen\nCOPY b /\n"
    work = _work(session, tmp_path, {"Dockerfile": BUSYBOX + lines, "a": f"a {session.id}", "b": "1"})
    first = work.build()
    second = work.with_files({"b": "2"}).build()
    steps = {one.name.partition("] ")[2].split()[0] + one.name[-4:]: one.cached for one in second.steps if "] " in one.name}
    assert [cached for name, cached in steps.items() if name.startswith("RUN")] == [True]
    assert first.id != second.id
    third = work.with_files({"a": "other"}).build()
    assert third.run("cat", "/seen").output.split() == ["a", session.id, "other"]
    assert (work.folder / "a").read_text() == f"a {session.id}"


@pytest.mark.engine
def test_nothing_is_written_through_a_link(session: Session, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("kept")
    work = _work(session, tmp_path, {"Dockerfile": BUSYBOX, "deep": "a file"})
    (work.folder / "link").symlink_to(outside / "file")
    (work.folder / "dir").symlink_to(outside)
    os.mkfifo(work.folder / "pipe")
    copy = work.with_files({"link": "new", "dir/file": "new", "deep/er": "new", "a/a/a": "x"})
    assert (outside / "file").read_text() == "kept"
    assert [(copy.folder / name).read_text() for name in ("link", "dir/file", "deep/er")] == ["new"] * 3
    assert not (copy.folder / "pipe").exists()
    for name in ("../x", "/x"):
        with pytest.raises(ValueError, match="x"):
            work.with_files({name: ""})


@pytest.mark.engine
def test_a_volume(session: Session, tmp_path: Path) -> None:
    image = _work(session, tmp_path, BUSYBOX + "RUN mkdir /data && chown 1234 /data\nUSER 1234\n").build()
    volume = image.volume("v")
    assert volume.files() == ()
    with pytest.raises(CheckFailed, match="There is no seen"):
        volume.read("seen")
    # Looking at it has not initialised it: it still takes the owner of the folder that it is mounted on.
    image.run("sh", "-c", "mkdir /data/a && echo adelie > /data/a/seen", volumes={"v": "/data"}).expect(exit_code=0)
    volume.expect("a/seen", contains="adelie", uid=1234)
    for wrong in ({"contains": "gentoo"}, {"uid": 0}):
        with pytest.raises(CheckFailed):
            volume.expect("a/seen", **wrong)


@pytest.mark.engine
def test_who_may_write(session: Session, tmp_path: Path) -> None:
    lines = "RUN mkdir /app /open && touch /app/code && chmod 777 /open\nUSER 1234\n"
    image = _work(session, tmp_path, BUSYBOX + lines).build()
    with image.start("sleep", "60") as container:
        container.expect_cannot_write("/app/code")
        container.expect_cannot_write("/app/new")
        with pytest.raises(CheckFailed, match="can write /open/new") as caught:
            container.expect_cannot_write("/open/new")
        assert caught.value.finding.found == "user id 1234 wrote to it: everybody may write /open"
        container.expect_file("/app/code")
        with pytest.raises(CheckFailed):
            container.expect_file("/app/cod")
        assert container.read("/app/code") == b""
        assert container.read("/app") is None
        assert container.read("/app/code/x") is None
        assert container.read("/none") is None


@pytest.mark.engine
def test_an_owner_and_a_group_may_write(session: Session, tmp_path: Path) -> None:
    own, group = "chown 1234 /own && chmod 555 /own", "chgrp 7 /group && chmod 775 /group"
    lines = f"RUN mkdir /own /group /closed && {own} && {group}\nUSER 1234:7\n"
    image = _work(session, tmp_path, BUSYBOX + lines).build()
    with image.start("sleep", "60") as container:
        assert container.main_user() == "1234:7"
        container.expect_cannot_write("/closed/new")
        with pytest.raises(CheckFailed, match="can write /group/new") as caught:
            container.expect_cannot_write("/group/new")
        assert caught.value.finding.found == "user id 1234 wrote to it: its group may write /group"
        with pytest.raises(CheckFailed, match="can write /own/new") as caught:
            container.expect_cannot_write("/own/new")
        assert "it is the owner" in caught.value.finding.found
    # Where nobody can write, an owner cannot either.
    with image.start("sleep", "60", user="0:0", read_only=True) as container:
        container.expect_cannot_write("/own/new")


@pytest.mark.engine
def test_it_is_the_main_process_who_may_not_write(session: Session, tmp_path: Path) -> None:
    """A start script that gives up its rights: the image's own user would still be root."""
    image = _work(session, tmp_path, BUSYBOX + "RUN echo api:x:1234:1234::/:/bin/sh >> /etc/passwd\n").build()
    with image.start("su", "api", "-c", "exec sleep 60") as container:
        container.expect_running(for_seconds=0.5)
        if container.look().uid != 0:  # busybox' su becomes the command
            assert container.main_user() == "1234"
            container.expect_cannot_write("/etc/passwd")


@pytest.mark.engine
def test_the_log(session: Session, tmp_path: Path) -> None:
    image = _work(session, tmp_path, BUSYBOX).build()
    with image.start("sh", "-c", "echo one; sleep 0.5; echo two >&2; sleep 60") as container:
        container.expect_log("two")
        with pytest.raises(CheckFailed, match=r"^The container has not written “three”\.$"):
            container.expect_log("three", within=1)
    with image.start("sh", "-c", "echo bye") as container:
        container.expect_log("bye")
        with pytest.raises(CheckFailed, match="stopped"):
            container.expect_log("hello")


@pytest.mark.engine
def test_made_again_or_not(session: Session, tmp_path: Path) -> None:
    lines = f"COPY a /\nRUN echo {session.id} > /made\nCOPY b /\n"
    work = _work(session, tmp_path, {"Dockerfile": BUSYBOX + lines, "a": "1", "b": "1"})
    first = work.build()
    time.sleep(1)
    work.with_files({"b": "2"}).build().expect_same(first, "made", what="the files")
    with pytest.raises(CheckFailed, match="The files were made again") as failed:
        work.with_files({"a": session.id}).build().expect_same(first, "made", what="the files")
    made = f"they come from “RUN echo {session.id} > /made”"
    assert failed.value.finding.found == f"the first step that did not come from the cache: “COPY a /”; {made}"
    assert "RUN echo" in failed.value.finding.evidence[0].text
    with pytest.raises(CheckFailed, match="are not in the image"):
        first.expect_same(first, "unmade", what="the files")


@pytest.mark.engine
@pytest.mark.parametrize(
    "lines",
    [
        "FROM busybox\nCOPY b /\nRUN {make}\n",
        "FROM busybox AS one\nCOPY b /\nRUN {make}\nFROM busybox\nCOPY --from=one /o /o\n",
        "FROM busybox\nCOPY b /\nRUN {make}\nFROM busybox\nCOPY --from=0 /o /o\n",
    ],
    ids=["in the image", "in a stage", "in a stage without a name"],
)
def test_a_time_that_was_set_back_hides_nothing(session: Session, tmp_path: Path, lines: str) -> None:
    make = f"mkdir /o && echo {session.id} > /o/made && touch -d '2026-01-01 00:00:00' /o/made /o"
    work = _work(session, tmp_path, {"Dockerfile": lines.format(make=make), "b": "1"})
    first, second = work.build(), work.with_files({"b": "2"}).build()
    assert {one.mtime for one in first.files("**/made")} == {one.mtime for one in second.files("**/made")}
    with pytest.raises(CheckFailed, match="The files were made again") as failed:
        second.expect_same(first, "**/made", what="the files")
    assert "ran again, and brought /o/made" in failed.value.finding.found


@pytest.mark.engine
def test_a_step_that_runs_again_and_makes_none_of_the_files_is_none_of_their_making(session: Session, tmp_path: Path) -> None:
    lines = f"RUN echo {session.id} > /made\nCOPY b /\nRUN cat /made /b > /both && chown 7 /made\n"
    work = _work(session, tmp_path, {"Dockerfile": BUSYBOX + lines, "b": "1"})
    first = work.build()
    work.with_files({"b": "2"}).build().expect_same(first, "made", what="the files")
