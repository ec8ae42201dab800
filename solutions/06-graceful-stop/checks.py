"""The first process: it hears the request to stop, passes it on, and asks after orphans."""

import re
from secrets import token_hex

from grader import MB, CheckFailed, Exercise, Limits

exercise = Exercise(
    title="A graceful stop",
    learner_files=("Dockerfile", ".dockerignore"),
    limits=Limits(memory=256 * MB, pids=128, build_seconds=180, start_seconds=20),
)

# The worker needs less than a second. What is more is for a slow machine; docker stop kills after ten.
PATIENCE_SECONDS = 6
# What the worker writes, in the learner's folder; the checks put a mark behind it that nobody else can know.
LINES = (": scored", "batches scored, goodbye")


class Marked:
    """The image with a worker that signs what it writes: only the worker itself can have written a line with its mark."""

    def __init__(self, work):
        self.mark = f"worker {token_hex(4)}"
        worker = work.text("worker.py")
        for line in LINES:
            worker = worker.replace(line, f"{line} ({self.mark})")
        self.image = work.with_files({"worker.py": worker}).build()

    @property
    def farewell(self):
        """What its farewell looks like, whatever stands before or behind that in the line."""
        return rf"(\d+) batches scored, goodbye \({self.mark}\)"

    def last(self, output):
        """The number of the last batch that it has scored."""
        return max(map(int, re.findall(rf"batch (\d+): scored \({self.mark}\)", output)), default=0)


@exercise.check(
    points=1,
    hint=(
        "The build stops at the first step that fails. Read what that step says: it is usually about a file name.",
        "COPY sees only the folder that you build in, and only the names that exist there.",
    ),
    read="05: COPY and ADD: bringing files in",
)
def builds(work):
    """The image builds."""
    work.build()
    return work


@exercise.check(
    builds,
    points=1,
    hint=(
        "We started a container and waited for its third batch. What does its log say?",
        "The first process must exist in the image, start the worker, and keep running as long as the worker does.",
    ),
    read="05: CMD and ENTRYPOINT: what starts",
)
def works(work):
    """A container scores one batch after another."""
    marked = Marked(work)
    with marked.image.start() as container:
        container.expect_log("batch 3: scored")
        container.expect_running()
        try:
            container.expect_log(f"scored ({marked.mark})", within=1)
        except CheckFailed as error:
            raise error.but(
                message="The lines in the log do not come from worker.py.",
                expected="the lines of worker.py, as it is in the folder: for this check, each line had a mark",
                advice="Leave worker.py as it is, and let the container run it.",
            ) from error
    return marked


@exercise.check(
    works,
    points=4,
    hint=(
        "docker stop sends its signal to the container's first process only. Which process is that in yours?",
        "A shell that waits for a program keeps the signal to itself. Either let the worker take the shell's place, or "
        "let the first process pass the signal on.",
        "The first process must not end before the worker does: when it ends, the kernel kills all other processes at once.",
    ),
    read="Does it stop?",
)
def ends_gracefully(marked):
    """A request to stop reaches the worker: the container ends within seconds, with its farewell and exit status 0."""
    with marked.image.start() as container:
        container.expect_log("batch 2: scored")
        end = container.stop(grace=PATIENCE_SECONDS).expect(exit_code=0, within=PATIENCE_SECONDS)
        end.expect(contains="goodbye", message="The container ended when it was asked to, but without the worker's farewell.")
    try:
        end.expect(matches=marked.farewell)
    except CheckFailed as error:
        line = next(line for line in end.output.splitlines() if "goodbye" in line)
        last = marked.last(end.output)
        compared = "though its number is right" if re.search(rf"\b{last}\b", line) else f"and the worker's last batch is {last}"
        raise error.but(
            message="The farewell is not the worker's own.",
            expected="a farewell that worker.py itself has written: for this check it had a mark",
            found=f"{line} (without the mark, {compared})",
            advice="Let the worker say goodbye: pass the signal SIGTERM on to it, and wait until it has ended.",
        ) from error
    told = re.search(marked.farewell, end.output)[1]
    end.expect(
        contains=f"batch {told}: scored ({marked.mark})",
        message="The worker's farewell speaks of a batch that is not in the log: some of its lines are lost.",
    )


@exercise.check(
    works,
    points=4,
    hint=(
        "A process that has ended stays on the list, as a zombie, until its parent collects its exit code.",
        "A helper whose parent is gone becomes a child of the first process. Python collects only the processes that it "
        "started itself.",
        "A waiting shell collects all of them. So do init.py and tini, but only as the first process.",
    ),
    read="Does it stop?",
)
def leaves_no_zombies(marked):
    """Helpers that have ended do not stay behind as zombies, nor do other orphans."""
    with marked.image.start() as container:
        # Two helpers at least have ended then.
        container.expect_log("batch 3: tidied up")
        # An orphan of ours: whatever the worker does, this one is left to the first process.
        container.exec("sh", "-c", "sleep 0.1 > /dev/null 2>&1 &")
        container.expect_no_zombies()
