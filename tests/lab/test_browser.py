"""The lab in a real browser: from the printed address to a full score."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.lab.support import ROOT, Lab

BROWSER = os.environ.get("DRYDOCK_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SCREENSHOTS = os.environ.get("DRYDOCK_SCREENSHOTS")
EXERCISE = "05-first-dockerfile"

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not BROWSER, reason="no chromium or chrome on this machine"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """A page that has come in by the printed address and waits for JupyterLab; it must talk to the lab only."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(90_000)
    expect.set_options(timeout=90_000)
    elsewhere: list[str] = []
    ours = re.compile(rf"(https?|ws)://127\.0\.0\.1:{lab.port}/|(data|blob|about):")
    page.on("request", lambda request: elsewhere.append(request.url) if not ours.match(request.url) else None)
    page.goto(f"{lab.url}&reset")  # the printed address, and none of the last test's open tabs
    expect(page.locator(".jp-NotebookPanel:visible h1").first).to_be_visible()
    yield page
    context.close()
    assert elsewhere == []


def picture(page: Page, name: str) -> None:
    if SCREENSHOTS:
        page.screenshot(path=str(Path(SCREENSHOTS) / f"{name}.png"))


def open_file(page: Page, lab: Lab, path: str) -> None:
    page.goto(f"http://127.0.0.1:{lab.port}/lab/tree/{path}?reset")


def wait_for_kernel(page: Page) -> None:
    """JupyterLab drops a cell that is run before its kernel is there."""
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=120_000)


def test_it_opens_on_the_first_chapter(page: Page) -> None:
    assert "/lab/tree/course/01-" in page.url
    picture(page, "chapter")
    page.locator(".jp-BreadCrumbs-home").click()
    for folder in ("course", "exercises"):
        expect(page.locator(".jp-DirListing-itemText", has_text=folder)).to_be_visible()
    picture(page, "files")
    expect(page.locator(".jp-toast, .Toastify__toast")).to_have_count(0)  # no news, no updates, no complaints


def test_a_cell_drives_the_labs_own_engine(page: Page, lab: Lab) -> None:
    wait_for_kernel(page)
    notebook = page.locator(".jp-NotebookPanel:visible")
    notebook.locator(".jp-MarkdownCell").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("!docker version && docker info | grep ' ID:'")
    page.keyboard.press("Shift+Enter")
    engine = lab.sh("docker info --format '{{.ID}}'").strip()
    expect(notebook.locator(".jp-OutputArea-output", has_text=f"ID: {engine}")).to_be_visible()
    picture(page, "docker-version")


def test_an_exercise_is_solved_in_the_browser(page: Page, lab: Lab) -> None:
    solution = (ROOT / "solutions" / EXERCISE / "reference" / "Dockerfile").read_text()
    assert (lab.work / "exercises" / EXERCISE / "Dockerfile").read_text() != solution

    open_file(page, lab, f"exercises/{EXERCISE}/Dockerfile")
    editor = page.locator(".jp-FileEditor:visible .cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(solution)
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    picture(page, "editor")
    assert (lab.work / "exercises" / EXERCISE / "Dockerfile").read_text() == solution

    open_file(page, lab, f"exercises/{EXERCISE}/{EXERCISE}.ipynb")
    wait_for_kernel(page)
    graded = page.locator(".jp-NotebookPanel:visible .jp-CodeCell", has_text="from grader.notebook import points")
    graded.first.locator(".cm-content").click()
    for number in range(graded.count()):
        page.keyboard.press("Shift+Enter")
        expect(graded.nth(number).locator(".jp-OutputArea-output", has_text="passed")).to_be_visible(timeout=300_000)
    graded.first.scroll_into_view_if_needed()
    picture(page, "graded")
    assert graded.count() >= 5
    earned = [float(text) for text in graded.locator(".jp-OutputArea-executeResult .jp-OutputArea-output").all_inner_texts()]
    assert sum(earned) == 10
