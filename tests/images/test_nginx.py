"""nginx:latest."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.support import Container, config, eventually, run, started

pytestmark = pytest.mark.engine
IMAGE = "nginx"
PUBLISH = ("--publish", "127.0.0.1::80")


def get(container: Container, path: str = "/") -> str | None:
    try:
        with urllib.request.urlopen(f"http://{container.address(80)}{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return None


def serves(container: Container, text: str, path: str = "/") -> None:
    eventually(lambda: text in (get(container, path) or ""), f"nginx to serve {text!r}")


@pytest.fixture(scope="module")
def server() -> Iterator[Container]:
    with started(IMAGE, options=PUBLISH) as container:
        serves(container, "Welcome to nginx!")
        yield container


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Entrypoint"] == ["/docker-entrypoint.sh"]
    assert found["Cmd"] == ["nginx", "-g", "daemon off;"]
    assert list(found["ExposedPorts"]) == ["80/tcp"]
    assert found["StopSignal"] == "SIGQUIT"


def test_user_and_tools() -> None:
    script = "id -u nginx; id -g nginx; which nginx curl envsubst; test -f /etc/nginx/conf.d/default.conf && echo there"
    assert run(IMAGE, "sh", "-c", script).split() == [
        "101",
        "101",
        "/usr/sbin/nginx",
        "/usr/bin/curl",
        "/usr/bin/envsubst",
        "there",
    ]


def test_workers_run_as_nginx(server: Container) -> None:
    users = server.exec("sh", "-c", "for p in /proc/[0-9]*; do grep -qs nginx $p/comm && stat -c %u $p; done; true").split()
    assert users[0] == "0"
    assert set(users[1:]) == {"101"}


def test_requests_and_errors_are_in_the_log(server: Container) -> None:
    assert get(server, "/nowhere") is None
    eventually(lambda: "GET /nowhere" in server.logs() and "No such file" in server.logs(), "both logs to reach docker logs")


def test_own_files_and_own_configuration(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "index.html").write_text("mine")
    (tmp_path / "extra.conf").write_text("server { listen 81; location / { return 200 'extra'; } }\n")
    options = (*PUBLISH, "--volume", f"{tmp_path}/index.html:/usr/share/nginx/html/index.html:ro",
               "--volume", f"{tmp_path}/extra.conf:/etc/nginx/conf.d/extra.conf:ro")  # fmt: skip
    with started(IMAGE, options=options) as container:
        serves(container, "mine")
        assert container.exec("curl", "-s", "localhost:81") == "extra"


def test_templates_take_the_environment_and_leave_nginx_its_own_variables(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "default.conf.template").write_text(
        "server { listen ${PORT}; location / { return 200 'at $host by ${WHO}'; } }\n"
    )
    options = (*PUBLISH, "--volume", f"{tmp_path}:/etc/nginx/templates:ro", "--env", "PORT=80", "--env", "WHO=Ada")
    with started(IMAGE, options=options) as container:
        serves(container, "at 127.0.0.1 by Ada")


def test_proxies_to_another_container_with_a_large_body(server: Container, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    upstream = server.exec("hostname", "-i").strip()
    (tmp_path / "default.conf").write_text(
        f"server {{ listen 80; client_max_body_size 5m; location / {{ proxy_pass http://{upstream}; }} }}\n"
    )
    options = (*PUBLISH, "--volume", f"{tmp_path}/default.conf:/etc/nginx/conf.d/default.conf:ro")
    with started(IMAGE, options=options) as container:
        serves(container, "Welcome to nginx!")
        # A body that does not fit in memory goes through the temporary folders, which the workers must be able to write.
        script = "head -c 2000000 /dev/zero | curl -s -o /dev/null -w '%{http_code}' --data-binary @- localhost/"
        assert container.exec("sh", "-c", script) in {"405", "413"}  # the upstream's answer, not a 500 of this one
        assert "Permission denied" not in container.logs()


def test_stops_at_once(server: Container) -> None:
    with started(IMAGE) as container:
        eventually(lambda: container.works("curl", "-s", "localhost"), "nginx to answer")
        assert container.stop(seconds=20) == 0
