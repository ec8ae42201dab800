"""What is in a volume, and how it differs from what should be there."""

from typing import Any, cast

import pytest

from grader.checks.exec_result import ExecResult
from grader.checks.sandbox.script_run import ScriptRun
from grader.checks.sandbox.state import SandboxState
from grader.checks.sandbox.tree import Inode, Tree
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.verdicts import Ask, Unmet

DATA = "what was in data"
FILE = Inode.file("hello\n", "644", 0, 0)
EMPTY = Inode.file("", "600", 0, 0)
TREE = {
    ".hidden": EMPTY,
    "a": Inode.folder("2750", 999, 998),
    "a/b": Inode.folder("755", 0, 0),
    "a/two words": FILE,
    "link": Inode.link("a/b"),
}
FOUND: dict[str, tuple[Ask, object]] = {
    "a volume": (lambda sandbox: dict(sandbox.volume("data").tree()), TREE),
    "an empty volume": (lambda sandbox: dict(sandbox.volume("bare").tree()), {}),
    "all as it should be": (
        lambda sandbox: len(sandbox.volume("data").tree().expect_same(TREE, of=DATA)),
        len(TREE),
    ),
    "names that break a line": (
        lambda sandbox: {path for path, one in sandbox.volume("odd").tree().items() if one.kind != "regular file"} != set(),
        True,
    ),
    "a file below": (lambda sandbox: sandbox.volume("data").expect_file("two words", contains="hello").name, "data"),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(sandbox: SandboxState, ask: Ask, wanted: object) -> None:
    assert ask(sandbox) == wanted


UNMET: Unmet = {
    "no file": (
        lambda sandbox: sandbox.volume("data").expect_file("rows", contains="x", advice="Oh."),
        "The volume data has no file rows that holds what it should",
        "no file rows in it, or an empty one Oh.",
    ),
    "another file": (
        lambda sandbox: sandbox.volume("data").expect_file("two words", contains="x", message="The row is gone."),
        "The row is gone.",
        "hello",
    ),
    "no volume": (lambda sandbox: sandbox.volume("rows", advice="Oh."), "There is no volume called rows", "Oh."),
    "an empty one": (
        lambda sandbox: sandbox.volume("bare").tree().expect_same(TREE, of=DATA),
        "The volume bare differs from what was in data: .hidden is missing, and 4 more",
        "It is empty",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)


def _tree(inodes: dict[str, Inode]) -> Tree:
    said = ExecResult(what="your commands", exit_code=0, stdout="", stderr="", duration_s=0)
    return Tree(ScriptRun(cast(Any, None), said, Facts("x", "99-toy"), {}, {}), "the copy", inodes)


DIFFERENT: dict[str, tuple[dict[str, Inode], str, str]] = {
    "too much": (TREE | {"more": FILE}, "more does not belong there", ""),
    "another kind": (TREE | {"link": FILE}, "link is a regular file, and was a symbolic link", "the file that it leads to"),
    "another text": (TREE | {"a/two words": EMPTY}, "a/two words has other contents", ""),
    "another target": (TREE | {"link": Inode.link("a")}, "link leads to a, and led to a/b", ""),
    "hidden ones": ({path: one for path, one in TREE.items() if path[0] != "."}, ".hidden is missing", "begin with a dot"),
    "too deep": (
        {f"d/{path}": one for path, one in TREE.items()},
        ".hidden is missing, and 9 more",
        "one folder too deep, in d.",
    ),
    "another owner": (
        TREE | {"a": Inode.folder("2750", 0, 998)},
        "belongs to 0:998 (mode 2750)",
        "All of it belongs to root: a new file",
    ),
    "another machine's owner": (
        TREE | {"a": Inode.folder("2750", 165536, 998)},
        "belongs to 165536",
        "docker cp writes owners",
    ),
}


@pytest.mark.parametrize(("inodes", "message", "advice"), DIFFERENT.values(), ids=list(DIFFERENT))
def test_what_is_different_is_told(inodes: dict[str, Inode], message: str, advice: str) -> None:
    with pytest.raises(CheckFailed) as failure:
        _tree(inodes).expect_same(TREE, of=DATA)
    finding = failure.value.finding
    assert message in finding.message
    assert advice in finding.advice if advice else not finding.advice


def test_contents_and_owners_are_compared_each_for_itself() -> None:
    theirs, other = TREE | {"a": Inode.folder("755", 0, 0)}, TREE | {"a/two words": Inode.file("bye\n", "644", 0, 0)}
    _tree(theirs).expect_same(TREE, of=DATA, owners=False)
    _tree(other).expect_same(TREE, of=DATA, contents=False)
    with pytest.raises(CheckFailed, match="Not everything in the copy belongs to whom it should: a belongs to 0:0"):
        _tree(theirs).expect_same(TREE, of=DATA, contents=False)
    _tree({"link": Inode("symbolic link", "755", 5, 5, 0, "a/b")}).only("link").expect_same({"link": TREE["link"]}, of=DATA)


def test_what_is_below_a_folder_is_found_by_a_file_in_it() -> None:
    for top in ("", "ledger/", "var/ledger/"):
        above = {top.rstrip("/"): Inode.folder("755", 0, 0)} if top else {}
        below = _tree(above | {f"{top}{path}": one for path, one in TREE.items()}).below("a/two words")
        assert below is not None
        assert dict(below) == TREE
    assert _tree(TREE).below("words") is None
    assert _tree(TREE).below("books") is None
