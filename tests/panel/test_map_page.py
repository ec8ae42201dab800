"""The page of the engine's map in a browser, with a made-up engine behind it: what it shows, and how it is used."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from grader.engine.inspect import Binding, Endpoint, Health, HealthRun, Mount, State
from tests.lab.browser import PROGRAM, browser, pages, picture
from tests.panel.made_up import RUNNING, Engine, container, exited, image, many, page_of, snapshot

pytestmark = [
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not PROGRAM, reason="no chromium or chrome on this machine"),
]

HOSTILE = "<img src=x onerror=document.title='hacked'>"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A learner's: a stack of two, some that have ended, and a drill's box."""
    with page_of(small()) as one:
        yield one


def small() -> Engine:
    pairs = [
        image("penguins:1", "base", "python", "numpy", "app", created=9, size=412_000_000),
        image("python:3.13-slim", "base", "python", created=3, size=125_000_000),
        image("postgres:17", "base", "pg-1", "pg-2", created=1, size=440_000_000),
        image("busybox:1.37", "busybox", size=4_400_000),
    ]
    failing = Health("unhealthy", (HealthRun(None, 1, "connection refused"),))
    containers = [
        container(
            "web",
            replace(RUNNING, health=Health("healthy")),
            minute=9,
            image="penguins:1",
            bindings=(Binding(8000, "tcp", "127.0.0.1", 8041),),
            networks={"shop": Endpoint("172.18.0.2")},
            mounts=(Mount("bind", "", "/home/learner/data", "/data", writable=False),),
        ),
        container(
            "db",
            replace(RUNNING, health=failing),
            minute=8,
            image="postgres:17",
            networks={"shop": Endpoint("172.18.0.3")},
            mounts=(Mount("volume", "pgdata", "", "/var/lib/postgresql/data", writable=True),),
        ),
        container("box-qkz", RUNNING, minute=7, networks={"bridge": Endpoint("172.17.0.3")}),
        container("eager", replace(RUNNING, status="restarting", restarting=True, exit_code=1), minute=6, restarts=4),
        container("train", exited(137, minute=5, oom_killed=True), minute=5, image="penguins:1", memory=64_000_000),
        container("typo", State("created", error='exec: "sleeep": not found', exit_code=127), minute=4),
        container("stopped-with-a-rather-long-name", exited(143, minute=2), minute=2),
        container("hello", exited(0, minute=1), minute=1),
    ]
    seen = snapshot(
        *containers,
        networks=("shop", "bridge", "host", "none"),
        volumes=("pgdata", 64 * "f"),
        images=tuple(row for row, _ in pairs),
    )
    return Engine(seen, {about.id: about for _, about in pairs}, ("box-qkz",))


def thing(page: Page, name: str) -> Locator:
    return page.locator(".thing").filter(has=page.locator(".name", has_text=name)).first


def opened(page: Page, engine: Engine) -> None:
    page.goto(engine.url)
    expect(page.locator(".thing").first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_reads_well_and_breaks_no_rule(chromium: Browser, engine: Engine, dark: bool) -> None:
    for width in (240, 300, 900, 1600):  # a side bar as JupyterLab makes it, one that was drawn wider, pages
        with pages(chromium, engine, width=width, dark=dark, jupyterlab=False) as page:
            opened(page, engine)
            thing(page, "web").get_by_role("button").first.click()
            for table in (False, True):
                if table:
                    page.get_by_role("button", name="Table").click()
                name = f"map-{width}-{'dark' if dark else 'light'}{'-table' if table else ''}"
                picture(page, name)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}: wider than the page"
                edge = page.get_by_role("button", name="Table").evaluate("node => node.getBoundingClientRect().right")
                assert edge <= width, f"{name}: a button is cut off"
                if width in {300, 1600}:
                    found = Axe().run(page)
                    assert found.violations_count == 0, found.generate_report()


def test_the_keyboard_goes_everywhere(chromium: Browser, engine: Engine) -> None:
    with pages(chromium, engine, width=300, jupyterlab=False) as page:
        opened(page, engine)

        def focused() -> str:
            return str(
                page.evaluate(
                    "document.activeElement.querySelector('.name')?.textContent ?? document.activeElement.textContent"
                )
            )

        page.get_by_role("button", name="Table").focus()
        page.keyboard.press("Tab")
        assert focused() == "web"
        page.keyboard.press("Tab")
        assert focused() == "127.0.0.1:8041 → 8000", "the port of the one that has the focus is the next stop"
        page.keyboard.press("Tab")
        assert focused() == "shop", "each kind is one stop"
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
        names = [focused()]
        for _ in range(page.locator(".thing").count() - 1):
            page.keyboard.press("ArrowDown")
            names.append(focused())
        assert names == page.locator(".thing .name").all_text_contents()
        page.keyboard.press("ArrowDown")
        assert focused() == names[-1]
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        assert focused() == "db"
        head = thing(page, "db").locator(".thing-head")
        assert head.evaluate("node => getComputedStyle(node).outlineStyle") == "solid", "where the focus is can be seen"
        page.keyboard.press("Enter")
        expect(head).to_have_attribute("aria-expanded", "true")
        expect(thing(page, "db")).to_contain_text("health check: exit code 1 connection refused")
        linked = page.locator('.thing[data-linked="linked"] .name')
        assert sorted(linked.all_text_contents()) == ["pgdata", "postgres:17", "shop"]
        page.keyboard.press("Tab")
        assert focused() == "postgres:17", "what it names is the next stop"
        page.keyboard.press("Enter")
        assert focused() == "postgres:17"
        assert linked.all_text_contents() == ["db"]
        page.keyboard.press("Escape")
        expect(page.locator(".thing[data-linked]")).to_have_count(0)
        assert focused() == "postgres:17"


def test_what_changes_is_marked_told_and_keeps_the_focus(chromium: Browser, engine: Engine) -> None:
    with pages(chromium, engine, jupyterlab=False) as page:
        opened(page, engine)
        page.evaluate("window.same = document.querySelector('.thing[data-key=\"container:id-of-db\"]')")
        db = thing(page, "db").locator(".thing-head")
        db.focus()
        news = page.get_by_test_id("news")
        assert news.get_attribute("role") == "status"
        engine.with_container(container("new-one", RUNNING, minute=20))
        expect(news).to_have_text("new-one: running.")
        expect(thing(page, "new-one")).to_have_attribute("data-fresh", "new")
        expect(page.locator(".thing .name").first).to_have_text("new-one")
        engine.with_container(container("new-one", exited(1, minute=30), minute=20))
        expect(news).to_have_text("new-one: exited, exit code 1.")
        expect(thing(page, "new-one")).to_have_attribute("data-fresh", "changed")
        expect(thing(page, "new-one")).to_have_attribute("data-tone", "bad")
        expect(page.locator(".thing[data-fresh]")).to_have_count(0)
        expect(db).to_be_focused()
        assert page.evaluate("window.same === document.querySelector('.thing[data-key=\"container:id-of-db\"]')")
        left = {key: one for key, one in engine.snapshot.containers.items() if one.name not in {"db", "new-one"}}
        engine.snapshot = replace(engine.snapshot, containers=left)
        expect(news).to_have_text("db is gone. new-one is gone.")
        expect(page.locator(".thing-head:focus .name")).to_have_text("box-qkz")
        engine.snapshot = replace(engine.snapshot, trouble="No Docker engine answers.")
        expect(page.get_by_test_id("engine")).to_contain_text("No Docker engine answers. What you see is as it was last seen.")
        engine.snapshot = replace(engine.snapshot, trouble="")
        expect(page.get_by_test_id("engine")).to_be_hidden()


def test_what_a_drill_speaks_of_is_marked(chromium: Browser, engine: Engine) -> None:
    with pages(chromium, engine, jupyterlab=False) as page:
        opened(page, engine)
        expect(thing(page, "box-qkz").locator(".tag")).to_be_visible()
        engine.spoken = ("pgdata",)
        expect(thing(page, "pgdata").locator(".tag")).to_be_visible()
        expect(thing(page, "box-qkz").locator(".tag")).to_be_hidden()


def test_the_table_has_the_same_content(chromium: Browser, engine: Engine) -> None:
    with pages(chromium, engine, jupyterlab=False) as page:
        opened(page, engine)
        on_the_map: dict[str, set[str]] = {}
        for head in page.locator(".thing-head").all():
            name = head.locator(".name").inner_text()
            head.click()
            facts = head.locator("xpath=..").locator(".facts .item").all_text_contents()
            on_the_map[name] = {head.locator(".word").inner_text(), *facts}
        page.get_by_role("button", name="Table").click()
        expect(page.get_by_test_id("engine-map")).to_be_hidden()
        in_tables: dict[str, set[str]] = {}
        for row in page.locator("tbody tr").all():
            name = str(row.locator("th").evaluate("node => node.firstChild.textContent"))
            in_tables[name] = {row.locator(".word").inner_text(), *row.locator(".item").all_text_contents()}
        assert in_tables == on_the_map
        assert page.locator("thead th[scope=col]").count() > 12
        expect(page.get_by_role("link", name="Open port 8041")).to_have_attribute("href", "/proxy/8041/")
        page.reload()
        expect(page.locator("tbody tr").first).to_be_visible()


def test_names_are_text(chromium: Browser, engine: Engine) -> None:
    with pages(chromium, engine, jupyterlab=False) as page:
        opened(page, engine)
        engine.with_container(container(HOSTILE, replace(RUNNING, error=HOSTILE), image=HOSTILE, minute=20))
        expect(page.locator(".thing .name").first).to_have_text(HOSTILE)
        page.locator(".thing-head").first.click()
        page.get_by_role("button", name="Table").click()
        expect(page.locator("tbody th").first).to_have_text(HOSTILE)
        assert page.locator("main img").count() == 0
        assert page.title() == "Live map of the engine"


def test_two_hundred_containers_are_few_nodes_and_easily_searched(chromium: Browser) -> None:
    seen, layers = many(200)
    with page_of(Engine(seen, layers)) as engine, pages(chromium, engine, width=300, jupyterlab=False) as page:
        opened(page, engine)
        running = page.locator('[data-group="container/Running"] .thing')
        stopped = page.locator('[data-group="container/Not running"]')
        expect(running).to_have_count(133)
        expect(stopped.locator(".thing")).to_have_count(6)
        picture(page, "map-200")
        assert page.evaluate("document.querySelectorAll('#map *').length") < 6000
        more = stopped.get_by_role("button", name="Show 61 more")
        more.click()
        expect(stopped.locator(".thing")).to_have_count(67)
        stopped.get_by_role("button", name="Show fewer").click()
        # One that ends is seen, however many have ended before.
        page.evaluate("document.querySelectorAll('.thing').forEach(node => (node.old = true))")
        engine.with_container(container("worker-001", exited(9), minute=1))
        expect(thing(page, "worker-001")).to_have_attribute("data-fresh", "changed")
        made = page.evaluate("[...document.querySelectorAll('.thing')].filter(node => !node.old).length")
        assert made == 1, "what has not changed is not made again"
        page.get_by_role("searchbox").fill("team/model-7:1.7 running")
        expect(page.locator("h2").first).to_contain_text("of 200")
        assert 0 < page.locator('[data-kind="container"] .thing').count() < 10
        page.get_by_role("searchbox").fill("nothing like this")
        expect(page.get_by_text("Nothing fits the filter.")).to_be_visible()
        page.get_by_role("searchbox").fill("")
        page.get_by_role("button", name="Table").click()
        expect(page.locator('[data-kind="container"] tbody tr')).to_have_count(200)
