"""Each drill's file holds what a drill needs; whether it is done by what it says is proved in tests/drills."""

from collections import Counter
from pathlib import Path

import pytest

from grader.course import catalogue, drills
from grader.course.drill import Drill
from grader.course.drills import DrillEntry
from grader.run.drill import draw
from grader.values.drawn import fill, slots
from grader.values.errors import DefinitionError, UsageError

ROOT = catalogue.course_root()
ENTRIES = drills.entries(ROOT)


def test_a_chapter_that_has_drills_has_three_to_five() -> None:
    found = Counter(one.chapter for one in ENTRIES)
    assert {"02", "03", "04", "05", "06", "07", "08"} <= set(found)
    assert not {chapter: number for chapter, number in found.items() if not 3 <= number <= 5}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.id)
def test_a_drill_is_short_and_says_all_that_it_draws(entry: DrillEntry) -> None:
    drawn = draw(entry)
    task = fill(entry.drill.task, drawn)
    assert len(task.splitlines()) <= 3
    assert len(task) <= 400
    assert not slots(task)
    assert all(drawn[slot].startswith(f"ch{entry.chapter}-") for slot in entry.drill.names)
    assert len({drawn[slot] for slot in entry.drill.names}) == len(entry.drill.names)
    for typed in entry.drill.answers:  # its end names what was drawn, unless it works in the drill's folder
        assert typed[0] == "cd {folder}" or "docker" not in typed[-1] or fill(typed[-1], drawn) != typed[-1]


def test_what_is_missing_is_told_to_its_author(tmp_path: Path) -> None:
    path = tmp_path / "course" / "drills" / "02-toy.py"
    path.parent.mkdir(parents=True)
    path.write_text('from grader import Drill\ndrill = Drill(title="Toy", task="Make {box}.")\n', encoding="utf-8")
    with pytest.raises(DefinitionError) as told:
        drills.load(path)
    for words in ("a check", "a right answer", "{box} is written"):
        assert words in str(told.value)


def test_a_drill_is_found_by_what_people_type() -> None:
    assert [one.id for one in drills.find(ROOT, "02-stay-up")] == ["02-stay-up"]
    assert [one.id for one in drills.find(ROOT, "2-stay")] == ["02-stay-up"]
    assert {one.chapter for one in drills.find(ROOT, "3")} == {"03"}
    for given, words in (("02-stai-up", "Did you mean 02-stay-up"), ("77", "There are"), ("03-", "Write more of it")):
        with pytest.raises(UsageError, match=words):
            drills.find(ROOT, given)


def test_one_of_several_may_be_one_of_the_names() -> None:
    drill = Drill("t", "{a} {b} {one}", draws={"one": ("a", "b"), "a": "name", "b": "name", "n": range(5, 6)})
    drawn = draw(DrillEntry("02-x", Path("02-x.py"), drill))
    assert drawn["one"] in {drawn["a"], drawn["b"]}
    assert drawn["n"] == "5"
