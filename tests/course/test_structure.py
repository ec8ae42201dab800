"""How a chapter is put together: CONTRIBUTING, “How to add a chapter”."""

import re
import tempfile
from pathlib import Path

import nbformat
import pytest

from tests.course.chapters import COURSE, FILES, ROOT, cells, code
from tests.course.execute import FOLDER

pytestmark = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
ENDING = ("Key takeaways", "Exercises", "Where to read on", "Clean up")


def prose(file: Path) -> list[str]:
    return [cell.source for cell in cells(file) if cell.kind == "markdown"]


def test_it_is_a_plain_python_notebook_with_stable_names_of_cells(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in cells(file)]
    assert len(set(ids)) == len(ids)
    for name in ids:
        assert re.fullmatch(r"[a-z][a-z0-9-]{2,}", name), f"{name}: give the cell a name"
        assert not re.fullmatch(r"[0-9a-f-]{8,}", name), f"{name}: give the cell a name"


def test_it_opens_with_what_how_long_and_what_it_needs(file: Path) -> None:
    opening = prose(file)[0]
    assert opening.startswith(f"# {file.name[:2]} · ")
    for part in ("**After this chapter you can**", "**Time:**", "**You need:**"):
        assert part in opening


def test_it_ends_with_what_to_keep_what_to_do_and_where_to_go(file: Path) -> None:
    headings = re.findall(r"^## (.+)$", "\n".join(prose(file)), flags=re.MULTILINE)
    assert tuple(headings[-4:]) == ENDING


def test_it_starts_and_ends_with_the_workshop(file: Path) -> None:
    number = file.name[:2]
    first, *_, last = code(file)
    assert f'workshop.start("{number}"' in first.source
    assert last.source == f'workshop.finish("{number}")'


def test_it_has_a_diagram_and_every_fence_is_closed(file: Path) -> None:
    assert any("```mermaid" in text for text in prose(file))
    for text in prose(file):
        assert text.count("```") % 2 == 0
        assert text.count("<details>") == text.count("</details>") == text.count("</summary>")


def test_shell_cells_are_bash_cells(file: Path) -> None:
    for cell in code(file):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        if any(line.startswith("%%") for line in lines):
            assert lines[0] == "%%bash" or lines[0].startswith("%%writefile "), cell.id
        else:
            assert not all(line.startswith("!") for line in lines), f"{cell.id}: make it a %%bash cell"


def test_its_outputs_are_those_of_one_run_from_the_top(file: Path) -> None:
    run = code(file)
    assert [cell.number for cell in run] == list(range(1, len(run) + 1))
    for cell in run:
        assert all(output["output_type"] != "error" for output in cell.outputs), cell.id
        for output in cell.outputs:
            assert output.get("name", "stdout") == "stdout", f"{cell.id} wrote to stderr: {output.get('text')}"


def test_its_outputs_name_no_place_on_the_authors_machine(file: Path) -> None:
    # A checkout below /tmp is beside what containers have there.
    around = {f"{ROOT.parent}/"} - {f"{tempfile.gettempdir()}/"}
    places = {str(ROOT), FOLDER, "/home/", "/Users/"} | around
    for cell in code(file):
        for text in cell.texts:
            assert not [place for place in places if place in text], f"{cell.id}: {text}"


def test_its_links_lead_somewhere(file: Path) -> None:
    for text in prose(file):
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if not target.startswith(("http", "#")):
                assert (COURSE / target.split("#")[0]).exists(), target
