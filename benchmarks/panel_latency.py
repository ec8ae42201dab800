"""How long a learner waits in the browser: `python -m benchmarks.panel_latency [--rounds N] [--attempts N]`.

A real Jupyter server with the panel, on the local engine, and headless Chromium. The learner's work is the reference of
06-ml-api, everything is cached, and the progress holds many attempts already. Each round alternates the shell script of
check_latency (the bare engine's work) with a press of Check in the page. Times are the page's own clock, from the click to
the frame in which a verdict is on the screen.
"""

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.check_latency import EXERCISE, HERE, timed
from grader.course import catalogue
from grader.progress import Progress
from tests.lab.browser import FLAGS, PROGRAM
from tests.lab.support import free_port
from tests.progress.test_store import FAILED

TOKEN = "bench"
CLICK = """() => {
    const times = (window.benchTimes = {}), began = performance.now();
    let cleared = false;
    const look = () => {
        const decided = document.querySelectorAll('.check[data-outcome=pass], .check[data-outcome=fail]').length;
        if (!decided) cleared = true;  // those of the last check are gone
        if (cleared && decided) times.first ??= performance.now() - began;
        if (times.first && document.querySelector('#check').dataset.phase === 'idle') times.last = performance.now() - began;
        else requestAnimationFrame(look);
    };
    document.querySelector('#check').click();
    requestAnimationFrame(look);
}"""


def many_attempts(work: Path, number: int) -> None:
    """Fill a progress: one real attempt, copied."""
    progress = Progress(work)
    progress.record(FAILED, "one", "starter")
    with closing(sqlite3.connect(progress.path)) as base, base:
        base.execute("UPDATE attempt SET exercise = ?", (EXERCISE,))
        base.execute(
            "INSERT INTO attempt (exercise, at, score, max_score, full, fingerprint, honest, duration_s)"
            " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " SELECT exercise, at, score, max_score, full, fingerprint, honest, duration_s FROM attempt, n WHERE id = 1",
            (number - 1,),
        )
        base.execute(
            "INSERT OR IGNORE INTO check_outcome SELECT attempt.id, check_id, outcome, points, check_outcome.max_points"
            " FROM attempt, check_outcome WHERE check_outcome.attempt = 1"
        )


@contextmanager
def server(work: Path, *, lab: bool = False) -> Iterator[str]:
    """A Jupyter server with the panel, JupyterLab itself where it is wanted; its address."""
    port = free_port()
    course = catalogue.course_root()
    environment = os.environ | {
        "DRYDOCK_COURSE": str(course),
        "DRYDOCK_WORK": str(work),
        "JUPYTER_CONFIG_DIR": str(work / ".jupyter"),
    }
    program = "lab" if lab else "server"
    command = [sys.executable, "-m", "jupyter", program, "--no-browser", "--allow-root", f"--ServerApp.root_dir={work}"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.log_level=ERROR"]
    command += ["--ServerApp.jpserver_extensions={'grader.panel': True}"]
    if lab:
        command += [
            f"--LabApp.extra_labextensions_path={course / 'grader' / 'panel' / 'labextensions'}",
            "--LabApp.news_url=None",
        ]
    with subprocess.Popen(command, env=environment) as process:
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--attempts", type=int, default=10_000)
    options = arguments.parse_args()
    entry = catalogue.find(catalogue.course_root(), EXERCISE)
    made = Path(tempfile.mkdtemp())
    try:
        folder = made / "exercises" / EXERCISE
        catalogue.assemble(entry, entry.reference, folder)
        many_attempts(made, options.attempts)
        with server(made) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
            page = browser.new_page()
            times: dict[str, list[float]] = {name: [] for name in ("bare", "panel opens", "first verdict", "last verdict")}
            for number in range(options.rounds + 1):
                bare = timed(lambda: subprocess.run([HERE / "check_latency.sh", folder], check=True))

                def opens() -> None:
                    page.goto(f"{address}/drydock/exercise/{EXERCISE}?token={TOKEN}")
                    page.wait_for_selector("[data-outcome]")

                opened = timed(opens)
                page.evaluate(CLICK)
                page.wait_for_function("window.benchTimes.last", timeout=60_000)
                first, last = (page.evaluate(f"window.benchTimes.{name}") / 1000 for name in ("first", "last"))
                time.sleep(2)  # clean-up behind the verdict
                if number:  # the first is not counted
                    for name, one in zip(times, (bare, opened, first, last), strict=True):
                        times[name].append(one)
                    print(
                        f"round {number}: " + "  ".join(f"{name} {some[-1]:.2f} s" for name, some in times.items()), flush=True
                    )
            browser.close()
    finally:
        shutil.rmtree(made)
    print(f"\n{'':<16}{'min':>8}{'median':>8}{'max':>8}")
    for name, some in times.items():
        print(f"{name:<16}{min(some):8.2f}{statistics.median(some):8.2f}{max(some):8.2f}")
    ratios = sorted(one / other for one, other in zip(times["last verdict"], times["bare"], strict=True))
    print(f"last verdict to bare: {ratios[0]:.2f}, {statistics.median(ratios):.2f}, {ratios[-1]:.2f} (min, median, max)")


if __name__ == "__main__":
    main()
