import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.engine.build import context
from grader.engine.build.ignore import Ignore
from grader.engine.cli import environment
from grader.values.limits import Limits

TREE = (
    ".env",
    "Dockerfile",
    "a b.txt",
    "app/main.py",
    "app/main.pyc",
    "app/node_modules/x/index.js",
    "app/sub/deep/keep.txt",
    "app/sub/deep/lose.txt",
    "app[1].txt",
    "data/big.bin",
    "data/keep/small.txt",
    "data/more/big.bin",
    "keep",
    "main.pyc",
    "node_modules/y.js",
    "Ünï.txt",
)

TABLE = {
    "nothing": "",
    "comments and blank lines": "# a comment\n\n   \n #keep\n",
    "a file": "keep\n",
    "a folder": "data\n",
    "a trailing slash": "data/\n",
    "a leading slash": "/data\n/keep\n",
    "a dot": ".\n",
    "dot slash": "./data\n",
    "everything": "*\n",
    "everything but one": "*\n!keep\n",
    "everything but a folder": "*\n!app\n",
    "everything but a file deep down": "*\n!app/sub/deep/keep.txt\n",
    "everything, exceptions by wildcard": "*\n!*/keep/*\n",
    "everything, exceptions at any depth": "**\n!**/keep.txt\n",
    "a folder but one file in it": "data\n!data/keep/small.txt\n",
    "the exception comes too early": "!data/keep/small.txt\ndata\n",
    "in and out again": "app\n!app/sub\napp/sub/deep/lose.txt\n",
    "at any depth": "**/node_modules\n**/*.pyc\n",
    "two stars in the middle": "app/**/keep.txt\n",
    "two stars at the end": "data/**\n",
    "two stars within a word": "ma**pyc\n",
    "one star is one level": "*.pyc\n*/big.bin\n",
    "a question mark": "kee?\n",
    "a class": "[k]eep\ndata/[!x]*\nm[a-z]in.pyc\n",
    "an escaped bracket": "app\\[1\\].txt\n",
    "a space": "a b.txt\n",
    "white space around": "  keep  \n",
    "an exception with a space behind the mark": "*\n! keep\n",
    "up and down": "app/../data\n",
    "letters beyond ASCII": "Ünï.txt\n",
    "Windows line endings": "data\r\nkeep\r\n",
    "a dot in a name is a dot": ".env\nkeepx\nk.ep\n",
    "nothing of the sort": "nowhere\nnot/there/**\n",
    "the Dockerfile itself": "Dockerfile\n",
}


def _tree(folder: Path) -> None:
    for name in TREE:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")


def _ours(ignore_text: str) -> set[str]:
    ignore = Ignore(ignore_text)
    kept = set()
    for name in TREE:
        fits: tuple[bool, ...] = ()
        parts = name.split("/")
        for depth in range(1, len(parts) + 1):
            fits = ignore.fits("/".join(parts[:depth]), fits)
        if not ignore.ignored(fits):
            kept.add(name)
    return kept


def _theirs(folder: Path, ignore_text: str) -> set[str] | None:
    """What BuildKit sends, or None where it refuses the patterns."""
    (folder / ".dockerignore").write_text(ignore_text, encoding="utf-8", newline="")
    with tempfile.TemporaryDirectory() as beside:
        recipe = Path(beside) / "recipe"
        recipe.write_text("FROM scratch\nCOPY . /\n")
        command = [
            "docker",
            "buildx",
            "build",
            "-q",
            "--file",
            str(recipe),
            "--output",
            f"type=local,dest={beside}/out",
            str(folder),
        ]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            return None
        out = Path(beside) / "out"
        return {str(one.relative_to(out)) for one in out.rglob("*") if one.is_file()} - {".dockerignore"}


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", set(TREE)),
        ("*\n!keep\n", {"keep"}),
        ("**/node_modules\n", {name for name in TREE if "node_modules" not in name}),
        ("data\n!data/keep\n", {name for name in TREE if not name.startswith("data/") or "keep" in name}),
        ("*\n!**/keep.txt\n", {"app/sub/deep/keep.txt"}),
    ],
)
def test_what_is_kept(text: str, kept: set[str]) -> None:
    assert _ours(text) == kept


@given(st.text(max_size=60), st.sampled_from(TREE))
@settings(max_examples=200, deadline=None)
def test_no_ignore_file_breaks_it(text: str, name: str) -> None:
    ignore = Ignore(text)
    ignore.ignored(ignore.fits(name))
    ignore.may_hold_exceptions(name)


def test_counting_agrees_with_deciding(tmp_path: Path) -> None:
    """The walk prunes folders; what it counts must still be all that is kept."""
    _tree(tmp_path)
    for text in TABLE.values():
        assert context.measure(tmp_path, text, Limits()).n_files == len(_ours(text)), text


@pytest.mark.engine
@pytest.mark.parametrize("text", TABLE.values(), ids=list(TABLE))
def test_buildkit_keeps_the_same(tmp_path: Path, text: str) -> None:
    _tree(tmp_path)
    assert _ours(text) == _theirs(tmp_path, text)


_PIECES = st.sampled_from(
    ["app", "data", "keep", "*", "**", "?eep", "*.pyc", "sub", "deep", "node_modules", "big.bin", "k*", "[a-d]*"]
)
_LINES = st.builds(
    lambda mark, lead, parts, end: mark + lead + "/".join(parts) + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/", "./"]),
    st.lists(_PIECES, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)


@pytest.mark.engine
@pytest.mark.slow
@given(st.lists(_LINES, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_buildkit_keeps_the_same_for_any_patterns(tmp_path: Path, lines: list[str]) -> None:
    _tree(tmp_path)
    text = "\n".join(lines) + "\n"
    theirs = _theirs(tmp_path, text)
    assert theirs is None or _ours(text) == theirs


@pytest.mark.parametrize(
    ("path", "line", "out"),
    [
        ("data/a/b.bin", "data/", "data/"),
        ("data/keep/small.txt", "!data/keep", ""),
        ("main.py", "", ""),
        ("app/x.pyc", "**/*.pyc", "**/*.pyc"),
    ],
)
def test_the_line_that_decides_is_named(path: str, line: str, out: str) -> None:
    ignore = Ignore("# main.py\n  data/  \n!data/keep\n**/*.pyc\n")
    assert (ignore.decided_by(path), ignore.left_out_by(path)) == (line, out)
