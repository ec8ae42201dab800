"""The same verdicts on every engine that is supported, each in a container of its own.

``make test`` runs every reference on the containerd image store, the default of new installations; ``make test-engines`` runs
the starter, the reference and a wrong answer for each check on that one, on the classic store, and on the oldest engine.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.authoring import self_test
from grader.authoring.self_test import Variant
from grader.course import base_images, catalogue
from grader.course.catalogue import Entry
from grader.engine.isolated.disk import Kind
from grader.engine.isolated.engine import IsolatedEngine, Size
from grader.engine.session import Place, Session
from grader.run import runner, snapshot
from grader.values.facts import EXAMPLE_LEARNER
from grader.values.limits import Limits
from grader.values.outcome import Report
from grader.values.units import GB

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = catalogue.entries(ROOT)

OLDEST = "drydock-oldest-engine"
"""The image of the oldest engine that is supported, from the stable suite's packages; it is made where it is needed."""
CONTAINERD = Kind(flags=("--feature=containerd-snapshotter=true",))
KINDS = {"28 containerd": CONTAINERD, "28 classic": Kind(), "26.1 classic": Kind(image=OLDEST)}
SIZE = Size.of(Limits(memory=1 * GB, build_memory=3 * GB))
"""For the largest exercise, a sandbox engine among what runs."""


def _needed(name: str, variant: Variant) -> bool:
    """Whether ``make test`` runs it."""
    return name == "28 containerd" and variant.name == "reference"


def runs() -> Iterator[object]:
    """Each engine with each variant of the sample; without alternatives."""
    for name in KINDS:
        for entry in ENTRIES:
            for variant in self_test.sample(entry):
                if variant.name.startswith("alternatives/"):
                    continue
                marks = [] if _needed(name, variant) else [pytest.mark.engines]
                marks.append(pytest.mark.xdist_group(name))
                yield pytest.param(name, variant, marks=marks, id=f"{name}/{entry.id}/{variant.name}")


@pytest.fixture(scope="session")
def engine_of() -> Iterator[Callable[[str], Place]]:
    """The engine of a kind, started when it is first asked for."""
    with Session() as session:
        places: dict[str, Place] = {}

        def get(name: str) -> Place:
            if name not in places:
                if KINDS[name].image == OLDEST:
                    _make_the_oldest()
                made = IsolatedEngine(session, base_images.names(ROOT), SIZE, KINDS[name])
                places[name] = replace(made.place, end=None)
            return places[name]

        yield get


def _make_the_oldest() -> None:
    recipe = ROOT / "images" / "dind"
    build = ["docker", "build", "--quiet", "--build-arg", "DOCKER_SUITE=stable", "--tag", OLDEST, str(recipe)]
    subprocess.run(build, check=True, env=dict(os.environ), timeout=600)


@pytest.mark.parametrize(("name", "variant"), list(runs()))
def test_a_variant_comes_out_as_it_is_named(name: str, variant: Variant, engine_of: Callable[[str], Place]) -> None:
    place = engine_of(name)

    def run(entry: Entry, submission: Path, cancelled: threading.Event) -> Report:
        with snapshot.take(entry, submission) as taken:
            return runner.run(entry, taken.folder, learner=EXAMPLE_LEARNER, place=place, cancelled=cancelled)

    proved = self_test.run_variant(variant, run, threading.Event(), numbers=(1,))
    assert proved.holds, f"expected: {variant.expected}; came out: {proved.found}\n" + "\n".join(proved.why)


@pytest.mark.parametrize(
    ("name", "version", "containerd"),
    [
        pytest.param("28 containerd", "28.", True, marks=pytest.mark.xdist_group("28 containerd")),
        pytest.param("28 classic", "28.", False, marks=[pytest.mark.engines, pytest.mark.xdist_group("28 classic")]),
        pytest.param("26.1 classic", "26.1", False, marks=[pytest.mark.engines, pytest.mark.xdist_group("26.1 classic")]),
    ],
)
def test_it_is_the_engine_that_it_is_called(
    name: str, version: str, containerd: bool, engine_of: Callable[[str], Place]
) -> None:
    """Or a matrix of one engine would look like one of three."""
    with Session(place=engine_of(name)) as session:
        assert session.engine.split()[-1].startswith(version)
        status = dict(session.client.info().get("DriverStatus") or ())
        assert str(status.get("driver-type", "")).startswith("io.containerd.") is containerd
