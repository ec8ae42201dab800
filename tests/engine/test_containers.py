"""Starting a container: what is the engine's hiccup and what is the learner's; and helpers of the grader's own."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
import requests
from docker.errors import APIError

from grader.engine import containers, wait
from grader.engine.session import Session
from grader.values.errors import CheckFailed, EngineUnavailable, ImageUnavailable
from tests import core


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


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(core.LIMITS) as session:
        yield session
    assert session.left == []


def _there(session: Session, identity: str) -> bool:
    try:
        containers.inspect(session, identity)
    except EngineUnavailable:
        return False
    return True


@pytest.mark.engine
def test_a_helper_lives_as_long_as_its_block(session: Session) -> None:
    spec = containers.Spec(image="busybox", command=["sh", "-c", "echo said; echo aside >&2; exit 4"])
    with pytest.raises(ZeroDivisionError), containers.ephemeral(session, spec) as identity:  # noqa: PT012
        assert containers.inspect(session, identity).state.status == "created"
        containers.start(session, identity)
        assert containers.wait_for_end(session, identity, seconds=20).exit_code == 4
        raise ZeroDivisionError
    wait.until(lambda: None if _there(session, identity) else True, seconds=20)
    assert containers.output(session, spec, seconds=20) == "said\n"


@pytest.mark.engine
def test_a_helper_that_does_not_end_is_not_waited_for(session: Session) -> None:
    spec = containers.Spec(image="busybox", command=["sleep", "1000"])
    with pytest.raises(wait.WaitTimeout):
        containers.output(session, spec, seconds=0.5)


@pytest.mark.engine
def test_a_helper_whose_image_is_missing_says_so(session: Session) -> None:
    with pytest.raises(ImageUnavailable), containers.ephemeral(session, containers.Spec(image="drydock-no-such-image:1")):
        pass
