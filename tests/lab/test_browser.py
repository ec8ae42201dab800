"""The lab in a real browser: from the printed address to a full score."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.lab.browser import PROGRAM, browser, home, open_file, pages, picture, wait_for_kernel, write_into_editor
from tests.lab.support import ROOT, Lab

EXERCISE = "05-cmd-and-entrypoint"
RESULT = ".jp-OutputArea-executeResult .jp-OutputArea-output"

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PROGRAM, reason="no chromium or chrome on this machine"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture
def page(chromium: Browser, lab: Lab) -> Iterator[Page]:
    with pages(chromium, lab) as one:
        yield one


def test_it_opens_on_the_home_page_and_the_first_chapter_is_one_click_away(page: Page) -> None:
    home(page).get_by_test_id("chapter-01").get_by_role("link").click()
    expect(page.locator(".jp-NotebookPanel:visible h1").first).to_be_visible()
    picture(page, "chapter")
    page.locator(".jp-BreadCrumbs-home").click()
    for folder in ("course", "exercises"):
        expect(page.locator(".jp-DirListing-itemText", has_text=folder)).to_be_visible()
    picture(page, "files")
    expect(page.locator(".jp-toast, .Toastify__toast")).to_have_count(0)  # no news, no updates, no complaints


def test_a_cell_drives_the_labs_own_engine(page: Page, lab: Lab) -> None:
    open_file(page, lab, "course/01-why-containers.ipynb")
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
    write_into_editor(page, solution)
    picture(page, "editor")
    assert (lab.work / "exercises" / EXERCISE / "Dockerfile").read_text() == solution

    open_file(page, lab, f"exercises/{EXERCISE}/{EXERCISE}.ipynb")
    wait_for_kernel(page)
    graded = page.locator(".jp-NotebookPanel:visible .jp-CodeCell", has_text="from grader.notebook import points")
    graded.first.locator(".cm-content").click()
    for number in range(graded.count()):
        page.keyboard.press("Shift+Enter")
        cell = graded.nth(number)
        expect(cell.locator(".jp-OutputArea-output", has_text="passed")).to_be_visible(timeout=300_000)
        expect(cell.locator(RESULT)).to_have_text(re.compile(r"\d"))
    graded.first.scroll_into_view_if_needed()
    picture(page, "graded")
    assert graded.count() >= 5
    # What is scrolled out of sight has a text content, but no inner text.
    earned = [float(text) for text in graded.locator(RESULT).all_text_contents()]
    assert sum(earned) == 10
