"""What observers of the engine cost: python -m benchmarks.observer [--observers 20] [--seconds 60].

That many processes look on at once while one container checks its health each second, another is started and removed every five
seconds, and a command is run inside of the first every two. Each tells the processor time that it took, from its first state
on; and how long after an event, by the engine's clock, its state was told (the engine on this machine).
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time

from grader.engine.observer import Observer, Update

NAME = "drydock-bench-observer"


def _look_on(seconds: float) -> None:
    late: list[float] = []
    counted: set[float] = set()
    began = time.time()  # the engine tells what has just been, too

    def take(update: Update) -> None:
        if update.changes:
            about = [one.at for one in observer.happened() if one.name.startswith(NAME) and one.action in {"start", "destroy"}]
            if about and about[-1] > began and about[-1] not in counted:
                counted.add(about[-1])
                late.append(time.time() - about[-1])

    observer = Observer()
    observer.subscribe(take, inside=True)
    while not observer.snapshot.seen:
        time.sleep(0.1)
    before, looks = resource.getrusage(resource.RUSAGE_SELF), observer.snapshot.seen
    time.sleep(seconds)
    after = resource.getrusage(resource.RUSAGE_SELF)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        spent / seconds, observer.snapshot.seen - looks, statistics.median(late) if late else float("nan"), max(late, default=0)
    )
    observer.close()


def _docker(*args: str) -> None:
    subprocess.run(["docker", *args], check=False, capture_output=True)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--observers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--look-on", action="store_true", help="be one of them")
    options = parser.parse_args()
    if options.look_on:
        _look_on(options.seconds)
        return
    first, second = f"{NAME}-first", f"{NAME}-second"
    _docker("rm", "--force", first, second)
    check = ("--health-cmd", "true", "--health-interval", "1s")
    _docker("run", "--detach", "--name", first, *check, "busybox", "sleep", "3600")
    command = [sys.executable, "-m", "benchmarks.observer", "--look-on", "--seconds", str(options.seconds)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(options.observers)]
    turn = 0
    while any(one.poll() is None for one in running):
        turn += 1
        if turn % 5 == 1:
            _docker("rm", "--force", second)
            _docker("run", "--detach", "--name", second, "busybox", "sleep", "3600")
        if turn % 2:
            _docker("exec", first, "true")
        time.sleep(1)
    _docker("rm", "--force", first, second)
    told = [[float(number) for number in (one.communicate()[0] or "nan nan nan nan").split()] for one in running]
    shares, looks, middle, worst = zip(*told, strict=True)
    print(f"{options.observers} observers, {options.seconds:g} s")
    print(f"processor time of each: median {statistics.median(shares):.2%}, most {max(shares):.2%} of a core")
    print(f"looks of each: median {statistics.median(looks):g}")
    print(f"from an event to the state that was told: median {statistics.median(middle):.2f} s, most {max(worst):.2f} s")


if __name__ == "__main__":
    main()
