"""redis:8."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.support import Container, config, eventually, run, started, volume

pytestmark = pytest.mark.engine
IMAGE = "redis:8"


def ready(container: Container) -> None:
    eventually(lambda: container.exec("redis-cli", "ping", check=False) == "PONG\n", "redis to answer PING")


@pytest.fixture(scope="module")
def cache() -> Iterator[Container]:
    with started(IMAGE) as container:
        ready(container)
        yield container


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Entrypoint"] == ["docker-entrypoint.sh"]
    assert found["Cmd"] == ["redis-server"]
    assert list(found["ExposedPorts"]) == ["6379/tcp"]
    assert found["WorkingDir"] == "/data"


def test_tools_and_user() -> None:
    script = "id -u redis; id -g redis; stat -c %U /data; which redis-server redis-cli"
    tools = ["/usr/local/bin/redis-server", "/usr/local/bin/redis-cli"]
    assert run(IMAGE, "sh", "-c", script).split() == ["999", "999", "redis", *tools]


def test_version_8(cache: Container) -> None:
    assert "redis_version:8." in cache.exec("redis-cli", "info", "server")


def test_server_is_process_1_as_redis(cache: Container) -> None:
    assert cache.exec("sh", "-c", "cat /proc/1/comm; stat -c %u /proc/1").split() == ["redis-server", "999"]


def test_other_containers_reach_it(cache: Container) -> None:
    address = cache.exec("hostname", "-i").strip()
    assert run(IMAGE, "redis-cli", "-h", address, "set", "answer", "42") == "OK\n"
    assert cache.exec("redis-cli", "get", "answer") == "42\n"


def test_snapshots_are_on_by_default(cache: Container) -> None:
    assert cache.exec("redis-cli", "config", "get", "save").splitlines()[1] == "3600 1 300 100 60 10000"
    assert cache.exec("redis-cli", "config", "get", "dir").splitlines()[1] == "/data"


def test_flags_alone_and_password() -> None:
    with started(IMAGE, "--requirepass", "secret", "--maxmemory", "10mb") as container:
        eventually(lambda: "NOAUTH" in container.exec("redis-cli", "ping", check=False), "redis to ask for a password")
        client = ("redis-cli", "-a", "secret", "--no-auth-warning")
        assert container.exec(*client, "config", "get", "maxmemory").split()[1] == "10485760"


def test_configuration_file(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "redis.conf").write_text("maxmemory 5mb\nprotected-mode yes\n")
    options = ("--volume", f"{tmp_path}/redis.conf:/etc/redis.conf:ro")
    with started(IMAGE, "redis-server", "/etc/redis.conf", options=options) as container:
        ready(container)
        assert container.exec("redis-cli", "config", "get", "maxmemory").split()[1] == "5242880"
        assert container.exec("redis-cli", "config", "get", "protected-mode").split()[1] == "yes"


def test_data_survives_a_new_container() -> None:
    with volume() as data:
        mount = ("--volume", f"{data}:/data")
        with started(IMAGE, "redis-server", "--appendonly", "yes", options=mount) as first:
            ready(first)
            first.exec("redis-cli", "set", "kept", "42")
            assert first.stop() == 0
        with started(IMAGE, "redis-server", "--appendonly", "yes", options=mount) as second:
            ready(second)
            assert second.exec("redis-cli", "get", "kept") == "42\n"


def test_other_commands_run_as_they_are() -> None:
    assert run(IMAGE, "id", "-u") == "0\n"
