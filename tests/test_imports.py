"""Imports point one way: from what people use down to plain values. Every room of the package has its place here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "grader"

# Each room and what it may import; the rooms below it, and no other.
ROOMS: dict[str, set[str]] = {
    "values": set(),
    "settings": set(),
    "diagnose": {"values"},
    "engine": {"values", "settings", "diagnose"},
    "course": {"values", "settings"},
    "checks": {"values", "settings", "diagnose", "engine"},
    "report": {"values"},
    "pictures": {"values", "report"},
    "progress": {"values", "settings"},
    "workspace": {"values", "settings", "course", "progress"},
    "run": {"values", "settings", "diagnose", "engine", "checks", "course", "report", "progress", "workspace"},
    "authoring": {"values", "settings", "engine", "course", "run"},
    "doctor": {"values", "settings", "engine", "progress"},
}
# What people use. They know the rooms, and never one another.
SURFACES = {"cli", "panel", "notebook"}
OUTSIDE = {"__init__"}
"""What an exercise's definition may import: ``grader`` itself."""


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and imported room of the package, wherever the import stands."""
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


def _files(room: str) -> list[Path]:
    path = PACKAGE / room
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


@pytest.mark.parametrize("room", [*ROOMS, *sorted(SURFACES)])
def test_a_room_imports_only_what_is_below_it(room: str) -> None:
    allowed = ROOMS.get(room, set(ROOMS)) | {room}
    wrong = [
        f"{path.relative_to(PACKAGE.parent)}:{line} imports {imported or 'the whole package'}"
        for path in _files(room)
        for line, imported in _imports(path)
        if imported not in allowed
    ]
    assert not wrong


def test_every_room_of_the_package_has_its_place() -> None:
    rooms = {one.stem for one in PACKAGE.iterdir() if one.suffix == ".py" or (one.is_dir() and list(one.glob("*.py")))}
    assert rooms == set(ROOMS) | SURFACES | OUTSIDE


def test_no_two_rooms_may_import_each_other() -> None:
    below: set[str] = set()
    for room, allowed in ROOMS.items():
        assert allowed <= below, f"{room} stands above what it imports"
        below.add(room)


def _calls(rooms: set[str]) -> Iterator[tuple[str, str]]:
    for room in rooms:
        for path in _files(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield f"{path.relative_to(PACKAGE.parent)}:{node.lineno}", ast.unparse(node.func)


def test_nothing_below_the_surfaces_prints_or_changes_the_process() -> None:
    forbidden = {"print", "input", "exit", "os.chdir", "os._exit", "sys.exit", "logging.basicConfig"}
    # What runs inside of the sandbox is a program of its own.
    wrong = [f"{place} calls {called}" for place, called in _calls(set(ROOMS)) if called in forbidden]
    assert not [one for one in wrong if "engine/sandbox/restore.py" not in one]


def test_only_settings_reads_the_environment_and_names_the_state_folder() -> None:
    wrong = []
    for room in (set(ROOMS) | SURFACES) - {"settings"}:
        for path in _files(room):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                read = isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}
                named = isinstance(node, ast.Constant) and node.value in {".drydock", "progress.sqlite"}
                if isinstance(node, ast.expr) and (read or named):
                    wrong.append(f"{path.relative_to(PACKAGE.parent)}:{node.lineno}")
    assert not wrong
