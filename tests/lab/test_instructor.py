"""An instructor with four learners through the whole round trip, by clicks: one by the exchange, three by a course platform."""

import csv
import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.lab.browser import PROGRAM, browser, pages, picture
from tests.lab.checkout import TOKEN, JupyterLab, jupyterlab
from tests.notebook import toy
from tests.notebook.archives import moodle

pytestmark = [
    pytest.mark.browser,
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(PROGRAM is None, reason="no browser"),
]
GRADING = 400_000
"""Milliseconds: four submissions on a busy machine."""


@dataclass(frozen=True)
class Labs:
    """The instructor's, and one learner's."""

    instructor: JupyterLab
    learner: JupyterLab


@pytest.fixture(scope="module")
def labs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Labs]:
    top = tmp_path_factory.mktemp("instructor")
    exchange = top / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    teaches, learns = top / "teaches", top / "learns"
    course = toy.make(teaches / "work")
    shared = {"DRYDOCK_EXCHANGE": str(exchange), "DRYDOCK_RELEASED": "released"}
    with ExitStack() as stack:
        instructor = stack.enter_context(jupyterlab(teaches, role="instructor", course=course, settings_of=shared))
        learner = stack.enter_context(jupyterlab(learns, course=course, settings_of={**shared, "DRYDOCK_LEARNER": ""}))
        yield Labs(instructor, learner)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


def at(lab: JupyterLab, path: str) -> str:
    return f"http://127.0.0.1:{lab.port}/{path}?token={TOKEN}"


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def ended(page: Page, what: str) -> None:
    newest = page.get_by_test_id("tasks").locator("li").first
    expect(newest).to_contain_text(f"{what}: {toy.ID}")
    expect(newest).to_have_attribute("data-state", re.compile("done|failed|cancelled"), timeout=GRADING)
    assert newest.get_attribute("data-state") == "done", newest.inner_text()


def answers_within(lab: JupyterLab) -> float:
    begun = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{lab.port}/api/contents?token={TOKEN}", timeout=30) as answer:
        answer.read()
    return time.monotonic() - begun


def well(page: Page, name: str) -> None:
    """Nothing is wrong with the page for those who do not see it, in either theme and at both widths; pictures are kept."""
    for scheme, width in (("light", 1600), ("dark", 900)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 1000})
        picture(page, f"{name}-{scheme}-{width}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="light")


def test_the_whole_round_trip_by_clicks(labs: Labs, chromium: Browser, tmp_path: Path) -> None:
    with (
        pages(chromium, labs.instructor, jupyterlab=False) as teacher,
        pages(chromium, labs.learner, jupyterlab=False) as dana,
    ):
        # Hand out. Something could not be read, because nbgrader was writing it: nobody is told.
        troubles = [500]
        teacher.route("**/teach/course", lambda route: route.fulfill(status=troubles.pop()) if troubles else route.continue_())
        teacher.goto(at(labs.instructor, "drydock/teach/"))
        expect(teacher.locator("#out-state")).to_contain_text("Generate it first")
        press(teacher, "Generate")
        expect(teacher.locator("#out-state")).to_contain_text("Release it", timeout=60_000)
        assert not troubles
        expect(teacher.locator("#notices")).to_be_empty()
        press(teacher, "Release")
        expect(teacher.locator("#out-state")).to_have_text("It is generated and released.", timeout=60_000)

        # A learner says who they are, and hands in by one button.
        dana.goto(at(labs.learner, "drydock/"))
        dana.get_by_label("Your name").fill("dana")
        well(dana, "sign-up")
        press(dana, "This is me")
        expect(dana.get_by_test_id("sign-up")).to_be_hidden()
        mine = labs.learner.work / "exercises" / toy.ID
        shutil.copytree(labs.instructor.work / "released" / toy.ID, mine)
        (mine / "Dockerfile").write_text(toy.REFERENCE)
        dana.goto(at(labs.learner, f"drydock/exercise/{toy.ID}"))
        press(dana, "Hand in")
        expect(dana.get_by_label("Your name")).to_have_value("dana")
        well(dana, "hand-in")
        with dana.expect_download() as download:
            dana.locator("#hand-in-yes").click()
        assert download.value.suggested_filename.startswith(f"{toy.ID}--dana--")
        expect(dana.get_by_test_id("notice")).to_contain_text("Handed in as dana.")

        # Take in: through the exchange, and what a platform gives.
        press(teacher, "Collect")
        expect(teacher.locator("tr[data-student=dana]")).to_contain_text("not graded yet", timeout=60_000)
        (tmp_path / "week-1.zip").write_bytes(moodle(tmp_path))
        teacher.locator("#file").set_input_files(tmp_path / "week-1.zip")
        expect(teacher.locator("#found-rows tr")).to_have_count(3)
        teacher.get_by_label("Student id of Cleo").fill("cleo")
        well(teacher, "teach-found")
        press(teacher, "Take in")
        expect(teacher.locator("#rows tr")).to_have_count(4)

        # Grade; the server answers meanwhile.
        press(teacher, "Grade what is not graded")
        expect(teacher.locator("tr[data-student=ada]")).to_contain_text("being graded", timeout=GRADING)
        assert answers_within(labs.instructor) < 5
        picture(teacher, "teach-grading")
        for student, score in (("ada", "4 of 4"), ("bob", "3.5 of 4"), ("cleo", "4 of 4"), ("dana", "4 of 4")):
            expect(teacher.locator(f"tr[data-student={student}]")).to_contain_text(score, timeout=GRADING)

        # Formgrader's own button goes on beside the server, too.
        ended(teacher, "Grade")
        with teacher.context.new_page() as formgrader:
            formgrader.goto(at(labs.instructor, f"formgrader/manage_submissions/{toy.ID}"))
            row = formgrader.locator("#main-table tr", has=formgrader.locator(".student-id", has_text="bob"))
            row.locator(".autograde a").click()
            expect(formgrader.locator("#success-modal")).to_contain_text("Successfully autograded", timeout=GRADING)
            picture(formgrader, "formgrader")

        # Hand back.
        press(teacher, "Make feedback")
        ended(teacher, "Make feedback")
        press(teacher, "Release feedback")
        ended(teacher, "Release feedback")
        well(teacher, "teach")
        with teacher.expect_download() as download:
            teacher.get_by_role("link", name="Grades of this exercise").click()
        with Path(download.value.path()).open(encoding="utf-8") as file:
            grades = {row["student_id"]: (row["score"], row["status"], row["last_name"]) for row in csv.DictReader(file)}
        assert grades == {
            "ada": ("4.0", "graded", "Lovelace"), "bob": ("3.5", "graded", "Baker"), "cleo": ("4.0", "graded", "Clark"),
            "dana": ("4.0", "graded", ""),
        }  # fmt: skip
        press(dana, "Hand in")
        with dana.expect_popup() as opened:
            dana.get_by_role("link", name="Feedback").click()
        expect(opened.value.locator("body")).to_contain_text("4", timeout=60_000)
        with teacher.expect_popup() as opened:
            teacher.get_by_role("link", name="Feedback for Bob Baker").click()
        page = opened.value
        expect(page.locator("body")).to_contain_text("A container says nothing else")
        picture(page, "feedback")
