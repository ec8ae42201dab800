"""Every process of a container, and all that it could change: both verdicts, on the real engine."""

from collections.abc import Iterator

import pytest

from grader.checks import privileges
from grader.checks.image import Image
from grader.checks.work import Work
from grader.engine import filesystem
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.facts import Facts
from tests import core

pytestmark = pytest.mark.engine

BUSYBOX = """\
FROM busybox
RUN mkdir -p /app /own && echo hello > /app/index.html && chown 1234 /own && echo api:x:1234:1234::/:/bin/sh >> /etc/passwd
"""
SERVE = "exec httpd -f -p 8000 -h /app"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(core.LIMITS) as session:
        yield session


@pytest.fixture(scope="module")
def image(session: Session, tmp_path_factory: pytest.TempPathFactory) -> Image:
    return Work(session, core.submission(tmp_path_factory.mktemp("work"), BUSYBOX), Facts("somebody", "99-toy")).build()


def test_a_server_behind_a_first_process_of_somebody_else_is_seen(image: Image) -> None:
    script = f"({SERVE}) & exec su api -c 'exec sleep 100'"
    with image.start("sh", "-c", script, publish=8000, user="0") as container:
        container.http("/index.html").expect(status=200)
        assert container.look().uid == 1234
        with pytest.raises(CheckFailed, match=r"^A process of the container runs as root\.$") as caught:
            container.expect_no_root()
        assert "“httpd -f -p 8000 -h /app” runs as user id 0 (root); the first process" in caught.value.finding.found
        assert [" ".join(one.command) for one in privileges.look(container).serving(8000)] == ["httpd -f -p 8000 -h /app"]


def test_what_is_put_into_a_container_from_outside_is_not_its_own(image: Image) -> None:
    """A health check runs as the image's user, which may be root where a start script gives up its rights."""
    with image.start("sh", "-c", SERVE, publish=8000, user="1234") as container:
        container.http("/index.html")
        container.exec("sh", "-c", "sleep 100 > /dev/null 2>&1 & sleep 0.2", user="1234")
        container.expect_no_root()
        container.exec("sh", "-c", "(sleep 100 > /dev/null 2>&1 &)", user="0")
        with pytest.raises(CheckFailed, match="runs as root"):
            container.expect_no_root()


def test_what_can_be_changed_is_seen_from_outside(session: Session, image: Image) -> None:
    with image.start("sh", "-c", SERVE, publish=8000, user="1234") as container:
        container.http("/index.html")
        container.expect_cannot_change("/app")
        with pytest.raises(CheckFailed, match=r"^The container can change its code\.$") as caught:
            container.expect_cannot_change("/own")
        assert caught.value.finding.found == "user id 1234: it is the owner of /own"
        tree = filesystem.export(session, container.id)
        assert (tree["/"].uid, tree["/own"].uid, tree["/app/index.html"].mode) == (0, 1234, 0o644)
    # What a volume holds is in no export.
    with image.start("sleep", "100", user="1234", volumes={"code": "/own"}) as container:
        assert filesystem.export(session, container.id, also=("/own",))["/own"].uid == 1234


def test_a_way_to_become_root_is_seen(image: Image, session: Session) -> None:
    with image.start("sh", "-c", "cp /bin/busybox /own/cp && chmod 4755 /own/cp && exec sleep 100", user="0") as container:
        container.expect_running(for_seconds=0.5)
        assert filesystem.export(session, container.id)["/own/cp"].setuid
    with image.start("sh", "-c", "exec sleep 100", user="1234") as container:
        container.exec("sh", "-c", "cp /bin/busybox /bin/tool && chmod 4755 /bin/tool", user="0").expect(exit_code=0)
        with pytest.raises(CheckFailed) as caught:
            container.expect_cannot_change("/app")
        assert caught.value.finding.found == "user id 1234: /bin/tool runs as root, whoever starts it (mode 4755)"


def test_a_server_that_is_started_again_and_again_does_not_keep_running(image: Image) -> None:
    loop = "trap : TERM; while :; do timeout 1 httpd -f -p 8000 -h /app; done"
    with image.start("sh", "-c", loop, publish=8000) as container:
        container.http("/index.html").expect(status=200)
        with pytest.raises(CheckFailed, match=r"^The server in the container did not keep running\.$"):
            container.expect_running(for_seconds=4)
    with image.start("sh", "-c", SERVE, publish=8000) as container:
        container.http("/index.html").expect(status=200)
        container.expect_running(for_seconds=1)


def test_what_makes_room_for_the_server_is_what_runs_at_the_next_start(image: Image) -> None:
    files = {"/own/start": f"#!/bin/sh\n{SERVE}\n"}
    with image.start("sh", "/own/start", publish=8000, user="1234", files=files) as container:
        container.http("/index.html").expect(status=200)
        with pytest.raises(CheckFailed) as caught:
            container.expect_cannot_change("/app")
        assert "/own/start, and it runs /own/start" in caught.value.finding.found


def test_a_program_that_makes_root_of_whoever_starts_it_is_root(image: Image) -> None:
    """In the grader's containers nobody gains rights, so that it runs as somebody else there."""
    script = "mkdir /lent && cp /bin/busybox /lent/sleep && chmod 4755 /lent/sleep && exec su api -c 'exec /lent/sleep 100'"
    with image.start("sh", "-c", script, user="0") as container:
        begun = """until [ "$(tr -d '\\0' </proc/1/cmdline)" = /lent/sleep100 ]; do sleep 0.1; done"""
        container.exec("sh", "-c", begun, user="0")
        with pytest.raises(CheckFailed, match="runs as root") as caught:
            container.expect_no_root()
        assert "/lent/sleep makes root of whoever starts it" in caught.value.finding.found
