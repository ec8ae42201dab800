"""What is kept of drills."""

from pathlib import Path

from grader.progress import Progress, transfer
from grader.progress.drills import Drills


def test_a_drill_is_begun_made_ready_and_done_once(tmp_path: Path) -> None:
    kept = Drills(tmp_path)
    assert kept.begun("02-a") is None
    token = kept.begin("02-a", {"box": "ch02-box-x"})
    begun = kept.begun("02-a")
    assert begun is not None
    assert (begun.ready, begun.done, begun.drawn) == (False, "", {"box": "ch02-box-x"})
    kept.ready("02-a", token, {"things": ["i1"]})
    assert kept.done("02-a", token)
    assert not kept.done("02-a", token), "two who look on see one end"
    begun = kept.begun("02-a")
    assert begun is not None
    assert begun.ready
    assert begun.before == {"things": ["i1"]}
    assert kept.times_done() == {"02-a": 1}


def test_who_still_has_an_earlier_beginning_changes_nothing(tmp_path: Path) -> None:
    kept = Drills(tmp_path)
    earlier = kept.begin("02-a", {})
    later = kept.begin("02-a", {})
    kept.ready("02-a", earlier, {"things": ["old"]})
    assert not kept.done("02-a", earlier)
    begun = kept.begun("02-a")
    assert begun is not None
    assert (begun.token, begun.ready, begun.done) == (later, False, "")


def test_what_was_done_goes_along_to_another_machine(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    kept = Drills(here)
    kept.done("02-a", kept.begin("02-a", {}))
    taken = transfer.exported(Progress(here))
    for _ in range(2):
        transfer.imported(Progress(there), taken)
    assert Drills(there).times_done() == {"02-a": 1}
    assert Drills(there).begun("02-a") is None, "what is on one engine is not on another"
