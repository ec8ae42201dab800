"""busybox:latest."""

import pytest

from tests.images.support import config, run

pytestmark = pytest.mark.engine
IMAGE = "busybox"


def test_interface() -> None:
    found = config(IMAGE)
    assert found["Cmd"] == ["sh"]
    assert not found["Entrypoint"]
    assert not found["User"]


def test_applets_are_commands() -> None:
    names = [
        "sh",
        "cat",
        "grep",
        "sed",
        "awk",
        "ls",
        "ps",
        "nc",
        "wget",
        "httpd",
        "vi",
        "tar",
        "sleep",
        "top",
        "nslookup",
        "env",
    ]
    assert all(path.startswith(("/bin/", "/usr/bin/", "/sbin/")) for path in run(IMAGE, "which", *names).split())
    assert len(run(IMAGE, "which", *names).split()) == len(names)


def test_users_and_folders() -> None:
    script = "id -u; id -un nobody || id -un 65534; stat -c %a /tmp; cd ~; pwd; date +%Z; /usr/bin/env true"
    assert run(IMAGE, "sh", "-c", script).split() == ["0", "nobody", "1777", "/root", "UTC"]


def test_names_are_looked_up() -> None:
    assert "10.9.8.7" in run(
        IMAGE, "ping", "-c", "1", "-W", "1", "somewhere", options=("--add-host", "somewhere:10.9.8.7"), check=False
    )
