"""A data loader that dies of too little shared memory: enough of it, of the container's own, and no more."""

import hashlib

from grader import CheckFailed, Exercise

exercise = Exercise(title="A loader that dies", learner_files=("commands.sh",), one_at_a_time=True)

SECONDS = 40
IMAGE, BASE = "drydock-loader", "python:3.13-slim"
IMAGES = ("busybox", BASE)
MIB = 1024 * 1024
MOST = 512 * MIB
BATCHES = 4
LOADER = '''\
"""Loads batches of penguins with worker processes, which hand them over in shared memory.

What a batch holds is computed from /data/seed, and /data/size says how large each of them is.
"""

import hashlib
import multiprocessing
import os
import signal
import sys
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

MB = 1024 * 1024
BATCHES = 4
SEED = Path("/data/seed").read_text().strip()
SIZE = int(Path("/data/size").read_text()) * MB
WORKERS = int(os.environ.get("WORKERS", BATCHES))


def batch(number):
    """The bytes of a batch."""
    once = hashlib.sha256(f"{SEED} {number}".encode()).digest()
    return once * (SIZE // len(once))


def load(number):
    """What a worker does: put one batch into shared memory."""
    place = SharedMemory(f"batch-{number}", create=True, size=SIZE, track=False)
    place.buf[:] = batch(number)
    place.close()


def load_all():
    """The batches, in order; a worker for each of them."""
    print(f"{BATCHES} batches of {SIZE // MB} MB, which takes {BATCHES * SIZE // MB} MB of shared memory", flush=True)
    workers = [multiprocessing.Process(target=load, args=(number,)) for number in range(BATCHES)]
    for worker in workers:
        worker.start()
    for number, worker in enumerate(workers):
        worker.join()
        if worker.exitcode:
            name = signal.Signals(-worker.exitcode).name if worker.exitcode < 0 else f"exit code {worker.exitcode}"
            sys.exit(f"worker {number} died: {name}")
    return [SharedMemory(f"batch-{number}", track=False) for number in range(BATCHES)]


def goodbye(*_):
    """Asked to stop."""
    print("goodbye", flush=True)
    os._exit(0)


signal.signal(signal.SIGTERM, goodbye)
places = load_all() if WORKERS else []
checksum = hashlib.sha256()
for one in [place.buf for place in places] or [batch(number) for number in range(BATCHES)]:
    checksum.update(one)
print(f"epoch 1: {BATCHES} batches, checksum {checksum.hexdigest()[:12]}", flush=True)
print("waiting for the next epoch", flush=True)
while True:
    signal.pause()
'''


def size_of(facts):
    """How large a batch is, in MiB: all of them need more than Docker gives, and other learners' need something else."""
    return facts.number("size of a batch", 28, 44)


def batch(sandbox, number):
    """The bytes of a batch, as the loader makes them."""
    once = hashlib.sha256(f"{sandbox.drawn['seed']} {number}".encode()).digest()
    return once * (size_of(sandbox.facts) * MIB // len(once))


def checksum(sandbox):
    """What the loader says of all its batches."""
    whole = hashlib.sha256()
    for number in range(BATCHES):
        whole.update(batch(sandbox, number))
    return whole.hexdigest()[:12]


@exercise.setup
def situation(setup):
    """There is an image drydock-loader: a program that loads batches of penguins into shared memory."""
    files = {"loader/loader.py": LOADER, "data/seed": setup.draw("seed"), "data/size": str(size_of(setup.facts))}
    setup.image(IMAGE, files, 'CMD ["python", "/loader/loader.py"]', base=BASE)


@exercise.check(
    points=1,
    hint=("The loader waits for the next epoch, and never ends by itself. Which option of docker run gives the prompt back?",),
    read="02: In the background",
)
def comes_to_an_end(work):
    """Your commands come to an end, one after the other."""
    return work.run_script(images=IMAGES, setup=situation, seconds=SECONDS)


@exercise.check(
    comes_to_an_end,
    points=3,
    hint=(
        "docker logs loader says how much shared memory the batches take, and what became of the workers.",
        "SIGBUS: a worker wrote beyond the end of the shared memory. SIGKILL: the container used up its memory, and what is in "
        "shared memory counts.",
        "Each container has its own shared memory: 64 MB, unless docker run is given another size. A number without a "
        "unit means bytes.",
    ),
    read="Memory that processes share",
)
def loads_every_batch(sandbox):
    """The container loader runs, from the image drydock-loader, and has loaded all four batches."""
    loader = sandbox.container("loader").expect_from(IMAGE)
    try:
        loader.expect_running(for_seconds=3)
    except CheckFailed as error:
        raise error.but(advice=loader.why_shared_memory_ran_out(BATCHES * size_of(sandbox.facts) * MIB)) from error
    loader.expect_log(f"epoch 1: {BATCHES} batches, checksum {checksum(sandbox)}", within=10)
    return loader


@exercise.check(
    loads_every_batch,
    points=2,
    hint=(
        "The loader can work without workers, but then it is slow. It must keep using them.",
        "docker exec loader ls -l /dev/shm shows what is in the shared memory. Compare it with a loader that nobody changed.",
    ),
    read="Memory that processes share",
)
def hands_over_in_shared_memory(loader):
    """The workers have handed over all four batches in shared memory, each with the size that it should have."""
    wanted = {f"batch-{number}": hashlib.sha256(batch(loader.script, number)).hexdigest() for number in range(BATCHES)}
    memory = loader.shared_memory()
    try:
        return memory.expect_holds(wanted, what="the loader's batches")
    except CheckFailed as error:
        alone = loader.about.config.env.get("WORKERS") == "0"
        raise error.but(advice="WORKERS=0: there are no workers that could hand over anything." if alone else "") from error


@exercise.check(
    hands_over_in_shared_memory,
    points=2,
    hint=(
        "Who else can read and change what is in this shared memory? And is it memory at all?",
        "Do not share somebody else's memory: give the container more of its own.",
    ),
    read="Memory that processes share",
)
def has_memory_of_its_own(memory):
    """That memory is the container's own: not the host's or another container's, and no volume or folder."""
    return memory.expect_its_own()


@exercise.check(
    has_memory_of_its_own,
    points=1,
    hint=(
        "docker exec loader df -h /dev/shm says how much fits.",
        "A limit that is never reached protects nobody. The loader says how much it needs.",
    ),
    read="Memory that processes share",
)
def takes_no_more_than_it_may(memory):
    """There is room for at most 512 MB (512m) of shared memory in the container."""
    memory.expect_at_most(MOST)
