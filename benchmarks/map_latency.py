"""From an event of the engine to the live map in the browser: ``python -m benchmarks.map_latency [--rounds N]``.

A real Jupyter server on the local engine, and headless Chromium with the map. Each round starts a container and ends it.
Counted is from the engine's event, by its clock, to the frame in which the page shows the state (the engine on this machine),
and from the moment at which the docker command was typed.
"""

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from benchmarks.panel_latency import TOKEN, server
from tests.lab.browser import FLAGS, PROGRAM

NAME: Final = "drydock-bench-map"
WATCH: Final = """([name, word]) => {
    window.seen = new Promise((done) => {
        const look = () => {
            const shown = [...document.querySelectorAll('.thing')].some((one) =>
                one.querySelector('.name').textContent === name && one.querySelector('.word').textContent.startsWith(word));
            requestAnimationFrame(shown ? () => done(Date.now() / 1000) : look);
        };
        look();
    });
}"""


def _docker(*args: str) -> str:
    return subprocess.run(["docker", *args], check=True, capture_output=True, text=True).stdout.strip()


def _event(action: str, since: float) -> float:
    which = ("--filter", f"container={NAME}", "--filter", f"event={action}", "--format", "{{.TimeNano}}")
    told = _docker("events", "--since", f"{since:.3f}", "--until", f"{time.time():.3f}", *which)
    return int(told.split()[-1]) / 1e9


def _round(page: Page, action: str, word: str, *command: str) -> tuple[float, float]:
    """Seconds from the event, and from the command, to the page."""
    page.evaluate(WATCH, [NAME, word])
    began = time.time()
    _docker(*command)
    seen = float(page.evaluate("window.seen"))
    return seen - _event(action, began), seen - began


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    subprocess.run(["docker", "rm", "--force", NAME], check=False, capture_output=True)
    made = Path(tempfile.mkdtemp())
    times: dict[str, list[float]] = {}
    try:
        with server(made) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
            page = browser.new_page()
            page.goto(f"{address}/drydock/map?token={TOKEN}")
            page.wait_for_selector(".thing")
            things = page.locator(".thing").count()
            for _ in range(options.rounds):
                for action, word, *command in (
                    ("start", "running", "run", "--detach", "--name", NAME, "busybox", "sleep", "600"),
                    ("die", "exited", "kill", NAME),
                ):
                    event, typed = _round(page, action, word, *command)
                    times.setdefault(f"{action}: from the event", []).append(event)
                    times.setdefault(f"{action}: from the command", []).append(typed)
                _docker("rm", NAME)
                time.sleep(1)
            browser.close()
    finally:
        subprocess.run(["docker", "rm", "--force", NAME], check=False, capture_output=True)
        shutil.rmtree(made)
    print(f"{options.rounds} rounds, {things} things on the map\n\n{'seconds':<26}{'min':>8}{'median':>8}{'max':>8}")
    for name, some in times.items():
        print(f"{name:<26}{min(some):8.2f}{statistics.median(some):8.2f}{max(some):8.2f}")


if __name__ == "__main__":
    main()
