"""Each limit behind each kind of thing that a check works on: LIMIT, and which one, how much was allowed, what was seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from grader.checks.compose.stack import Stack
from grader.checks.image import Image
from grader.checks.sandbox.state import SandboxState
from grader.checks.work import Work
from grader.course.catalogue import Entry
from grader.course.exercise import Exercise
from grader.run import runner
from grader.values.limits import Limits
from grader.values.outcome import CheckResult, Outcome
from grader.values.units import GB
from tests import core

KINDS = ("container", "build", "service", "sandbox")
OF = ("memory", "processes", "time", "disk", "log")

EATS = "a=x; while :; do a=$a$a; done"
BOMB = "i=0; while [ $i -lt 200 ]; do sleep 1000 & i=$((i+1)); done"
LARGE = "dd if=/dev/zero of=/x bs=1M count=50"
FLOOD = "seq 1 5000"
LAST = "\n5000\n"

LISTENED_TO = "sleep 1\n"
"""What a container says in its first moments, a busy engine may lose."""

Verb = Callable[[Any], object]


@dataclass(frozen=True)
class Case:
    """A submission that reaches a limit.

    Attributes:
        text: the submission: its main program, its Dockerfile's last lines, or the program of its compose file's service.
        check: what a check does with it that then fails; None where it fails before.
        words: that the learner must read: which limit, how much is allowed, what was seen.
        limits: of the exercise.
    """

    text: str
    check: Verb | None
    words: tuple[str, str, str]
    limits: Limits = core.LIMITS


def _answers(image: Image) -> None:
    with image.start(publish=8000) as container:
        container.http("/health").expect(status=200)


def _does_its_work(image: Image) -> None:
    image.run().expect(exit_code=0)


def _says_ready(image: Image) -> None:
    with image.start() as container:
        container.expect_log(LAST)  # until then it is not lost yet
        container.expect_log("ready")


def _has_said_ready(image: Image) -> None:
    image.run().expect(exit_code=0, contains="ready")


def _never_says_ready(image: Image) -> None:
    image.run().expect(lacks="ready")


def _writes(image: Image) -> None:
    with image.start() as container:
        container.exec("sh", "-c", LARGE).expect(exit_code=0)


def _prints(image: Image) -> None:
    with image.start() as container:
        container.exec("sh", "-c", "echo ready; yes | head -c 10000000").expect(contains="ready")


def _has_done_it(stack: Stack) -> None:
    stack.service("a").container.expect_log("over")  # until then it is not there yet
    stack.service("a").exec("test", "-e", "/done").expect(exit_code=0)


def _logs(stack: Stack) -> None:
    stack.service("a").container.expect_log(LAST)
    stack.service("a").container.expect_log("ready")


def _commands_said_ready(stage: SandboxState) -> None:
    stage.said.expect(contains="ready")


def _commands_ended_well(stage: SandboxState) -> None:
    stage.said.expect(exit_code=0)


def _later(command: str) -> Verb:
    """What a container that the learner's commands have left behind does, when they are done."""
    return lambda stage: stage.container("box").exec("sh", "-c", command, seconds=60).expect(exit_code=0)


MEMORY = ("used more memory than it may", "at most 64 MB", "the kernel ended a process of it")
PIDS = ("started more processes than it may", "at most 64 processes", "the kernel refused")
PIDS_SAID = ("started more processes than it may", "at most 64 processes", "can't fork")
FILE = ("tried to write a larger file than it may", "files of at most 20 MB", "File ")
LOG = ("wrote more output than may be kept of it", "at most 100 kB", "its beginning is lost")
RUNS_ON = "echo over; exec sleep 1000"
SANDBOX_MEMORY = ("used more memory than the sandbox has", "at most 2 GB", "the kernel ended a process")
SANDBOX_PIDS = ("Your containers started more processes than the sandbox allows", "at most 1024", "at a time")
SANDBOX_DISK = ("filled the sandbox's disk", "at most 1 GB for images, containers and volumes", "% of it in use")
LEFT = "docker run -d --name box busybox sleep 1000"

CELLS: dict[tuple[str, str], Mapping[str, Case] | str] = {
    ("container", "memory"): {
        "its program": Case(EATS, _does_its_work, MEMORY),
        "a child, and it lives on": Case(f"sh -c '{EATS}'; {RUNS_ON}", _answers, MEMORY),
    },
    ("container", "processes"): {
        "it lives on": Case(f"({BOMB}) 2>/dev/null; {RUNS_ON}", _answers, PIDS),
        "it has ended": Case(BOMB, _does_its_work, PIDS_SAID),
    },
    ("container", "time"): {
        "it does not end": Case(RUNS_ON, _does_its_work, ("did not end", "within 5 s", "still running")),
    },
    ("container", "disk"): {
        "it has ended": Case(LARGE, _does_its_work, FILE),
        "it lives on": Case(f"{LARGE}; {RUNS_ON}", _answers, FILE),
        "a command in it": Case(RUNS_ON, _writes, (FILE[0], FILE[1], "exit code 153")),
    },
    ("container", "log"): {
        "what it said first is lost": Case(f"echo ready; {FLOOD}; {RUNS_ON}", _says_ready, LOG),
        "it has ended": Case(f"echo ready; {FLOOD}", _has_said_ready, LOG),
        "what it should not say may be lost": Case(f"echo ready; {FLOOD}", _never_says_ready, LOG),
        "a command in it": Case(RUNS_ON, _prints, (LOG[0], "at most 4.19 MB", LOG[2])),
    },
    ("build", "memory"): {
        "a step": Case(f"RUN {EATS}", None, ("used more memory than it may", "at most 100 MB for all RUN", f"RUN {EATS}")),
    },
    ("build", "processes"): {
        "a step": Case(
            f"RUN {BOMB.replace('200', '2000')}",
            None,
            ("used more processes than it may", "at most 512 processes", "was stopped there"),
            replace(core.LIMITS, build_memory=1 * GB),
        ),
    },
    ("build", "time"): {
        "a step": Case(
            "RUN sleep 1000",
            None,
            ("took longer than 4 s", "ends within 4 s", "still at"),
            replace(core.LIMITS, build_seconds=4),
        ),
    },
    ("build", "disk"): {
        "its context": Case(
            "COPY . /",
            None,
            ("too large to be sent", "at most 2 bytes", "counting stopped"),
            replace(core.LIMITS, context=2),
        ),
    },
    (
        "build",
        "log",
    ): "The builder itself keeps 2 MiB of what a step prints, the step goes on, and no check looks for words in it.",
    ("service", "memory"): {
        "its program": Case(EATS, None, MEMORY),
        "a child, and it lives on": Case(f"sh -c '{EATS}'; {RUNS_ON}", _has_done_it, MEMORY),
        "an earlier life of it": Case(
            f"test -e /again && {{ {RUNS_ON}; }}; touch /again; {EATS}; exit 1", _has_done_it, MEMORY
        ),
    },
    ("service", "processes"): {
        "it lives on": Case(f"({BOMB}) 2>/dev/null; {RUNS_ON}", _has_done_it, PIDS),
        "it does not come up": Case(f"{BOMB}; exit 1", None, PIDS_SAID),
    },
    ("service", "time"): {
        "it is not up": Case(
            RUNS_ON, None, ("was not up within 4 s", "within 4 s", "starting"), replace(core.LIMITS, start_seconds=4)
        ),
    },
    ("service", "disk"): {
        "it lives on": Case(f"{LARGE}; {RUNS_ON}", _has_done_it, FILE),
        "it does not come up": Case(f"{LARGE} || exit 1", None, FILE),
    },
    ("service", "log"): {
        "what it said first is lost": Case(f"echo ready; {FLOOD}; {RUNS_ON}", _logs, LOG),
    },
    ("sandbox", "memory"): {
        "the commands": Case(f"set +x; {EATS}", None, (SANDBOX_MEMORY[0], "at most 512 MB", SANDBOX_MEMORY[2])),
        "their containers": Case(f"docker run busybox sh -c '{EATS}'", None, SANDBOX_MEMORY),
        "what they left running": Case(LEFT, _later(EATS), SANDBOX_MEMORY),
    },
    ("sandbox", "processes"): {
        "the commands": Case(
            f"set +x; {BOMB.replace('200', '300')}",
            _commands_ended_well,
            ("Your commands started more processes than the sandbox allows", "at most 256", "the kernel refused"),
        ),
        "their containers": Case(f"docker run busybox sh -c '{BOMB.replace('200', '2000')}'", None, SANDBOX_PIDS),
        "what they left running": Case(LEFT, _later(BOMB.replace("200", "2000")), SANDBOX_PIDS),
    },
    ("sandbox", "time"): {
        "they do not end": Case("sleep 1000", None, ("did not come to an end", "within 8 s", "still at: sleep 1000")),
    },
    ("sandbox", "disk"): {
        "their folder": Case(
            "dd if=/dev/zero of=x bs=1M count=300",
            None,
            (SANDBOX_DISK[0], "at most 200 MB for your own folder", SANDBOX_DISK[2]),
        ),
        "their containers": Case(f"{LEFT}; docker exec box dd if=/dev/zero of=/x bs=1M count=1500", None, SANDBOX_DISK),
        "what they left running": Case(LEFT, _later("dd if=/dev/zero of=/x bs=1M count=1500"), SANDBOX_DISK),
    },
    ("sandbox", "log"): {
        "what they said first is lost": Case(f"echo ready; {FLOOD}", _commands_said_ready, LOG),
    },
}

CASES = {
    f"{kind}, {of}: {name}": (kind, case)
    for (kind, of), cell in CELLS.items()
    if not isinstance(cell, str)
    for name, case in cell.items()
}


def test_every_cell_of_the_table_is_proved_or_explained() -> None:
    assert list(CELLS) == list(product(KINDS, OF))
    assert all(CELLS.values())


def _container(folder: Path, case: Case) -> dict[str, CheckResult]:
    files = {
        "Dockerfile": 'FROM busybox\nCOPY main.sh /\nCMD ["/main.sh"]\n',
        "main.sh": f"#!/bin/sh\n{LISTENED_TO}{case.text}\n",
    }
    return core.run(folder, files, case.check, limits=case.limits)


def _build(folder: Path, case: Case) -> dict[str, CheckResult]:
    return core.run(folder, f"FROM busybox\n{case.text}\n", case.check, limits=case.limits)


def _service(folder: Path, case: Case) -> dict[str, CheckResult]:
    exercise = Exercise(title="A toy", learner_files=("compose.yaml",), limits=case.limits)

    @exercise.check(points=1, hint="It must start.")
    def starts(work: Work) -> Stack:
        """It starts."""
        return work.compose()

    if case.check is not None:

        @exercise.check(starts, points=1, hint="It must do as it should.")
        def works(stack: Stack) -> object:
            """It works."""
            assert case.check is not None
            return case.check(stack)

    command = case.text.replace("$", "$$").replace('"', '\\"')
    restart = "on-failure" if "/again" in case.text else "no"
    health = "    healthcheck: {test: sleep 1000}\n" if case.check is None else ""
    text = f'services:\n  a:\n    image: busybox\n    restart: "{restart}"\n{health}    command: [sh, -c, "{command}"]\n'
    report = runner.run(Entry("99-toy", folder, exercise), core.submission(folder / "work", {"compose.yaml": text}))
    return {one.id: one for one in report.checks}


def _sandbox(folder: Path, case: Case) -> dict[str, CheckResult]:
    limits = replace(case.limits, file=Limits().file)  # its disks are full before a file is so large
    exercise = Exercise(title="A toy", learner_files=("commands.sh",), limits=limits, one_at_a_time=True)

    @exercise.check(points=1, hint="They must end.")
    def ends(work: Work) -> SandboxState:
        """They end."""
        return work.run_script(seconds=8 if case.text == "sleep 1000" else 60)

    if case.check is not None:

        @exercise.check(ends, points=1, hint="They must do as they should.")
        def works(stage: SandboxState) -> object:
            """They work."""
            assert case.check is not None
            return case.check(stage)

    work = core.submission(folder / "work", {"commands.sh": f"{case.text}\n"})
    return {one.id: one for one in runner.run(Entry("99-toy", folder, exercise), work).checks}


RUN = {"container": _container, "build": _build, "service": _service, "sandbox": _sandbox}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("kind", "case"), CASES.values(), ids=list(CASES))
def test_a_limit_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, case: Case) -> None:
    with core.nothing_left(tmp_path / "runtime", monkeypatch):
        *before, last = RUN[kind](tmp_path, case).values()
    assert [one.outcome for one in before] == [Outcome.PASS] * len(before), [core.seen(one) for one in before]
    assert last.outcome is Outcome.LIMIT, last.finding
    assert last.points == 0
    assert last.finding is not None
    finding = last.finding
    shown = (finding.message, finding.expected, finding.found)
    assert [word in text for word, text in zip(case.words, shown, strict=True)] == [True] * 3, shown
