"""The panel and the home page in the real lab, by clicking and typing; on the real engine."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from grader.course import catalogue
from tests.lab.browser import (
    PROGRAM,
    browser,
    home,
    open_file,
    pages,
    panel,
    picture,
    run_cell,
    wait_for_kernel,
    write_into_editor,
)
from tests.lab.support import ROOT, Lab

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not PROGRAM, reason="no chromium or chrome on this machine"),
]

DOCKERFILE, COMMANDS, COMPOSE = "05-first-dockerfile", "02-hello-container", "09-first-compose"
PORTS = "04-publish-ports"
VERDICT = 240_000  # milliseconds: three engines inside one another, on a busy machine


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture
def page(chromium: Browser, lab: Lab) -> Iterator[Page]:
    with pages(chromium, lab) as one:
        yield one


@pytest.fixture
def tab(chromium: Browser, lab: Lab) -> Iterator[Page]:
    """A tab of its own, without JupyterLab around our pages."""
    with pages(chromium, lab, jupyterlab=False) as one:
        yield one


def reference(exercise: str, name: str) -> str:
    return (ROOT / "solutions" / exercise / "reference" / name).read_text()


def work(lab: Lab, exercise: str, name: str) -> Path:
    return lab.work / "exercises" / exercise / name


def alone(page: Page, lab: Lab, exercise: str = "") -> None:
    """Open one of our pages in a tab of its own."""
    page.goto(f"http://127.0.0.1:{lab.port}/drydock/{f'exercise/{exercise}' if exercise else ''}?token={lab.token}")


def verdict(page: Page) -> str:
    return page.get_by_test_id("verdict").inner_text()


def test_a_dockerfile_exercise_is_solved_from_the_home_page(page: Page, lab: Lab) -> None:
    first = home(page)
    expect(first.get_by_role("heading", name="Docker for machine learning")).to_be_visible()
    expect(first.get_by_test_id("machine")).not_to_contain_text("Looking at your machine")
    picture(page, "home")
    first.get_by_test_id(f"exercise-{DOCKERFILE}").get_by_role("link").first.click()
    expect(page.locator(".jp-NotebookPanel:visible h1").first).to_be_visible()  # the brief, and its panel beside it
    beside = panel(page, DOCKERFILE)
    beside.get_by_role("button", name="Check").click()
    expect(beside.get_by_test_id("verdict")).to_contain_text("of 10 points", timeout=VERDICT)
    expect(beside.get_by_test_id("check-prints_the_summary")).to_contain_text("failed")
    expect(beside.get_by_test_id("finding-prints_the_summary")).to_be_visible()
    picture(page, "panel-failed")
    section = beside.get_by_test_id("finding-prints_the_summary").get_by_role("link")
    heading = section.inner_text().partition("“")[2].rstrip("”")
    section.click()  # where to read about it: the chapter opens at that section
    expect(page.locator(".jp-NotebookPanel:visible").locator("h2, h3").filter(has_text=heading)).to_be_in_viewport()
    picture(page, "panel-reading")

    beside.get_by_role("link", name="Dockerfile", exact=True).click()
    write_into_editor(page, reference(DOCKERFILE, "Dockerfile"))
    assert work(lab, DOCKERFILE, "Dockerfile").read_text() == reference(DOCKERFILE, "Dockerfile")
    beside.get_by_role("button", name="Check").click()
    expect(beside.get_by_test_id("verdict")).to_contain_text("10 of 10 points", timeout=VERDICT)
    expect(beside.get_by_test_id("verdict")).to_contain_text("point before, 10 now.")
    told = beside.locator("main").inner_text()  # in human words
    assert not [one for one in catalogue.find(ROOT, DOCKERFILE).exercise.checks if "_" in one and one in told]
    picture(page, "panel-full")

    beside.get_by_role("button", name="Solution").click()
    expect(beside.get_by_test_id("solution")).to_be_visible()
    beside.get_by_text("Pictures").click()
    expect(beside.locator("[data-testid^=picture-] svg").first).to_be_visible()
    picture(page, "panel-pictures")
    page.locator("#drydock-home-button").click()
    expect(first.get_by_test_id(f"exercise-{DOCKERFILE}")).to_contain_text("done")


def test_a_commands_exercise_is_solved_by_saving(page: Page, lab: Lab) -> None:
    open_file(page, lab, f"exercises/{COMMANDS}/{COMMANDS}.ipynb")
    beside = panel(page, COMMANDS)
    beside.get_by_role("switch", name="Watch").click()
    expect(beside.get_by_test_id("verdict")).to_contain_text(re.compile(r"\d of \d+ points"), timeout=VERDICT)
    beside.get_by_role("link", name="commands.sh", exact=True).click()
    write_into_editor(page, reference(COMMANDS, "commands.sh"))
    expect(beside.get_by_test_id("verdict")).to_contain_text("every check passed", timeout=VERDICT)
    beside.get_by_role("switch", name="Watch").click()
    expect(beside.get_by_test_id("picture-left").locator("svg")).to_contain_text("keeper")  # what the verdict is about
    picture(page, "panel-commands")


def test_ports_are_found_tried_visited_and_checked(page: Page, lab: Lab) -> None:
    """The learner's own ports: from a log on their engine to commands, to pages in their browser, to the verdict."""
    home(page).get_by_test_id(f"exercise-{PORTS}").get_by_role("link").first.click()
    beside, task = panel(page, PORTS), page.locator(".jp-NotebookPanel:visible")
    expect(beside.get_by_role("button", name="Check")).to_be_enabled()
    wait_for_kernel(page)
    cells = task.locator(".jp-CodeCell")
    run_cell(page, cells.filter(has_text="import prepare"), "front-desk")
    beside.get_by_role("button", name="Terminal").click()
    expect(page.locator(".jp-Terminal:visible .xterm-screen")).to_be_visible()
    page.wait_for_timeout(1500)  # a shell's prompt is drawn, not written: nothing to wait for
    page.keyboard.type("docker logs front-desk && docker logs front-desk >told\n")
    told = work(lab, PORTS, "told")
    for _ in range(100):
        if told.is_file() and "private" in told.read_text():
            break
        page.wait_for_timeout(200)
    picture(page, "ports-terminal")
    public, private = re.findall(r"port (\d+)", told.read_text())
    told.unlink()

    beside.get_by_role("link", name="commands.sh", exact=True).click()
    yours = reference(PORTS, "commands.sh").replace("20966", public).replace("28913", private)
    write_into_editor(page, yours)
    page.locator(".lm-TabBar-tab", has_text=f"{PORTS}.ipynb").click()
    run_cell(page, cells.filter(has_text="sh -x commands.sh"), f"0.0.0.0:{public}->8000/tcp")
    answers = cells.filter(has_text="for name in public private")
    run_cell(page, answers, f"private, port {private}: Kiosk")
    expect(answers).to_contain_text(f"public, port {public}: Kiosk")
    visit = page.context.new_page()
    for port in (public, private):
        visit.goto(f"http://127.0.0.1:{lab.port}/proxy/{port}/")
        expect(visit.get_by_text("Kiosk: the penguins are open")).to_be_visible()

    beside.get_by_role("button", name="Check").click()
    expect(beside.get_by_test_id("verdict")).to_contain_text("every check passed", timeout=VERDICT)
    left = beside.get_by_test_id("picture-left").locator("svg")
    for door in (f"0.0.0.0:{public} → 8000", f"127.0.0.1:{private} → 8000"):
        expect(left).to_contain_text(door)
    picture(page, "ports-full")
    run_cell(page, cells.filter(has_text="docker rm --force public private"), "public")
    assert "public" not in lab.sh("docker ps --all --format '{{.Names}}'")


def test_a_compose_exercise_is_solved(page: Page, lab: Lab) -> None:
    open_file(page, lab, f"exercises/{COMPOSE}/{COMPOSE}.ipynb")
    beside = panel(page, COMPOSE)
    for path in (ROOT / "solutions" / COMPOSE / "reference").iterdir():
        if path.name != "compose.yaml":
            work(lab, COMPOSE, path.name).write_text(path.read_text())
    beside.get_by_role("link", name="compose.yaml", exact=True).click()
    write_into_editor(page, reference(COMPOSE, "compose.yaml"))
    beside.get_by_role("button", name="Check").click()
    expect(beside.get_by_test_id("verdict")).to_contain_text("every check passed", timeout=VERDICT)
    picture(page, "panel-compose")


def test_panels_of_several_exercises_share_one_place(page: Page, lab: Lab) -> None:
    course = home(page)
    places = []
    for exercise in (DOCKERFILE, COMPOSE, COMMANDS):
        course.get_by_test_id(f"exercise-{exercise}").get_by_role("link").first.click()
        expect(panel(page, exercise).get_by_role("button", name="Check")).to_be_visible()
        box = page.locator(f'iframe[title^="Exercise {exercise}"]').bounding_box()
        assert box is not None
        places.append((round(box["x"] + box["width"]), round(box["y"]), round(box["height"])))  # the right edge, all of it
        page.locator("#drydock-home-button").click()
    assert places[0] == places[1] == places[2]
    page.locator(".lm-TabBar-tab", has_text=f"{DOCKERFILE}.ipynb").click()  # its panel comes to the front with it
    expect(panel(page, DOCKERFILE).get_by_role("button", name="Check")).to_be_visible()
    expect(page.locator(".jp-NotebookPanel:visible h1").first).to_have_text(re.compile("A first Dockerfile"))
    picture(page, "panel-tabs")


def test_a_reload_in_the_middle_and_a_second_tab_see_the_same_check(tab: Page, lab: Lab) -> None:
    alone(tab, lab, COMPOSE)
    tab.get_by_role("button", name="Check").click()
    expect(tab.get_by_role("button", name="Cancel")).to_be_visible()
    other = tab.context.new_page()
    other.set_default_timeout(90_000)
    alone(other, lab, COMPOSE)
    expect(other.get_by_role("button", name="Cancel")).to_be_visible()  # the same check, not a second one
    tab.reload()
    expect(tab.get_by_role("button", name="Cancel")).to_be_visible()
    assert lab.sh("ls .drydock/runs").split() != []
    for one in (tab, other):
        expect(one.get_by_test_id("verdict")).to_contain_text("every check passed", timeout=VERDICT)
    assert verdict(tab) == verdict(other)


def test_cancel_works_at_once_and_leaves_nothing(tab: Page, lab: Lab) -> None:
    alone(tab, lab, COMPOSE)
    tab.get_by_role("button", name="Check").click()
    tab.wait_for_timeout(1500)  # the second click of a double click is not meant to cancel
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.get_by_role("button", name="Check")).to_be_visible(timeout=30_000)
    expect(tab.get_by_test_id("verdict")).to_contain_text("topped")
    ours = "--filter label=drydock"
    left = f"docker ps -aq {ours}; docker network ls -q {ours}; docker volume ls -q {ours}"
    wait = f'for n in 1 2 3 4 5; do left=$({left}); [ -z "$left" ] && break; sleep 1; done; echo "$left"'
    assert lab.sh(wait).strip() == ""


def test_a_page_outlives_its_server(tab: Page, lab: Lab) -> None:
    alone(tab, lab, DOCKERFILE)
    expect(tab.get_by_test_id("verdict")).to_contain_text("of 10 points")
    before = verdict(tab)
    lab.compose("restart", "lab", "--timeout", "5")
    expect(tab.get_by_test_id("lost")).to_be_hidden(timeout=120_000)
    lab.compose("up", "--detach", "--no-build", "--wait")
    tab.reload()
    expect(tab.get_by_test_id("verdict")).to_contain_text("of 10 points")
    assert verdict(tab) == before  # what was found is kept on disk


def test_by_keyboard_alone(tab: Page, lab: Lab) -> None:
    alone(tab, lab, DOCKERFILE)
    expect(tab.get_by_test_id("verdict")).to_contain_text("of 10 points")
    reached = set()
    for _ in range(40):
        tab.keyboard.press("Tab")
        reached.add(tab.evaluate("document.activeElement?.innerText?.trim().split('\\n')[0] ?? ''"))
    assert {"Check", "Watch", "Reset", "Solution", "Dockerfile"} <= reached
    tab.locator("h1").click()
    tab.keyboard.press("c")
    expect(tab.get_by_role("button", name="Cancel")).to_be_visible()
    expect(tab.get_by_role("button", name="Check")).to_be_visible(timeout=VERDICT)
    expect(tab.get_by_test_id("verdict")).to_contain_text("of 10 points")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1600, 900])
def test_nobody_is_shut_out(chromium: Browser, lab: Lab, width: int, dark: bool) -> None:
    """axe finds nothing, in light and dark, wide and narrow; nothing has to be scrolled sideways."""
    with pages(chromium, lab, width=width, dark=dark, jupyterlab=False) as page:
        for name, exercise in (("home", ""), ("commands", PORTS), ("full", DOCKERFILE)):
            alone(page, lab, exercise)
            expect(page.get_by_text("Loading…")).to_have_count(0)
            if exercise:
                expect(page.get_by_test_id("verdict")).to_contain_text("of ")
            nothing_found(page, f"{name}-{width}-{'dark' if dark else 'light'}")
        page.get_by_test_id("pictures").locator("summary").first.click()
        expect(page.locator("[data-testid^=picture-] svg").first).to_be_visible()
        page.get_by_role("button", name="Solution").click()
        expect(page.get_by_test_id("solution")).to_be_visible()
        nothing_found(page, f"unfolded-{width}-{'dark' if dark else 'light'}")
        for button, no in (("Reset", "Keep my files"), ("Hand in", "Not now")):
            page.get_by_role("button", name=button).first.click()
            expect(page.get_by_role("dialog")).to_be_visible()
            nothing_found(page, f"dialog-{button.replace(' ', '-')}-{width}-{'dark' if dark else 'light'}")
            page.get_by_role("dialog").get_by_role("button", name=no).click()
            expect(page.get_by_role("dialog")).to_be_hidden()


def nothing_found(page: Page, name: str) -> None:
    """What a page shows now can be used by everybody."""
    picture(page, name)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
