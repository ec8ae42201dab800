"""Behaviour over time and in secret: one stack on the real engine, with a service for each verdict."""

from collections.abc import Iterator

import pytest

from grader.checks.compose.stack import Stack, start_stack
from grader.engine import wait
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.limits import Limits
from grader.values.units import MB

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TOKEN = "krill-and-squid-4711"
WHAT = "the token"
COMPOSE = f"""\
services:
  told:
    image: busybox
    init: true
    environment: {{API_TOKEN: {TOKEN}}}
    command: sleep 600
  puts:
    image: busybox
    init: true
    command: sh -c 'API_TOKEN=$$(cat /run/secrets/token) exec sleep 600'
    secrets: [token]
  prints:
    image: busybox
    init: true
    command: sh -c 'echo hello; echo token; cat /run/secrets/token; exec sleep 600'
    secrets: [token]
  copies:
    image: busybox
    init: true
    command: sh -c 'base64 /run/secrets/token >/data/copy; exec sleep 600'
    secrets: [token]
    volumes: ["data:/data"]
  other:
    image: busybox
    init: true
    command: sleep 600
    volumes: ["data:/data"]
  quiet:
    image: busybox
    init: true
    command: sleep 600
    volumes: ["./page:/page"]
  web:
    image: busybox
    init: true
    command: sh -c 'mkdir /www; hostname >/www/index.html; exec httpd -f -p 80 -h /www'
    ports: ["80"]
  again:
    image: busybox
    init: true
    restart: always
    command: sleep 600
secrets:
  token: {{file: ./token.txt}}
volumes:
  data:
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("work")
    (folder / "compose.yaml").write_text(COMPOSE)
    (folder / "token.txt").write_text(f"{TOKEN}\n")
    (folder / "page").mkdir()
    (folder / "page" / "text").write_text("old")
    with Session(Limits(memory=64 * MB, pids=64, start_seconds=120)) as session:
        yield start_stack(session, folder, scale={"web": 2}, delay={"other": 1})


def test_a_secret_that_is_shown(stack: Stack) -> None:
    with pytest.raises(CheckFailed, match=r"^The token "):
        stack.expect_not_shown(TOKEN, WHAT)
    with pytest.raises(CheckFailed) as shown:
        stack.service("told").expect_not_shown(TOKEN, WHAT)
    assert shown.value.finding.message == "The token can be read in what docker inspect prints of told."
    assert shown.value.finding.found == "it is in Config.Env: API_TOKEN"
    with pytest.raises(CheckFailed) as put:
        stack.service("puts").expect_not_shown(TOKEN, WHAT)
    assert "it is in the environment of the process “" in put.value.finding.found
    assert "sleep 600”, as API_TOKEN" in put.value.finding.found
    stack.service("prints").expect_not_shown([TOKEN, "something-else"], WHAT)


def test_a_secret_in_a_log(stack: Stack) -> None:
    with pytest.raises(CheckFailed) as logged:
        stack.expect_not_logged(TOKEN, WHAT)
    assert logged.value.finding.message == "The token is in the log of prints."
    assert logged.value.finding.found == "1 of 3 lines have it; line 3 is the first: …"
    stack.expect_not_logged("something-else", WHAT)


def test_a_secret_in_a_file_of_somebody_else(stack: Stack) -> None:
    with pytest.raises(CheckFailed) as copied:
        stack.service("other").expect_nowhere(TOKEN, WHAT)
    assert copied.value.finding.found == "/data/copy (inside: base64)"
    with pytest.raises(CheckFailed) as handed:
        stack.service("prints").expect_nowhere(TOKEN, WHAT)
    assert handed.value.finding.found == "/run/secrets/token"
    stack.service("quiet").expect_nowhere([TOKEN, "something-else"], WHAT)


def test_a_delay_before_a_services_own_program(stack: Stack) -> None:
    about = stack.service("other").about
    assert about.config.entrypoint[:3] == ("sh", "-c", 'sleep 1; exec "$@"')
    assert about.config.cmd[-2:] == ("sleep", "600")
    assert stack.service("quiet").about.config.cmd[-2:] == ("sleep", "600")


def test_an_edit_is_seen_by_those_who_mount_the_file(stack: Stack) -> None:
    stack.edit("page/text", "new")
    assert stack.service("quiet").exec("cat", "/page/text").stdout == "new"
    stack.edit("compose.yaml", "nobody mounts this")
    with pytest.raises(CheckFailed, match="It mounts something") as mounted:
        stack.expect_nothing_mounted(message="It mounts something.")
    assert "page" in mounted.value.finding.found
    assert stack.service("quiet").mounts == ("files of your folder at /page",)


def test_requests_while_a_container_is_killed(stack: Stack) -> None:
    web = stack.service("web")
    assert len(web.ids) == 2
    with stack.traffic("web", "/", clients=2) as traffic:
        traffic.go_on(10)
    assert traffic.answers >= 10
    traffic.expect_none_lost(message="Lost.")
    with pytest.raises(CheckFailed, match="Not all") as single:  # a published port leads to one of the two
        traffic.expect_reached(web, message="Not all.")
    assert "answers of all 2 containers of web" in single.value.finding.expected
    assert single.value.finding.found.endswith(f"0 by {web.ids[1][:12]}")
    with stack.traffic("web", "/", clients=2) as traffic:
        stack.kill("web")
        traffic.go_on(4)
    with pytest.raises(CheckFailed, match="Lost") as lost:
        traffic.expect_none_lost(message="Lost.")
    assert " lost: " in lost.value.finding.found


def test_a_service_that_had_to_be_restarted(stack: Stack) -> None:
    again = stack.service("again")
    again.expect_never_restarted()
    again.crash()
    wait.until(lambda: again.about.restarts or None, seconds=120, cancelled=stack.session.cancelled)
    with pytest.raises(CheckFailed, match="The service again had to be restarted"):
        again.expect_never_restarted()
