"""registry:2."""

import json
import urllib.request
from collections.abc import Iterator

import pytest

from tests.images.support import RUN_ID, Container, config, docker, eventually, run, started

pytestmark = pytest.mark.engine
IMAGE = "registry:2"
PUBLISH = ("--publish", "127.0.0.1::5000")


def get(container: Container, path: str) -> str:
    with urllib.request.urlopen(f"http://{container.address(5000)}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def answers(container: Container) -> bool:
    try:
        return get(container, "/v2/") == "{}"
    except OSError:
        return False


@pytest.fixture(scope="module")
def registry() -> Iterator[Container]:
    with started(IMAGE, options=(*PUBLISH, "--env", "REGISTRY_STORAGE_DELETE_ENABLED=true")) as container:
        eventually(lambda: answers(container), "the registry to answer")
        yield container


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Entrypoint"] == ["/entrypoint.sh"]
    assert found["Cmd"] == ["/etc/docker/registry/config.yml"]
    assert list(found["ExposedPorts"]) == ["5000/tcp"]
    assert list(found["Volumes"]) == ["/var/lib/registry"]


def test_version_2() -> None:
    assert "2." in run(IMAGE, "registry", "--version")


def test_push_list_and_pull(registry: Container) -> None:
    tag = f"{registry.address(5000)}/library/busybox:{RUN_ID}"
    docker("tag", "busybox", tag)
    try:
        docker("push", tag)
        assert json.loads(get(registry, "/v2/_catalog")) == {"repositories": ["library/busybox"]}
        assert json.loads(get(registry, "/v2/library/busybox/tags/list"))["tags"] == [RUN_ID]
        docker("image", "rm", tag)
        docker("pull", tag)
    finally:
        docker("image", "rm", tag, check=False)
    assert registry.works("test", "-d", "/var/lib/registry/docker/registry/v2/repositories/library/busybox")


def test_settings_come_from_the_environment() -> None:
    options = (*PUBLISH, "--env", "REGISTRY_PROXY_REMOTEURL=http://upstream.invalid:5000", "--env", "REGISTRY_LOG_LEVEL=debug")
    with started(IMAGE, options=options) as container:
        eventually(lambda: "upstream.invalid" in container.logs(), "the registry to say that it is a cache")


def test_garbage_collect_is_a_command(registry: Container) -> None:
    assert registry.works("registry", "garbage-collect", "--dry-run", "/etc/docker/registry/config.yml")
