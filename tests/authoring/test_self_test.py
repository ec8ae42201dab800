"""The proof notices what is wrong with a course."""

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring import self_test
from grader.authoring.self_test import SelfTestResult, Variant
from grader.course import catalogue
from grader.course.catalogue import Entry
from grader.run import runner, snapshot
from grader.values.errors import Cancelled, EngineUnavailable
from grader.values.outcome import Outcome, Report
from tests import toys
from tests.toys import TOY, VARIANTS

F, P, L, S, E = Outcome.FAIL, Outcome.PASS, Outcome.LIMIT, Outcome.SKIP, Outcome.ERROR
IDS = ("builds", "says_hello", "is_nobody")
NOT_CANCELLED = threading.Event()
ROOT = Path(__file__).resolve().parent.parent.parent


def entry(root: Path) -> Entry:
    return catalogue.find(root, TOY)


def grades(outcomes: Callable[[str], tuple[Outcome, ...]]) -> self_test.Run:
    """Grade by looking at the Dockerfile: a fake at our own seam."""

    def run(entry: Entry, submission: Path, cancelled: threading.Event) -> Report:
        text = (submission / "Dockerfile").read_text()
        return toys.report(*(toys.result(id_, one) for id_, one in zip(IDS, outcomes(text), strict=True)))

    return run


def right(text: str) -> tuple[Outcome, ...]:
    if "nothing.txt" in text:
        return (F, S, S)
    hello = "hello" in text or "words" in text
    return (P, P if hello else F, P if "USER" in text else F)


def test_a_sound_course_holds(toy_course: Path) -> None:
    proved = self_test.run_all([entry(toy_course)], run=grades(right))
    assert sorted(one.variant for one in proved) == sorted(VARIANTS)
    assert [one.variant for one in proved][:3] == ["starter", "reference", "alternatives/echo"]
    assert all(one.holds for one in proved)
    assert {one.variant: len(one.reports) for one in proved if len(one.reports) == 2} == {
        "reference": 2,
        "alternatives/echo": 2,
        "alternatives/shell": 2,
    }


def test_what_is_graded_is_what_a_learners_would_be(toy_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = toys.write(tmp_path / TOY, {**VARIANTS["starter"], "start.sh": "#!/bin/sh\n"})
    (submission / "start.sh").chmod(0o644)

    def run(_entry: Entry, folder: Path, **about: object) -> Report:
        assert folder != submission == about["owner"]
        assert (folder / "start.sh").stat().st_mode & 0o100
        return toys.report(toys.result("builds"))

    monkeypatch.setattr(runner, "run", run)
    assert self_test.grade_as_learner(entry(toy_course), submission, NOT_CANCELLED).full_score


@pytest.mark.parametrize(
    ("fails", "outcomes", "holds"),
    [
        (None, (P, F, P), True),
        (None, (F, S, S), True),
        (None, (P, P, P), False),
        (None, (P, E, P), False),
        (set(), (P, P, P), True),
        (set(), (P, P, L), False),
        (set(), (P, E, P), False),
        ({"builds"}, (F, S, S), True),
        ({"builds"}, (L, S, S), True),
        ({"builds"}, (F, S, F), False),
        ({"says_hello"}, (P, F, P), True),
        ({"says_hello"}, (P, P, P), False),
        ({"says_hello"}, (P, F, F), False),
        ({"says_hello"}, (P, S, P), False),
        ({"says_hello"}, (P, F, S), False),
        ({"says_hello", "is_nobody"}, (P, F, L), True),
        ({"says_hello", "is_nobody"}, (P, F, P), False),
        ({"says_hello"}, (P, F, E), False),
    ],
)
def test_judgement(toy_course: Path, fails: set[str] | None, outcomes: tuple[Outcome, ...], holds: bool) -> None:
    report = toys.report(*(toys.result(id_, one) for id_, one in zip(IDS, outcomes, strict=True)))
    named = None if fails is None else frozenset(fails)
    assert self_test.judge(entry(toy_course).exercise, named, report)[1] is holds


def test_a_report_that_lacks_a_check_proves_nothing(toy_course: Path) -> None:
    assert not self_test.judge(entry(toy_course).exercise, frozenset(), toys.report(toys.result("builds")))[1]


def test_both_runs_of_a_solution_must_be_full(toy_course: Path) -> None:
    runs: list[str] = []

    def second_time_worse(text: str) -> tuple[Outcome, ...]:
        runs.append(text)
        return (P, P, P) if len(runs) % 2 else (P, P, F)

    one = entry(toy_course)
    reference = self_test.variants(one)[1]
    proved = self_test.run_variant(reference, grades(second_time_worse), NOT_CANCELLED)
    assert (proved.holds, proved.found) == (False, "fails is_nobody (run 2 of 2)")


def test_each_run_begins_in_a_new_folder_that_is_removed(toy_course: Path) -> None:
    seen: list[Path] = []

    def run(entry: Entry, submission: Path, cancelled: threading.Event) -> Report:
        assert not (submission / "made").exists()
        (submission / "made").write_text("by the run")
        seen.append(submission)
        return toys.report(*map(toys.result, IDS))

    self_test.run_variant(self_test.variants(entry(toy_course))[1], run, NOT_CANCELLED)
    assert len(set(seen)) == 2
    assert seen[0].name == TOY
    assert not any(one.exists() for one in seen)


def test_trouble_with_the_engine_is_an_error_not_a_defect(toy_course: Path) -> None:
    def run(entry: Entry, submission: Path, cancelled: threading.Event) -> Report:
        raise EngineUnavailable("No engine.", "Start one.")

    proved = self_test.run_all([entry(toy_course)], run=run)
    assert all(one.error and not one.holds and one.found == "No engine. Start one." for one in proved)


def test_stopping_stops_everything(toy_course: Path) -> None:
    cancelled = threading.Event()
    begun: list[Variant] = []

    def run(entry: Entry, submission: Path, cancelled: threading.Event) -> Report:
        cancelled.set()
        raise Cancelled

    with pytest.raises(Cancelled):
        self_test.run_all([entry(toy_course)], jobs=1, run=run, started=begun.append, cancelled=cancelled)
    assert len(begun) == 1


def test_tells_what_it_does(toy_course: Path) -> None:
    begun: list[Variant] = []
    done: list[SelfTestResult] = []
    self_test.run_all([entry(toy_course)], run=grades(right), started=begun.append, done=done.append)
    assert {one.name for one in begun} == {one.variant for one in done} == set(VARIANTS)


# Earlier results


def test_what_held_is_not_run_again_and_each_repetition_is_a_run(toy_course: Path, tmp_path: Path) -> None:
    graded: list[str] = []

    def counted(text: str) -> tuple[Outcome, ...]:
        graded.append(text)
        return right(text)

    runs = []
    for _ in range(2):
        proved = self_test.run_all([entry(toy_course)], run=grades(counted), results=toys.results(tmp_path / "kept"))
        assert all(one.holds for one in proved)
        runs.append((len(graded), sum(one.earlier for one in proved), sum(len(one.reports) for one in proved)))
    assert runs == [(10, 0, 10), (10, 10, 10)]  # three of the seven variants are run twice
    proved = self_test.run_all([entry(toy_course)], run=grades(counted), results=toys.results(tmp_path / "kept", fresh=True))
    assert (len(graded), sum(one.earlier for one in proved)) == (20, 0)


def test_what_did_not_hold_is_run_again(toy_course: Path, tmp_path: Path) -> None:
    outcomes = iter([(P, P, F), (P, P, P), (P, P, P)])
    results, reference = toys.results(tmp_path / "kept"), self_test.variants(entry(toy_course))[1]
    run = grades(lambda _text: next(outcomes))
    assert not self_test.run_variant(reference, run, NOT_CANCELLED, results=results).holds
    again = self_test.run_variant(reference, run, NOT_CANCELLED, results=results)
    assert (again.holds, again.earlier) == (True, 0)


def test_one_change_runs_what_it_concerns(toy_course: Path, tmp_path: Path) -> None:
    def prove() -> set[str]:
        proved = self_test.run_all([entry(toy_course)], run=grades(right), results=toys.results(tmp_path / "kept"))
        return {one.variant for one in proved if one.earlier < len(one.reports)}

    assert prove() == set(VARIANTS)
    assert prove() == set()
    echo = toy_course / "solutions" / TOY / "alternatives" / "echo" / "Dockerfile"
    echo.write_text(echo.read_text() + "LABEL a=b\n")
    assert prove() == {"alternatives/echo"}
    words = toy_course / "solutions" / TOY / "starter" / "words.txt"
    words.write_text("hello, you\n")
    assert prove() == set(VARIANTS)


def test_a_script_that_lost_its_execute_bit_is_the_same_before_and_behind_the_run(toy_course: Path, tmp_path: Path) -> None:
    """The learner's own path gives the bit back in the folder that was handed in."""
    script = toy_course / "solutions" / TOY / "reference" / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o644)

    def run(entry: Entry, submission: Path, cancelled: threading.Event) -> Report:
        with snapshot.take(entry, submission):
            return toys.report(*map(toys.result, IDS))

    reference = self_test.variants(entry(toy_course))[1]
    proved = [
        self_test.run_variant(reference, run, NOT_CANCELLED, results=toys.results(tmp_path / "kept")).earlier for _ in range(2)
    ]
    assert proved == [0, 2]


def test_a_single_repetition_can_be_asked_for(toy_course: Path, tmp_path: Path) -> None:
    results, reference = toys.results(tmp_path / "kept"), self_test.variants(entry(toy_course))[1]
    for expected in (0, 1):
        second = self_test.run_variant(reference, grades(right), NOT_CANCELLED, results=results, numbers=(2,))
        assert (second.holds, len(second.reports), second.earlier) == (True, 1, expected)
    assert self_test.run_variant(reference, grades(right), NOT_CANCELLED, results=results).earlier == 1


# The part that is proved with every change


def test_the_sample_has_all_right_answers_and_a_wrong_one_for_each_check(tmp_path: Path) -> None:
    hello = VARIANTS["wrong/says_hello--said-goodbye"]
    more = {f"wrong/says_hello--{name}": hello for name in ("a-first", "b-second")}
    both = {"wrong/is_nobody+says_hello--all-of-it": hello}
    sample = [one.name for one in self_test.sample(entry(toys.course(tmp_path, variants={**VARIANTS, **more, **both})))]
    assert sample == [
        "starter",
        "reference",
        "alternatives/echo",
        "alternatives/shell",
        "wrong/builds--copied-what-is-not-there",
        "wrong/is_nobody--never-changed-the-user",
        "wrong/says_hello--a-first",
    ]


def test_a_wrong_answer_that_fails_several_checks_stands_for_those_that_have_no_other(tmp_path: Path) -> None:
    variants = {name: files for name, files in VARIANTS.items() if not name.startswith(("wrong/says_hello", "wrong/is_nobody"))}
    both = {"wrong/is_nobody+says_hello--all-of-it": VARIANTS["wrong/says_hello--said-goodbye"]}
    sample = self_test.sample(entry(toys.course(tmp_path, variants={**variants, **both})))
    assert [one.name for one in sample if one.fails] == [
        "wrong/builds--copied-what-is-not-there",
        "wrong/is_nobody+says_hello--all-of-it",
    ]


@pytest.mark.parametrize("real", catalogue.entries(ROOT), ids=lambda entry: entry.id)
def test_the_sample_of_every_exercise_fails_every_check(real: Entry) -> None:
    sample = self_test.sample(real)
    assert set().union(*(one.fails or () for one in sample)) == set(real.exercise.checks)
    assert len([one for one in sample if one.fails]) <= len(real.exercise.checks)
    assert len(sample) < len(self_test.variants(real))


def test_a_variant_with_a_broken_name_is_not_run(tmp_path: Path) -> None:
    root = toys.course(tmp_path, variants={**VARIANTS, "wrong/nonsense": {"Dockerfile": "FROM x\n"}})
    assert "wrong/nonsense" not in {one.name for one in self_test.variants(entry(root))}


def test_words_for_what_is_expected(toy_course: Path) -> None:
    words = {one.name: one.expected for one in self_test.variants(entry(toy_course))}
    assert words["starter"] == "less than full"
    assert words["reference"] == "full score, twice"
    assert words["wrong/is_nobody--never-changed-the-user"] == "fails is_nobody"
    assert dataclasses.replace(self_test.variants(entry(toy_course))[1], runs=1).expected == "full score"


@pytest.mark.engine
@pytest.mark.slow
def test_the_toy_is_proved_on_the_real_engine(toy_course: Path) -> None:
    proved = self_test.run_all([entry(toy_course)])
    assert {one.variant: (one.found, one.why) for one in proved if not one.holds} == {}
