"""The proof's own switches: which exercises are meant, what an earlier run has found, and how the scripts hand that on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.course import catalogue
from tests.proof import chosen

ROOT = Path(__file__).resolve().parent.parent
IDS = ["05-first", "06-ml-api", "06-non-root", "07-multi-stage"]


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        (["06"], {"06-ml-api", "06-non-root"}),
        (["06-ml-api"], {"06-ml-api"}),
        (["07-multi", "05"], {"05-first", "07-multi-stage"}),
        ([], set()),
    ],
)
def test_exercises_are_chosen_by_their_beginning(wanted: list[str], meant: set[str]) -> None:
    assert chosen(IDS, wanted) == meant


@pytest.mark.parametrize("slip", ["6", "ml-api", "08", "06-ml-apj"])
def test_a_slip_is_told_and_does_not_prove_nothing(slip: str) -> None:
    with pytest.raises(pytest.UsageError, match="There are: 05-first, 06-ml-api"):
        chosen(IDS, ["06", slip])


def _collected(*arguments: str) -> set[str]:
    """Ids of the tests of the proof that are run with these arguments."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *arguments]
    files = ["tests/test_solutions.py", "tests/test_bad_answers.py"]
    done = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return {line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line}


def test_the_sample_and_the_rest_are_the_whole_proof() -> None:
    whole, sample = _collected(), _collected("-m", "not proof")
    rest = whole - sample
    assert sample < whole
    variants = {one for one in sample if one.startswith("test_a_variant")}
    assert {one.partition("[")[2].partition("/")[0] for one in variants} == {one.id for one in catalogue.entries(ROOT)}
    assert not any(one.endswith(" again]") for one in sample)
    assert any(one.endswith("/reference again]") for one in rest)


def test_one_exercise_is_proved_without_the_others() -> None:
    collected = _collected("--exercise", "06-ml-api")
    assert collected
    assert all("[06-ml-api" in one for one in collected)


@pytest.mark.parametrize("processes", [(), ("-n", "1")], ids=["here", "in another process"])
def test_what_an_earlier_run_has_found_stands_in_the_summary(tmp_path: Path, processes: tuple[str, ...]) -> None:
    (tmp_path / "test_it.py").write_text(
        "def test_all(record_property): record_property('results', '2 of 2')\n"
        "def test_none(record_property): record_property('results', '0 of 3')\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    pytest_ = [sys.executable, "-m", "pytest", "-p", "tests.proof", "-p", "no:cacheprovider", "--rootdir", ".", *processes]
    run = subprocess.run(
        [*pytest_, "--junitxml=result.xml", "test_it.py"],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    told = "2 of 5 results from an earlier run; FRESH=1 runs all"
    assert told in run.stdout
    summary = subprocess.run(
        [sys.executable, ROOT / "scripts" / "test_summary.py", "0", tmp_path / "result.xml"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert told in summary.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository of two exercises whose scripts do not run anything: they say what they would run."""
    root = tmp_path / "clone"
    shutil.copytree(ROOT / "scripts", root / "scripts")
    for script in ("engine", "images", "venv"):
        (root / "scripts" / f"{script}.sh").write_text("#!/bin/sh\n")
    fake = root / ".venv" / "bin" / "python"
    fake.parent.mkdir(parents=True)
    fake.write_text('#!/bin/sh\necho "$DRYDOCK_FRESH: $*"\n')
    fake.chmod(0o755)
    (root / ".gitignore").write_text(".venv\n.drydock\n")
    for one in ("05-first", "06-ml-api"):
        (root / "solutions" / one / "starter").mkdir(parents=True)
        (root / "solutions" / one / "checks.py").write_text("")
    git(root, "init", "--quiet", "--initial-branch", "main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "all")
    return root


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True, timeout=60)


def prove(root: Path, **settings: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **settings}
    command = ["bash", "scripts/test.sh", "--prove"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_only_and_fresh_are_handed_on(clone: Path) -> None:
    assert "--exercise" not in prove(clone)
    said = prove(clone, ONLY="06 05-first", FRESH="1")
    assert "--exercise 06 --exercise 05-first tests/test_solutions.py" in said
    assert "1: -m pytest" in said
    assert "1: -m pytest" not in prove(clone, FRESH="0")


def test_what_differs_from_main_is_changed(clone: Path) -> None:
    assert "no exercise has changed" in prove(clone, CHANGED="1")
    (clone / "solutions" / "06-ml-api" / "starter" / "new.txt").write_text("not committed, not even known")
    assert "--dist worksteal --exercise 06-ml-api tests/" in prove(clone, CHANGED="1")
    git(clone, "checkout", "--quiet", "-b", "mine")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "-m", "mine")
    (clone / "grader").mkdir()
    (clone / "grader" / "x.py").write_text("")
    git(clone, "add", ".")
    said = prove(clone, CHANGED="1")
    assert "--dist worksteal --exercise 06-ml-api tests/" in said
    assert "concerns every exercise" in said
    git(clone, "rm", "-r", "--quiet", "solutions/05-first")  # one that is gone cannot be proved
    assert "05-first" not in prove(clone, CHANGED="1")
