"""A real browser for tests of the lab."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect, sync_playwright

from tests.lab.checkout import JupyterLab
from tests.lab.support import Lab

PROGRAM = os.environ.get("DRYDOCK_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SCREENSHOTS = os.environ.get("DRYDOCK_SCREENSHOTS")
AnyLab = Lab | JupyterLab


class Served(Protocol):
    """Something on a port of this machine."""

    @property
    def port(self) -> int:
        """Its port."""

    @property
    def url(self) -> str:
        """Where to come in."""


PATIENCE = 90_000
"""Milliseconds until something must be on the screen."""


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser, without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def pages(one: Browser, lab: Served, *, width: int = 1440, dark: bool = False, jupyterlab: bool = True) -> Iterator[Page]:
    """A page that talks to the lab only.

    Args:
        one: the browser.
        lab: the lab.
        width: of the page, in pixels.
        dark: whether its user likes it dark.
        jupyterlab: come in by the printed address and wait for JupyterLab; else the page is empty.
    """
    context = one.new_context(viewport={"width": width, "height": 1000}, color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    elsewhere: list[str] = []
    ours = re.compile(rf"(https?|ws)://127\.0\.0\.1:{lab.port}/|(data|blob|about):")
    page.on("request", lambda request: elsewhere.append(request.url) if not ours.match(request.url) else None)
    if jupyterlab:
        page.goto(f"{lab.url}&reset")  # the printed address, and none of the last test's open tabs
        expect(page.locator("#jp-main-dock-panel")).to_be_visible()
    try:
        yield page
    finally:
        context.close()
    assert elsewhere == []


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page, where somebody wants to look at it."""
    if SCREENSHOTS:
        page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}.png"))


def open_file(page: Page, lab: AnyLab, path: str) -> None:
    """Open a file in JupyterLab, and nothing else."""
    page.goto(f"http://127.0.0.1:{lab.port}/lab/tree/{path}?reset")


def home(page: Page) -> FrameLocator:
    """The home page in JupyterLab."""
    return page.frame_locator('iframe[title="Drydock: the course"]')


def panel(page: Page, exercise: str) -> FrameLocator:
    """The panel of an exercise in JupyterLab."""
    return page.frame_locator(f'iframe[title^="Exercise {exercise}"]')


def type_over(page: Page, text: str) -> None:
    """Type over everything in the editor that is open."""
    page.locator(".jp-FileEditor:visible .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def write_into_editor(page: Page, text: str) -> None:
    """Type over everything in the editor that is open, and save."""
    type_over(page, text)
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)


def wait_for_kernel(page: Page) -> None:
    """JupyterLab drops a cell that is run before its kernel is there."""
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=120_000)


def run_cell(page: Page, cell: Locator, says: str) -> None:
    """Run a cell as a reader does, and wait until it has said what it must."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-OutputArea-output").last).to_contain_text(says, timeout=60_000)
