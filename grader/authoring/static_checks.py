"""What every exercise must keep to, as far as it can be told without running anything."""

import filecmp
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader import settings
from grader.authoring.cells import master
from grader.course import chapters, layout
from grader.course.catalogue import Entry
from grader.values.errors import DefinitionError, GraderError

MIN_ALTERNATIVES: Final = 2
MIN_WRONG: Final = 3


@dataclass(frozen=True)
class Defect:
    """A rule that an exercise breaks, told without running it."""

    exercise: str
    message: str


def broken(entry: Entry) -> list[Defect]:
    """Return every rule that an exercise breaks, as far as can be told without running anything."""
    return [Defect(entry.id, message) for message in (*_sentences(entry), *_notebook(entry))]


def _sentences(entry: Entry) -> Iterator[str]:
    exercise = entry.exercise
    if not exercise.checks:
        yield "it has no checks."
    for check in exercise.checks.values():
        if not check.hints:
            yield f"check {check.id} has no hint."
        if not check.title.endswith((".", "?", "!")):
            yield f"the title of check {check.id} is not a sentence: it has no full stop."
    yield from _readings(entry)
    if not entry.starter.is_dir():
        yield "it has no starter."
        return
    if not entry.reference.is_dir():
        yield "it has no reference."
    if len(entry.alternatives) < MIN_ALTERNATIVES:
        yield f"it has {len(entry.alternatives)} alternatives; at least {MIN_ALTERNATIVES} are needed."
    if len(entry.wrong) < MIN_WRONG:
        yield f"it has {len(entry.wrong)} wrong answers; at least {MIN_WRONG} are needed."
    yield from _names_of_wrong_answers(entry)
    yield from _files(entry)


def _notebook(entry: Entry) -> Iterator[str]:
    """What would go wrong on nbgrader's way: graded cells that disagree with the checks, files in the wrong place."""
    for name in layout.misplaced(entry.folder):
        yield f"{name} lies at the top of its folder, where nbgrader would put it over the learner's."
    for sentence in layout.unreleasable(entry.starter):
        yield f"starter/{sentence}"
    try:
        if master(entry) != layout.notebook_of(entry.folder).read_text(encoding="utf-8"):
            yield "the notebook's graded cells disagree with its checks; `python -m grader.notebook.generate` writes them."
    except GraderError as error:
        yield str(error)


def _names_of_wrong_answers(entry: Entry) -> Iterator[str]:
    failed: set[str] = set()
    for name in sorted(entry.wrong):
        try:
            checks = entry.wrong_checks(name)
        except DefinitionError as error:
            yield str(error)
            continue
        failed |= checks
        for both in sorted(entry.exercise.dependents(checks) & checks):
            yield f"wrong/{name} cannot fail {both}: that check is skipped when the others fail."
    for check in sorted(set(entry.exercise.checks) - failed):
        yield f"no wrong answer fails check {check}: nothing shows that it can fail."


def _readings(entry: Entry) -> Iterator[str]:
    course = entry.folder.parent.parent / settings.CHAPTERS
    own = chapters.chapter(course, entry.id[:2])
    if own is not None and entry.id not in own.exercises:
        yield f"chapter {own.number} does not link to it in its section “Exercises”."
    for check in entry.exercise.checks.values():
        reading = entry.reading(check)
        number = reading.chapter if reading else entry.id[:2]
        chapter = chapters.chapter(course, number)
        if reading is None:
            if chapter is not None:
                yield f"check {check.id} does not say where to read: read=…, a heading of chapter {number}."
        elif chapter is None:
            yield f"check {check.id} sends learners to chapter {number}, which is not there."
        elif reading.heading not in chapter.sections:
            yield f"check {check.id} sends learners to “{reading.heading}”, which chapter {number} does not have."


def _files(entry: Entry) -> Iterator[str]:
    learner_files = set(entry.exercise.learner_files)
    overlays = {"reference": entry.reference} if entry.reference.is_dir() else {}
    overlays |= {f"alternatives/{name}": folder for name, folder in sorted(entry.alternatives.items())}
    overlays |= {f"wrong/{name}": folder for name, folder in sorted(entry.wrong.items())}
    made: set[str] = {name for name in learner_files if (entry.starter / name).exists()}
    for variant, folder in overlays.items():
        files = [one for one in sorted(folder.rglob("*")) if one.is_file() or one.is_symlink()]
        if not files and variant.partition("/")[0] != "wrong":
            yield f"{variant} is empty: it is the starter."
        for one in files:
            name = one.relative_to(folder)
            same = entry.starter / name
            if same.exists() and not _covered(name, learner_files):
                yield f"{variant}/{name} changes a file that is not the learner's to change."
            if same.is_file() and one.is_file() and filecmp.cmp(one, same, shallow=False):
                yield f"{variant}/{name} is the same as the starter's: a variant holds only what differs."
            made |= {wanted for wanted in learner_files if _covered(name, {wanted})}
    for missing in sorted(learner_files - made):
        yield f"{missing} is one of the learner's files, but neither the starter nor any variant has it."


def _covered(name: Path, learner_files: set[str]) -> bool:
    return name.as_posix() in learner_files or any(parent.as_posix() in learner_files for parent in name.parents)


def named(entry: Entry, wrong: str) -> frozenset[str] | None:
    """Return the checks that a wrong answer is named after; None where its name is broken, which ``broken`` tells."""
    try:
        return entry.wrong_checks(wrong)
    except DefinitionError:
        return None
