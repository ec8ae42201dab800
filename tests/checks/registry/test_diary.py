"""The engine's events: which registry a name leads to, which image it stood for, and what happened, in words."""

from types import SimpleNamespace
from typing import cast

import pytest

from grader.checks.registry import diary
from grader.checks.registry.diary import Event
from grader.checks.sandbox.script_run import ScriptRun


@pytest.mark.parametrize(
    ("name", "leads"),
    [
        ("localhost:5001/toy:1", True),
        ("127.0.0.1:5001/toy", True),
        ("localhost:5001/toy@sha256:12", True),
        ("localhost:5001/team/toy:1", False),
        ("localhost:5001/toys:1", False),
        ("localhost:50011/toy:1", False),
        ("localhost:5001.example.com/toy:1", False),
        ("toy:1", False),
    ],
)
def test_where_a_name_leads(name: str, *, leads: bool) -> None:
    assert diary.leads_to(name, 5001, "toy") is leads


HERE = "localhost:5001/toy"
GIVEN = {"toy:latest": SimpleNamespace(id="given")}
NOW = {HERE + ":1": SimpleNamespace(id="now"), "0a1b2c": SimpleNamespace(id="now"), "toy": SimpleNamespace(id="now")}
RUN = Event("container", "create", "made")
STOOD: dict[str, tuple[list[Event], str, str | None]] = {
    "as it was before": ([RUN], "toy", "given"),
    "another name given later": ([RUN, Event("image", "tag", "other", "toy:latest")], "toy", "given"),
    "named by a tag": ([Event("image", "tag", "mine", f"{HERE}:1"), RUN], f"{HERE}:1", "mine"),
    "a tag without a tag": ([Event("image", "tag", "mine", "toy:latest"), RUN], "toy", "mine"),
    "the last tag before": (
        [Event("image", "tag", "one", f"{HERE}:1"), Event("image", "tag", "two", f"{HERE}:1"), RUN],
        f"{HERE}:1",
        "two",
    ),
    "pulled, and it still is": ([Event("image", "pull", f"{HERE}:1"), RUN], f"{HERE}:1", "now"),
    "pulled with all tags": (
        [Event("image", "tag", "one", f"{HERE}:1"), Event("image", "pull", HERE), RUN],
        f"{HERE}:1",
        "now",
    ),
    "pulled, and given away later": (
        [Event("image", "pull", f"{HERE}:1"), RUN, Event("image", "tag", "other", f"{HERE}:1")],
        f"{HERE}:1",
        None,
    ),
    "pulled, and gone": ([Event("image", "pull", f"{HERE}:2"), RUN], f"{HERE}:2", None),
    "an id": ([Event("image", "pull", f"{HERE}:1"), RUN], "0a1b2c", "now"),
}


@pytest.mark.parametrize(("events", "name", "identity"), STOOD.values(), ids=list(STOOD))
def test_which_image_a_name_stood_for(events: list[Event], name: str, identity: str | None) -> None:
    script = cast("ScriptRun", SimpleNamespace(given=GIVEN, image_info=NOW.get))
    assert diary.stood_for(script, events, events.index(RUN), name) == identity


def test_what_happened_in_words() -> None:
    events = [
        Event("image", "tag", "mine", "toy:2"),
        Event("image", "push", f"{HERE}:1"),
        Event("image", "untag", "mine"),
        Event("image", "untag", "mine"),
        Event("image", "delete", "other"),
        Event("image", "delete", "mine"),
        Event("container", "start", "made", "toy"),
        Event("image", "pull", f"{HERE}:1"),
    ]
    said = f"a name given, then a name taken away, then the image removed, then {HERE}:1 pulled"
    assert diary.in_words(events, "mine") == said
    assert diary.in_words([], "mine") == "nothing happened to it"
