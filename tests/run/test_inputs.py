"""The key of a result: whatever a verdict depends on changes it, and nothing else does."""

import ast
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from grader.course import catalogue
from grader.engine import identity
from grader.engine.client import connect
from grader.engine.identity import Identity
from grader.run import inputs
from grader.run.inputs import Inputs, Tree
from grader.run.job import Job
from grader.workspace.watch import look
from tests import toys
from tests.toys import TOY, write

ROOT = Path(__file__).resolve().parent.parent.parent
ENGINE = Identity(
    {"version": "28.5.2", "store": [["Backing Filesystem", "extfs"]], "Architecture": "x86_64"},
    {"busybox:latest": "sha256:1", "python:3.13-slim": "sha256:2", "somebody/else:1": "sha256:3"},
)


@dataclass
class Case:
    """A job on a course, a grader and an engine of its own: each may be changed."""

    course: Path
    job: Job
    package: Path
    engine: Identity = ENGINE
    machine: dict[str, object] = field(default_factory=dict)

    def key(self, number: int = 1) -> str | None:
        made = Inputs(lambda: self.engine, self.package, look(self.package))
        made._machine |= self.machine
        return made.key(self.job, number)

    @property
    def exercise(self) -> Path:
        return self.course / "solutions" / TOY

    def engine_is(self, **facts: object) -> None:
        self.engine = replace(self.engine, facts={**self.engine.facts, **facts})

    def image_is(self, name: str, identity: str) -> None:
        self.engine = replace(self.engine, images={**self.engine.images, name: identity})


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(inputs, "_machine", lambda: {"tools": {"buildx": "0.29"}})
    course = toys.course(tmp_path / "course")
    package = write(tmp_path / "grader", {"__init__.py": "", "checks/image.py": "A = 1\n", "report/page.html": "<p>"})
    submission = tmp_path / "work" / TOY
    catalogue.assemble(catalogue.find(course, TOY), course / "solutions" / TOY / "reference", submission)
    write(submission, {"run.sh": "echo hello\n", "data/a.csv": "1\n"})
    (submission / "latest").symlink_to("run.sh")
    return Case(course, Job(course, TOY, submission, "ada"), package)


def edit(file: Path) -> None:
    """Change one byte and nothing that the file system tells of a file."""
    status, content = file.stat(), file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def link_elsewhere(file: Path) -> None:
    file.unlink()
    file.symlink_to("data/a.csv")


CHANGES: dict[str, Callable[[Case], object]] = {
    "a byte of the exercise": lambda case: edit(case.exercise / "checks.py"),
    "a byte of its starter": lambda case: edit(case.exercise / "starter" / "words.txt"),
    "a file that the exercise did not have": lambda case: write(case.exercise, {"table.json": "{}"}),
    "a byte of the submission": lambda case: edit(case.job.submission / "data" / "a.csv"),
    "a mode bit": lambda case: (case.job.submission / "run.sh").chmod(0o755),
    "a mode bit of a folder": lambda case: (case.job.submission / "data").chmod(0o700),
    "where a link leads": lambda case: link_elsewhere(case.job.submission / "latest"),
    "a link in place of its file": lambda case: link_elsewhere(case.job.submission / "run.sh"),
    "a file's name": lambda case: (case.job.submission / "run.sh").rename(case.job.submission / "run2.sh"),
    "an empty folder": lambda case: (case.job.submission / "empty").mkdir(),
    "a byte of the grader": lambda case: edit(case.package / "checks" / "image.py"),
    "a byte of what the grader carries with it": lambda case: edit(case.package / "report" / "page.html"),
    "a base image": lambda case: case.image_is("busybox:latest", "sha256:9"),
    "another tag of a base image": lambda case: case.image_is("busybox:1.37", "sha256:9"),
    "the engine's version": lambda case: case.engine_is(version="26.1.5"),
    "the engine's image store": lambda case: case.engine_is(store=[["driver-type", "io.containerd.snapshotter.v1"]]),
    "the architecture": lambda case: case.engine_is(Architecture="aarch64"),
    "a tool's version": lambda case: case.machine.update(tools={"buildx": "0.30"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_a_verdict_depends_on_changes_the_key(case: Case, change: Callable[[Case], object]) -> None:
    before = case.key()
    assert before is not None
    assert case.key() == before
    change(case)
    assert case.key() not in {before, None}


def test_each_repetition_has_a_key_of_its_own(case: Case) -> None:
    assert len({case.key(1), case.key(2), case.key(3)}) == 3


def test_what_no_check_sees_does_not(case: Case, tmp_path: Path) -> None:
    before = case.key()
    edit(case.exercise / "wrong" / "builds--copied-what-is-not-there" / "Dockerfile")
    edit(case.exercise / "reference" / "Dockerfile")
    write(case.package, {"__pycache__/x.pyc": "x"})
    case.image_is("somebody/else:1", "sha256:9")
    moved = tmp_path / "elsewhere" / TOY
    shutil.copytree(case.job.submission, moved, symlinks=True)
    case.job = replace(case.job, submission=moved)
    assert case.key() == before


def test_a_learner_counts_where_the_exercise_has_facts_of_theirs(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    before = case.key()
    case.job = replace(case.job, learner="grace")
    assert case.key() == before
    checks = case.exercise / "checks.py"
    checks.write_text(checks.read_text().replace('"""A toy."""', '"""A toy: work.facts."""'))
    keys = [case.key()]
    case.job = replace(case.job, learner="ada")
    keys.append(case.key())
    monkeypatch.setenv("DRYDOCK_FACTS_KEY", "a secret")
    keys.append(case.key())
    assert len({before, *keys}) == 4


@pytest.mark.parametrize("line", ["FROM some${WHO}\n", "FROM \\\n  $BASE\n", "COPY --from=$BASE / /\n", "    image: ${BASE}\n"])
def test_where_an_images_name_is_computed_all_images_count(case: Case, line: str) -> None:
    write(case.job.submission, {"Dockerfile": line})
    before = case.key()
    case.image_is("somebody/else:1", "sha256:9")
    assert case.key() != before


def test_an_image_that_the_submission_names_counts(case: Case) -> None:
    write(case.job.submission, {"Dockerfile": "FROM somebody/else:1\n"})
    before = case.key()
    case.image_is("somebody/else:1", "sha256:9")
    assert case.key() != before


def test_there_is_no_key_once_the_source_is_not_what_this_process_has_read(case: Case) -> None:
    made = Inputs(lambda: ENGINE, case.package, look(case.package))
    assert made.key(case.job) is not None
    write(case.package, {"checks/image.py": "A = 2\n"})
    assert made.key(case.job) is None


def test_there_is_no_key_of_what_cannot_be_read(case: Case) -> None:
    case.job = replace(case.job, submission=case.job.submission / "nowhere")
    assert case.key() is None


def test_no_two_folders_say_the_same(tmp_path: Path) -> None:
    trees = [{"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a/b": "c"}, {"a": "bc", "d": ""}]
    digests = {Tree.of(write(tmp_path / str(number), files)).digest for number, files in enumerate(trees)}
    assert len(digests) == len(trees)


def test_definitions_do_not_look_around_themselves() -> None:
    """The key holds what is beside a definition, but no variant: a definition that read one would make it lie."""
    outside = {"__file__", "open", "Path", "os", "globals"}
    wrong = [
        f"{path.parent.name}:{node.lineno} has {node.id}"
        for path in sorted((ROOT / "solutions").glob("*/checks.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id in outside
    ]
    assert not wrong


@pytest.mark.engine
def test_the_real_engine_tells_what_it_is_and_what_its_images_names_mean() -> None:
    before = identity.identify()
    assert before.facts == identity.identify().facts
    assert {"version", "store", "Architecture"} <= {name for name, value in before.facts.items() if value}
    assert before.images["busybox:latest"].startswith("sha256:")
    name = f"drydock-test-{os.getpid()}:latest"
    client = connect()
    try:
        client.api.tag("busybox:latest", name)
        assert identity.identify().images[name] == before.images["busybox:latest"]
        client.api.tag("python:3.13-slim", name)
        assert identity.identify().images[name] == before.images["python:3.13-slim"]
    finally:
        client.api.remove_image(name)
        client.close()
    assert name not in identity.identify().images
    assert all(identity.tools().values())
