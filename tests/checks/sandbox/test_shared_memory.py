"""The shared memory of a container: what is in it, how much fits, and whose it is."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from grader.checks.sandbox.shared_memory import why_it_ran_out
from grader.checks.sandbox.state import SandboxState
from grader.engine.inspect import ContainerInfo, Mount, State
from tests.checks.sandbox import verdicts
from tests.checks.sandbox.verdicts import Ask, Unmet

MIB = 1024 * 1024
BATCH = {"batch": hashlib.sha256(b"x\n").hexdigest()}
BATCHES = "the batches"
FOUND: dict[str, tuple[Ask, object]] = {
    "a file, and not what a link leads to": (lambda sandbox: sandbox.container("lender").shared_memory().files, BATCH),
    "as much as was asked for": (lambda sandbox: sandbox.container("lender").shared_memory().size, 8 * MIB),
    "as much as Docker gives": (lambda sandbox: sandbox.container("near").shared_memory().size, 64 * MIB),
    "no size": (lambda sandbox: sandbox.container("boundless").shared_memory().size, None),
    "none": (lambda sandbox: sandbox.container("without").shared_memory().files, {}),
    "all as it should be": (
        lambda sandbox: (
            sandbox.container("lender")
            .shared_memory()
            .expect_holds(BATCH, what=BATCHES)
            .expect_its_own()
            .expect_at_most(8 * MIB)
            .size
        ),
        8 * MIB,
    ),
    "memory of its own, by another option": (
        lambda sandbox: sandbox.container("boundless").shared_memory().expect_its_own().size,
        None,
    ),
}
UNMET: Unmet = {
    "nothing in it": (
        lambda sandbox: sandbox.container("near").shared_memory().expect_holds(BATCH, what=BATCHES),
        "near does not hold the batches in shared memory",
        "nothing in /dev/shm; its program: ",
    ),
    "not there": (
        lambda sandbox: sandbox.container("without").shared_memory().expect_holds(BATCH, what=BATCHES),
        "without does not hold the batches in shared memory",
        "no /dev/shm at all",
    ),
    "another text": (
        lambda sandbox: sandbox.container("lender").shared_memory().expect_holds({"batch": "0"}, what=BATCHES),
        "lender does not hold the batches in shared memory",
        "other files in /dev/shm: batch",
    ),
    "a part of it": (
        lambda sandbox: sandbox.container("lender").shared_memory().expect_holds(BATCH | {"more": "0"}, what=BATCHES),
        "lender does not hold the batches in shared memory",
        "1 of 2: batch",
    ),
    "another container's": (
        lambda sandbox: sandbox.container("borrower").shared_memory().expect_its_own(),
        "borrower uses the shared memory of another container",
        "that of lender",
    ),
    "a volume": (
        lambda sandbox: sandbox.container("shelved").shared_memory().expect_its_own(),
        "At /dev/shm, the container shelved has a folder on disk, not memory: the volume shelf is mounted there",
        "goes to a disk, and stays",
    ),
    "too much": (
        lambda sandbox: sandbox.container("near").shared_memory().expect_at_most(63 * MIB),
        "near may hold 64 MiB",
        "/dev/shm with room for 64 MiB",
    ),
    "no limit": (
        lambda sandbox: sandbox.container("boundless").shared_memory().expect_at_most(64 * MIB),
        "boundless may hold as much as the machine lets it",
        "half of the machine's memory",
    ),
}


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "wanted"), FOUND.values(), ids=list(FOUND))
def test_what_is_found(sandbox: SandboxState, ask: Ask, wanted: object) -> None:
    assert ask(sandbox) == wanted


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(("ask", "message", "words"), UNMET.values(), ids=list(UNMET))
def test_what_is_not_as_it_should_be(sandbox: SandboxState, ask: Ask, message: str, words: str) -> None:
    verdicts.holds(sandbox, ask, message, words)


ENDED = ContainerInfo(
    id="1", name="loader", created=datetime(2026, 1, 1, tzinfo=UTC), command=("load",), image="2",
    state=State("exited", exit_code=1), ipc_mode="private", shared_memory=64 * MIB,
)  # fmt: skip
WHY: dict[str, tuple[ContainerInfo, str]] = {
    "Docker's own size": (ENDED, "It ran out of shared memory: of that it has 64 MiB"),
    "a limit of memory in its place": (
        replace(ENDED, memory=1024 * MIB),
        "A memory limit does not make shared memory larger",
    ),
    "a tmpfs in its place": (
        replace(ENDED, mounts=(Mount("tmpfs", "", "", "/scratch", True),)),
        "The memory at /scratch is not shared memory, which is /dev/shm",
    ),
    "too small": (replace(ENDED, shared_memory=80 * MIB), "room for 80 MiB"),
    "no unit": (replace(ENDED, shared_memory=256), "room for 256 bytes: a number without a unit counts bytes"),
    "none": (replace(ENDED, ipc_mode="none"), "without any shared memory"),
    "out of memory": (replace(ENDED, state=State("exited", oom_killed=True, exit_code=1)), "what is in shared memory counts"),
}
UNTOLD = {
    "enough": replace(ENDED, shared_memory=256 * MIB),
    "something else in its place": replace(ENDED, mounts=(Mount("tmpfs", "", "", "/dev/shm", True),)),
    "another container's": replace(ENDED, ipc_mode="container:3"),
    "never started": replace(ENDED, state=State("created")),
}


@pytest.mark.parametrize(("container", "words"), WHY.values(), ids=list(WHY))
def test_why_it_ran_out_is_told(container: ContainerInfo, words: str) -> None:
    assert words in why_it_ran_out(container, 100 * MIB)


@pytest.mark.parametrize("container", UNTOLD.values(), ids=list(UNTOLD))
def test_what_cannot_be_told_is_not(container: ContainerInfo) -> None:
    assert why_it_ran_out(container, 100 * MIB) == ""
