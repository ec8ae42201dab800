"""Generation with nbgrader's own Generate Assignment, in the repository and in a course of our own."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.authoring import cells
from grader.course import catalogue, layout
from grader.notebook import generate, release
from grader.values.errors import DefinitionError, Fault

from . import toy

slow = pytest.mark.slow  # each run of nbgrader takes seconds


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = toy.make(tmp_path)
    monkeypatch.setenv("DRYDOCK_COURSE", str(root))
    return root


@pytest.fixture(scope="module")
def generated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = toy.make(tmp_path_factory.mktemp("generated"))
    (root / "exercises" / "99-removed").mkdir(parents=True)
    assert generate.generate(root) == ["exercises/01-toy", "exercises/99-removed"]
    return root


@pytest.fixture
def generated(generated_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with its exercises, to spoil."""
    root = shutil.copytree(generated_once, tmp_path / "generated")
    monkeypatch.setenv("DRYDOCK_COURSE", str(root))
    return root


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(generate.main, words)
    return result.exit_code, result.output


@slow
def test_the_repository_holds_exactly_what_generation_makes() -> None:
    assert generate.check(toy.REPO) == []


@slow
def test_generating_again_changes_nothing_and_leaves_nothing(generated: Path) -> None:
    first = generate.tree(generated)
    assert run() == (0, "Nothing to change.\n")
    assert generate.tree(generated) == first
    assert sorted(path.name for path in generated.iterdir()) == ["exercises", "nbgrader_config.py", "solutions"]


@slow
def test_what_the_release_holds(generated: Path) -> None:
    made = generate.tree(generated / "exercises" / toy.ID)
    assert {name: executable for name, (_, executable) in made.items()} == {
        ".dockerignore": False,
        "01-toy.ipynb": False,
        "Dockerfile": False,
        "hello.sh": True,
    }
    notebook = cells.read(made["01-toy.ipynb"][0].decode())
    assert [cells.grade_id(cell) for cell in notebook["cells"]] == [None, None, *toy.MAX]
    graded = [cell for cell in notebook["cells"] if cells.grade_id(cell)]
    assert all(cell["metadata"]["editable"] is False and cell["metadata"]["deletable"] is False for cell in graded)
    assert [cell["metadata"]["nbgrader"]["points"] for cell in graded] == list(toy.MAX.values())
    assert all(len(cell["metadata"]["nbgrader"]["checksum"]) == 32 for cell in graded)


@slow
def test_check_says_what_is_wrong_and_changes_nothing(generated: Path) -> None:
    released = generated / "exercises" / toy.ID
    (released / "Dockerfile").write_text("edited by hand\n")
    (released / "hello.sh").chmod(0o644)
    (released / ".dockerignore").unlink()
    (released / "extra").touch()
    master = generated / "solutions" / toy.ID / f"{toy.ID}.ipynb"
    master.write_text(master.read_text().replace("2.5", "9"))
    before = generate.tree(generated)
    status, output = run("--check")
    assert status == 1
    for line in (
        "differs      solutions/01-toy/01-toy.ipynb",
        "differs      Dockerfile in exercises/01-toy",
        "execute bit  hello.sh in exercises/01-toy",
        "missing      .dockerignore in exercises/01-toy",
        "not ours     extra in exercises/01-toy",
        "python -m grader.notebook.generate",
    ):
        assert line in output
    assert generate.tree(generated) == before


@slow
def test_a_failing_hook_is_not_swallowed(course: Path) -> None:
    (course / "solutions" / toy.ID / "Dockerfile").write_text("FROM busybox\n")
    with pytest.raises(Fault, match="Dockerfile would replace the learner's file"):
        generate.generate(course)
    assert not (course / "exercises").exists()


def test_the_hook_leaves_nothing_half_made_in_formgrader(course: Path) -> None:
    released = course / "exercises" / toy.ID
    released.mkdir(parents=True)
    (course / "solutions" / toy.ID / "starter").rename(course / "moved")
    notebook = course / "solutions" / "." / toy.ID / f"{toy.ID}.ipynb"
    with pytest.raises(SystemExit, match="no folder starter"):
        release.put_starter(assignment=toy.ID, student=".", notebooks=[str(notebook)])
    assert not released.exists()


def test_a_missing_or_broken_notebook_is_named(course: Path) -> None:
    entry = catalogue.find(course, toy.ID)
    path = layout.notebook_of(entry.folder)
    path.write_text("no notebook")
    with pytest.raises(DefinitionError, match=r"01-toy\.ipynb: The notebook cannot be read"):
        cells.master(entry)
    path.unlink()
    assert run() == (2, "01-toy has no notebook 01-toy.ipynb.\n")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("deep/more.ipynb", "drops all but the exercise's own"),
        ("reference", "told to leave out"),
        ("feedback", "told to leave out"),
        ("checks.py", "would replace the exercise's own"),
    ],
)
def test_starter_files_that_nbgrader_would_lose_are_refused(course: Path, name: str, sentence: str) -> None:
    starter = course / "solutions" / toy.ID / "starter"
    (starter / name).parent.mkdir(exist_ok=True)
    (starter / name).touch()
    assert [sentence in one for one in layout.unreleasable(starter)] == [True]


def test_a_link_in_a_starter_is_refused(course: Path) -> None:
    starter = course / "solutions" / toy.ID / "starter"
    (starter / "link").symlink_to("/etc/passwd")
    assert layout.unreleasable(starter) == ["link is a link; nbgrader would copy what it points to."]


@pytest.mark.parametrize("folder", sorted((toy.REPO / "solutions").iterdir()), ids=lambda folder: folder.name)
def test_no_learners_file_lies_at_the_top_of_a_source_folder(folder: Path) -> None:
    entry = catalogue.load(folder)
    assert layout.misplaced(folder) == []
    assert layout.unreleasable(entry.starter) == []
    for name in entry.exercise.learner_files:
        assert not (folder / name).exists()
