"""A stack's database is asked itself: what is in it, and which ports of the machine lead to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.checks.compose.stack import Stack, start_stack
from grader.engine import wait
from grader.engine.session import Session
from grader.values.errors import CheckFailed
from grader.values.limits import Limits
from grader.values.units import MB

pytestmark = [pytest.mark.engine, pytest.mark.slow]

DB = """\
services:
  db:
    image: postgres:17
    environment:
      POSTGRES_USER: penguin
      POSTGRES_PASSWORD_FILE: /run/secrets/word
      POSTGRES_INITDB_ARGS: --auth=scram-sha-256
    secrets: [word]
    healthcheck: {test: [CMD-SHELL, 'pg_isready -h 127.0.0.1'], interval: 1s, retries: 60}
  client:
    image: postgres:17
    network_mode: service:db
    command: sleep 200
    init: true
    environment: {PGHOST: 127.0.0.1, PGUSER: penguin, PGPASSWORD: kr$$ill, PGDATABASE: postgres}
    depends_on: {db: {condition: service_healthy}}
secrets: {word: {file: ./word.txt}}
"""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with Session(Limits(memory=256 * MB, pids=128, start_seconds=60)) as session:
        yield session
    assert session.left == []


def bring_up(session: Session, folder: Path, text: str) -> Stack:
    (folder / "compose.yaml").write_text(text)
    (folder / "word.txt").write_text("kr$ill\n")
    return start_stack(session, folder)


def test_rows_are_looked_for_in_every_database_and_added_where_their_table_is(session: Session, tmp_path: Path) -> None:
    stack = bring_up(session, tmp_path, DB)
    client, database = stack.service("client"), stack.database("db")
    with pytest.raises(CheckFailed) as nowhere:
        database.expect_row("notes", {"mass": 1.5}, message="It is not there.")
    assert nowhere.value.finding.message == "It is not there."
    assert "no table notes in any of its databases" in nowhere.value.finding.found
    client.exec("psql", "-c", "CREATE DATABASE other").expect(exit_code=0)
    client.exec("psql", "-d", "other", "-c", "CREATE TABLE notes (mass double precision, word text)").expect(exit_code=0)
    with pytest.raises(CheckFailed) as empty:
        database.expect_row("notes", {"mass": 1.5}, message="It is not there.")
    assert "none in other" in empty.value.finding.found
    database.add_row("notes", {"mass": 4321.25, "word": "it's"})
    database.expect_row("notes", {"mass": 4321.25, "word": "it's"}, message="It is not there.")
    database.expect_private()
    stack.down(volumes=True)


def test_one_that_listens_to_no_network_is_asked_through_its_socket(session: Session, tmp_path: Path) -> None:
    quiet = DB.replace("    secrets: [word]\n", "    secrets: [word]\n    command: postgres -c listen_addresses=\n", 1)
    stack = bring_up(session, tmp_path, quiet.replace("pg_isready -h 127.0.0.1", "pg_isready"))
    create = "CREATE TABLE notes (mass double precision)"
    made = f'PGPASSWORD=kr\\$ill psql -U penguin -d postgres -c "{create}"'
    # Healthy at its socket is also the server that prepares the database, and ends when it has.
    wait.until(lambda: stack.service("db").exec("sh", "-c", made).exit_code == 0 or None, seconds=60, every=0.5)
    stack.database("db").add_row("notes", {"mass": 77.5})
    stack.database("db").expect_row("notes", {"mass": 77.5}, message="It is not there.")
    stack.down(volumes=True)


def test_a_login_that_nobody_knows_is_told(session: Session, tmp_path: Path) -> None:
    stack = bring_up(session, tmp_path, DB)
    change = "ALTER USER \"penguin\" PASSWORD 'another'"
    stack.service("client").exec("psql", "-c", change).expect(exit_code=0)
    with pytest.raises(CheckFailed, match="Nobody can log in") as failed:
        stack.database("db").expect_row("notes", {"mass": 1.0}, message="no")
    assert "password authentication failed" in failed.value.finding.found
    stack.down(volumes=True)


DOOR = """\
  door:
    image: python:3.13-slim
    init: true
    configs: [{source: forward, target: /forward.py}]
    command: python /forward.py
    ports: ["127.0.0.1:7777:7000"]
configs:
  forward:
    content: |
      import asyncio
      async def pump(reader, writer):
          while data := await reader.read(65536):
              writer.write(data)
          writer.close()
      async def each(reader, writer):
          inner_reader, inner_writer = await asyncio.open_connection("db", 5432)
          await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))
      async def main():
          async with await asyncio.start_server(each, "0.0.0.0", 7000) as server:
              print("listens", flush=True)
              await server.serve_forever()
      asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DB.replace("    secrets: [word]\n", "    secrets: [word]\n    ports: ['5432']\n", 1), "5432"),
        (DB.replace("secrets: {word", f"{DOOR}secrets: {{word"), "127.0.0.1:7777:7000/tcp of the service door"),
    ],
    ids=["its own port", "another service that forwards"],
)
def test_a_port_that_leads_to_it_is_found(session: Session, tmp_path: Path, text: str, words: str) -> None:
    stack = bring_up(session, tmp_path, text)
    if "door" in stack.services:
        stack.service("door").container.expect_log("listens", within=20)
    with pytest.raises(CheckFailed) as found:
        stack.database("db").expect_private()
    assert words in found.value.finding.found
    stack.down(volumes=True)
