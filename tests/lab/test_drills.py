"""Drills in JupyterLab: they open beside their chapter, a terminal is one click away, and what is typed there is seen."""

import json
import time
import urllib.request
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from grader.course import catalogue, drills
from grader.engine.observer import Observer
from grader.progress.drills import Drills
from grader.run.drill import DrillRun
from tests.lab.browser import PROGRAM, browser, open_file, pages, picture
from tests.lab.checkout import TOKEN, JupyterLab, jupyterlab

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not PROGRAM, reason="no chromium or chrome on this machine"),
]

DRILL = "02-stay-up"
CHAPTER = "course/02-first-container.ipynb"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    with jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as one:
        yield one
        (entry,) = drills.find(catalogue.course_root(), DRILL)
        DrillRun(entry, one.work, Observer(), lambda _: None).remove()


def shown(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[title^="Drills of chapter 02"]')


def overtaken(route: Route) -> None:
    """The answer to a click comes only after the stream of events has told of something newer."""
    answer = route.fetch()
    state = answer.json()
    end = time.monotonic() + 60
    while not _settled(route.request.url) and time.monotonic() < end:
        time.sleep(0.2)
    time.sleep(3)  # for the stream; without it the answer is not late, which is no error
    for one in state["drills"]:
        one["phase"] = "preparing"
    route.fulfill(json=state)


def _settled(action: str) -> bool:
    """Whether the server knows what is not yet right; nothing changes after that."""
    drills_of = action.rsplit("/drill/", 1)[0] + "/drills/02"
    with urllib.request.urlopen(f"{drills_of}?token={TOKEN}", timeout=60) as answer:
        found = json.load(answer)
        return any(one["phase"] == "open" and one["line"] for one in found["drills"])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_drill_beside_its_chapter(chromium: Browser, lab: JupyterLab, dark: bool) -> None:
    with pages(chromium, lab, dark=dark) as page:
        open_file(page, lab, CHAPTER)
        page.locator(".drydock-drills").get_by_role("button").click()
        drill = shown(page).get_by_test_id(f"drill-{DRILL}")
        chapter = page.locator(".jp-NotebookPanel:visible").first
        expect(chapter).to_be_visible()
        page.route("**/api/drill/*/*", overtaken)
        drill.get_by_role("button").click()
        expect(drill).to_have_attribute("data-phase", "open")
        begun = Drills(lab.work).begun(DRILL)
        assert begun is not None
        name = begun.drawn["box"]
        expect(drill).to_contain_text(f"There is no container {name} yet.")
        shown(page).get_by_role("button", name="Terminal").click()
        terminal = page.locator(".jp-Terminal:visible")
        expect(terminal.locator(".xterm-screen")).to_be_visible()
        page.wait_for_timeout(1500)  # a shell's prompt is drawn, not written: nothing to wait for
        page.keyboard.type(f"docker run -d --name {name} busybox\n")
        expect(drill).to_contain_text("A container runs as long as its program.")
        picture(page, f"drill-{'dark' if dark else 'light'}")
        page.keyboard.type(f"docker rm {name} && docker run -d --name {name} busybox sleep 600\n")
        expect(drill).to_have_attribute("data-phase", "done")
        picture(page, f"drill-done-{'dark' if dark else 'light'}")
        page.goto(f"http://127.0.0.1:{lab.port}/drydock/drills/02")
        expect(page.get_by_test_id(f"drill-{DRILL}")).to_have_attribute("data-phase", "done")
        for width in (1600, 900):
            page.set_viewport_size({"width": width, "height": 1000})
            picture(page, f"drills-{width}-{'dark' if dark else 'light'}")
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_test_id(f"drill-{DRILL}").get_by_role("button").press("Enter")
        expect(page.get_by_test_id(f"drill-{DRILL}")).to_have_attribute("data-phase", "open")
        begun = Drills(lab.work).begun(DRILL)
        assert begun is not None
        assert begun.drawn["box"] != name


def test_the_course_map_leads_to_them(chromium: Browser, lab: JupyterLab) -> None:
    with pages(chromium, lab) as page:
        frame = page.frame_locator('iframe[title="Drydock: the course"]')
        frame.get_by_test_id("chapter-02").get_by_test_id("drills-link").click()
        expect(shown(page).get_by_test_id(f"drill-{DRILL}")).to_be_visible()
