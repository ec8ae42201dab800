"""Files that commands left beside them: there or not, packed or not, loaded or not."""

from pathlib import Path

import pytest

from grader.checks.sandbox.state import SandboxState
from grader.checks.setup import Setup
from grader.checks.work import Work
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from tests import core
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.test_volume import TREE
from tests.checks.sandbox.verdicts import Ask, Unmet

MARK = "a/two words"
FOUND: dict[str, tuple[Ask, object]] = {
    "the folder": (lambda sandbox: {"Dockerfile", "below", "given", "link"} <= set(sandbox.folder()), True),
    "a file of the exercise": (lambda sandbox: sandbox.file("given").content, b"by the exercise\n"),
    "as it was put there": (lambda sandbox: dict(sandbox.put), {"given": "by the exercise\n"}),
    "a file below": (lambda sandbox: sandbox.file("below/file").text, "made\n"),
    "a link": (lambda sandbox: sandbox.file("link").text, "made\n"),
    "the first of several": (lambda sandbox: sandbox.file("none", "given", "link").name, "given"),
    "an archive": (lambda sandbox: dict(sandbox.file("data.tar").expect_archive_of("data", MARK)), TREE),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(sandbox: SandboxState, ask: Ask, wanted: object) -> None:
    assert ask(sandbox) == wanted


UNMET: Unmet = {
    "no file": (
        lambda sandbox: sandbox.file("none"),
        "There is no file none beside commands.sh",
        "only Dockerfile, astray, below",
    ),
    "a folder is no file": (lambda sandbox: sandbox.file("below"), "There is no file below", "a folder that is called below"),
    "a link to nothing": (
        lambda sandbox: sandbox.file("astray"),
        "There is no file astray",
        "a link astray, which leads to /tmp/x",
    ),
    "an empty one": (lambda sandbox: sandbox.file("empty.tar").unpacked(), "empty.tar is empty", "0 bytes"),
    "no archive": (lambda sandbox: sandbox.file("text.tar").unpacked(), "text.tar is not an archive", ""),
    "of something else": (
        lambda sandbox: sandbox.file("other.tar").expect_archive_of("data", MARK),
        "other.tar does not hold what is in the volume data",
        "below, below/file",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)


COMMANDS = """\
docker tag busybox toy:1
docker save -o toy.tar toy:1
docker save -o nameless.tar "$(docker image ls -q busybox)"
docker create --name box busybox
docker export -o files.tar box
docker run --rm -v ledger:/from:ro -v early:/to busybox cp /from/count /to
docker run --rm -v ledger:/from:ro -v late:/to busybox cp /from/count /to
"""


def _ledger(setup: Setup) -> None:
    setup.docker("run", "--rm", "-v", "ledger:/to", "busybox", "sh", "-c", "echo a line of some length >/to/count")


@pytest.mark.engine
@pytest.mark.slow
def test_commands_run_again_while_something_changes_and_archives_are_loaded_into_an_empty_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "commands.sh").write_text(COMMANDS)
    with core.nothing_left(tmp_path / "runtime", monkeypatch), Session() as session:
        first = Work(session, tmp_path / "work", Facts("x", "99-toy")).run_script(setup=_ledger)
        ledger, early, late = (first.volume(name).tree() for name in ("ledger", "early", "late"))
        assert ledger["count"].content == early["count"].content == late["count"].content

        again = first.run_again(changing={"ledger": "count", "none": "nothing"})
        trees = [again.volume(name).tree() for name in ("early", "late", "ledger")]
        assert len({one["count"].content for one in trees}) == len(trees)
        assert {one["count"].size for one in trees} == {ledger["count"].size}
        later = again.volume("ledger").tree()
        assert later["count"] == trees[-1]["count"], "it goes on changing"

        with pytest.raises(CheckFailed, match=r"files\.tar cannot be loaded into an engine") as failure:
            again.file("files.tar").expect_loads()
        assert "docker export writes the files of a container" in failure.value.finding.advice
        assert again.containers() == []
        again.file("toy.tar").expect_loads()
        again.image("toy:1").expect_is("busybox:latest")
        with pytest.raises(CheckFailed, match=r"no image called toy:2 after toy\.tar was loaded into an empty engine"):
            again.image("toy:2")
        again.file("nameless.tar").expect_loads()
        with pytest.raises(CheckFailed) as failure:
            again.image("toy:1")
        assert "an id is none" in failure.value.finding.advice
