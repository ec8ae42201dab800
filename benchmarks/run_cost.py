"""What a run costs: ``python benchmarks/run_cost.py 06-non-root [--variants reference,starter] [--rounds 3]``, as root.

Processor time, not wall clock, because that hardly depends on what else the machine does. The exercises run on an engine of
their own in a container, one variant after the other, so that all that an engine spends on them (itself, runc and its shims,
helpers, builds, the learner's own programs) is in that container's count; beside it stand what the grader's process and its
commands spent, and how many containers, commands and requests it took. To compare two states of the code, run both in turn:
``PYTHONPATH=OTHER python benchmarks/run_cost.py …`` measures the grader and the course of another checkout.
"""

import argparse
import dataclasses
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import docker as docker_sdk
import requests

from grader.authoring import self_test
from grader.course import catalogue
from grader.engine import containers
from grader.engine.sandbox.pool import Sandboxes

ENGINE = "docker:28-dind"
COLUMNS = ("wall s", "engine s", "grader s", "containers", "commands", "requests")
IMAGES = ("busybox:latest", "python:3.13-slim")
INSIDE = "RUN_COST_ENGINE"
"""Set in the process that measures: the id of the engine's container."""


def docker(*args: str, host: str | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
    if host is not None:
        environment["DOCKER_HOST"] = host
    return subprocess.run(["docker", *args], check=True, capture_output=True, text=True, env=environment).stdout.strip()


class Tally:
    """Counts what the grader asks for, and how long it waited for each."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._lock = threading.Lock()
        request, popen, wait, create = (
            requests.Session.request,
            subprocess.Popen.__init__,
            subprocess.Popen.wait,
            containers.create,
        )

        def counted_request(session: Any, method: str, url: str, **options: Any) -> Any:
            begin = time.monotonic()
            try:
                return request(session, method, url, **options)
            finally:
                if not url.endswith("/stats"):
                    self.note(f"request {method} {_plain(url)}", time.monotonic() - begin)

        def counted_popen(process: Any, command: list[str], *args: Any, **options: Any) -> None:
            words = [Path(command[0]).name, *(one for one in command[1:] if re.fullmatch(r"[a-z]+", one))][:3]
            process.begun = time.monotonic(), " ".join(words)
            popen(process, command, *args, **options)

        def counted_wait(process: Any, timeout: float | None = None) -> int:
            code = wait(process, timeout)
            if begun := process.__dict__.pop("begun", None):
                self.note(f"command {begun[1]}", time.monotonic() - begun[0])
            return code

        def counted_create(session: Any, spec: Any) -> str:
            self.note("container" + ("" if spec.image.startswith("sha256:") else f" of {spec.image}"), 0)
            return create(session, spec)

        requests.Session.request = counted_request  # type: ignore[assignment,method-assign]
        subprocess.Popen.__init__ = counted_popen  # type: ignore[assignment,method-assign]
        subprocess.Popen.wait = counted_wait  # type: ignore[assignment,method-assign]
        containers.create = counted_create

    def clear(self) -> None:
        self.count.clear()
        self.seconds.clear()

    def note(self, what: str, seconds: float) -> None:
        with self._lock:
            self.count[what] += 1
            self.seconds[what] += seconds

    def of(self, kind: str) -> int:
        return sum(number for what, number in self.count.items() if what.startswith(kind))


def _plain(url: str) -> str:
    """A request's path without names and ids."""
    path = re.sub(r"^http\+docker://[^/]*/v[\d.]+", "", url)
    path = re.sub(r"sha256:[0-9a-f]+|[0-9a-f]{12,}|drydock-[^/]*", "ID", path)
    return re.sub(r"/images/.*/json", "/images/ID/json", path)


class Meter:
    """What was spent up to now, in the order of COLUMNS.

    Args:
        engine: its container, on the machine's own engine.
        tally: counts what the grader asks for.
    """

    def __init__(self, engine: str, tally: Tally) -> None:
        self._engine, self._tally = engine, tally
        self._outer = docker_sdk.APIClient(base_url="unix:///var/run/docker.sock")

    def read(self) -> list[float]:
        about = self._outer.stats(self._engine, stream=False, one_shot=True)
        mine = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return [
            time.monotonic(),
            about["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
            sum(one.ru_utime + one.ru_stime for one in mine),
            *map(self._tally.of, ("container", "command", "request")),
        ]


def measure(engine: str, asked: argparse.Namespace) -> None:
    entries = [one for one in catalogue.entries(catalogue.course_root()) if one.id in asked.exercises]
    wanted = asked.variants.split(",") if asked.variants else None
    variants = [one for entry in entries for one in self_test.variants(entry) if wanted is None or one.name in wanted]
    rows: dict[str, list[list[float]]] = {}
    tally = Tally()
    meter = Meter(engine, tally)
    with Sandboxes() as sandboxes:
        grade = partial(self_test.grade_as_learner, sandboxes=sandboxes)
        for number in range(asked.rounds + 1):
            if number == 1:  # the first round fills the caches
                tally.clear()
            for variant in variants:
                name = f"{variant.entry.id}/{variant.name}"
                before = meter.read()
                proved = self_test.run_variant(dataclasses.replace(variant, runs=1), grade, threading.Event())
                row = [last - first for first, last in zip(before, meter.read(), strict=True)]
                if not proved.holds:
                    print(f"{name} came out otherwise: {proved.found}", *proved.why, sep="\n  ")
                if number:
                    rows.setdefault(name, []).append(row)
    table(rows)
    print("\nfor one round, with the time that was waited for each:")
    for what, count in tally.count.most_common(asked.shown):
        print(f"{count / asked.rounds:8.1f}{tally.seconds[what] / asked.rounds:9.2f} s  {what}")


def table(rows: dict[str, list[list[float]]]) -> None:
    print(f"\n{'medians':<52}" + "".join(f"{name:>12}" for name in COLUMNS))
    total = [0.0] * len(COLUMNS)
    for name, some in rows.items():
        medians = [statistics.median(column) for column in zip(*some, strict=True)]
        total = [sum(pair) for pair in zip(total, medians, strict=True)]
        print(f"{name:<52}" + "".join(f"{one:12.2f}" for one in medians))
    print(f"{'all':<52}" + "".join(f"{one:12.2f}" for one in total))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("exercises", nargs="+")
    arguments.add_argument("--variants", default="", help="by default all")
    arguments.add_argument("--images", default="", help="further base images")
    arguments.add_argument(
        "--elsewhere", action="store_true", help="an engine whose processes are not seen from here, as in the lab"
    )
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--shown", type=int, default=40)
    asked = arguments.parse_args()
    if engine := os.environ.get(INSIDE):
        measure(engine, asked)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the engine goes, whatever happens
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        host = f"unix://{folder}/docker.sock"
        engine = docker(
            *("run", "--detach", "--privileged", "--network=none", f"--volume={folder}:/socket", "--env=DOCKER_TLS_CERTDIR="),
            *(("--label=drydock-benchmark",) if asked.elsewhere else ("--label=drydock-benchmark", "--pid=host")),
            *(ENGINE, "dockerd", "--host=unix:///socket/docker.sock"),
        )
        stack.callback(docker, "rm", "--force", "--volumes", engine)
        while subprocess.run(["docker", "--host", host, "version"], capture_output=True, check=False).returncode:
            time.sleep(0.5)
        wanted = dict.fromkeys((*IMAGES, *filter(None, asked.images.split(","))))
        with subprocess.Popen(["docker", "save", *wanted], stdout=subprocess.PIPE) as save:
            subprocess.run(["docker", "--host", host, "load", "--quiet"], stdin=save.stdout, check=True, capture_output=True)
        # What a container publishes answers on localhost in the engine's own network only.
        pid = docker("inspect", "--format={{.State.Pid}}", engine)
        environment = {**os.environ, "DOCKER_HOST": host, INSIDE: engine, "DRYDOCK_RUNTIME": f"{folder}/runtime"}
        command = ["nsenter", "--target", pid, "--net", sys.executable, __file__, *sys.argv[1:]]
        subprocess.run(command, check=True, env=environment)


if __name__ == "__main__":
    main()
