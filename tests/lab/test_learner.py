"""A learner in JupyterLab who closes, saves, resets and reads as people do: nothing is lost, hidden or counted twice."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from grader.progress import Progress
from grader.progress.predictions import Predictions
from tests.lab.browser import (
    PROGRAM,
    browser,
    home,
    open_file,
    pages,
    panel,
    picture,
    run_cell,
    type_over,
    wait_for_kernel,
    write_into_editor,
)
from tests.lab.checkout import JupyterLab, jupyterlab
from tests.lab.support import ROOT

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not PROGRAM, reason="no chromium or chrome on this machine"),
]

ONE, OTHER = "05-first-dockerfile", "06-non-root"
VERDICT = 240_000  # milliseconds
STARTER = (ROOT / "solutions" / ONE / "starter" / "Dockerfile").read_text()
REFERENCE = (ROOT / "solutions" / ONE / "reference" / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    with jupyterlab(tmp_path_factory.mktemp("jupyterlab"), ONE, OTHER) as one:
        yield one


@pytest.fixture
def page(chromium: Browser, lab: JupyterLab) -> Iterator[Page]:
    for one in (ONE, OTHER):
        lab.grader("reset", one, "--yes")
    with pages(chromium, lab) as opened:
        yield opened


def tab(page: Page, words: str | re.Pattern[str]) -> Locator:
    return page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text=words)


def close(page: Page, words: str | re.Pattern[str]) -> None:
    tab(page, words).first.locator(".lm-TabBar-tabCloseIcon").click()
    page.wait_for_timeout(500)
    discard = page.locator(".jp-Dialog").get_by_role("button", name="Discard")
    if discard.is_visible():  # a notebook is changed by its kernel's start
        discard.click()


def begin(page: Page, exercise: str = ONE) -> None:
    """Open an exercise as a newcomer does, from the home page."""
    home(page).get_by_test_id(f"exercise-{exercise}").get_by_role("link").first.click()
    expect(panel(page, exercise).get_by_role("button", name="Check")).to_be_enabled()
    expect(page.locator(".jp-FileEditor:visible .cm-content")).to_be_visible()


def decided(page: Page, words: str | re.Pattern[str], exercise: str = ONE) -> None:
    expect(panel(page, exercise).get_by_test_id("verdict")).to_contain_text(words, timeout=VERDICT)


def test_what_was_closed_comes_back(page: Page) -> None:
    expect(home(page).get_by_test_id("map")).to_be_visible()
    close(page, "Drydock")
    page.locator("#drydock-home-button").click()
    expect(home(page).get_by_test_id("map")).to_be_visible()
    begin(page)
    close(page, "Checks: ")
    page.locator("#drydock-home-button").click()
    home(page).get_by_test_id(f"exercise-{ONE}").get_by_role("link", name="Checks").click()
    expect(panel(page, ONE).get_by_role("button", name="Check")).to_be_visible()
    close(page, "Checks: ")
    close(page, f"{ONE}.ipynb")
    home(page).get_by_test_id(f"exercise-{ONE}").get_by_role("link").first.click()
    expect(panel(page, ONE).get_by_role("button", name="Check")).to_be_visible()
    close(page, "Checks: ")
    page.wait_for_timeout(1500)  # JupyterLab keeps its layout a moment later
    page.goto(page.url.partition("?")[0])
    expect(panel(page, ONE).get_by_role("button", name="Check")).to_be_visible()


@pytest.mark.parametrize("width", [1600, 900])
def test_task_file_and_verdict_are_in_sight_together(chromium: Browser, lab: JupyterLab, width: int) -> None:
    lab.grader("reset", ONE, "--yes")
    with pages(chromium, lab, width=width) as page:
        begin(page)
        task = page.locator(".jp-NotebookPanel:visible")
        expect(task.locator("h1").first).to_be_visible()
        page.wait_for_timeout(1500)  # the shares of the layout
        picture(page, f"layout-{width}")
        brief, file, checks = (
            box(one) for one in (task, page.locator(".jp-FileEditor:visible"), page.locator(f'iframe[title^="Exercise {ONE}"]'))
        )
        assert brief["y"] + brief["height"] <= file["y"] + 1  # one below the other, nothing in front of anything
        assert max(brief["x"] + brief["width"], file["x"] + file["width"]) <= checks["x"] + 1
        expect(page.locator("#filebrowser")).to_be_hidden()
        labels = [tab(page, words).evaluate(SHOWN) for words in (f"{ONE}.ipynb", FILE, "Checks: ")]
        assert labels == [f"Task: {ONE}.ipynb", f"Dockerfile · {ONE}", f"Checks: {ONE}"]
        page.get_by_role("tab", name=re.compile("File Browser")).click()
        expect(page.locator(".jp-DirListing-itemText", has_text="penguins.py")).to_be_visible()


def box(locator: Locator) -> FloatRect:
    """Where something is, if it is large enough to be read."""
    found = locator.bounding_box()
    assert found is not None
    assert found["width"] > 300, found
    assert found["height"] > 250, found
    return found


FILE = re.compile("^Dockerfile")
SHOWN = """tab => {
    const label = tab.querySelector('.lm-TabBar-tabLabel');
    const said = (node, which) => getComputedStyle(node, which).content.replace(/none|normal|"/g, '');
    return said(label, '::before') + label.textContent + said(tab, '::after');
}"""


def test_the_panel_comes_and_goes_with_its_exercise(page: Page) -> None:
    begin(page)
    page.wait_for_timeout(1500)  # the shares of the layout
    first = page.locator(f'iframe[title^="Exercise {ONE}"]').bounding_box()
    page.locator("#drydock-home-button").click()
    begin(page, OTHER)
    expect(page.locator(f'iframe[title^="Exercise {ONE}"]')).to_be_hidden()
    page.wait_for_timeout(1500)
    assert page.locator(f'iframe[title^="Exercise {OTHER}"]').bounding_box() == first  # not beside a third column
    tab(page, f"{ONE}.ipynb").click()
    expect(panel(page, ONE).get_by_role("button", name="Check")).to_be_visible()
    expect(page.locator(".jp-FileEditor:visible")).to_have_count(1)
    close(page, f"{ONE}.ipynb")
    close(page, FILE)
    expect(page.locator(f'iframe[title^="Exercise {ONE}"]')).to_have_count(0)
    expect(panel(page, OTHER).get_by_role("button", name="Check")).to_be_visible()


def test_check_saves_what_is_open_first(page: Page, lab: JupyterLab) -> None:
    begin(page)
    type_over(page, REFERENCE)
    expect(panel(page, ONE).get_by_test_id("unsaved")).to_be_visible()
    assert lab.file(ONE, "Dockerfile").read_text() == STARTER
    panel(page, ONE).get_by_role("button", name="Check").click()
    decided(page, "10 of 10 points: every check passed")
    assert lab.file(ONE, "Dockerfile").read_text() == REFERENCE
    expect(panel(page, ONE).get_by_test_id("unsaved")).to_be_hidden()
    onward = panel(page, ONE).get_by_test_id("next")
    expect(onward.get_by_role("link", name=re.compile("^Next: "))).to_be_visible()
    picture(page, "panel-next")
    onward.get_by_role("link", name="All exercises").click()
    expect(home(page).get_by_test_id(f"exercise-{ONE}")).to_contain_text("done")


def test_what_is_saved_in_the_middle_of_a_line_is_no_attempt(page: Page, lab: JupyterLab) -> None:
    """JupyterLab saves by the clock; a watch, in the panel as in a terminal, waits for a save that is meant."""
    settings = f"http://127.0.0.1:{lab.port}/lab/api/settings/@jupyterlab/docmanager-extension:plugin"
    try:
        keep(page, settings, '{"autosaveInterval": 1}')
        page.reload()
        begin(page)
        panel(page, ONE).get_by_role("switch", name="Watch").click()
        decided(page, "points")
        attempts = len(Progress(lab.work).attempts(ONE))
        before = panel(page, ONE).get_by_test_id("verdict").inner_text()
        type_over(page, REFERENCE.replace("WORKDIR", "WORKD"))
        for _ in range(300):
            if "WORKD " in lab.file(ONE, "Dockerfile").read_text():
                break
            page.wait_for_timeout(200)
        assert "WORKD " in lab.file(ONE, "Dockerfile").read_text()  # it has saved by itself
        page.wait_for_timeout(3000)  # a check would have begun
        expect(panel(page, ONE).get_by_role("button", name="Check")).to_be_visible()
        assert panel(page, ONE).get_by_test_id("verdict").inner_text().splitlines()[0] == before.splitlines()[0]
        type_over(page, REFERENCE)
        page.keyboard.press("Control+s")
        decided(page, "10 of 10 points: every check passed")
        page.keyboard.press("Control+s")  # nothing has changed
        page.wait_for_timeout(3000)
        assert len(Progress(lab.work).attempts(ONE)) == attempts + 1
        panel(page, ONE).get_by_role("switch", name="Watch").click()
    finally:
        keep(page, settings, "{}")


def keep(page: Page, settings: str, raw: str) -> None:
    """Change JupyterLab's settings, as its editor of settings does."""
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    done = page.request.put(settings, data={"raw": raw}, headers={"X-XSRFToken": cookies.get("_xsrf", "")})
    assert done.ok, done.text()


@pytest.mark.parametrize("where", ["panel", "terminal"])
def test_a_reset_is_shown_in_the_open_editor(page: Page, lab: JupyterLab, where: str) -> None:
    begin(page)
    write_into_editor(page, "FROM busybox\n# mine\n")
    if where == "panel":
        panel(page, ONE).get_by_role("button", name="Reset").click()
        panel(page, ONE).get_by_role("dialog").get_by_role("button", name="Reset").click()
    else:
        lab.grader("reset", ONE, "--yes")
    editor = page.locator(".jp-FileEditor:visible .cm-content")
    expect(editor).not_to_contain_text("# mine")
    expect(editor).to_contain_text(STARTER.splitlines()[0])
    editor.click()
    page.keyboard.insert_text("# again ")
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    expect(page.locator(".jp-Dialog")).to_have_count(0)
    assert "# again" in lab.file(ONE, "Dockerfile").read_text()


def test_panel_and_terminal_share_attempts_and_verdict(page: Page, lab: JupyterLab) -> None:
    begin(page, OTHER)
    before = len(Progress(lab.work).attempts(OTHER))
    lab.grader("check", OTHER)
    attempts = before + 1
    expect(panel(page, OTHER).locator("#attempts")).to_contain_text(f"{attempts} attempt", timeout=20_000)
    decided(page, "points", OTHER)
    lab.grader("check", OTHER)  # nothing has changed
    assert len(Progress(lab.work).attempts(OTHER)) == attempts
    for number in range(2):
        lab.file(OTHER, "Dockerfile").write_text(f"FROM scratch\n# {number}\n")
        lab.grader("check", OTHER)
    hint = panel(page, OTHER).locator(".ladder:visible button").first
    expect(hint).not_to_have_attribute("aria-disabled", "true", timeout=20_000)  # opened by what the terminal did
    expect(panel(page, OTHER).locator("#attempts")).to_contain_text(f"{attempts + 2} attempts")
    page.reload()
    expect(panel(page, OTHER).locator("#attempts")).to_contain_text(f"{attempts + 2} attempts")


def test_an_attempt_that_cannot_be_kept_is_said_where_the_verdict_stands(page: Page, lab: JupyterLab) -> None:
    begin(page)
    in_the_way = lab.work / ".drydock" / "progress.sqlite-journal"
    Progress(lab.work).chapter_read("01", read=False)
    in_the_way.mkdir()
    try:
        type_over(page, "FROM busybox\n# not kept\n")
        panel(page, ONE).get_by_role("button", name="Check").click()
        expect(panel(page, ONE).get_by_test_id("unkept")).to_contain_text("This attempt is not kept", timeout=VERDICT)
        picture(page, "panel-unkept")
        said = lab.grader("doctor")
        assert re.search(r"bad +progress", said), said
    finally:
        in_the_way.rmdir()


def test_where_to_read_opens_the_chapter_at_its_heading_and_selects_nothing(page: Page, lab: JupyterLab) -> None:
    begin(page)
    lab.grader("check", ONE)
    links = panel(page, ONE).locator(".finding:visible a[data-heading]")
    expect(links.first).to_be_visible(timeout=20_000)
    for number in range(min(links.count(), 2)):
        heading = links.nth(number).get_attribute("data-heading") or "?"
        links.nth(number).click()
        found = page.locator(".jp-NotebookPanel:visible").locator("h2, h3").filter(has_text=heading)
        expect(found).to_be_in_viewport()
        page.wait_for_timeout(4000)  # cells come into sight above it, and it moves
        expect(found).to_be_in_viewport()
        assert page.locator(".jp-NotebookPanel:visible .jp-Cell.jp-mod-selected").count() <= 1
        picture(page, f"reading-{number}")


def shells_in() -> set[Path]:
    """Where the shells of this machine are just now."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().strip() in {"sh", "bash", "dash"}:
                found.add((process / "cwd").readlink())
    return found


def test_a_terminal_opens_in_the_exercises_folder(page: Page, lab: JupyterLab) -> None:
    begin(page)
    panel(page, ONE).get_by_role("button", name="Terminal").click()
    terminal = page.locator(".jp-Terminal:visible")
    expect(terminal).to_be_visible()
    folder = lab.file(ONE, "").resolve()
    for _ in range(150):
        if folder in shells_in():
            break
        page.wait_for_timeout(200)
    assert folder in shells_in()
    expect(panel(page, ONE).get_by_role("button", name="Check")).to_be_visible()


def test_a_prediction_is_not_answered_before_its_cell_has_run(page: Page, lab: JupyterLab) -> None:
    lab.as_a_learner_gets_it("course/01-why-containers.ipynb")
    open_file(page, lab, "course/01-why-containers.ipynb")
    notebook = page.locator(".jp-NotebookPanel:visible")
    expect(notebook.locator("h1").first).to_be_visible()
    explained = notebook.locator("p", has_text="That long line is what a Docker error looks like.")
    expect(explained).to_be_hidden()
    expect(notebook.locator(".drydock-answer-later").first).to_be_attached()
    expect(page.get_by_role("button", name="Validate")).to_have_count(0)
    wait_for_kernel(page)

    predicted = notebook.locator(".jp-CodeCell", has_text='predict("colleague"')
    run_cell(page, notebook.locator(".jp-CodeCell").first, "Ready. Chapter 01")
    run_cell(page, notebook.locator(".jp-CodeCell", has_text="%%writefile bills.py"), "Writing bills.py")
    run_cell(page, predicted, "in place of")
    predicted.locator(".cm-content").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text('predict("colleague", "a")')
    run_cell(page, predicted, "Your prediction: a")
    picture(page, "prediction")
    run_cell(page, notebook.locator(".jp-CodeCell", has_text="debian:trixie-slim python3"), "exit code 127")
    expect(explained).to_be_hidden()
    expect(notebook.get_by_text("# Run this cell to compare your prediction").first).to_be_visible()
    page.keyboard.press("Shift+Enter")  # the comparison, whose source is folded, is what comes next
    expect(notebook.get_by_text("You said a; it is c.")).to_be_visible(timeout=60_000)
    expect(explained).to_be_visible()
    picture(page, "prediction-compared")
    assert [(one.key, one.answer, one.outcome) for one in Predictions(lab.work).all()] == [("colleague", "a", "c")]


def test_a_chapter_can_be_marked_as_read(page: Page, lab: JupyterLab) -> None:
    chapter = home(page).get_by_test_id("chapter-01")
    chapter.get_by_role("button", name="Mark chapter 01 as read").click()
    expect(chapter.get_by_role("button", name="Chapter 01 is read")).to_be_visible()
    assert Progress(lab.work).chapters_read() == {"01"}
    expect(home(page).get_by_test_id("next")).not_to_contain_text("Begin here")
    picture(page, "home-map")
    chapter.get_by_role("button", name="Chapter 01 is read").click()
    expect(chapter.get_by_role("button", name="Mark chapter 01 as read")).to_be_visible()
