"""The course proves itself: every variant of every exercise, graded on the real engine as a learner's work would be.

``make test`` runs a sample of it, once, and ``make prove`` all of it, right answers twice. Both ask for the results of earlier
runs first, and say how many there were.
"""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from grader.authoring import self_test, static_checks
from grader.authoring.self_test import Variant
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.engine.sandbox.pool import Sandboxes
from grader.run.store import Results
from tests import messages, proof
from tests.reruns import RERUN

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = catalogue.entries(ROOT)


def runs() -> Iterator[object]:
    """Each run of each variant: the variant, and which of its runs it is."""
    for entry in ENTRIES:
        sample = {one.name for one in self_test.sample(entry)}
        for variant in self_test.variants(entry):
            for number in range(1, variant.runs + 1):
                marks = () if number == 1 and variant.name in sample else pytest.mark.proof
                again = " again" if number > 1 else ""
                yield pytest.param(variant, number, marks=marks, id=f"{entry.id}/{variant.name}{again}")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_exercise_keeps_the_rules_of_the_course(entry: Entry) -> None:
    assert static_checks.broken(entry) == []


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("variant", "number"), list(runs()))
def test_a_variant_comes_out_as_it_is_named(
    variant: Variant, number: int, sandboxes: Sandboxes, results: Results, record_property: proof.Tell
) -> None:
    run = partial(self_test.grade_as_learner, sandboxes=sandboxes)
    prove = partial(self_test.run_variant, variant, run, threading.Event(), numbers=(number,))
    proved = prove(results=results)
    assert proved.holds, f"expected: {variant.expected}; came out: {proved.found}\n" + "\n".join(proved.why)
    if variant.name.startswith("wrong/"):
        if messages.writing():
            messages.keep(variant.entry.id, variant.name, messages.said(proved))
        # What was seen may differ once, as things go on a busy machine; a wording that has changed has changed twice.
        if not messages.known(messages.said(proved)):
            record_property(RERUN, f"another wording:\n{messages.said(proved)}")
            proved = prove(results=results.afresh())
        assert messages.known(messages.said(proved)), "the wording has changed: see tests/messages.py"
    proof.tell(record_property, proved.earlier, len(proved.reports))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_messages_are_kept_of_wrong_answers_that_there_are(entry: Entry) -> None:
    assert set(messages.kept(entry.id)) == {f"wrong/{name}" for name in entry.wrong}
