"""How long the home page takes: `python -m benchmarks.home [--rounds N]`.

A real JupyterLab with the panel, and headless Chromium that has been there before (its cache is warm). Twice in each round:
the page alone in a tab, and JupyterLab itself, in which it opens. Times are the browser's own clock, from the navigation to
the first paint of the page, and to the moment at which the course map is there. The first round is not counted.
"""

import argparse
import statistics
import tempfile
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Error, Frame, Page, sync_playwright

from benchmarks.panel_latency import TOKEN, server
from tests.lab.browser import FLAGS, PROGRAM

MAP = """() => {
    const map = document.querySelector('#chapters');
    return map?.children.length && !map.hasAttribute('aria-busy') ? performance.timeOrigin + performance.now() : null;
}"""
PAINT = """() => performance.timeOrigin
    + (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN)"""


def home(page: Page) -> tuple[Frame, float]:
    """The home page, wherever it is, and when its map was there; looked for a hundred times a second."""
    while True:
        for frame in page.frames:
            with suppress(Error):  # it is on its way to another page
                if "/drydock/" in frame.url and (there := frame.evaluate(MAP)):
                    return frame, there
        page.wait_for_timeout(10)


def seconds(page: Page, address: str) -> tuple[float, float]:
    """Open an address; seconds to the first paint of the home page, and to its map."""
    page.goto(address, wait_until="commit")
    frame, there = home(page)
    began = page.evaluate("performance.timeOrigin")
    page.wait_for_timeout(300)  # the paint is told a moment later
    return (frame.evaluate(PAINT) - began) / 1000, (there - began) / 1000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=7)
    options = arguments.parse_args()
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as top, server(Path(top), lab=True) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        for number in range(options.rounds + 1):
            for where, path in (("alone", "drydock/"), ("in JupyterLab", "lab?reset")):
                found = seconds(page, f"{address}/{path}{'&' if '?' in path else '?'}token={TOKEN}")
                for what, one in zip(("first paint", "map"), found, strict=True):
                    if number:
                        times.setdefault(f"{where}: {what}", []).append(one)
        browser.close()
    print(f"{'':<28}{'min':>8}{'median':>8}{'max':>8}")
    for name, some in times.items():
        print(f"{name:<28}{min(some):8.2f}{statistics.median(some):8.2f}{max(some):8.2f}")


if __name__ == "__main__":
    main()
