"""A page that a container serves, in a real browser: one click opens it, it works, and it reaches nothing of Jupyter."""

import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.lab.browser import PROGRAM, browser, open_file, pages, picture
from tests.lab.checkout import JupyterLab, jupyterlab
from tests.lab.support import call, free_port

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not PROGRAM, reason="no chromium or chrome on this machine"),
]

NAME = f"drydock-test-hostile-page-{os.getpid()}"
SCRIPT = Path(__file__).with_name("hostile_page.py")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    with jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as one:
        yield one


@pytest.fixture
def published() -> Iterator[int]:
    """The port that a learner has published the container's page on."""
    port = free_port()
    call("docker", "create", "--name", NAME, "-p", f"127.0.0.1:{port}:8000", "python:3.13-slim", "python", "/page.py", "8000")
    try:
        call("docker", "cp", str(SCRIPT), f"{NAME}:/page.py")
        call("docker", "start", NAME)
        yield port
    finally:
        call("docker", "rm", "--force", NAME)


def _files(lab: JupyterLab) -> set[str]:
    """What there is at the top of the work folder; what JupyterLab keeps for itself is hidden."""
    return {one.name for one in lab.work.iterdir() if not one.name.startswith(".")}


def _asked(lab: JupyterLab, path: str) -> list[object]:
    request = urllib.request.Request(f"http://127.0.0.1:{lab.port}{path}", headers={"Authorization": f"token {lab.token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: list[object] = json.load(answer)
    return found


def test_a_hostile_page_works_and_reaches_nothing_of_jupyter(chromium: Browser, lab: JupyterLab, published: int) -> None:
    there = f"http://localhost:{lab.port}/proxy/{published}/"
    printed = {"output_type": "stream", "name": "stdout", "text": [f"{there}\n"]}  # by `workshop.address`, in a chapter
    cell = {"cell_type": "code", "id": "a", "execution_count": 1, "metadata": {}, "source": [], "outputs": [printed]}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (lab.work / "page.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    before = _files(lab)
    with pages(chromium, lab) as page:
        open_file(page, lab, "page.ipynb")
        with page.expect_popup() as popup:
            page.locator(".jp-OutputArea-output a", has_text=there).click()
        shown = popup.value
        tried = shown.locator("body[data-tried]")
        expect(tried).to_be_attached(timeout=120_000)
        assert shown.url == there
        expect(shown.locator("h1")).to_have_css("color", "rgb(1, 2, 3)")
        words = dict(one.split(": ", 1) for one in shown.locator("#tries li").all_text_contents())
        picture(shown, "hostile-page")
        assert len(words) == int(tried.get_attribute("data-tried") or 0) >= 60
        assert words.pop("its own websocket") == "hello"
        assert words.pop("its own file").startswith("got h1")
        assert set(words.values()) == {"held"}, {name: word for name, word in words.items() if word != "held"}
        cookies = [str(one["value"]) for one in page.context.cookies() if one["value"] != "theirs"]
    assert _asked(lab, "/api/terminals") == []
    assert len(_asked(lab, "/api/kernels")) == 1  # the notebook's own
    assert _files(lab) == before
    assert len(cookies) >= 3  # Jupyter's two, and the key of the pages' name
    said = call("docker", "logs", NAME)
    assert '"/app.js"' in said
    assert not [one for one in (*cookies, lab.token, "Cookie") if one in said]
