"""postgres:17."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.support import Container, config, eventually, is_stand_in, run, started, volume

pytestmark = pytest.mark.engine
IMAGE = "postgres:17"
PASSWORD = ("--env", "POSTGRES_PASSWORD=secret")
TCP = ("--host", "127.0.0.1")


def ready(container: Container, *options: str) -> None:
    # Over TCP: while it initialises, the server listens on its socket only.
    eventually(lambda: container.works("pg_isready", *TCP, *options), "postgres to accept connections over TCP")


def ask(container: Container, sql: str, *options: str, password: str = "secret") -> str:
    where = ("--env", f"PGPASSWORD={password}")
    return container.exec("psql", "-XtAqc", sql, *TCP, *(options or ("--username", "postgres")), options=where).strip()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    scripts = tmp_path_factory.mktemp("initdb")
    scripts.chmod(0o755)
    (scripts / "1-table.sql").write_text("CREATE TABLE steps (who text);\n")
    (scripts / "2-sourced.sh").write_text('"${psql[@]}" -c "INSERT INTO steps VALUES (\'sourced\')"\n')
    (scripts / "3-run.sh").write_text(
        "#!/bin/sh\nset -e\n"
        'psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO steps VALUES (\'run\')"\n'
    )
    (scripts / "3-run.sh").chmod(0o755)
    (scripts / "4-packed.sql.gz").write_bytes(gzip.compress(b"INSERT INTO steps VALUES ('packed');\n"))
    secret = scripts / "password.txt"  # ignored as a script, read as a secret
    secret.write_text("from a file")
    options = ("--env", "POSTGRES_USER=ada", "--env", "POSTGRES_DB=models",
               "--volume", f"{scripts}:/docker-entrypoint-initdb.d:ro",
               "--env", "POSTGRES_PASSWORD_FILE=/docker-entrypoint-initdb.d/password.txt")  # fmt: skip
    with started(IMAGE, "-c", "max_connections=17", options=options) as container:
        ready(container)
        yield container


def ask_models(container: Container, sql: str) -> str:
    return ask(container, sql, "--username", "ada", "models", password="from a file")


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Entrypoint"] == ["docker-entrypoint.sh"]
    assert found["Cmd"] == ["postgres"]
    assert list(found["ExposedPorts"]) == ["5432/tcp"]
    assert list(found["Volumes"]) == ["/var/lib/postgresql/data"]
    assert found["StopSignal"] == "SIGINT"
    assert found["Env"]["PGDATA"] == "/var/lib/postgresql/data"
    assert found["Env"]["PG_MAJOR"] == "17"
    assert found["Env"]["LANG"] == "en_US.utf8"
    assert found["Env"]["PATH"].endswith("/usr/lib/postgresql/17/bin")


def test_tools_and_user() -> None:
    script = "id -u postgres; id -g postgres; which gosu psql pg_isready pg_dump pg_restore initdb | wc -l"
    assert run(IMAGE, "sh", "-c", script).split() == ["999", "999", "6"]
    assert run(IMAGE, "postgres", "--version").startswith("postgres (PostgreSQL) 17.")


def refusal(*options: str) -> str:
    """Start a server that must not start, and return what it said."""
    with started(IMAGE, options=options) as container:
        eventually(lambda: not container.state()["Running"], "the container to give up")
        assert container.state()["ExitCode"] == 1
        return container.logs()


def test_refuses_to_start_without_a_password() -> None:
    said = refusal()
    assert "superuser password is not specified" in said
    assert "POSTGRES_PASSWORD" in said


def test_refuses_two_passwords() -> None:
    assert "POSTGRES_PASSWORD_FILE" in refusal(*PASSWORD, "--env", "POSTGRES_PASSWORD_FILE=/etc/hostname")


def test_init_files_run_in_order_and_password_comes_from_a_file(database: Container) -> None:
    assert ask_models(database, "SELECT who FROM steps").split() == ["sourced", "run", "packed"]


def test_arguments_reach_the_server_which_is_process_1_as_postgres(database: Container) -> None:
    assert ask_models(database, "SHOW max_connections") == "17"
    assert database.exec("sh", "-c", "cat /proc/1/comm; stat -c %u /proc/1").split() == ["postgres", "999"]


def test_utf8(database: Container) -> None:
    assert ask_models(database, "SHOW server_encoding") == "UTF8"
    assert (
        ask_models(database, "SELECT datcollate FROM pg_database WHERE datname = 'models'").lower().replace("-", "")
        == "en_us.utf8"
    )


def test_others_need_the_password(database: Container) -> None:
    # From another container: inside its own, the server trusts whoever is there, as the official one does.
    address = database.exec("hostname", "-i").strip()
    command = ("psql", "-XtAc", "SELECT 'welcome'", "-h", address, "-U", "ada", "models")
    assert run(IMAGE, *command, options=("--env", "PGPASSWORD=from a file")) == "welcome\n"
    assert "password authentication failed" in run(IMAGE, *command, options=("--env", "PGPASSWORD=wrong"), check=False)


def test_data_survives_a_new_container_and_init_runs_once() -> None:
    with volume() as data:
        mount = ("--volume", f"{data}:/var/lib/postgresql/data")
        with started(IMAGE, options=(*PASSWORD, *mount)) as first:
            ready(first)
            ask(first, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")
            assert first.stop() == 0
        with started(IMAGE, options=mount) as second:  # no password: there is a database already
            ready(second)
            assert ask(second, "SELECT n FROM kept") == "42"
            assert "Skipping initialization" in second.logs()


def test_trust_runs_as_any_user_with_arguments_for_initdb() -> None:
    options = ("--env", "POSTGRES_HOST_AUTH_METHOD=trust", "--user", "12345:12345",
               "--tmpfs", "/var/lib/postgresql/data:mode=0700,uid=12345",
               "--env", "POSTGRES_INITDB_ARGS=--data-checksums --locale-provider='builtin' --locale=C.UTF-8")  # fmt: skip
    with started(IMAGE, options=options) as container:
        ready(container, "--username", "postgres")  # the user that runs it has no name of its own
        assert ask(container, "SHOW data_checksums", password="") == "on"


@pytest.mark.parametrize("when", ["during initdb", "during a script"])
def test_stopped_while_initialising_begins_again(when: str, tmp_path: Path) -> None:
    if not is_stand_in(IMAGE):
        pytest.skip("the official image leaves half a cluster behind, and takes it for a whole one")
    tmp_path.chmod(0o755)
    (tmp_path / "slow.sh").write_text(
        "echo script reached; sleep ${SLOW:-0}; psql -U postgres -c 'CREATE TABLE made_by_script ()'\n"
    )
    (tmp_path / "slow.sh").chmod(0o755)
    with volume() as data:
        options = (
            *PASSWORD,
            "--volume",
            f"{data}:/var/lib/postgresql/data",
            "--volume",
            f"{tmp_path}:/docker-entrypoint-initdb.d:ro",
        )
        with started(IMAGE, options=(*options, "--env", "SLOW=60")) as first:
            marker = "creating configuration files" if when == "during initdb" else "script reached"
            eventually(lambda: marker in first.logs(), marker)
            assert first.stop(seconds=20) == 130
        with started(IMAGE, options=options) as second:
            ready(second)
            assert ask(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'made_by_script'") == "1"
