"""What a cell hands to the shell is what stands in it: IPython expands {…} and $name in lines after ! and %, never below %%."""

import json
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from tests.course.chapters import FILES, ROOT, code

NOTEBOOKS = [*FILES, *sorted((ROOT / "solutions").glob("*/*.ipynb"))]


def expanded_lines(notebook: Path) -> list[str]:
    """The lines of a notebook that IPython expands before it runs them."""
    found = []
    for cell in code(notebook):
        lines = cell.source.splitlines()
        if lines and lines[0].startswith("%%"):
            lines = lines[:1]
        found += [line for line in lines if line.lstrip().startswith(("!", "%")) or "= !" in line]
    return found


@pytest.mark.slow
def test_ipython_leaves_every_shell_line_as_it_stands() -> None:
    lines = [(notebook.stem, line) for notebook in NOTEBOOKS for line in expanded_lines(notebook)]
    assert len(lines) > 50
    said = in_a_kernel(f"import json; print(json.dumps([get_ipython().var_expand(line) for _, line in {lines!r}]))")
    expanded = json.loads(said)
    assert [line for line, now in zip(lines, expanded, strict=True) if line[1] != now] == []
    assert in_a_kernel("print(get_ipython().var_expand('!docker ps --format {{.Names}}'))").strip().endswith("{.Names}")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_shell_line_with_braces_stands_in_a_bash_cell(notebook: Path) -> None:
    """Whether {…} survives in a line depends on what the learner has defined by then: where nothing is expanded, it does."""
    assert [line for line in expanded_lines(notebook) if "{" in line] == []


def in_a_kernel(source: str) -> str:
    """Run a line of Python in a kernel of its own; return what it printed."""
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=60)
    try:
        printed: list[str] = []
        client.execute_interactive(
            source, timeout=60, output_hook=lambda message: printed.append(message["content"].get("text", ""))
        )
        return "".join(printed)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
