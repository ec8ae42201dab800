"""JupyterLab's extension: what is committed is what its source makes. Where there is no Node, nothing is built."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "labextensions" / "drydock"
COMMITTED = ROOT / "grader" / "panel" / "labextensions" / "drydock"
BUILDER = Path(sys.executable).with_name("jupyter-builder")

needs_node = pytest.mark.skipif(
    not (shutil.which("npm") and (SOURCE / "node_modules").is_dir() and BUILDER.exists()),
    reason="no Node here, or no `npm ci` in labextensions/drydock",
)


def files(folder: Path) -> dict[str, str]:
    return {str(one.relative_to(folder)): one.read_text(encoding="utf-8") for one in folder.rglob("*") if one.is_file()}


def run(*command: str, folder: Path) -> None:
    path = f"{BUILDER.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source at another place, as another person has it."""
    folder = tmp_path_factory.mktemp("extension") / "labextensions" / "drydock"
    # Not a link to the packages: modules are named after where they are.
    shutil.copytree(SOURCE, folder, ignore=made_here, copy_function=link, symlinks=True)
    return folder


def made_here(folder: str, names: list[str]) -> set[str]:
    return (
        {one for one in names if one in {"lib", "build"} or one.endswith(".tsbuildinfo")} if Path(folder) == SOURCE else set()
    )


def link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


@needs_node
@pytest.mark.slow
def test_the_committed_bundle_is_what_its_source_makes(elsewhere: Path) -> None:
    run("npm", "run", "build", folder=elsewhere)
    made = files(elsewhere.parents[1] / "grader" / "panel" / "labextensions" / "drydock")
    committed = files(COMMITTED)
    assert sorted(made) == sorted(committed), "make it again: npm run build, in labextensions/drydock"
    assert [name for name in made if made[name] != committed[name]] == []


@needs_node
@pytest.mark.slow
def test_its_pure_parts(elsewhere: Path) -> None:
    run("npm", "test", folder=elsewhere)


def test_the_lock_file_names_no_registry() -> None:
    text = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert text.count('"integrity"') > 100


def test_what_jupyterlab_loads_is_there() -> None:
    package = (COMMITTED / "package.json").read_text(encoding="utf-8")
    (entry,) = (COMMITTED / "static").glob("remoteEntry.*.js")
    assert f"static/{entry.name}" in package
