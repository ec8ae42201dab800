"""The course proves itself: every variant of every exercise, graded on the real engine as a learner's work would be."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from grader.authoring import self_test, static_checks
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.engine.sandbox.pool import Sandboxes
from tests import messages
from tests.reruns import RERUN

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = catalogue.entries(ROOT)
VARIANTS = [variant for entry in ENTRIES for variant in self_test.variants(entry)]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_exercise_keeps_the_rules_of_the_course(entry: Entry) -> None:
    assert static_checks.broken(entry) == []


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: f"{variant.entry.id}/{variant.name}")
def test_a_variant_comes_out_as_it_is_named(
    variant: self_test.Variant, sandboxes: Sandboxes, record_property: Callable[[str, object], None]
) -> None:
    proved = self_test.run_variant(variant, partial(self_test.grade_as_learner, sandboxes=sandboxes), threading.Event())
    assert proved.holds, f"expected: {variant.expected}; came out: {proved.found}\n" + "\n".join(proved.why)
    if variant.name.startswith("wrong/"):
        if messages.writing():
            messages.keep(variant.entry.id, variant.name, messages.said(proved))
        # What was seen may differ once, as things go on a busy machine; a wording that has changed has changed twice.
        if not messages.known(messages.said(proved)):
            record_property(RERUN, f"another wording:\n{messages.said(proved)}")
            proved = self_test.run_variant(variant, partial(self_test.grade_as_learner, sandboxes=sandboxes), threading.Event())
        assert messages.known(messages.said(proved)), "the wording has changed: see tests/messages.py"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_messages_are_kept_of_wrong_answers_that_there_are(entry: Entry) -> None:
    assert set(messages.kept(entry.id)) == {f"wrong/{name}" for name in entry.wrong}
