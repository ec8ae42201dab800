"""How long a check takes, against the bare engine's work: `python benchmarks/check_latency.py [--rounds N]`.

Each round runs three things in turn on the reference of 06-ml-api, everything cached: the shell script beside this file,
the grader inside this (warm) process, and the cold command. What is compared is the time to the verdict *and* the end of
clean-up, since the script removes what it made too; the time to the verdict alone is given beside it. Ratios are taken
round by round, so that a machine which slows down in the middle slows down all three.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from grader.course import catalogue
from grader.run import runner
from grader.values.events import Event, RunDecided

HERE = Path(__file__).parent
EXERCISE = "06-ml-api"


def timed(what: Callable[[], object]) -> float:
    begin = time.monotonic()
    what()
    return time.monotonic() - begin


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=7)
    rounds = arguments.parse_args().rounds
    entry = catalogue.find(catalogue.course_root(), EXERCISE)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / EXERCISE
        catalogue.assemble(entry, entry.reference, folder)
        to_verdict: list[float] = []

        def bare() -> None:
            subprocess.run([HERE / "check_latency.sh", folder], check=True)

        def warm() -> None:
            begin = time.monotonic()

            def observe(event: Event) -> None:
                if isinstance(event, RunDecided):
                    to_verdict.append(time.monotonic() - begin)

            report = runner.run(entry, folder, observe=observe)
            assert report.full_score, report

        def cold() -> None:
            command = [str(Path(sys.executable).with_name("grader")), "check", EXERCISE, "--work", str(folder)]
            subprocess.run(command, check=True, capture_output=True)

        kinds = {"bare": bare, "warm": warm, "cold": cold}
        for kind in kinds.values():  # not counted
            kind()
        to_verdict.clear()
        times: dict[str, list[float]] = {name: [] for name in kinds}
        for number in range(1, rounds + 1):
            for name, kind in kinds.items():
                times[name].append(timed(kind))
            print(f"round {number}: " + "  ".join(f"{name} {some[-1]:.2f} s" for name, some in times.items()), flush=True)
    times["warm, to the verdict"] = to_verdict
    print(f"\n{'':<22}{'min':>8}{'median':>8}{'max':>8}   ratio to bare: min, median, max")
    for name, some in times.items():
        ratios = sorted(one / other for one, other in zip(some, times["bare"], strict=True))
        figures = f"{min(some):8.2f}{statistics.median(some):8.2f}{max(some):8.2f}"
        print(f"{name:<22}{figures}   {ratios[0]:.2f}, {statistics.median(ratios):.2f}, {ratios[-1]:.2f}")


if __name__ == "__main__":
    main()
