"""Imports point one way: from what people use down to plain values."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "grader"

# Each part and what it may import; what is not named here may be imported by nobody above the command line.
LAYERS: dict[str, set[str]] = {
    "values": set(),
    "engine": {"values"},
    "checks": {"values", "engine"},
    "exercise": {"values"},
    "report": {"values"},
    "pictures": {"values", "report"},
    "progress": {"values"},
    "chapters": set(),
    "catalogue": {"values", "exercise", "chapters"},
    "rules": {"values", "catalogue", "chapters"},
    "runner": {"values", "engine", "checks", "exercise", "catalogue"},
    "workspace": {"values", "catalogue", "progress"},
}
BELOW = set(LAYERS)


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and imported part of the package, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "grader" else [node.module or ""]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "grader":
                yield node.lineno, ([*name.split("."), ""])[1]


def _files(part: str) -> list[Path]:
    path = PACKAGE / part
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


@pytest.mark.parametrize("part", LAYERS)
def test_a_part_imports_only_what_is_below_it(part: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE.parent)}:{line} imports {imported or 'the whole package'}"
        for path in _files(part)
        for line, imported in _imports(path)
        if imported != part and imported not in LAYERS[part]
    ]
    assert not wrong


def test_nothing_below_the_command_line_prints_or_changes_the_process() -> None:
    forbidden = {"print", "input", "exit"}
    wrong = []
    for part in BELOW:
        for path in _files(part):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    called = ast.unparse(node.func)
                    if called in forbidden or called in {"os.chdir", "os._exit", "sys.exit", "logging.basicConfig"}:
                        wrong.append(f"{path.relative_to(PACKAGE.parent)}:{node.lineno} calls {called}")
    assert not wrong


def test_every_part_of_the_package_has_its_place() -> None:
    above = {"cli", "notebook", "batch", "proof", "doctor", "prepare", "panel"}
    parts = {one.stem for one in PACKAGE.iterdir() if one.suffix == ".py" or (one.is_dir() and list(one.glob("*.py")))}
    assert parts - {"__init__", "__main__"} <= BELOW | above
