"""Rules of chapters that do not yet ask their reader for answers; this file goes with the last of them."""

import re
from pathlib import Path

import pytest

from tests.course.chapters import CONVERTED, FILES, cells, code

pytestmark = pytest.mark.parametrize("file", [one for one in FILES if one not in CONVERTED], ids=lambda file: file.stem)


def test_every_prediction_is_followed_by_an_experiment(file: Path) -> None:
    listed = cells(file)
    asked = [place for place, cell in enumerate(listed) if "> **Predict.**" in cell.source]
    assert len(asked) >= 3
    for place in asked:
        assert listed[place + 1].kind == "code", f"{listed[place].id}: nothing to run after the question"


def test_what_it_makes_is_marked_and_named(file: Path) -> None:
    mine = f"ch{file.name[:2]}-"
    for cell in code(file):
        for command in re.findall(r"docker (?:build|run) .*", cell.source.replace("\\\n", " ")):
            if " --rm" in command or "docker build --help" in command or "--check" in command:
                continue
            assert "$MARK" in command or f" {mine}" in command, f"{cell.id}: $MARK is missing in: {command}"
            if command.startswith("docker build"):
                assert "$MARK" in command, f"{cell.id}: {command}"
                names = re.findall(r" -t (\S+)", command)
                assert names, f"{cell.id}: no name in: {command}"
                assert all(name.startswith(mine) for name in names), f"{cell.id}: {names}"
            assert all(name.startswith(mine) for name in re.findall(r"--name (\S+)", command)), cell.id


def test_most_of_what_it_prints_is_compared(file: Path) -> None:
    printing = [cell for cell in code(file) if cell.outputs]
    assert len([cell for cell in printing if cell.compared]) >= 0.8 * len(printing)
