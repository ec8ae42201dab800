"""What a chapter asks of its reader: CONTRIBUTING, “How to add a chapter”."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.course.chapters import BLANK, FILES, Cell, cells, code

pytestmark = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
WORDS, MINUTES = 2600, 45
WITHOUT_TASKS = {"Get ready", "Check yourself", "Key takeaways", "Exercises", "Where to read on", "Clean up"}


def called(source: str, name: str) -> list[str]:
    """The arguments of a cell that is one call of ``predict`` or ``compare``; empty for any other cell."""
    if not source.lstrip().startswith(f"{name}("):
        return []
    (statement,) = ast.parse(source).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    assert not statement.value.keywords
    return [str(ast.literal_eval(one)) for one in statement.value.args]


def sections(file: Path) -> Iterator[tuple[str, list[Cell]]]:
    """Each section of a chapter: its heading and its code cells."""
    heading, found = "", list[Cell]()
    for cell in cells(file):
        if cell.kind == "code":
            found.append(cell)
        for match in re.findall(r"^## (.+)$", cell.source, flags=re.MULTILINE) if cell.kind == "markdown" else []:
            yield heading, found
            heading, found = match, []
    yield heading, found


def test_six_to_eight_predictions_have_options_an_experiment_and_a_comparison(file: Path) -> None:
    listed = cells(file)
    asked = [place for place, cell in enumerate(listed) if "> **Predict.**" in cell.source]
    assert 6 <= len(asked) <= 8
    keys, letters = set(), []
    for place in asked:
        question, answer = listed[place : place + 2]
        options = re.findall(r"^> - \*\*(\w)\*\* \S", question.source, flags=re.MULTILINE)
        assert 2 <= len(options) <= 4, f"{question.id}: two to four options, each a line that begins > - **a**"
        assert options == list("abcd"[: len(options)]), question.id
        key, blank = called(answer.source, "predict")
        assert blank == BLANK, f"{answer.id}: the reader fills it in"
        keys.add(key)
        after = listed[place + 2 :]
        end = next((n for n, cell in enumerate(after) if called(cell.source, "compare")[:1] == [key]), None)
        assert end, f"{answer.id}: no cell compares {key}, or none runs before that"
        assert any(cell.kind == "code" and not cell.for_tests for cell in after[:end]), f"{answer.id}: no experiment"
        _, right, explanation = called(after[end].source, "compare")
        assert right in options, after[end].id
        letters.append(right)
        assert called(answer.answer, "predict") == [key, right], f"{answer.id}: the answer is what happens"
        assert explanation[-1] in ".!?", after[end].id
        assert after[end].hidden, f"{after[end].id}: jupyter.source_hidden"
        assert "hide-input" in after[end].tags, f"{after[end].id}: tag hide-input"
    assert len(keys) == len(asked)
    assert max(map(letters.count, letters)) <= (len(letters) + 1) // 2, f"{letters}: a reader learns which letter is right"
    assert len([cell for cell in code(file) if called(cell.source, "compare")]) == len(asked)


def test_what_the_reader_completes_has_an_answer(file: Path) -> None:
    for cell in code(file):
        assert (BLANK in cell.source) == bool(cell.answer), f"{cell.id}: ____ and metadata.drydock.answer belong together"
        assert BLANK not in cell.answer, cell.id


def test_each_section_with_commands_has_one_to_complete(file: Path) -> None:
    for heading, found in sections(file):
        teaches = any(cell.source.startswith("%%bash") and "docker " in cell.source and not cell.for_tests for cell in found)
        if teaches and heading not in WITHOUT_TASKS:
            assert any(cell.answer and not called(cell.source, "predict") for cell in found), f"“{heading}” asks for nothing"


def test_it_is_no_longer_than_a_reader_stays(file: Path) -> None:
    text = "\n".join(cell.source for cell in cells(file) if cell.kind == "markdown")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"<details>.*?</details>|`[^`\n]*`|<[^>]+>|\]\([^)]*\)", " ", text, flags=re.DOTALL)
    words = re.findall(r"\w[\w'-]*", text)
    assert len(words) <= WORDS
    minutes = re.search(r"\*\*Time:\*\* about (\d+) minutes", text)
    assert minutes
    assert int(minutes[1]) <= MINUTES


def test_what_only_a_test_needs_prints_nothing(file: Path) -> None:
    for cell in code(file):
        if cell.for_tests:
            assert cell.hidden, f"{cell.id}: jupyter.source_hidden"
            assert not cell.outputs, f"{cell.id}: {cell.texts}"
            assert not cell.answer, cell.id


def test_what_it_makes_has_its_name_or_goes_by_itself(file: Path) -> None:
    mine = f"ch{file.name[:2]}-"
    for cell in code(file):
        source = cell.completed.replace("\\\n", " ")
        assert "$MARK" not in source, f"{cell.id}: commands are what people type"
        for command in re.findall(r"docker (?:container )?(?:build|run|create) .*", source):
            if re.search(r" (--rm|--help|--check)\b", command):
                continue
            assert mine in command, f"{cell.id}: no name that begins with {mine} and no --rm in: {command}"
            assert all(name.startswith(mine) for name in re.findall(r"--name[ =](\S+)", command)), f"{cell.id}: {command}"
            if command.startswith("docker build"):
                names = re.findall(r" (?:-t|--tag)[ =]?(\S+)", command)
                assert all(name.rsplit("/", 1)[-1].startswith(mine) for name in names), f"{cell.id}: {names}"
