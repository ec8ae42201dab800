"""Files beside a notebook that have the names of libraries: the graded cells find the libraries."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "grader" / "notebook" / "config" / "ipython_kernel_config.py"


@pytest.mark.filterwarnings("default")
def test_a_learners_docker_py_is_not_what_the_graded_cells_import(tmp_path: Path) -> None:
    for name in ("docker.py", "yaml.py", "grader.py", "random.py"):
        (tmp_path / name).write_text("raise SystemExit('my own little helper')\n")
    (tmp_path / "helper.py").write_text("word = 'found'\n")
    cell = "from grader.notebook import points\nimport docker, yaml, random, helper\nprint(docker.__name__, helper.word)"
    manager, client = start_new_kernel(extra_arguments=[f"--config={CONFIG}"], cwd=str(tmp_path))
    said: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        said.append(str(message["content"].get("text") or message["content"].get("evalue") or ""))

    try:
        client.execute_interactive(cell, timeout=60, output_hook=hear)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "".join(said).strip() == "docker found"


def test_every_kernel_of_the_environment_is_told() -> None:
    shared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared[str(CONFIG.relative_to(ROOT))] == "etc/ipython/ipython_kernel_config.py"
