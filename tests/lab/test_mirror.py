"""The mirror as docker-compose.yml starts it, in front of an upstream that comes and goes."""

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.lab.support import call

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(120)]

KINDS = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"


class Machines:
    """An upstream on port 5000 and the mirror on port 15000 of one network namespace."""

    def __init__(self) -> None:
        self.label = f"drydock=mirror-{secrets.token_hex(4)}"
        self.holder = self.start("--publish", "127.0.0.1::5000", "--publish", "127.0.0.1::15000", "busybox", "sleep", "600")
        self.upstream_address = call("docker", "port", self.holder, "5000/tcp").strip()
        self.address = call("docker", "port", self.holder, "15000/tcp").strip()
        self.upstream = self.start("--network", f"container:{self.holder}", "registry:2")
        self.mirror = ""

    def start(self, *args: str) -> str:
        return call("docker", "run", "--detach", "--label", self.label, *args).strip()

    def start_mirror(self, upstream: str, *args: str) -> None:
        service = json.loads(call("docker", "compose", "config", "--format", "json"))["services"]["mirror"]
        self.mirror = self.start(
            *args, "--network", f"container:{self.holder}", "--init", "--env", "REGISTRY_HTTP_ADDR=0.0.0.0:15000",
            "--env", f"REGISTRY_PROXY_REMOTEURL={upstream}", "--entrypoint", service["entrypoint"][0], service["image"],
            *(part.replace("$$", "$") for part in service["entrypoint"][1:]),
        )  # fmt: skip

    def asks(self, seconds: float = 30) -> int:
        """Ask the mirror for busybox until it answers; return the status."""
        request = urllib.request.Request(
            f"http://{self.address}/v2/library/busybox/manifests/latest", headers={"Accept": KINDS}
        )
        end = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                error.close()
                return error.code
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


@pytest.fixture
def machines() -> Iterator[Machines]:
    made = Machines()
    try:
        yield made
    finally:
        left = call("docker", "ps", "--all", "--quiet", "--filter", f"label={made.label}").split()
        call("docker", "rm", "--force", "--volumes", *left)


def push_busybox(address: str) -> None:
    target = f"{address}/library/busybox:latest"
    call("docker", "tag", "busybox:latest", target)
    try:
        for left in reversed(range(40)):  # the registry has just been started
            if "digest: sha256" in call("docker", "push", target, check=left == 0):
                break
            time.sleep(0.25)
    finally:
        call("docker", "image", "rm", target)


def test_it_fetches_once_and_serves_without_its_upstream(machines: Machines) -> None:
    push_busybox(machines.upstream_address)
    machines.start_mirror("http://127.0.0.1:5000")
    assert machines.asks() == 200
    call("docker", "rm", "--force", "--volumes", machines.upstream)
    assert machines.asks() == 200
    call("docker", "restart", "--time", "2", machines.mirror)  # a registry that cannot reach its upstream does not start
    assert machines.asks() == 200
    assert "the upstream http://127.0.0.1:5000 does not answer" in call("docker", "logs", machines.mirror)


def _status(address: str, path: str, method: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(f"http://{address}{path}", method=method), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_without_an_upstream_it_has_what_was_put_in_and_takes_no_pushes(machines: Machines) -> None:
    """Filled as ``make up`` does it, by a registry on the same volume; learners cannot replace what others pull."""
    push_busybox(machines.upstream_address)
    machines.start_mirror("", "--volumes-from", machines.upstream)
    assert machines.asks() == 200
    assert _status(machines.address, "/v2/library/busybox/blobs/uploads/", "POST") == 405
    assert _status(machines.address, "/v2/library/busybox/manifests/latest", "PUT") == 405
    assert _status(machines.address, "/v2/library/busybox/manifests/latest", "DELETE") == 405


def test_when_its_upstream_does_not_answer_it_takes_no_pushes_either(machines: Machines) -> None:
    machines.start_mirror("http://127.0.0.1:1")
    assert machines.asks() == 404
    assert _status(machines.address, "/v2/library/busybox/blobs/uploads/", "POST") == 405
