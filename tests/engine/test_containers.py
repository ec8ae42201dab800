"""Starting a container: what is the engine's hiccup and what is the learner's."""

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from docker.errors import APIError

from grader.engine import containers
from grader.engine.session import Session
from grader.values.errors import CheckFailed


def _refusal(words: str) -> APIError:
    response = requests.Response()
    response.status_code = 500
    return APIError("no", response=response, explanation=words)


def _session(*answers: APIError | None) -> tuple[Session, list[str]]:
    """A session whose engine answers each start in turn: refuses it, or not."""
    left, asked = list(answers), []

    def start(identity: str) -> None:
        asked.append(identity)
        if answer := left.pop(0):
            raise answer

    client = SimpleNamespace(api=SimpleNamespace(start=start))
    return cast(Session, cast(Any, SimpleNamespace(client=client, cancelled=threading.Event()))), asked


def test_a_hiccup_of_the_engine_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_START_AGAIN_SECONDS", 0.0)
    session, asked = _session(_refusal("failed to create shim task: context deadline exceeded"), None)
    assert containers.start(session, "c1") > 0
    assert asked == ["c1", "c1"]


def test_what_stays_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_START_AGAIN_SECONDS", 0.0)
    session, asked = _session(*[_refusal("failed to create task: something new")] * 2)
    with pytest.raises(CheckFailed, match="cannot start"):
        containers.start(session, "c1")
    assert asked == ["c1", "c1"]


def test_what_is_plainly_the_images_fault_is_told_at_once() -> None:
    session, asked = _session(_refusal('exec: "nothing": executable file not found in $PATH: unknown'))
    with pytest.raises(CheckFailed, match="does not exist in the image"):
        containers.start(session, "c1")
    assert asked == ["c1"]
