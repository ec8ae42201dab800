"""The live map in JupyterLab's side bar, on the real engine: what commands do is seen, and what is published opens."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from grader.course import catalogue, drills
from grader.engine.observer import Observer
from grader.progress.drills import Drills
from grader.run.drill import DrillRun
from tests.lab.browser import PROGRAM, browser, home, pages, picture
from tests.lab.checkout import JupyterLab, jupyterlab

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PROGRAM, reason="no chromium or chrome on this machine"),
]

DRILL: Final = "02-stay-up"
PREFIX: Final = "drydock-test-side-map"
WEB, CRASH, NET, VOLUME, IMAGE = (f"{PREFIX}-{one}" for one in ("web", "crash", "net", "volume", "image"))


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


def docker(*args: str, given: str = "") -> str:
    done = subprocess.run(["docker", *args], check=True, capture_output=True, input=given, text=True)
    return done.stdout.strip()


@contextmanager
def cleaned() -> Iterator[None]:
    try:
        yield
    finally:
        for command in (
            ("rm", "--force", WEB, CRASH),
            ("network", "rm", NET),
            ("volume", "rm", VOLUME),
            ("image", "rm", IMAGE),
        ):
            subprocess.run(["docker", *command], check=False, capture_output=True)


def side(page: Page) -> FrameLocator:
    return page.frame_locator('#drydock-map-side iframe[title^="Live map"]')


def thing(page: Page, name: str) -> Locator:
    return side(page).locator(".thing").filter(has=side(page).locator(".name").get_by_text(name, exact=True))


def test_the_map_in_the_side_bar(chromium: Browser, lab: JupyterLab) -> None:
    with cleaned(), pages(chromium, lab) as page:
        page.locator('.lm-TabBar-tab[data-id="drydock-map-side"]').click()
        expect(side(page).locator("h2").first).to_contain_text("Containers")
        docker("network", "create", NET)
        expect(thing(page, NET)).to_contain_text("no containers")
        docker("volume", "create", VOLUME)
        expect(thing(page, VOLUME)).to_contain_text("no mounts")
        docker(
            "build", "--tag", IMAGE, "-", given="FROM busybox\nRUN mkdir /www && echo hello from the map > /www/index.html\n"
        )
        expect(thing(page, f"{IMAGE}:latest").locator(".stripes i").last).to_be_visible()
        placed = ("--network", NET, "--volume", f"{VOLUME}:/data", "--publish", "127.0.0.1::8000")
        docker("run", "--detach", "--name", WEB, *placed, IMAGE, "httpd", "-f", "-p", "8000", "-h", "/www")
        expect(thing(page, WEB)).to_have_attribute("data-tone", "good")
        expect(thing(page, WEB)).to_have_attribute("data-fresh", "new")
        expect(side(page).get_by_test_id("news")).to_contain_text(f"{WEB}: running.")

        # What it is connected with, by the keyboard.
        thing(page, WEB).locator(".thing-head").focus()
        page.keyboard.press("Enter")
        linked = side(page).locator('.thing[data-linked="linked"] .name')
        expect(linked).to_have_text([NET, VOLUME, f"{IMAGE}:latest"])
        picture(page, "side-map")
        port = docker("port", WEB, "8000").rpartition(":")[2]
        with page.expect_popup() as popup:
            thing(page, WEB).get_by_role("link", name=f"Open port {port}").click()
        expect(popup.value.locator("body")).to_contain_text("hello from the map")
        popup.value.close()

        docker("stop", "--time", "1", WEB)
        expect(thing(page, WEB)).to_contain_text("exited, exit code")
        docker("run", "--detach", "--name", CRASH, "busybox", "sh", "-c", "sleep 1; exit 3")
        expect(thing(page, CRASH)).to_contain_text("exited, exit code 3")
        expect(thing(page, CRASH)).to_have_attribute("data-tone", "bad")

        # A drill's container.
        home(page).get_by_test_id("chapter-02").get_by_test_id("drills-link").click()
        shown = page.frame_locator('iframe[title^="Drills of chapter 02"]')
        drill = shown.get_by_test_id(f"drill-{DRILL}")
        drill.get_by_role("button").click()
        expect(drill).to_have_attribute("data-phase", "open")
        begun = Drills(lab.work).begun(DRILL)
        assert begun is not None
        box = begun.drawn["box"]
        docker("run", "--detach", "--name", box, "busybox")
        expect(thing(page, box).locator(".tag")).to_be_visible()
        picture(page, "side-map-drill")

        # It is where it was when the page is loaded again, and as tables it has the same.
        page.reload()
        expect(thing(page, CRASH)).to_be_visible()
        side(page).get_by_role("searchbox").fill(PREFIX)  # others work on the same engine
        on_the_map = sorted(side(page).locator(".thing .name").all_text_contents())
        assert {WEB, CRASH, NET, VOLUME, f"{IMAGE}:latest"} <= set(on_the_map)
        side(page).get_by_role("button", name="Table").click()
        rows = side(page).locator("tbody th")
        expect(rows).to_have_count(len(on_the_map))
        assert sorted(rows.all_text_contents()) == on_the_map
        side(page).get_by_role("button", name="Table").click()
        docker("rm", "--force", WEB)
        expect(thing(page, WEB)).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_ways_to_it_and_no_rule_broken(chromium: Browser, lab: JupyterLab, dark: bool) -> None:
    with pages(chromium, lab, dark=dark) as page:
        home(page).get_by_test_id("engine-map-link").click()
        expect(side(page).locator(".thing").first).to_be_visible()
        picture(page, f"lab-map-{'dark' if dark else 'light'}")
        page.locator('.lm-TabBar-tab[data-id="drydock-map-side"]').click()
        expect(page.locator("#drydock-map-side")).to_be_hidden()
        page.keyboard.press("Control+Shift+c")
        page.keyboard.type("live map of the engine")
        expect(page.locator(".lm-CommandPalette-item")).to_have_count(1)
        page.keyboard.press("Enter")
        expect(side(page).locator(".thing").first).to_be_visible()
        page.goto(f"http://127.0.0.1:{lab.port}/drydock/map")
        expect(page.locator(".thing").first).to_be_visible()
        page.locator(".thing-head").first.click()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
