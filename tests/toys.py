"""Throw-away exercises and reports that many tests share."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from grader.authoring.cells import master
from grader.course import catalogue
from grader.engine.identity import Identity
from grader.run.inputs import Inputs
from grader.run.store import Results, Store
from grader.values.outcome import CheckResult, Evidence, Finding, Outcome, Reading, Report

TOY = "01-toy"
"""A course's smallest exercise: an image on busybox whose container says hello as nobody."""

CHECKS = '''"""A toy."""
from grader import Exercise, Limits

exercise = Exercise(title="A toy", learner_files=("Dockerfile",), limits=Limits(build_seconds=60), honest_attempts=3)

@exercise.check(points=1, hint=("Read the first line.", "FROM comes first."))
def builds(work):
    """The image builds."""
    return work.build()

@exercise.check(builds, points=2, hint="What does a container run?")
def says_hello(image):
    """A container says hello."""
    image.run().expect(exit_code=0, contains="hello")

@exercise.check(builds, points=1, hint="Who runs it?")
def is_nobody(image):
    """It does not run as root."""
    image.run("id", "-u").expect(exit_code=0, contains="65534")
'''

VARIANTS: dict[str, dict[str, str]] = {
    "starter": {"Dockerfile": "FROM busybox\n", "words.txt": "hello\n"},
    "reference": {"Dockerfile": 'FROM busybox\nCOPY words.txt /\nUSER nobody\nCMD ["cat", "/words.txt"]\n'},
    "alternatives/echo": {"Dockerfile": 'FROM busybox\nUSER 65534\nCMD ["echo", "hello"]\n'},
    "alternatives/shell": {"Dockerfile": "FROM busybox\nUSER nobody\nCMD echo hello\n"},
    "wrong/builds--copied-what-is-not-there": {"Dockerfile": "FROM busybox\nCOPY nothing.txt /\n"},
    "wrong/says_hello--said-goodbye": {"Dockerfile": 'FROM busybox\nUSER nobody\nCMD ["echo", "goodbye"]\n'},
    "wrong/is_nobody--never-changed-the-user": {"Dockerfile": 'FROM busybox\nCMD ["echo", "hello"]\n'},
}


NOTEBOOK = {
    "cells": [{"cell_type": "markdown", "id": "brief", "metadata": {}, "source": "# A toy"}],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a folder, which is made where it is missing."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def course(root: Path, *, checks: str = CHECKS, variants: Mapping[str, Mapping[str, str]] = VARIANTS) -> Path:
    """Write a course with the toy as its only exercise; return its folder."""
    home = write(root / "solutions" / TOY, {"checks.py": checks, f"{TOY}.ipynb": json.dumps(NOTEBOOK)})
    for name, files in variants.items():
        (home / name).mkdir(parents=True, exist_ok=True)
        write(home / name, files)
    (home / f"{TOY}.ipynb").write_text(master(catalogue.load(home)))
    return root


def result(id_: str, outcome: Outcome = Outcome.PASS, *, points: float = 1, finding: Finding | None = None) -> CheckResult:
    """Make one check's result; what did not pass has a finding."""
    if finding is None and outcome is not Outcome.PASS:
        finding = Finding(f"{id_} went wrong", "this", "that", (Evidence("log", "line 1\nline 2"),), "Look again.")
    earned = {Outcome.PASS: points, Outcome.ERROR: None}.get(outcome, 0.0)
    return CheckResult(
        id=id_,
        title=f"The title of {id_}.",
        outcome=outcome,
        points=earned,
        max_points=points,
        finding=finding,
        hints=("first hint", "second hint"),
        reading=Reading("01", "Six words") if outcome in {Outcome.FAIL, Outcome.LIMIT} else None,
        duration_s=0.25,
    )


def report(*checks: CheckResult, exercise: str = TOY, notes: tuple[str, ...] = ()) -> Report:
    """Make a report."""
    return Report(
        exercise=exercise,
        title="A toy",
        submission="/somewhere",
        checks=checks,
        engine="Docker Engine 26.1.5",
        started_at="2026-11-22T02:03:04+00:00",
        duration_s=1.5,
        notes=notes,
    )


def results(folder: Path, *, fresh: bool = False, images: Mapping[str, str] | None = None) -> Results:
    """Make a store of results beside an engine that is never asked for more than what it is."""
    engine = Identity({"version": "26.1.5"}, images or {"busybox:latest": "sha256:1"})
    return Results(Store(folder), Inputs(lambda: engine), fresh=fresh)


def clean_environment() -> dict[str, str]:
    """Return the environment without Drydock's own settings, for subprocesses."""
    return {name: value for name, value in os.environ.items() if name not in {"DRYDOCK_WORK", "DRYDOCK_COURSE"}}
