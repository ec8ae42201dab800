"""Facts: the same for one learner, different between learners."""

import re

import pytest

from grader import settings
from grader.values.facts import EXAMPLE_LEARNER, Facts


def test_facts_are_the_same_each_time_and_however_the_name_is_typed() -> None:
    assert Facts("ada", "03-detective").word("token") == Facts(" Ada ", "03-detective").word("token")


def test_facts_differ_between_learners_exercises_and_names() -> None:
    words = {Facts(who, what).word(name) for who in ("ada", "grace") for what in ("03-a", "04-b") for name in ("one", "two")}
    assert len(words) == 8


def test_numbers_fill_their_range() -> None:
    seen = {Facts(f"learner {number}", "x").number("port", 8001, 8009) for number in range(400)}
    assert seen == set(range(8001, 8010))


def test_words_can_be_names_of_containers() -> None:
    words = [Facts(f"learner {number}", "x").word("name", 12) for number in range(200)]
    assert len(set(words)) == 200
    assert all(re.fullmatch(r"[a-z][a-z0-9]{11}", word) for word in words)


def test_choices_come_from_what_is_offered() -> None:
    seen = {Facts(f"learner {number}", "x").choice("animal", ("owl", "fox")) for number in range(50)}
    assert seen == {"owl", "fox"}


def test_a_key_of_the_instructors_changes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYDOCK_FACTS_KEY", "only the instructor knows")
    assert Facts("ada", "x", settings.facts_key()).word("token") != Facts("ada", "x").word("token")
    assert Facts(EXAMPLE_LEARNER, "x", settings.facts_key()).word("token") == Facts(EXAMPLE_LEARNER, "x").word("token")


def test_the_learner_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRYDOCK_LEARNER", "Ada Lovelace")
    assert settings.learner() == "Ada Lovelace"
